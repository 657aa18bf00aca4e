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
        pair.connection = pair.localProtocol == CandidateProtocol::TcpActive
            ? connections.open(pair.candidates.local.ip, pair.candidates.remote)
            : 0;
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
            loseConsent(*pair);
            pair->isBarred = false;
            pair->recheckAt = now + timing::ReopenAfter;
        } else if (pair->state != PairState::Failed) {
            failCheck(now, *pair);
        }
    }
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
