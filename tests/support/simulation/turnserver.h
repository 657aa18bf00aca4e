// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TURNSERVER_H
#define PEER_SIMULATION_TURNSERVER_H

#include "support/simulation/process.h"
#include "support/simulation/turnservice.h"

#include <map>

namespace peer::sim {

class Host;

/// A TURN server in a host, at every address that the host has now, by UDP and by TCP.
class TurnServer : public Process
{
public:
    /// Beside the STUN server of the same host, which has RFC 8656's 3478.
    static constexpr std::uint16_t Port = 3479;

    TurnServer(Host &host, const TurnBehavior &behavior);

    TurnService service;

    const Host &host() const { return m_host; }
    /// Null if it has none of that family.
    TransportAddress address(IpAddress::Family family) const;

    void receive(TimePoint now, const Datagram &datagram) override;
    std::uint32_t connectionAccepted(TimePoint now, const Route &route) override;
    void connectionEnded(TimePoint now, std::uint32_t id) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override { return Never; }

private:
    Host &m_host;
    /// By id.
    std::map<std::uint32_t, TransportId> m_connections;
    std::uint32_t m_lastConnection = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_TURNSERVER_H
