// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_STUNSERVER_H
#define PEER_SIMULATION_STUNSERVER_H

#include "core/base/transmitqueue.h"
#include "core/stun/responder.h"
#include "support/simulation/process.h"

namespace peer::sim {

class Host;

/// A process that answers Binding requests from the address that they came to, by UDP and by TCP.
class StunServer : public Process
{
public:
    /// RFC 8489 section 18.6
    static constexpr std::uint16_t Port = 3478;

    /// Serves every address that the host has now.
    explicit StunServer(Host &host);

    /// Null if it has none of that family.
    TransportAddress address(IpAddress::Family family) const;
    std::uint64_t answers() const { return m_answers; }

    void receive(TimePoint now, const Datagram &datagram) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override { return Never; }
    std::uint32_t connectionAccepted(TimePoint, const Route &) override { return ++m_connections; }

private:
    Host &m_host;
    stun::Responder m_responder;
    TransmitQueue m_queue;
    std::uint64_t m_answers = 0;
    std::uint32_t m_connections = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_STUNSERVER_H
