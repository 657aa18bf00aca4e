// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A pair that answers and is of little use all the same: most of what goes there is lost, or waits
// in a queue. It is measured while it carries data, and ranks below the others for a while.
//
// What throttles a pair mostly throttles all that share its way over UDP, at either end, and there
// may be many of them. So these become doubtful with it: they rank above it, and below what goes
// without UDP there.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

/// Data goes out on it, or waits for the peer's word.
bool Agent::Private::isLoaded(TimePoint now, const CandidatePair &pair) const
{
    return pair.busyAt + 2 * timing::QualityInterval >= now
        || (pair.busyAt != TimePoint::min() && delivery.isAwaited);
}

/// A request every QualityInterval while data goes out.
void Agent::Private::measure(TimePoint now)
{
    if (!timers.takeExpired(Timer::Quality, now) || !routePair)
        return;
    weighDelivery(now);
    if (!isLoaded(now, *routePair))
        return;
    timers.set(Timer::Quality, now + timing::QualityInterval);
    // While it is poor the others show what they are worth, and hear of it.
    const bool isInDoubt = routePair->poorSince != Never || routePair->isDemoted;
    for (const auto &pair : checklist.all()) {
        const bool isAsked = pair.get() == routePair || isInDoubt;
        if (isAsked && pair->askedAt + timing::QualityInterval <= now)
            pair->nextConsentAt = now;
    }
}

/// What is lost on the way there shows in what has to be repeated: sooner than in the checks, which
/// are small and few, and only where data flows.
void Agent::Private::weighDelivery(TimePoint now)
{
    const std::uint64_t sent = delivery.sent - weighed.sent;
    const std::uint64_t repeated = delivery.repeated - weighed.repeated;
    weighed = delivery;
    if (sent == 0 && delivery.isAwaited)
        return; // the next repetition will tell
    if (repeated * 100 <= sent * timing::PoorRepeatPercent) {
        repeatingSince = Never;
        repeatedSince = 0;
        return;
    }
    repeatingSince = std::min(repeatingSince, now - timing::QualityInterval);
    repeatedSince += repeated;
}

/// Of the pair in use: by what its checks tell, what the data tells, or what the peer tells.
bool Agent::Private::isPoorInUse(TimePoint now, const CandidatePair &pair) const
{
    return pair.isPoor(now) || pair.unfitAt + timing::PoorAfter > now
        || (repeatingSince != Never && repeatedSince >= timing::QualitySamples);
}

void Agent::Private::applyDemotions(TimePoint now)
{
    bool isAnyPoor = false;
    for (const auto &pair : checklist.all()) {
        pair->isDemoted = pair->demotedUntil > now;
        pair->isDoubtful = false;
        isAnyPoor = isAnyPoor || pair->isDemoted;
    }
    if (!isAnyPoor)
        return;
    for (const auto &poor : checklist.all()) {
        if (!poor->isDemoted || !poor->hasConsent(now))
            continue;
        for (const auto &pair : checklist.all())
            pair->isDoubtful = pair->isDoubtful || (!pair->isDemoted && shareUdp(*pair, *poor));
    }
}

void Agent::Private::judge(TimePoint now)
{
    applyDemotions(now);
    if (!routePair)
        return;
    CandidatePair &present = *routePair;
    // One that is silent is another matter, and of one that is idle nothing is known.
    if (present.isSuspect(now))
        return;
    if (present.isDemoted || !isLoaded(now, present) || !isPoorInUse(now, present)) {
        present.poorSince = Never;
        return;
    }
    present.poorSince = std::min({present.poorSince, now, repeatingSince});
    if (present.unfitAt != TimePoint::min())
        present.poorSince = std::min(present.poorSince, present.unfitAt - timing::PoorAfter);
    if (present.poorSince + timing::PoorAfter > now || !hasBetterServing(now, present))
        return;
    condemn(now, present);
}

/// It is demoted, and what has shown to be no better goes with it. If it was doubtful already, two
/// that share UDP were poor: so will be the rest.
void Agent::Private::condemn(TimePoint now, CandidatePair &poor)
{
    const bool wasDoubtful = poor.isDoubtful;
    demote(now, poor);
    for (const auto &pair : checklist.all()) {
        const bool isNoBetter = pair->isPoor(now)
            || (wasDoubtful && pair->isDoubtful && shareUdp(*pair, poor));
        if (!pair->isDemoted && isNoBetter)
            demote(now, *pair);
    }
    applyDemotions(now);
}

void Agent::Private::demote(TimePoint now, CandidatePair &pair)
{
    pair.demotion = std::clamp<Duration>(2 * pair.demotion, timing::Demotion, timing::DemotionMost);
    pair.demotedUntil = now + pair.demotion;
    pair.isDemoted = true;
    pair.poorSince = Never;
    pair.unfitAt = TimePoint::min();
    pair.leftAt = TimePoint::min();
}

/// The pair in use is being left because it does not answer, and all that were asked when it became
/// suspect and did not answer either would not have done better. If it was poor for long before it
/// has been weighed enough.
void Agent::Private::noteLeft(TimePoint now, const CandidatePair &left)
{
    const bool wasPoor = left.poorSince != Never && left.poorSince + timing::PoorAfter <= now
        && left.heardAt > left.poorSince;
    for (const auto &pair : checklist.all()) {
        if (pair->stalledAt() > now || !pair->hasConsent(now))
            continue;
        const bool isSecond = pair->leftAt != TimePoint::min()
            && now - pair->leftAt < timing::LeftMemory;
        if (isSecond || wasPoor)
            demote(now, *pair);
        else
            pair->leftAt = now;
    }
    applyDemotions(now);
}

/// What was found out goes on to hold where the ways are shared, and is forgotten elsewhere.
void Agent::Private::noteRouteTaken(TimePoint now, CandidatePair *left, CandidatePair &taken)
{
    taken.unheardSince = Never;
    // It was a spare, and asked less often.
    taken.nextConsentAt = std::min(taken.nextConsentAt, now + timing::ConsentInterval);
    if (left && shareUdp(*left, taken)) {
        taken.poorSince = std::min(taken.poorSince, left->poorSince);
    } else {
        weighed = delivery;
        repeatingSince = Never;
        repeatedSince = 0;
    }
    if (left)
        left->poorSince = Never;
}

/// The controlled agent does not choose the pair; so it says in its checks which nomination has led
/// to one that is poor.
std::optional<std::uint32_t> Agent::Private::unfitNominee() const
{
    const bool isToBeTold = role == Role::Controlled && usesRenomination() && routePair
        && routePair->isDemoted && routePair->isNominated() && checklist.isCurrent(*routePair);
    return isToBeTold ? std::optional(routePair->nominationValue) : std::nullopt;
}

/// The peer may already use a pair whose nomination has had no answer yet: that is on its way
/// through the same long queue.
void Agent::Private::heedPeer(TimePoint now, std::uint32_t unfit)
{
    if (!nominee || nominee->nominationValue != unfit || nominee->isDemoted)
        return;
    if (nominee == routePair) {
        nominee->unfitAt = now;
    } else {
        demote(now, *nominee);
        applyDemotions(now);
    }
}

/// Another valid pair has answered since, and not late.
bool Agent::Private::hasBetterServing(TimePoint now, const CandidatePair &poor) const
{
    const auto &pairs = checklist.all();
    return std::any_of(pairs.begin(), pairs.end(), [&](const auto &pair) {
        return pair.get() != &poor && checklist.isCurrent(*pair) && pair->hasConsent(now)
            && !pair->isSuspect(now) && !pair->isDemoted && !pair->isPoor(now)
            && pair->heardAt >= poor.poorSince;
    });
}

TimePoint Agent::Private::nextJudgement(TimePoint now) const
{
    TimePoint next = Never;
    for (const auto &pair : checklist.all()) {
        if (pair->demotedUntil > now)
            next = std::min(next, pair->demotedUntil);
    }
    if (routePair && routePair->poorSince != Never
        && routePair->poorSince + timing::PoorAfter > now)
        next = std::min(next, routePair->poorSince + timing::PoorAfter);
    return next;
}

} // namespace peer::ice
