// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A pair that answers and is of little use all the same: most of what goes there is lost, or waits
// in a queue. It is measured while it carries data, and ranks below the others for a while.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

/// A request every QualityInterval while data goes out.
void Agent::Private::measure(TimePoint now)
{
    if (!timers.takeExpired(Timer::Quality, now) || !routePair
        || routePair->busyAt + timing::QualityInterval < now)
        return;
    timers.set(Timer::Quality, now + timing::QualityInterval);
    // While it is poor the others show what they are worth.
    for (const auto &pair : checklist.all()) {
        const bool isAsked = pair.get() == routePair || routePair->poorSince != Never;
        if (isAsked && pair->askedAt + timing::QualityInterval <= now)
            pair->nextConsentAt = now;
    }
}

void Agent::Private::judge(TimePoint now)
{
    for (const auto &pair : checklist.all())
        pair->isDemoted = pair->demotedUntil > now;
    if (!routePair)
        return;
    CandidatePair &present = *routePair;
    // One that is silent is another matter, and of one that is idle nothing is known.
    const bool isBusy = present.busyAt + 2 * timing::QualityInterval >= now;
    if (present.isSuspect(now))
        return;
    if (present.isDemoted || !isBusy || !present.isPoor(now)) {
        present.poorSince = Never;
        return;
    }
    present.poorSince = std::min(present.poorSince, now);
    if (present.poorSince + timing::PoorAfter > now || !hasBetterServing(now, present))
        return;
    demote(now, present);
    // What has shown to be no better goes with it.
    for (const auto &pair : checklist.all()) {
        if (!pair->isDemoted && pair->isPoor(now))
            demote(now, *pair);
    }
}

void Agent::Private::demote(TimePoint now, CandidatePair &pair)
{
    pair.demotion = std::clamp<Duration>(2 * pair.demotion, timing::Demotion, timing::DemotionMost);
    pair.demotedUntil = now + pair.demotion;
    pair.isDemoted = true;
    pair.poorSince = Never;
    pair.leftAt = TimePoint::min();
}

/// The pair in use is being left, and all that were asked when it became suspect and did not answer
/// either would not have done better.
void Agent::Private::noteLeft(TimePoint now)
{
    for (const auto &pair : checklist.all()) {
        if (pair->stalledAt() > now || !pair->hasConsent(now))
            continue;
        if (pair->leftAt != TimePoint::min() && now - pair->leftAt < timing::LeftMemory)
            demote(now, *pair);
        else
            pair->leftAt = now;
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
