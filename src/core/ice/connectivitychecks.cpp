// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Our connectivity checks: when they go out (RFC 8445 sections 6.1.4 and 14), and how their
// answers are processed (section 7.2.5).

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

/// Ta: the greater of both sides' values (section 14.2).
Duration Agent::Private::pacing() const
{
    Duration pacing = config.pacing;
    if (current().remote)
        pacing = std::max<Duration>(pacing, current().remote->pacing);
    return std::clamp(pacing, timing::MinimumGap, timing::MaximumPacing);
}

void Agent::Private::transmitChecks(TimePoint now)
{
    while (transmitOne(now)) { }
}

/// What goes first when a datagram may go out: a triggered check, for it is the likeliest to
/// succeed; then questions to STUN servers; then new checks, at Ta; then repetitions.
bool Agent::Private::transmitOne(TimePoint now)
{
    const bool isGapOver = lastTransmissionAt + timing::MinimumGap <= now;
    if (checklist.hasTriggered() && (isGapOver || !hasTriggeredOnce)) {
        CandidatePair &pair = *checklist.takeTriggered();
        // It may have succeeded while it stood in the queue, or lost its connection.
        const bool isOver = pair.state == PairState::Failed
            || (pair.state == PairState::Succeeded && pair.nominating == Nomination::None);
        if (!isOver) {
            hasTriggeredOnce = true;
            startCheck(now, pair);
        }
        return true;
    }
    if (!isGapOver)
        return false;
    if (gatherer.nextDue() <= now && gatherer.transmitDue(now, transmits)) {
        lastTransmissionAt = now;
        return true;
    }
    if (current().remote && lastOrdinaryAt + pacing() <= now) {
        if (CandidatePair *pair = checklist.nextOrdinary()) {
            lastOrdinaryAt = now;
            startCheck(now, *pair);
            return true;
        }
    }
    return retransmitDue(now);
}

/// When transmitOne() may have something to do.
TimePoint Agent::Private::nextTransmission(TimePoint now) const
{
    const TimePoint gapOver = lastTransmissionAt + timing::MinimumGap;
    TimePoint next = Never;
    if (checklist.hasTriggered())
        next = hasTriggeredOnce ? gapOver : now;
    if (const TimePoint due = gatherer.nextDue(); due != Never)
        next = std::min(next, std::max(due, gapOver));
    if (current().remote && checklist.hasOrdinary())
        next = std::min(next, std::max(lastOrdinaryAt + pacing(), gapOver));
    for (const auto &pair : checklist.all()) {
        if (!pair->isRetransmitting())
            continue;
        const TimePoint due = pair->retransmission.dueAt;
        next = std::min(next, pair->retransmission.left > 0 ? std::max(due, gapOver) : due);
    }
    return next;
}

void Agent::Private::startCheck(TimePoint now, CandidatePair &pair)
{
    // Opening a connection is paced like a check.
    lastTransmissionAt = now;
    if (pair.isTcp() && !ensureConnection(now, pair))
        return;
    SentCheck &check = newRequest(now, pair);
    const Duration rto = std::max<Duration>(timing::CheckRto, 2 * pair.roundTrip);
    const bool isRecheck = pair.recheckDelay != Duration::zero();
    pair.retransmission.index = pair.newest;
    pair.retransmission.dueAt = now + rto;
    pair.retransmission.interval = rto;
    pair.retransmission.finalWait = rto * timing::CheckFinalWait;
    int transmissions = isRecheck ? timing::RecheckTransmissions : timing::CheckTransmissions;
    if (isLost(now)) {
        transmissions = 1;
        pair.retransmission.finalWait = rto * timing::LostRecheckFinalWait;
        pair.retransmission.dueAt = now + pair.retransmission.finalWait;
    }
    if (pair.isTcp()) {
        transmissions = 1;
        pair.retransmission.dueAt = now + tcpPatience(now);
    }
    pair.retransmission.left = transmissions - 1;
    if (pair.state != PairState::Succeeded)
        pair.state = PairState::InProgress;
    sendRequest(now, pair, check);
}

SentCheck &Agent::Private::newRequest(TimePoint now, CandidatePair &pair)
{
    SentCheck &check = pair.newSentCheck();
    check.id = stun::makeTransactionId(random);
    check.sentAt = now;
    check.isAwaited = true;
    check.asControlling = role == Role::Controlling;
    if (check.asControlling && &pair == nominee) {
        check.nomination = pair.nominating;
        check.nominationValue = pair.nominationValue;
    }
    return check;
}

void Agent::Private::sendRequest(TimePoint now, CandidatePair &pair, SentCheck &check)
{
    const Generation *generation = findGeneration(pair.generation);
    const MutableByteView room = transmits.reserve();
    ++check.transmissions;
    pair.firstAskedAt = std::min(pair.firstAskedAt, now);
    if (pair.state == PairState::Succeeded) {
        pair.askedAt = now;
        pair.owedSince = std::min(pair.owedSince, now);
    }
    if (!generation || room.empty())
        return; // as good as lost; it is repeated
    CheckRequest request;
    request.id = check.id;
    request.username = generation->checkUsername;
    request.priority = pair.reflexivePriority;
    request.role = check.asControlling ? Role::Controlling : Role::Controlled;
    request.tieBreaker = tieBreaker;
    request.nomination = check.nomination;
    request.nominationValue = check.nominationValue;
    request.unfitNominee = unfitNominee();
    const ByteView message = writeCheckRequest(room, request, generation->remoteKey);
    if (!message.empty())
        transmits.commit(pair.route, message.size());
}

bool Agent::Private::retransmitDue(TimePoint now)
{
    CandidatePair *earliest = nullptr;
    for (const auto &pair : checklist.all()) {
        if (pair->isRetransmitting() && pair->retransmission.left > 0
            && pair->retransmission.dueAt <= now
            && (!earliest || pair->retransmission.dueAt < earliest->retransmission.dueAt))
            earliest = pair.get();
    }
    if (!earliest)
        return false;
    auto &retransmission = earliest->retransmission;
    --retransmission.left;
    retransmission.interval *= 2;
    retransmission.dueAt = now
        + (retransmission.left > 0 ? retransmission.interval : retransmission.finalWait);
    sendRequest(now, *earliest, earliest->sent[retransmission.index]);
    lastTransmissionAt = now;
    return true;
}

void Agent::Private::giveUpChecks(TimePoint now)
{
    for (const auto &pair : checklist.all()) {
        if (pair->isRetransmitting() && pair->retransmission.left == 0
            && pair->retransmission.dueAt <= now)
            failCheck(now, *pair);
    }
}

/// Section 7.2.5.2. A valid pair that fails was to be nominated (section 7.2.5.3.4); it may come
/// back as long as the consent lasts that it had.
void Agent::Private::failCheck(TimePoint now, CandidatePair &pair)
{
    pair.stopRetransmission();
    failPair(pair);
    pair.recheckDelay = std::clamp<Duration>(2 * pair.recheckDelay, timing::RecheckFirst,
                                             timing::RecheckMost);
    pair.recheckAt = now + pair.recheckDelay;
    if (isLost(now)) {
        const auto pairs = static_cast<Duration::rep>(checklist.all().size());
        pair.recheckAt = now
            + std::max<Duration>(timing::LostRecheck, pairs * timing::LostRecheckPerPair);
    }
}

/// There was a connection, and nothing is heard any more.
bool Agent::Private::isLost(TimePoint now) const
{
    return wasConnected && (!routePair || isStalled(now));
}

/// Failed pairs are tried again while nothing as good is in use; a NAT or a firewall may have
/// opened, or a network come back.
bool Agent::Private::isRecheckWanted(const CandidatePair &pair) const
{
    if (pair.state != PairState::Failed || pair.isBarred || !checklist.isCurrent(pair)
        || !current().remote)
        return false;
    if (routePair && !isStalled(lastNow))
        return comparePaths(pair, *routePair) > 0;
    return !isPatienceOver(lastNow);
}

void Agent::Private::resumeFailed(TimePoint now)
{
    for (const auto &pair : checklist.all()) {
        if (pair->recheckAt <= now && isRecheckWanted(*pair)) {
            pair->recheckAt = Never;
            pair->state = PairState::Waiting;
        }
    }
}

bool Agent::Private::receiveResponse(TimePoint now, const Route &route,
                                     const stun::Message &response)
{
    std::optional<Gatherer::Mapped> gathered;
    if (gatherer.receive(now, route, response, gathered) == Gatherer::Outcome::Consumed
        || stunStreams.receive(route, response, gathered) == Gatherer::Outcome::Consumed) {
        if (gathered)
            takeGathered(*gathered);
        return true;
    }

    SentCheck *sent = nullptr;
    CandidatePair *pair = checklist.findSentCheck(response.transactionId(), sent);
    if (!pair)
        return false;
    const Generation *generation = findGeneration(pair->generation);
    const stun::Integrity integrity = response.integrity();
    // Section 7.2.5.2.1: it must come from where the request went. What does not authenticate has
    // never been received (RFC 8489 section 9.1.4).
    if (pair->isBarred || route != pair->route || !generation
        || integrity == stun::Integrity::Absent
        || !response.checkIntegrity(generation->remoteKey, integrity))
        return true;

    const SentCheck check = *sent;
    if (response.messageClass() == stun::Class::SuccessResponse) {
        const auto mapped = response.address(stun::Attribute::XorMappedAddress);
        if (!mapped)
            return true;
        sent->isAwaited = false;
        noteHeard(now, *pair);
        handleSuccess(now, *pair, check, *mapped);
    } else {
        const auto error = response.errorCode();
        if (!error)
            return true;
        sent->isAwaited = false;
        noteHeard(now, *pair);
        handleError(now, *pair, check, error->code);
    }
    return true;
}

void Agent::Private::takeGathered(const Gatherer::Mapped &gathered)
{
    if (const LocalCandidate *added = locals.addReflexive(CandidateType::ServerReflexive,
                                                          gathered.transport, gathered.base,
                                                          gathered.mapped, gathered.server))
        announce(added->candidate);
}

/// Section 7.2.5.3.
void Agent::Private::handleSuccess(TimePoint now, CandidatePair &pair, const SentCheck &check,
                                   const TransportAddress &mapped)
{
    if (check.transmissions == 1)
        pair.noteRoundTrip(now - check.sentAt);
    const bool carriesNomination = pair.isRetransmitting()
        && pair.sent[pair.retransmission.index].nomination != Nomination::None;
    if (!carriesNomination || check.nomination != Nomination::None)
        pair.stopRetransmission();

    if (pair.state != PairState::Succeeded && checklist.isCurrent(pair)) {
        takeMappedAddress(pair, mapped);
        pair.state = PairState::Succeeded;
        pair.recheckDelay = {};
        pair.recheckAt = Never;
        pair.refusals = 0;
        checklist.unfreeze(pair.foundation);
        firstValidAt = std::min(firstValidAt, now);
        if (pair.kind() == PathKind::Direct && !pair.isTcp())
            firstDirectAt = std::min(firstDirectAt, now);
        if (pair.pendingNomination != 0)
            pair.nominationOrder = std::exchange(pair.pendingNomination, 0);
    }
    // To the peer a pair of another address is another pair, of which it has heard no nomination.
    const TransportAddress before = std::exchange(pair.mapped, mapped);
    if (&pair == nominee && pair.nominating == Nomination::None && usesRenomination()
        && role == Role::Controlling && !before.isNull() && before != mapped)
        startNomination(pair, Nomination::Renominate);
    gainConsent(now, pair);
    if (check.nomination != Nomination::None)
        noteNominationAnswered(pair, check);
}

/// Section 7.2.5.3.1. A tunnel has no addresses to be told; a relay's address is what it is. Of a
/// connection it only says whether a NAT stands before us: nobody could use the address.
void Agent::Private::takeMappedAddress(CandidatePair &pair, const TransportAddress &mapped)
{
    if (pair.isTunnel || pair.localType == CandidateType::Relayed)
        return;
    if (pair.isTcp()) {
        const LocalCandidate *known = locals.findSimultaneousOpen(mapped);
        if (known && pair.localProtocol == CandidateProtocol::TcpSimultaneousOpen) {
            pair.localType = known->candidate.type;
            pair.localPriority = known->candidate.priority;
        } else if (mapped != pair.route.local) {
            pair.localType = CandidateType::PeerReflexive;
            pair.localPriority = pair.reflexivePriority;
        }
        pair.updatePriority(role);
        return;
    }
    const LocalCandidate *local = locals.findMapped(pair.route.transport, pair.route.local, mapped);
    if (!local)
        local = locals.addReflexive(CandidateType::PeerReflexive, pair.route.transport,
                                    pair.route.local, mapped, {});
    pair.localType = local ? local->candidate.type : CandidateType::PeerReflexive;
    pair.localPriority = local ? local->candidate.priority : pair.reflexivePriority;
    pair.updatePriority(role);
}

/// Sections 7.2.5.1 and 7.2.5.2.4.
void Agent::Private::handleError(TimePoint now, CandidatePair &pair, const SentCheck &check,
                                 int code)
{
    if (code == stun::errorcode::RoleConflict) {
        if (check.asControlling == (role == Role::Controlling)) {
            setRole(role == Role::Controlling ? Role::Controlled : Role::Controlling);
            tieBreaker = random.uint64();
        }
        if (pair.state != PairState::Succeeded && checklist.isCurrent(pair))
            checklist.trigger(pair);
        return;
    }
    const bool isForbidden = code == stun::errorcode::Forbidden;
    if (pair.state == PairState::Succeeded) {
        // RFC 7675 section 5.2: 403 takes the consent back. A nomination that is refused ends the
        // pair (section 7.2.5.3.4). Anything else to a consent request is just no consent.
        if (isForbidden || check.nomination != Nomination::None)
            loseConsent(pair);
        return;
    }
    if (!checklist.isCurrent(pair))
        return;
    failCheck(now, pair);
    pair.isBarred = isForbidden;
}

} // namespace peer::ice
