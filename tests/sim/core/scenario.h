// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_CORE_SCENARIO_H
#define PEER_SIM_CORE_SCENARIO_H

#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace peer::sim {

/// One run: two peers in a random internet, both made by the seed. What it demands:
/// - where the oracle sees a path, direct over UDP or TCP, by the TURN server that there is by some
///   seeds (over UDP, TCP or TLS), or by a tunnel, both peers connect within ConnectLimit, and a
///   transfer in each direction arrives intact, nothing lost or doubled;
/// - by most seeds they have TCP candidates, and by some seeds UDP is blocked wherever it can be;
/// - by some seeds faults befall the network meanwhile (FaultPlan): paths die, come back, change
///   their address, are throttled, lose in one direction; when they are over the two are connected
///   again within ReturnLimit, and the transfer arrives all the same;
/// - by some seeds one peer hides its addresses behind a relay, and tells none but relayed ones;
/// - by some seeds an interface is unplugged in the middle; if there is still a path, the transfer
///   arrives all the same;
/// - by some seeds they then stay idle for a while, and at the end still are connected, by one
///   and the same pair, in different roles;
/// - at no time does a question or a SYN go to somebody who was neither signaled nor authentic, or
///   anything but STUN to somebody without consent (ConsentWatch), or the agent fail to come to
///   rest.
struct ScenarioResult
{
    /// Over UDP.
    bool hasDirectPath = false;
    bool hasTcpPath = false;
    /// Of any kind.
    bool hasPath = false;
    bool hasFaults = false;
    /// One of them may only be relayed.
    bool isHiding = false;
    /// Both used a relay, or what one of them had is one.
    bool isRelayed = false;
    bool isTunnelled = false;
    /// They use a TCP connection to each other.
    bool isOverTcp = false;
    /// From the offer until both had a route.
    std::optional<Duration> connected;
    std::optional<Duration> transferred;
    int restarts = 0;
    std::uint64_t hash = 0;
    /// What was not as demanded, and all that is known about it; empty if all was.
    std::string fault;
};

/// trace: takes every packet and event in words, if given.
ScenarioResult runScenario(std::uint64_t seed,
                           const std::function<void(const std::string &line)> &trace = {});

} // namespace peer::sim

#endif // PEER_SIM_CORE_SCENARIO_H
