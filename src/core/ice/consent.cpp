// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Consent freshness: RFC 7675, and how soon a dead pair is noticed.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

namespace {

/// Besides the pair in use, and the best of each other kind, so many of the best are kept fresh to
/// fall back to; each costs a request of about 120 octets every 12 s. The others' consent ends
/// unrenewed.
constexpr int FreshSpares = 4;
/// As controlled agent, so many of those that the peer keeps fresh: its order may be another one,
/// and what it may nominate must be valid here as well.
constexpr int FreshForPeer = 8;

} // namespace

void Agent::Private::gainConsent(TimePoint now, CandidatePair &pair)
{
    pair.consentUntil = now + timing::ConsentLifetime;
    pair.unanswered = 0;
    pair.nextConsentAt = now + consentWait(pair, false);
    wasConnected = true;
}

/// RFC 7675 section 5.1: 5 s times 0.8 to 1.2. Where an answer is overdue and it matters, sooner;
/// what is but a spare, and well, later.
Duration Agent::Private::consentWait(const CandidatePair &pair, bool isUrgent)
{
    if (isUrgent && pair.unanswered > 0) {
        if (pair.unanswered > timing::FastProbes)
            return timing::SlowProbeInterval;
        return std::max<Duration>(timing::ProbeInterval, pair.roundTrip);
    }
    const bool isSpare = routePair && &pair != routePair && &pair != nominee;
    const Duration interval = isSpare && pair.unanswered == 0 ? timing::SpareConsentInterval
                                                              : timing::ConsentInterval;
    const Duration span = interval * 4 / 10;
    return interval * 8 / 10 + Duration(static_cast<Duration::rep>(random.below(span.count())));
}

bool Agent::Private::isKeptFresh(TimePoint now, const CandidatePair &pair) const
{
    if (!pair.hasConsent(now))
        return false;
    if (&pair == routePair || &pair == nominee || &pair == standbyPair(now))
        return true;
    // The pairs of an earlier session are for the time until one of this takes over.
    const auto isWantedByPeer = [&](const CandidatePair &some) {
        return role == Role::Controlled && some.wantedAt != TimePoint::min()
            && now - some.wantedAt < timing::PeerInterest;
    };
    // Beside direct UDP one connection in readiness is enough.
    if (pair.isTcp() && isOnDirectUdp() && !isWantedByPeer(pair))
        return false;
    const bool isOver = routePair && checklist.isCurrent(*routePair);
    if (isOver && !checklist.isCurrent(pair))
        return false;
    // D6: the best pair of another kind than the one in use stands by, however many there are.
    bool isStandby = routePair && pair.kind() != routePair->kind();
    // Likewise the best that does without UDP, for UDP may be throttled.
    bool isWithoutUdp = routePair && routePair->usesUdp() && !pair.usesUdp();
    int better = 0, betterForPeer = 0;
    for (const auto &other : checklist.all()) {
        if (other.get() == &pair || other.get() == routePair || !other->hasConsent(now)
            || (isOver && !checklist.isCurrent(*other)) || !isBetter(*other, pair))
            continue;
        ++better;
        isStandby = isStandby && other->kind() != pair.kind();
        isWithoutUdp = isWithoutUdp && other->usesUdp();
        betterForPeer += isWantedByPeer(*other) ? 1 : 0;
    }
    return better < FreshSpares || isStandby || isWithoutUdp
        || (isWantedByPeer(pair) && betterForPeer < FreshForPeer);
}

void Agent::Private::refreshConsents(TimePoint now)
{
    const bool isAlarmed = routePair && routePair->isSuspect(now);
    for (const auto &pair : checklist.all()) {
        // When the pair in use falls silent, the spares show whether they live.
        const bool isSummoned = isAlarmed && pair.get() != routePair
            && pair->askedAt < routePair->suspectAt() && pair->heardAt < routePair->suspectAt();
        if (!pair->hasConsent(now) || (pair->nextConsentAt > now && !isSummoned))
            continue;
        if (!isKeptFresh(now, *pair)) {
            pair->nextConsentAt = now + timing::SpareReview;
            continue;
        }
        // Each is a transaction of its own and is not repeated (RFC 7675 section 5.1).
        sendRequest(now, *pair, newRequest(now, *pair));
        ++pair->unanswered;
        const bool isUrgent = pair.get() == routePair || pair.get() == nominee || isAlarmed;
        pair->nextConsentAt = now + consentWait(*pair, isUrgent);
    }
}

void Agent::Private::expireConsents(TimePoint now)
{
    for (const auto &pair : checklist.all()) {
        if (pair->consentUntil > now)
            continue;
        if (pair->state == PairState::Succeeded)
            loseConsent(*pair);
        else if (pair->consentUntil != TimePoint::min())
            pair->isBarred = true;
    }
    // Those of an earlier session have nothing left to live for.
    removePairs([&](const CandidatePair &pair) {
        return !checklist.isCurrent(pair) && pair.state != PairState::Succeeded;
    });
}

/// There is no asking for it again.
void Agent::Private::loseConsent(CandidatePair &pair)
{
    failPair(pair);
    pair.isBarred = true;
}

/// It is neither valid nor nominated any more.
void Agent::Private::failPair(CandidatePair &pair)
{
    pair.state = PairState::Failed;
    pair.nominationOrder = 0;
    pair.pendingNomination = 0;
    pair.nominating = Nomination::None;
    pair.stopRetransmission();
    if (&pair == nominee)
        nominee = nullptr;
}

/// Something authentic came that way.
void Agent::Private::noteHeard(TimePoint now, CandidatePair &pair)
{
    pair.noteHeard(now);
    heardAt = now;
}

/// Constant in time, for it is called for each datagram.
void Agent::Private::noteDataSent(TimePoint now)
{
    if (!routePair)
        return;
    routePair->busyAt = now;
    if (!timers.isRunning(Timer::Quality))
        timers.set(Timer::Quality, now + timing::QualityInterval);
    if (routePair->unheardSince != Never)
        return;
    routePair->unheardSince = now;
    if (!timers.isRunning(Timer::Quiet))
        timers.set(Timer::Quiet, now + timing::QuietAfter);
}

/// The data that got no answer counts as the question: it was the first to be lost.
void Agent::Private::askIfQuiet(TimePoint now)
{
    if (!timers.takeExpired(Timer::Quiet, now) || !routePair || routePair->unheardSince == Never)
        return;
    const TimePoint quietAt = routePair->unheardSince + timing::QuietAfter;
    if (quietAt > now) {
        timers.set(Timer::Quiet, quietAt);
        return;
    }
    if (routePair->owedSince != Never)
        return;
    routePair->owedSince = routePair->unheardSince;
    routePair->nextConsentAt = now;
}

TimePoint Agent::Private::nextConsent(TimePoint now) const
{
    TimePoint next = Never;
    for (const auto &pair : checklist.all()) {
        if (!pair->hasConsent(now))
            continue;
        next = std::min(next, pair->consentUntil);
        if (const TimePoint suspectAt = pair->suspectAt(); suspectAt > now)
            next = std::min(next, suspectAt);
        if (const TimePoint stalledAt = pair->stalledAt(); stalledAt > now)
            next = std::min(next, stalledAt);
        next = std::min(next, pair->nextConsentAt);
    }
    return next;
}

} // namespace peer::ice
