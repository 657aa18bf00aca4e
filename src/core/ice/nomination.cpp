// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Which pair both sides are to use: RFC 8445 section 8.1.1, and renomination
// (draft-thatcher-ice-renomination).

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

bool Agent::Private::usesRenomination() const
{
    return config.renomination && current().remote && current().remote->renomination;
}

void Agent::Private::nominate(TimePoint now)
{
    if (role != Role::Controlling || !current().remote)
        return;
    if (usesRenomination())
        climb(now);
    else
        nominateOnce(now);
}

/// Toward a peer without renomination: one pair, chosen after the better ones had their time.
void Agent::Private::nominateOnce(TimePoint now)
{
    if (isConcluded || nominee || firstValidAt == Never)
        return;
    TimePoint settled = firstValidAt + timing::SettleAny;
    if (firstDirectAt != Never)
        settled = std::min(settled, firstDirectAt + timing::SettleDirect);
    if (settled > now)
        return;
    if (CandidatePair *best = bestPair(now, true))
        startNomination(*best, Nomination::UseCandidate);
}

/// With renomination: the best pair at once, and a better one whenever there is one.
void Agent::Private::climb(TimePoint now)
{
    CandidatePair *target = nullptr;
    if (!nominee || !nominee->hasConsent(now)) {
        target = bestPair(now, true);
        if (target)
            target->isWeighed = true;
    } else if (nominee->stalledAt() <= now) {
        target = livingAlternative(now, *nominee);
        if (target && !checklist.isCurrent(*target))
            target = nullptr;
        // It was to be used, and not even that has had an answer: else it would be next again.
        if (target && nominee->nominating != Nomination::None && nominee != routePair)
            noteLeft(now, *nominee);
    } else {
        for (const auto &pair : checklist.all()) {
            if (pair.get() == nominee || !checklist.isCurrent(*pair) || !pair->hasConsent(now)
                || pair->isSuspect(now))
                continue;
            if (isWorthClimbing(now, *pair, *nominee) && (!target || isBetter(*pair, *target)))
                target = pair.get();
        }
    }
    if (target && target != nominee)
        startNomination(*target, Nomination::Renominate);
}

/// The kind counts at once; the priority once, when the pair has just become valid; from then on
/// the round trip, if it stays lower. So two pairs never take turns.
bool Agent::Private::isWorthClimbing(TimePoint now, CandidatePair &pair,
                                     const CandidatePair &present)
{
    if (const int order = compareKinds(pair, present))
        return order > 0;
    if (!pair.isWeighed) {
        pair.isWeighed = true;
        // From what cannot be throttled as UDP is nothing but a shorter way leads to what can.
        if (pair.priority > present.priority && !isMuchFaster(present.roundTrip, pair.roundTrip)
            && (present.usesUdp() || !pair.usesUdp()))
            return true;
    }
    if (!isMuchFaster(pair.roundTrip, present.roundTrip)) {
        pair.fasterSince = Never;
        return false;
    }
    pair.fasterSince = std::min(pair.fasterSince, now);
    return pair.fasterSince + timing::ClimbAfter <= now;
}

void Agent::Private::startNomination(CandidatePair &pair, Nomination kind)
{
    if (nominee)
        nominee->nominating = Nomination::None;
    nominee = &pair;
    pair.nominating = kind;
    if (kind == Nomination::Renominate)
        pair.nominationValue = ++nominationValue;
    for (const auto &other : checklist.all())
        other->fasterSince = Never;
    checklist.trigger(pair);
}

/// Section 7.2.5.3.4.
void Agent::Private::noteNominationAnswered(CandidatePair &pair, const SentCheck &check)
{
    if (&pair != nominee || role != Role::Controlling || pair.nominating != check.nomination
        || pair.nominationValue != check.nominationValue)
        return;
    pair.nominating = Nomination::None;
    pair.nominationOrder = ++nominationCount;
    if (check.nomination == Nomination::UseCandidate)
        isConcluded = true;
}

/// The controlled side follows the highest NOMINATION, or the latest USE-CANDIDATE. Peers that
/// nominate aggressively (RFC 5245 section 8.1.1.2) set that flag in every check on every pair;
/// following each would mean to switch with every check. So a pair that had been flagged before
/// comes back only when it is flagged twice with no flag for the present one in between.
void Agent::Private::acceptNomination(CandidatePair &pair, Nomination kind, std::uint32_t value)
{
    const CandidatePair *latest = nullptr;
    const auto orderOf = [](const CandidatePair &other) {
        return std::max(other.nominationOrder, other.pendingNomination);
    };
    for (const auto &other : checklist.all()) {
        if (orderOf(*other) > (latest ? orderOf(*latest) : 0))
            latest = other.get();
    }
    switch (kind) {
    case Nomination::None:
        if (latest != &pair)
            pair.flaggedOrder = 0;
        return;
    case Nomination::Renominate:
        if (value <= highestNominationValue)
            return;
        highestNominationValue = value;
        pair.nominationValue = value;
        break;
    case Nomination::UseCandidate: {
        const std::uint64_t flaggedBefore = std::exchange(pair.flaggedOrder, ++flagCount);
        const bool isStillMeant = latest && flaggedBefore != 0
            && latest->flaggedOrder > flaggedBefore;
        if (latest == &pair || isStillMeant)
            return;
        break;
    }
    }
    const std::uint64_t order = ++nominationCount;
    if (pair.state == PairState::Succeeded)
        pair.nominationOrder = order;
    else
        pair.pendingNomination = order;
}

/// The roles have changed: what was nominated was so by the wrong side.
void Agent::Private::forgetNominations()
{
    nominee = nullptr;
    isConcluded = false;
    for (const auto &pair : checklist.all()) {
        pair->nominating = Nomination::None;
        pair->pendingNomination = 0;
        pair->flaggedOrder = 0;
        if (checklist.isCurrent(*pair))
            pair->nominationOrder = 0;
    }
}

CandidatePair *Agent::Private::latestNominated() const
{
    CandidatePair *latest = nullptr;
    for (const auto &pair : checklist.all()) {
        if (pair->isNominated() && pair->hasConsent(lastNow)
            && (!latest || pair->nominationOrder > latest->nominationOrder))
            latest = pair.get();
    }
    return latest;
}

TimePoint Agent::Private::nextNomination() const
{
    TimePoint next = Never;
    const auto consider = [&](TimePoint at) {
        if (at > lastNow)
            next = std::min(next, at);
    };
    if (role != Role::Controlling || !current().remote)
        return next;
    if (!usesRenomination()) {
        if (isConcluded || nominee || firstValidAt == Never)
            return next;
        consider(firstValidAt + timing::SettleAny);
        if (firstDirectAt != Never)
            consider(firstDirectAt + timing::SettleDirect);
        return next;
    }
    for (const auto &pair : checklist.all()) {
        if (pair->fasterSince != Never)
            consider(pair->fasterSince + timing::ClimbAfter);
    }
    return next;
}

} // namespace peer::ice
