// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What follows from the facts: the pair that data goes on, and the agent's state.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

CandidatePair *Agent::Private::bestPair(TimePoint now, bool ofCurrentGeneration) const
{
    CandidatePair *best = nullptr;
    for (const auto &pair : checklist.all()) {
        if (!pair->hasConsent(now) || (ofCurrentGeneration && !checklist.isCurrent(*pair)))
            continue;
        if (best && best->isSuspect(now) != pair->isSuspect(now)) {
            if (best->isSuspect(now))
                best = pair.get();
            continue;
        }
        if (!best || isBetter(*pair, *best))
            best = pair.get();
    }
    return best;
}

/// RFC 8445 section 12.1: the selected pair, that is the one nominated last, which after a restart
/// is at first one of the session before; otherwise the best valid pair.
CandidatePair *Agent::Private::preferredPair(TimePoint now) const
{
    if (CandidatePair *nominated = latestNominated())
        return nominated;
    CandidatePair *best = bestPair(now, true);
    return best ? best : bestPair(now, false);
}

/// A pair that has shown life since the other one began to owe an answer. The one in use stays, as
/// long as none is of a better kind.
CandidatePair *Agent::Private::livingAlternative(TimePoint now, const CandidatePair &suspect) const
{
    CandidatePair *best = nullptr;
    for (const auto &pair : checklist.all()) {
        if (pair.get() == &suspect || !pair->hasConsent(now) || pair->isSuspect(now)
            || pair->heardAt < suspect.owedSince)
            continue;
        const int order = best ? compareStanding(*pair, *best) : 1;
        if (order < 0)
            continue;
        if (order > 0 || pair->kind() > best->kind()
            || (pair->kind() == best->kind() && best != routePair
                && (pair.get() == routePair || isBetter(*pair, *best))))
            best = pair.get();
    }
    return best;
}

/// What takes over when the pair in use dies: the best valid pair of another kind, for what kills
/// a path mostly kills all of its kind; else the best of another protocol, or that does not share
/// an address with it.
CandidatePair *Agent::Private::standbyPair(TimePoint now) const
{
    if (!routePair)
        return nullptr;
    const auto rank = [this](const CandidatePair &pair) {
        if (pair.kind() != routePair->kind())
            return 2;
        const bool isApart = pair.route.remote != routePair->route.remote
            && pair.route.local.ip != routePair->route.local.ip;
        return pair.protocol != routePair->protocol || isApart ? 1 : 0;
    };
    CandidatePair *best = nullptr;
    for (const auto &pair : checklist.all()) {
        if (pair.get() == routePair || !pair->hasConsent(now) || pair->route == routePair->route
            || (checklist.isCurrent(*routePair) && !checklist.isCurrent(*pair)))
            continue;
        if (!best || rank(*pair) > rank(*best)
            || (rank(*pair) == rank(*best) && isBetter(*pair, *best)))
            best = pair.get();
    }
    return best;
}

/// The pair in use is dead, as far as can be told, and no other has shown that it lives.
bool Agent::Private::isStalled(TimePoint now) const
{
    return routePair && routePair->stalledAt() <= now;
}

void Agent::Private::updateRoute(TimePoint now)
{
    CandidatePair *chosen = preferredPair(now);
    std::string_view reason = "the pair has become valid";
    if (!chosen)
        reason = "no pair has consent";
    else if (chosen->isNominated())
        reason = "the pair was nominated";
    else if (publishedRoute)
        reason = "the pair is the best valid one";
    // Data goes to the standby as well meanwhile, so there is time to be sure.
    if (chosen && chosen->stalledAt() <= now) {
        if (CandidatePair *other = livingAlternative(now, *chosen)) {
            if (routePair == chosen)
                noteLeft(now, *chosen);
            chosen = other;
            reason = "the nominated pair does not answer";
        }
    }
    if (routePair != chosen) {
        if (chosen) {
            noteRouteTaken(now, routePair, *chosen);
            // Nobody may have kept it fresh.
            if (chosen->consentUntil - now < timing::ConsentLifetime - timing::ConsentInterval)
                chosen->nextConsentAt = now;
        }
        routePair = chosen;
    }
    const std::optional<Route> route = chosen ? std::optional(chosen->route) : std::nullopt;
    if (route == publishedRoute)
        return;
    publishedRoute = route;
    if (route)
        relays.bindChannel(now, *route);
    events.emplace_back(RouteChanged{std::string(reason)});
}

void Agent::Private::announce(const Candidate &candidate)
{
    events.emplace_back(CandidateGathered{candidate});
}

void Agent::Private::publishGathering()
{
    if (!isLocalEnded || isGatheringPublished || !gatherer.isDone() || !stunStreams.isDone()
        || !relays.isDone())
        return;
    isGatheringPublished = true;
    events.emplace_back(GatheringComplete{});
}

/// RFC 8863 and RFC 8838 section 8: no candidate will come from either side, and the time to wait
/// for a check of the peer is over.
bool Agent::Private::isPatienceOver(TimePoint now) const
{
    return current().remote && now >= patienceUntil && isLocalEnded && gatherer.isDone()
        && stunStreams.isDone() && relays.isDone() && isRemoteEnded;
}

bool Agent::Private::hasFailed(TimePoint now) const
{
    if (!isPatienceOver(now))
        return false;
    const auto &pairs = checklist.all();
    return std::all_of(pairs.begin(), pairs.end(),
                       [](const auto &pair) { return pair->state == PairState::Failed; });
}

State Agent::Private::deriveState(TimePoint now) const
{
    if (routePair && !isStalled(now)) {
        const bool isDone = checklist.isDone() || state == State::Completed;
        return isDone && checklist.isCurrent(*routePair) && routePair->isNominated()
            ? State::Completed
            : State::Connected;
    }
    if (hasFailed(now))
        return State::Failed;
    if (wasConnected)
        return State::Disconnected;
    return current().remote ? State::Checking : State::New;
}

std::string_view Agent::Private::stateReason(State next) const
{
    switch (next) {
    case State::New:
        return "the agent was restarted before anything was found";
    case State::Checking:
        return "the peer's parameters are known";
    case State::Connected:
        return checklist.isCurrent(*routePair) ? "a pair is valid"
                                               : "the pair from before the restart is in use";
    case State::Completed:
        return "a pair is nominated and the checklist is done";
    case State::Disconnected:
        return routePair ? "nothing is heard on the pair in use, nor on any other"
                         : "the last pair has lost its consent";
    case State::Failed:
        return checklist.all().empty() ? "there is no pair to check" : "every pair has failed";
    }
    return {};
}

void Agent::Private::setState(TimePoint now, State next, std::string_view reason)
{
    if (state == next)
        return;
    if (next == State::Disconnected)
        patienceUntil = now + timing::PatienceOnceConnected;
    state = next;
    events.emplace_back(StateChanged{next, std::string(reason)});
}

} // namespace peer::ice
