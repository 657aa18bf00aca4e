// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TUNNELSERVER_H
#define PEER_SIMULATION_TUNNELSERVER_H

#include "support/simulation/process.h"

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace peer::sim {

class Host;

/// What the rendezvous does for a tunnel, for one call: the first message of a connection is one
/// octet that tells which end it is, 0 or 1; everything after it goes to the other end as it is, if
/// that is there. Of two that say the same the newer one holds.
class TunnelServer : public Process
{
public:
    static constexpr std::uint16_t Port = 443;

    explicit TunnelServer(Host &host);

    /// Null if it has none of that family.
    TransportAddress address(IpAddress::Family family) const;
    const Host &host() const { return m_host; }

    void receive(TimePoint now, const Datagram &datagram) override;
    void advance(TimePoint now) override;
    std::optional<Transmit> nextTransmit() override;
    TimePoint nextDeadline() const override { return Never; }
    std::uint32_t connectionAccepted(TimePoint now, const Route &route) override;
    void connectionEnded(TimePoint now, std::uint32_t id) override;

private:
    Host &m_host;
    /// By id.
    std::map<std::uint32_t, Route> m_connections;
    std::uint32_t m_lastConnection = 0;
    Route m_ends[2];
    std::deque<std::pair<Route, Bytes>> m_queue;
    Bytes m_lent;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_TUNNELSERVER_H
