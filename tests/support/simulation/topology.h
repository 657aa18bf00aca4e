// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TOPOLOGY_H
#define PEER_SIMULATION_TOPOLOGY_H

#include "support/simulation/internet.h"

#include <memory>
#include <string>

namespace peer::sim {

/// How bad a random topology may be. The defaults are what every session must bear.
struct TopologyLimits
{
    int maxInterfaces = 3;
    /// One way, from host to host.
    Duration maxDelay = std::chrono::milliseconds(200);
    /// Of a packet from host to host. Links may also duplicate and reorder, if it is not 0.
    double maxLoss = 0.2;
    bool hasNats = true;
    bool hasFirewalls = true;
    bool hasIpv6 = true;
    /// How often there is a TURN server.
    double turnServers = 0;
    /// How often there is a tunnel.
    double tunnels = 0;
};

/// Two hosts somewhere in an internet of their own, with a STUN server in the core.
struct Topology
{
    std::unique_ptr<Internet> internet;
    Host *left = nullptr;
    Host *right = nullptr;
    StunServer *stunServer = nullptr;
    /// Null where there is none.
    TurnServer *turnServer = nullptr;
    /// Likewise.
    TunnelServer *tunnelServer = nullptr;
    /// What the oracle says (oracle.h): ICE must connect.
    bool directPathExists = false;
    /// Over UDP.
    bool relayPathExists = false;

    /// All of it in words, seed and the oracle's answer included; for a test that failed.
    std::string describe() const;
};

/// Places, each a LAN behind a gateway with or without a NAT and a firewall, some of them behind a
/// provider's NAT, some with the same private addresses as another; and two hosts, each plugged
/// into one to three of them or into the core, sometimes both into the same one.
Topology makeTopology(std::uint64_t seed, const TopologyLimits &limits = {});

} // namespace peer::sim

#endif // PEER_SIMULATION_TOPOLOGY_H
