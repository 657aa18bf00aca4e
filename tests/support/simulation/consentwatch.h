// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_CONSENTWATCH_H
#define PEER_SIMULATION_CONSENTWATCH_H

#include "core/base/address.h"
#include "core/base/time.h"
#include "core/stun/message.h"

#include <cstdint>
#include <map>
#include <string>

namespace peer::sim {

/// Looks over the shoulder of one peer at its sockets and demands what RFC 7675 section 5.1 does:
/// nothing but STUN goes to an address from which no valid response to a check has come within
/// the last 30 s. Behind a relay too: there it looks into what the relay is given.
class ConsentWatch
{
public:
    /// What goes by that transport goes to a TURN server.
    void noteRelay(TransportId transport) { m_relays[transport]; }
    /// Throws std::runtime_error if that must not be sent.
    void checkSent(TimePoint now, const Transmit &transmit);
    void noteReceived(TimePoint now, const Datagram &datagram);
    /// A TCP connection is being opened to there. told: all descriptions and candidate lines that
    /// the peer has sent. Throws if they do not name that address.
    static void checkOpened(const TransportAddress &remote, const std::string &told);
    /// Datagrams that were not STUN.
    std::uint64_t secureDatagrams() const { return m_secureDatagrams; }

private:
    struct Relay
    {
        std::map<std::uint16_t, TransportAddress> channels;
    };
    struct Inner
    {
        Route route;
        ByteView payload;
    };

    /// What a relay is to send, or has brought; empty if nothing.
    static Inner unwrap(const Route &route, ByteView outer, Relay &relay);
    void checkInner(TimePoint now, const Inner &inner);
    void noteInner(TimePoint now, const Inner &inner);

    std::map<TransportId, Relay> m_relays;
    std::map<stun::TransactionId, Route> m_asked;
    std::map<Route, TimePoint> m_consented;
    std::uint64_t m_secureDatagrams = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_CONSENTWATCH_H
