// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Tunnels: pairs that are made by themselves and not of candidates. Once there, such a pair is
// checked, nominated, kept fresh and used like any other.

#include "core/ice/tunnel.h"

#include "core/ice/agentprivate.h"

#include <algorithm>
#include <array>

namespace peer::ice {

namespace {

/// The one in use, one that is to take its place, and some for who reconnects in haste.
constexpr std::size_t MaxTunnels = 4;
/// The port of the discard protocol (RFC 863).
constexpr std::uint16_t DiscardPort = 9;

TransportAddress endAddress(std::uint8_t last)
{
    std::array<std::uint8_t, 16> octets{};
    octets[0] = 0x01;
    octets[15] = last;
    return {IpAddress::fromOctets(octets), DiscardPort};
}

} // namespace

Route tunnelRoute(TransportId transport, TunnelEnd ownEnd)
{
    const TransportAddress caller = endAddress(1);
    const TransportAddress callee = endAddress(2);
    return ownEnd == TunnelEnd::Caller ? Route{transport, caller, callee}
                                       : Route{transport, callee, caller};
}

void Agent::Private::addTunnel(const Route &route)
{
    if (route.isNull() || isTunnel(route) || tunnels.size() >= MaxTunnels)
        return;
    tunnels.push_back(route);
    addTunnelPair(route);
}

void Agent::Private::removeTunnel(TransportId transport)
{
    std::erase_if(tunnels, [&](const Route &route) { return route.transport == transport; });
    removePairs([&](const CandidatePair &pair) {
        return pair.isTunnel && pair.route.transport == transport;
    });
    std::erase_if(earlyChecks,
                  [&](const EarlyCheck &early) { return early.route.transport == transport; });
}

bool Agent::Private::isTunnel(const Route &route) const
{
    return std::find(tunnels.begin(), tunnels.end(), route) != tunnels.end();
}

/// In the present session; null if it is there.
CandidatePair *Agent::Private::addTunnelPair(const Route &route)
{
    if (checklist.find(checklist.generation(), route))
        return nullptr;
    CandidatePair pair;
    pair.route = route;
    pair.isTunnel = true;
    pair.localType = pair.remoteType = CandidateType::Relayed;
    pair.localPriority = pair.remotePriority = pair.reflexivePriority = tunnelPriority();
    // Of its own: it tells nothing about other paths, and waits for none.
    pair.foundation = arbitraryFoundation(tieBreaker, static_cast<std::uint64_t>(route.transport));
    pair.updatePriority(role);
    return checklist.add(pair, Checklist::Room::Needed);
}

} // namespace peer::ice
