// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The ICE session: the parameters of both sides, what comes before they are known, and restarts.

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

namespace {

/// RFC 8839 section 5.4: at least 24 and 128 random bits; at 6 bits a character these are 48, so
/// that the agents behind one shared port hardly ever meet, and 144.
constexpr std::size_t FragmentLength = 8;
constexpr std::size_t PasswordLength = 24;

/// Pairs of earlier sessions that are kept over a restart.
constexpr std::size_t MaxRetainedPairs = 8;

} // namespace

Generation *Agent::Private::findGeneration(std::uint32_t number)
{
    for (Generation &generation : generations) {
        if (generation.number == number)
            return &generation;
    }
    return nullptr;
}

Parameters Agent::Private::makeParameters()
{
    Parameters parameters;
    parameters.usernameFragment = random.iceCharacters(FragmentLength);
    parameters.password = random.iceCharacters(PasswordLength);
    parameters.renomination = config.renomination;
    parameters.pacing = config.pacing;
    return parameters;
}

void Agent::Private::beginGeneration(TimePoint now, Parameters local)
{
    if (!generations.empty()) {
        removePairs([&](const CandidatePair &pair) { return !pair.hasConsent(now); });
        std::vector<const CandidatePair *> retained;
        for (const auto &pair : checklist.all()) {
            if (pair.get() != routePair)
                retained.push_back(pair.get());
        }
        std::sort(retained.begin(), retained.end(),
                  [](const auto *a, const auto *b) { return a->heardAt > b->heardAt; });
        if (retained.size() >= MaxRetainedPairs)
            retained.resize(MaxRetainedPairs - 1);
        removePairs([&](const CandidatePair &pair) {
            return &pair != routePair
                && std::find(retained.begin(), retained.end(), &pair) == retained.end();
        });
        checklist.beginGeneration();
    }

    Generation generation;
    generation.number = checklist.generation();
    generation.local = std::move(local);
    generation.localKey = stun::IntegrityKey::shortTerm(generation.local.password);
    generations.push_back(std::move(generation));

    remotes.clear();
    earlyChecks.clear();
    isRemoteEnded = false;
    nominee = nullptr;
    isConcluded = false;
    highestNominationValue = 0;
    firstValidAt = Never;
    firstDirectAt = Never;
    hasTriggeredOnce = false;
    patienceUntil = Never;
    for (const Route &route : tunnels)
        addTunnelPair(route);
}

void Agent::Private::restart(TimePoint now)
{
    beginGeneration(now, makeParameters());
    locals.removeReflexive();
    locals.setUsernameFragment(current().local.usernameFragment);
    for (const LocalCandidate &local : locals.all())
        announce(local.candidate);
    gatherer.restart();
    stunStreams.restart();
    isGatheringPublished = false;
}

void Agent::Private::setRemoteParameters(TimePoint now, const Parameters &parameters)
{
    const auto hasOtherCredentials = [&](const Parameters &known) {
        return known.usernameFragment != parameters.usernameFragment
            || known.password != parameters.password;
    };
    const bool isNew = !current().remote || hasOtherCredentials(*current().remote);
    if (current().remote && isNew)
        beginGeneration(now, current().local);

    Generation &generation = current();
    generation.remote = parameters;
    if (!isNew)
        return;
    generation.remoteKey = stun::IntegrityKey::shortTerm(parameters.password);
    generation.checkUsername = parameters.usernameFragment + ":"
        + generation.local.usernameFragment;
    patienceUntil = now + timing::Patience;
    // RFC 8445 section 6.1.1: toward a lite agent the full one controls.
    if (parameters.isLite && role == Role::Controlled)
        setRole(Role::Controlling);

    for (const Candidate &candidate : std::exchange(laterCandidates, {}))
        addRemoteCandidate(now, candidate);
    for (const EarlyCheck &early : std::exchange(earlyChecks, {})) {
        if (early.remoteFragment != parameters.usernameFragment)
            continue;
        CheckRequest request;
        request.priority = early.priority;
        request.nomination = early.nomination;
        request.nominationValue = early.nominationValue;
        if (CandidatePair *pair = pairOfCheck(now, generation, early.route, request.priority))
            learnFromCheck(now, *pair, request);
    }
}

/// A candidate of a session whose parameters are not known yet: signals may overtake each other.
void Agent::Private::keepForLater(const Candidate &candidate)
{
    if (config.maxRemoteCandidates == 0
        || std::find(laterCandidates.begin(), laterCandidates.end(), candidate)
            != laterCandidates.end())
        return;
    if (laterCandidates.size() >= config.maxRemoteCandidates)
        laterCandidates.erase(laterCandidates.begin());
    laterCandidates.push_back(candidate);
}

void Agent::Private::keepForLater(const Route &route, const CheckRequest &request)
{
    auto known = std::find_if(earlyChecks.begin(), earlyChecks.end(), [&](const EarlyCheck &early) {
        return early.route == route && early.remoteFragment == request.senderFragment();
    });
    if (known == earlyChecks.end()) {
        if (earlyChecks.size() >= config.maxRemoteCandidates)
            return;
        known = earlyChecks.insert(earlyChecks.end(), EarlyCheck{});
        known->route = route;
        known->remoteFragment = request.senderFragment();
    }
    known->priority = request.priority;
    if (request.nomination != Nomination::None) {
        known->nomination = request.nomination;
        known->nominationValue = request.nominationValue;
    }
}

void Agent::Private::dropFinishedGenerations()
{
    if (generations.size() == 1)
        return;
    const std::uint32_t present = current().number;
    std::erase_if(generations, [&](const Generation &generation) {
        const auto &pairs = checklist.all();
        return generation.number != present
            && std::none_of(pairs.begin(), pairs.end(), [&](const auto &pair) {
                   return pair->generation == generation.number;
               });
    });
}

} // namespace peer::ice
