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
/// - where the oracle sees a direct path, or one by the TURN server that there is by some seeds,
///   both peers connect within ConnectLimit, and a transfer in
///   each direction arrives intact;
/// - by most seeds they have TCP candidates as well, and by some of those UDP is blocked wherever
/// it
///   can be;
/// - by some seeds one peer hides its addresses behind a relay, and tells none but relayed ones;
/// - by some seeds an interface is unplugged in the middle; if there is still a path, the transfer
///   arrives all the same;
/// - by some seeds they then stay idle for a while, and at the end still are connected, by one
///   and the same pair, in different roles;
/// - at no time does a question go to somebody who was neither signaled nor authentic, or the
///   agent fail to come to rest.
struct ScenarioResult
{
    /// Over UDP.
    bool hasDirectPath = false;
    bool hasTcpPath = false;
    /// Direct, over UDP or TCP, or by a relay.
    bool hasPath = false;
    /// One of them may only be relayed.
    bool isHiding = false;
    /// Both used a relay, or what one of them had is one.
    bool isRelayed = false;
    /// They use a TCP connection.
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
