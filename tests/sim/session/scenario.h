// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_SCENARIO_H
#define PEER_SIM_SESSION_SCENARIO_H

#include "core/base/time.h"
#include "core/ice/priority.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace peer::sim {

/// One call in a random internet, from the first signal to the last. The seed makes the topology,
/// the faults, the channels and their messages, but not the keys, so that two runs of a seed are
/// alike and not the same. What it demands:
/// - where the oracle sees a path, direct over UDP or TCP, by a relay over UDP, TCP or TLS, or by
///   the tunnel, both ends connect, whatever becomes of some signals; elsewhere they connect or
///   both give up;
/// - every reliable message arrives once, in order where the channel keeps it, and intact; every
///   other one at most once;
/// - nobody loses the other while both are there, idle or not, whatever the network does for up to
///   25 s (FaultPlan);
/// - both know the same tracks in the end, whoever opened, turned and ended them, at once or not;
/// - a close, by either end at any time or by both at once, delivers what the closing end has sent;
///   both end Closed, without an error, and come to rest;
/// - and what SessionProcess and ConsentWatch demand of each end at any time.
struct ScenarioResult
{
    bool hasPath = false;
    /// Over UDP or TCP.
    bool hasDirectPath = false;
    /// The caller's last path before the end; nothing if they never connected.
    std::optional<ice::PathKind> kind;
    /// It was a TCP connection to the peer.
    bool isOverTcp = false;
    /// From accept() until both were connected.
    std::optional<Duration> connected;
    std::uint64_t messages = 0;
    /// Offers that met one of the other direction.
    std::uint64_t crossedOffers = 0;
    /// What was not as demanded, and all that is known about it; empty if all was.
    std::string fault;
};

/// trace: takes every packet and event in words, if given.
ScenarioResult runScenario(std::uint64_t seed,
                           const std::function<void(const std::string &line)> &trace = {});

} // namespace peer::sim

#endif // PEER_SIM_SESSION_SCENARIO_H
