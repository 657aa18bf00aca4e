// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Relays: what the agent does with the addresses that TURN servers give it.

#include "core/ice/agentprivate.h"

namespace peer::ice {

void Agent::Private::addRelayServer(TimePoint now, const RelayServer &server)
{
    if (!config.usesRelays)
        return;
    // A TURN server is a STUN server as well (RFC 8656 section 3), for the sockets that it does
    // not serve.
    if (server.transport == turn::Transport::Udp && config.usesDirect)
        addStunServer(server.address);
    relays.addServer(now, server);
}

void Agent::Private::takeRelayEvents(TimePoint now)
{
    while (const auto event = relays.nextEvent()) {
        if (const auto *gathered = std::get_if<Relays::Gathered>(&*event))
            addRelayed(*gathered);
        else if (const auto *lost = std::get_if<Relays::Lost>(&*event))
            removeRelayed(lost->transport);
        else
            refuseRelayed(now, std::get<Relays::Refused>(*event));
    }
}

void Agent::Private::addRelayed(const Relays::Gathered &gathered)
{
    LocalCandidates::Relay relay;
    relay.transport = gathered.transport;
    relay.relayed = gathered.relayed;
    // RFC 8839 section 5.1: the related address of a relayed candidate is the mapped one.
    if (config.usesDirect)
        relay.mapped = gathered.mapped;
    relay.server = gathered.server;
    relay.protocol = gathered.protocol;
    relay.localPreference = gathered.localPreference;
    const LocalCandidate *added = locals.addRelayed(relay);
    if (!added)
        return;
    const LocalCandidate local = *added;
    announce(local.candidate);
    for (const RemoteCandidate &remote : remotes.all())
        addPair(local, remote, Checklist::Room::ByPriority);
}

void Agent::Private::removeRelayed(TransportId transport)
{
    locals.removeRelayed(transport);
    removePairs([&](const CandidatePair &pair) { return pair.route.transport == transport; });
    std::erase_if(earlyChecks,
                  [&](const EarlyCheck &early) { return early.route.transport == transport; });
}

/// RFC 8656 section 10.3: 403, for that peer alone.
void Agent::Private::refuseRelayed(TimePoint now, const Relays::Refused &refused)
{
    for (const auto &pair : checklist.all()) {
        if (pair->route.transport != refused.transport || pair->route.remote.ip != refused.peer)
            continue;
        failCheck(now, *pair);
        pair->isBarred = true;
    }
}

/// What looks dead may be the way to the server, which can say so sooner than the peer.
void Agent::Private::probeRelay(TimePoint now)
{
    if (routePair && routePair->isSuspect(now))
        relays.probe(now, routePair->route.transport);
}

} // namespace peer::ice
