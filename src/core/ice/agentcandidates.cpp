// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The candidates of both sides as they come and go, and the pairs that are made of them: RFC 8445
// section 6.1.2, RFC 6544 section 6.2.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

namespace {

/// RFC 6544 section 6.2: TCP pairs are formed of opposite directions, and those with a passive
/// candidate of ours are pruned, for it is the peer who opens the connection; simultaneous-open
/// candidates among themselves.
bool formsPair(CandidateProtocol local, CandidateProtocol remote)
{
    switch (local) {
    case CandidateProtocol::Udp:
        return remote == CandidateProtocol::Udp;
    case CandidateProtocol::TcpActive:
        return remote == CandidateProtocol::TcpPassive;
    case CandidateProtocol::TcpPassive:
        return false;
    case CandidateProtocol::TcpSimultaneousOpen:
        return remote == CandidateProtocol::TcpSimultaneousOpen;
    }
    return false;
}

} // namespace

void Agent::Private::addLocalAddress(TimePoint now, const LocalAddress &address)
{
    const bool isUdp = address.protocol == CandidateProtocol::Udp;
    if (isUdp && config.usesRelays)
        relays.addBase(now, address.address.ip, address.localPreference);
    if (!config.usesDirect || !(isUdp || config.usesTcp))
        return;
    const LocalCandidate *added = locals.addHost(address);
    if (!added)
        return;
    announce(added->candidate);
    if (isUdp)
        gatherer.addBase(added->transport, added->base);
    else if (address.protocol == CandidateProtocol::TcpSimultaneousOpen)
        stunStreams.addBase(added->transport, added->base);
    for (const RemoteCandidate &remote : remotes.all())
        addPair(*added, remote, Checklist::Room::ByPriority);
    // The network has changed: what failed may work now.
    for (const auto &pair : checklist.all()) {
        pair->refusals = 0;
        if (pair->state == PairState::Failed)
            pair->recheckAt = lastNow;
    }
}

void Agent::Private::removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip)
{
    relays.removeBase(now, ip);
    locals.removeHosts(transport, ip);
    gatherer.removeBases(transport, ip);
    stunStreams.removeBases(transport, ip);
    removePairs([&](const CandidatePair &pair) {
        return pair.candidates.transport == transport && pair.route.local.ip == ip;
    });
    std::erase_if(earlyChecks, [&](const EarlyCheck &early) {
        return early.route.local.ip == ip
            && (early.route.transport == transport || connections.isOpen(early.route.transport));
    });
}

void Agent::Private::addRemoteCandidate(TimePoint now, const Candidate &candidate)
{
    const bool isOfThisSession = current().remote
        && (candidate.usernameFragment.empty()
            || candidate.usernameFragment == current().remote->usernameFragment);
    if (!isOfThisSession) {
        keepForLater(candidate);
        return;
    }
    const bool isUdp = candidate.protocol == CandidateProtocol::Udp;
    if (!isUdp && !config.usesTcp)
        return;
    makeRoomForRemote(now);
    switch (remotes.addSignaled(candidate)) {
    case RemoteCandidates::Outcome::Ignored:
        return;
    case RemoteCandidates::Outcome::Added: {
        const RemoteCandidate remote = remotes.all().back();
        if (isUdp)
            relays.permit(now, remote.address.ip);
        for (const LocalCandidate &local : locals.all()) {
            if (local.isBase())
                addPair(local, remote, Checklist::Room::ByPriority);
        }
        return;
    }
    case RemoteCandidates::Outcome::Confirmed: {
        const RemoteCandidate *remote = remotes.find(candidate.address);
        for (const auto &pair : checklist.all()) {
            if (!checklist.isCurrent(*pair) || pair->route.remote != remote->address
                || pair->isTcp())
                continue;
            pair->remoteType = remote->type;
            pair->remotePriority = remote->priority;
            pair->updatePriority(role);
        }
        return;
    }
    }
}

/// Of the peer-reflexive candidates one goes whose pairs have all failed, or had the time for a
/// check and are not valid. Two peers behind a NAT that maps each destination to another port and
/// hairpins make new ones of each other's checks without end, and begin the checks to them anew
/// whenever the other's arrive.
void Agent::Private::makeRoomForRemote(TimePoint now)
{
    if (!remotes.isFull())
        return;
    const auto &pairs = checklist.all();
    for (const RemoteCandidate &remote : remotes.all()) {
        const TransportAddress address = remote.address;
        const bool isInUse = std::any_of(pairs.begin(), pairs.end(), [&](const auto &pair) {
            const bool isOver = pair->state == PairState::Failed
                || (pair->state != PairState::Succeeded && pair->firstAskedAt != Never
                    && pair->firstAskedAt + timing::CheckPatience <= now);
            return pair->candidates.remote == address && !isOver;
        });
        if (remote.isSignaled || isInUse)
            continue;
        removePairs([&](const CandidatePair &pair) {
            return checklist.isCurrent(pair) && pair.candidates.remote == address && !pair.isBarred;
        });
        remotes.remove(address);
        return;
    }
}

/// Null when nothing could go that way, there is such a pair, or it is not worth its place.
CandidatePair *Agent::Private::addPair(const LocalCandidate &local, const RemoteCandidate &remote,
                                       Checklist::Room room)
{
    if (!formsPair(local.candidate.protocol, remote.protocol))
        return nullptr;
    // A SYN to the port that it comes from meets itself.
    if (local.isTcp() && local.base == remote.address)
        return nullptr;
    return insertPair(local, remote, room);
}

CandidatePair *Agent::Private::insertPair(const LocalCandidate &local,
                                          const RemoteCandidate &remote, Checklist::Room room)
{
    CandidatePair pair;
    pair.candidates = {local.transport, local.base, remote.address};
    pair.route = pair.candidates;
    if (!canReach(local.base.ip, remote.address.ip)
        || checklist.findCandidates(checklist.generation(), pair.candidates))
        return nullptr;
    pair.foundation = pairFoundation(remoteFoundation(local.candidate.foundation),
                                     remote.foundation);
    pair.localType = local.candidate.type;
    pair.localPriority = local.candidate.priority;
    pair.remoteType = remote.type;
    pair.remotePriority = remote.priority;
    pair.tellsRelay = usesRenomination();
    pair.protocol = local.protocol;
    pair.localProtocol = local.candidate.protocol;
    pair.reflexivePriority = reflexivePriority(local);
    pair.updatePriority(role);
    if (pair.localProtocol == CandidateProtocol::TcpSimultaneousOpen) {
        if (CandidatePair *early = convertEarlyPair(pair))
            return early;
    }
    return checklist.add(pair, room);
}

} // namespace peer::ice
