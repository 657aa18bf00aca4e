// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_CONSENTWATCH_H
#define PEER_SIM_SESSION_CONSENTWATCH_H

#include "core/base/address.h"
#include "core/base/time.h"
#include "core/stun/message.h"

#include <cstdint>
#include <map>

namespace peer::sim {

/// Looks over the shoulder of one peer at its sockets and demands what RFC 7675 section 5.1 does:
/// nothing but STUN goes to an address from which no valid response to a check has come within
/// the last 30 s.
class ConsentWatch
{
public:
    /// Throws std::runtime_error if that must not be sent.
    void checkSent(TimePoint now, const Transmit &transmit);
    void noteReceived(TimePoint now, const Datagram &datagram);
    /// Datagrams that were not STUN.
    std::uint64_t secureDatagrams() const { return m_secureDatagrams; }

private:
    std::map<stun::TransactionId, Route> m_asked;
    std::map<Route, TimePoint> m_consented;
    std::uint64_t m_secureDatagrams = 0;
};

} // namespace peer::sim

#endif // PEER_SIM_SESSION_CONSENTWATCH_H
