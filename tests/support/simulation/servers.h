// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_SERVERS_H
#define PEER_SIMULATION_SERVERS_H

#include "core/ice/agent.h"
#include "support/simulation/topology.h"

#include <vector>

namespace peer::sim {

/// What a peer is told of the servers that there are.
inline std::vector<TransportAddress> stunServersOf(const Topology &topology)
{
    std::vector<TransportAddress> servers;
    for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
        const TransportAddress server = topology.stunServer->address(family);
        if (!server.isNull())
            servers.push_back(server);
    }
    return servers;
}

/// The TURN server, by both families and each of these transports.
inline std::vector<ice::RelayServer> relayServersOf(const Topology &topology,
                                                    const std::vector<turn::Transport> &transports)
{
    std::vector<ice::RelayServer> relays;
    for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
        for (const turn::Transport transport : transports) {
            if (!topology.turnServer)
                continue;
            const TransportAddress address = topology.turnServer->address(family);
            ice::RelayServer relay;
            relay.transport = transport;
            if (transport == turn::Transport::Udp) {
                relay.address = address;
            } else {
                relay.host = address.ip.toString();
                relay.port = address.port;
            }
            relay.username = topology.turnServer->service.behavior.username;
            relay.password = topology.turnServer->service.behavior.password;
            relays.push_back(relay);
        }
    }
    return relays;
}

} // namespace peer::sim

#endif // PEER_SIMULATION_SERVERS_H
