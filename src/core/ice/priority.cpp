// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/priority.h"

#include <algorithm>

namespace peer::ice {

std::uint32_t typePreference(CandidateType type)
{
    switch (type) {
    case CandidateType::Host:
        return 126;
    case CandidateType::PeerReflexive:
        return 110;
    case CandidateType::ServerReflexive:
        return 100;
    case CandidateType::Relayed:
        return 10;
    }
    return 0;
}

namespace {

std::uint32_t priorityOf(std::uint32_t preference, std::uint16_t localPreference)
{
    constexpr std::uint32_t component = 1;
    return (preference << 24) + (std::uint32_t{localPreference} << 8) + (256 - component);
}

} // namespace

std::uint32_t candidatePriority(CandidateType type, std::uint16_t localPreference)
{
    return priorityOf(typePreference(type), localPreference);
}

namespace {

std::uint32_t tcpTypePreference(CandidateType type)
{
    switch (type) {
    case CandidateType::Host:
        return 90;
    case CandidateType::PeerReflexive:
        return 85;
    case CandidateType::ServerReflexive:
        return 80;
    case CandidateType::Relayed:
        return 10;
    }
    return 0;
}

std::uint32_t directionPreference(CandidateType type, CandidateProtocol protocol)
{
    const bool isReflexive = type == CandidateType::ServerReflexive
        || type == CandidateType::PeerReflexive;
    switch (protocol) {
    case CandidateProtocol::Udp:
        break;
    case CandidateProtocol::TcpActive:
        return isReflexive ? 4 : 6;
    case CandidateProtocol::TcpPassive:
        return isReflexive ? 2 : 4;
    case CandidateProtocol::TcpSimultaneousOpen:
        return isReflexive ? 6 : 2;
    }
    return 0;
}

} // namespace

std::uint32_t tcpPriority(CandidateType type, CandidateProtocol protocol,
                          std::uint16_t localPreference)
{
    constexpr std::uint32_t most = 8191;
    const std::uint32_t below = 65535u - localPreference;
    const std::uint32_t local = (directionPreference(type, protocol) << 13)
        + (most - std::min(below, most));
    return priorityOf(tcpTypePreference(type), static_cast<std::uint16_t>(local));
}

std::uint32_t relayedPriority(turn::Transport protocol, std::uint16_t localPreference)
{
    switch (protocol) {
    case turn::Transport::Udp:
        return candidatePriority(CandidateType::Relayed, localPreference);
    case turn::Transport::Tcp:
        return priorityOf(5, localPreference);
    case turn::Transport::Tls:
        return priorityOf(2, localPreference);
    }
    return 0;
}

turn::Transport relayProtocol(std::uint32_t priority)
{
    for (const auto protocol : {turn::Transport::Tcp, turn::Transport::Tls}) {
        if (relayedPriority(protocol, 0) >> 24 == priority >> 24)
            return protocol;
    }
    return turn::Transport::Udp;
}

bool isRelayedPriority(std::uint32_t priority)
{
    return (priority >> 24) <= typePreference(CandidateType::Relayed);
}

std::uint32_t tunnelPriority()
{
    return priorityOf(0, 65535);
}

std::uint64_t pairPriority(std::uint32_t controlling, std::uint32_t controlled)
{
    const std::uint64_t lower = std::min(controlling, controlled);
    const std::uint64_t higher = std::max(controlling, controlled);
    return (lower << 32) + 2 * higher + (controlling > controlled ? 1 : 0);
}

PathKind pathKind(CandidateType local, CandidateType remote)
{
    if (local == CandidateType::Relayed || remote == CandidateType::Relayed)
        return PathKind::Relayed;
    return PathKind::Direct;
}

} // namespace peer::ice
