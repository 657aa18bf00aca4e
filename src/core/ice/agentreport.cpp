// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What reports want to know of an agent.

#include "core/ice/agentprivate.h"

#include <algorithm>

namespace peer::ice {

namespace {

PairTrial::Outcome outcomeOf(const CandidatePair &pair)
{
    switch (pair.state) {
    case PairState::Frozen:
    case PairState::Waiting:
        return PairTrial::Outcome::Waiting;
    case PairState::InProgress:
        return PairTrial::Outcome::Asked;
    case PairState::Succeeded:
        return PairTrial::Outcome::Answered;
    case PairState::Failed:
        return pair.isBarred ? PairTrial::Outcome::Lost : PairTrial::Outcome::Silent;
    }
    return PairTrial::Outcome::Waiting;
}

PairInfo infoOf(const CandidatePair &pair, TimePoint now)
{
    return {pair.route,           pair.localType, pair.remoteType, pair.kind(),
            pair.protocol,        pair.priority,  pair.roundTrip,  pair.isNominated(),
            pair.hasConsent(now), pair.loss(now)};
}

} // namespace

std::vector<PairInfo> Agent::validPairs() const
{
    std::vector<PairInfo> infos;
    for (const auto &pair : d->checklist.all()) {
        if (pair->state == PairState::Succeeded)
            infos.push_back(infoOf(*pair, d->lastNow));
    }
    return infos;
}

std::vector<PairTrial> Agent::trials() const
{
    std::vector<const CandidatePair *> pairs;
    for (const auto &pair : d->checklist.all()) {
        if (d->checklist.isCurrent(*pair) || pair.get() == d->routePair)
            pairs.push_back(pair.get());
    }
    std::stable_sort(pairs.begin(), pairs.end(), [](const auto *a, const auto *b) {
        return a->kind() != b->kind() ? a->kind() > b->kind() : a->priority > b->priority;
    });
    std::vector<PairTrial> trials;
    for (const CandidatePair *pair : pairs) {
        trials.push_back({infoOf(*pair, d->lastNow), outcomeOf(*pair)});
    }
    return trials;
}

std::vector<Candidate> Agent::localCandidates() const
{
    std::vector<Candidate> candidates;
    for (const LocalCandidate &local : d->locals.all())
        candidates.push_back(local.candidate);
    return candidates;
}

std::vector<Candidate> Agent::remoteCandidates() const
{
    std::vector<Candidate> candidates;
    for (const RemoteCandidate &remote : d->remotes.all()) {
        Candidate candidate;
        candidate.protocol = remote.protocol;
        candidate.address = remote.address;
        candidate.type = remote.type;
        candidate.priority = remote.priority;
        candidates.push_back(candidate);
    }
    return candidates;
}

} // namespace peer::ice
