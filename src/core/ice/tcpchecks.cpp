// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Pairs over TCP: RFC 6544. What tells them from others is that their route is a connection, which
// has to be opened before the check (section 7.1), and may break. Once it stands they are checked,
// nominated, kept fresh and used like any other.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

/// A connection is a socket on both sides, so none is opened while UDP does, nor too many at a
/// time.
bool Agent::Private::isTcpHeldBack(TimePoint now) const
{
    return connections.isFull()
        || (isOnDirectUdp() && !routePair->isSuspect(now) && !routePair->isDemoted);
}

bool Agent::Private::isOnDirectUdp() const
{
    return routePair && routePair->kind() == PathKind::Direct && !routePair->isTcp();
}

/// Section 7.1: the check begins with the connection. True if there is one to be checked on.
bool Agent::Private::ensureConnection(TimePoint now, CandidatePair &pair)
{
    if (connections.isOpen(pair.connection))
        return true;
    const bool isOpening = connections.find(pair.connection) != nullptr;
    if (!isOpening) {
        pair.route = pair.candidates;
        pair.connection = openConnection(pair);
        if (const Connection *open = connections.find(pair.connection);
            open && connections.isOpen(pair.connection)) {
            pair.route = open->route;
            return true;
        }
    }
    if (pair.connection == 0) {
        failCheck(now, pair);
        return false;
    }
    pair.state = PairState::InProgress;
    pair.retransmission.left = 0;
    pair.retransmission.dueAt = now + tcpPatience(now);
    return false;
}

/// 0 if there is none to be had. One that stands may be given: after a restart, that of the session
/// before.
std::uint32_t Agent::Private::openConnection(CandidatePair &pair)
{
    const Route &candidates = pair.candidates;
    switch (pair.localProtocol) {
    case CandidateProtocol::Udp:
    case CandidateProtocol::TcpPassive:
        return 0;
    case CandidateProtocol::TcpActive:
        return connections.open(candidates.local.ip, candidates.remote);
    case CandidateProtocol::TcpSimultaneousOpen:
        return connections.openFrom(candidates.local, candidates.remote);
    }
    return 0;
}

/// Until the connection stands, and again until the check is answered.
Duration Agent::Private::tcpPatience(TimePoint now) const
{
    return isLost(now) ? timing::LostTcpPatience : timing::TcpPatience;
}

void Agent::Private::connectionOpened(std::uint32_t id, const Route &route)
{
    if (!connections.noteOpened(id, route))
        return;
    for (const auto &pair : checklist.all()) {
        if (pair->connection != id)
            continue;
        pair->route = route;
        checklist.trigger(*pair);
    }
}

/// Could not be opened (section 7.1: the pair fails), or has broken. That is no word of the peer on
/// consent: a new connection may be tried, by whoever opens it.
void Agent::Private::connectionEnded(TimePoint now, std::uint32_t id)
{
    if (!connections.noteEnded(id))
        return;
    for (const auto &pair : checklist.all()) {
        if (pair->connection != id)
            continue;
        if (pair->state == PairState::Succeeded) {
            failPair(*pair);
            pair->consentUntil = TimePoint::min();
            pair->recheckAt = now + timing::ReopenAfter;
        } else if (pair->state != PairState::Failed) {
            const Duration delay = pair->recheckDelay;
            failCheck(now, *pair);
            if (pair->localProtocol == CandidateProtocol::TcpSimultaneousOpen)
                retrySimultaneousOpen(now, *pair, delay);
        }
    }
}

/// The SYN was refused, perhaps because the peer's own has not left yet: until then its host or its
/// NAT may answer with a RST. So often only once, for nobody has agreed to it yet; a check of the
/// peer, a new address of ours or a restart begins anew. recheckDelay: as it was before.
void Agent::Private::retrySimultaneousOpen(TimePoint now, CandidatePair &pair,
                                           Duration recheckDelay)
{
    pair.refusals = std::min(pair.refusals + 1, timing::SimultaneousTries);
    if (pair.refusals == timing::SimultaneousTries)
        return;
    const Duration wait = std::min<Duration>(
        timing::SimultaneousRetryFirst * (1 << (pair.refusals - 1)), timing::SimultaneousRetryMost);
    constexpr int parts = 1024;
    const auto chance = static_cast<int>(random.uint64() % parts);
    pair.recheckDelay = recheckDelay;
    pair.recheckAt = std::min(pair.recheckAt, now + wait * (parts / 2 + chance) / parts);
}

void Agent::Private::addStunServer(const TransportAddress &server)
{
    gatherer.addServer(server);
    if (config.usesTcp)
        stunStreams.addServer(server);
}

std::uint32_t Agent::Private::acceptConnection(const Route &route)
{
    if (isClosed || !locals.findTcp(CandidateProtocol::TcpPassive, route.local.ip))
        return 0;
    return connections.accept(route);
}

/// For the peer's first check on a connection: mostly one that it has opened, from a port that its
/// active candidate did not tell (section 7.2). After a restart it may be an older one.
CandidatePair *Agent::Private::addConnectionPair(const Connection &connection,
                                                 std::uint32_t priority)
{
    if (CandidatePair *pair = adoptConnection(connection))
        return pair;
    const auto protocol = connection.isActive ? CandidateProtocol::TcpActive
                                              : CandidateProtocol::TcpPassive;
    const LocalCandidate *local = locals.findTcp(protocol, connection.route.local.ip);
    if (!local)
        return nullptr;
    RemoteCandidate remote;
    remote.address = connection.route.remote;
    if (const RemoteCandidate *active = remotes.findActive(remote.address.ip)) {
        remote.type = active->type;
        remote.priority = active->priority;
        remote.foundation = active->foundation;
    } else {
        remote.type = CandidateType::PeerReflexive;
        remote.priority = priority;
        remote.foundation = arbitraryFoundation(tieBreaker, connection.id);
    }
    CandidatePair *pair = insertPair(*local, remote, Checklist::Room::Needed);
    if (!pair)
        return nullptr;
    pair->route = connection.route;
    pair->connection = connection.id;
    return pair;
}

/// Between the ends of a simultaneous open there is but one connection, whoever of the two has
/// opened it and whatever our own attempt has come to: it is that pair's. Null if it is none.
CandidatePair *Agent::Private::adoptConnection(const Connection &connection)
{
    const LocalCandidate *local = locals.findTcp(CandidateProtocol::TcpSimultaneousOpen,
                                                 connection.route.local.ip);
    if (!local || local->base != connection.route.local)
        return nullptr;
    CandidatePair *pair = checklist.findCandidates(
        checklist.generation(), {local->transport, local->base, connection.route.remote});
    if (!pair || pair->localProtocol != CandidateProtocol::TcpSimultaneousOpen || pair->isBarred
        || pair->state == PairState::Succeeded)
        return nullptr;
    pair->route = connection.route;
    pair->connection = connection.id;
    connections.noteSimultaneousOpen(connection.id);
    return pair;
}

/// The peer's check by the one connection between the ends of a simultaneous open came before its
/// candidate, or before ours was made: the pair that it has led to is from now on that of these
/// candidates. Null if there is none.
CandidatePair *Agent::Private::convertEarlyPair(const CandidatePair &simultaneous)
{
    const auto &pairs = checklist.all();
    const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const auto &pair) {
        return checklist.isCurrent(*pair) && pair->isTcp() && connections.isOpen(pair->connection)
            && pair->localProtocol != CandidateProtocol::TcpSimultaneousOpen && !pair->isBarred
            && pair->route.local == simultaneous.candidates.local
            && pair->route.remote == simultaneous.candidates.remote;
    });
    if (found == pairs.end())
        return nullptr;
    CandidatePair &pair = **found;
    pair.candidates = simultaneous.candidates;
    pair.foundation = simultaneous.foundation;
    pair.localType = simultaneous.localType;
    pair.localPriority = simultaneous.localPriority;
    pair.remoteType = simultaneous.remoteType;
    pair.remotePriority = simultaneous.remotePriority;
    pair.localProtocol = simultaneous.localProtocol;
    pair.reflexivePriority = simultaneous.reflexivePriority;
    pair.updatePriority(role);
    if (pair.state == PairState::Succeeded)
        takeMappedAddress(pair, pair.mapped);
    connections.noteSimultaneousOpen(pair.connection);
    return &pair;
}

/// What belongs to no pair that may still be of use. An accepted one whose first message was not an
/// authentic check is among them.
void Agent::Private::closeUnusedConnections(TimePoint now)
{
    for (const auto &pair : checklist.all()) {
        if (!pair->isTcp() || pair->state != PairState::Failed)
            continue;
        pair->connection = 0;
        pair->route = pair->candidates;
    }
    removePairs([](const CandidatePair &pair) {
        return pair.localProtocol == CandidateProtocol::TcpPassive && pair.connection == 0;
    });
    connections.closeIf([&](const Connection &connection) {
        const auto &pairs = checklist.all();
        const bool isOfPair = std::any_of(pairs.begin(), pairs.end(), [&](const auto &pair) {
            return pair->connection == connection.id;
        });
        const bool isEarly = std::any_of(
            earlyChecks.begin(), earlyChecks.end(),
            [&](const EarlyCheck &early) { return early.route == connection.route; });
        return !connection.isFresh && connection.keptUntil <= now && !isOfPair && !isEarly;
    });
}

} // namespace peer::ice
