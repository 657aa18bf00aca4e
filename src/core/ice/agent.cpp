// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/agent.h"

#include "core/ice/agentprivate.h"
#include "core/ice/timing.h"

#include <algorithm>
#include <utility>

namespace peer::ice {

namespace {

/// Datagrams that wait to be taken: the checks, at one in 5 ms, and the answers.
constexpr std::size_t TransmitCapacity = 256;

} // namespace

Agent::Private::Private(const Config &givenConfig, RandomSource &source)
    : config(givenConfig)
    , random(source)
    , role(givenConfig.role)
    , tieBreaker(source.uint64())
    , transmits(TransmitCapacity)
    , locals(givenConfig.maxLocalAddresses, source.uint64())
    , remotes(givenConfig.maxRemoteCandidates, source.uint64())
    , gatherer(source)
    , stunStreams(source, requests)
    , relays(source, requests)
    , connections(requests, givenConfig.maxConnections)
    , checklist(givenConfig.maxPairs)
{
    beginGeneration(TimePoint::min(), makeParameters());
    locals.setUsernameFragment(current().local.usernameFragment);
}

void Agent::Private::setRole(Role next)
{
    if (role == next)
        return;
    role = next;
    forgetNominations();
    checklist.updatePriorities(role);
    // Checks on their way name the old role; their answers are of no use.
    for (const auto &pair : checklist.all()) {
        pair->stopRetransmission();
        if (pair->state == PairState::InProgress)
            pair->state = PairState::Waiting;
    }
}

void Agent::Private::noteAuthenticated(TimePoint now, const Route &route)
{
    if (routePair && routePair->route == route && routePair->owedSince == Never) {
        noteHeard(now, *routePair);
        return;
    }
    bool wasOwed = false;
    for (const auto &pair : checklist.all()) {
        if (pair->route != route)
            continue;
        wasOwed = wasOwed || pair->owedSince != Never;
        noteHeard(now, *pair);
    }
    // With nothing owed nothing can follow from it.
    if (wasOwed)
        update(now);
}

void Agent::Private::noteSendFailed(TimePoint now, const Route &route)
{
    gatherer.noteSendFailed(route);
    relays.noteSendFailed(now, route.transport);
    for (const auto &pair : checklist.all()) {
        if (pair->route != route)
            continue;
        if (pair->state == PairState::Succeeded) {
            // Not the end of the pair, for routes come back; but somebody else should try.
            pair->owedSince = std::min(pair->owedSince, now - pair->patience());
            pair->nextConsentAt = std::min(pair->nextConsentAt, now + timing::ProbeInterval);
        } else if (pair->state == PairState::InProgress) {
            failCheck(now, *pair);
        }
    }
}

bool Agent::Private::isKnown(const Route &route) const
{
    if (routePair && routePair->route == route)
        return true;
    const auto isThisPair = [&](const auto &pair) {
        return pair->route == route && (pair->isHeard || pair->state == PairState::Succeeded);
    };
    const auto &pairs = checklist.all();
    return std::any_of(pairs.begin(), pairs.end(), isThisPair)
        || std::any_of(earlyChecks.begin(), earlyChecks.end(),
                       [&](const EarlyCheck &early) { return early.route == route; });
}

TimePoint Agent::Private::enter(TimePoint now)
{
    lastNow = std::max(lastNow, now);
    return lastNow;
}

/// False for what was queued before its relay or its address was lost.
bool Agent::Private::canSendFrom(const Route &route) const
{
    return isTunnel(route) || connections.isOpen(route.transport)
        || locals.findBase(route.transport, route.local);
}

/// Everything that follows from the facts and the time. Safe to call at any time.
void Agent::Private::update(TimePoint now)
{
    relays.advance(now);
    if (isClosed)
        return;
    stunStreams.advance(now);
    takeRelayEvents(now);
    expireConsents(now);
    askIfQuiet(now);
    measure(now);
    judge(now);
    giveUpChecks(now);
    nominate(now);
    updateRoute(now);
    probeRelay(now);
    closeUnusedConnections(now);
    resumeFailed(now);
    checklist.holdBackTcp(isTcpHeldBack(now));
    transmitChecks(now);
    refreshConsents(now);
    publishGathering();
    const State next = deriveState(now);
    setState(now, next, stateReason(next));
    // RFC 8445 section 5.1.1.4: until the checks are over.
    gatherer.setKeepalive(state != State::Completed);
    stunStreams.setWanted(state != State::Completed);
    dropFinishedGenerations();
    schedule(now);
}

void Agent::Private::schedule(TimePoint now)
{
    timers.set(Timer::Transmission, nextTransmission(now));
    timers.set(Timer::Consent, nextConsent(now));
    timers.set(Timer::Nomination, std::min(nextNomination(), nextJudgement(now)));
    TimePoint recheck = std::min(connections.nextExpiry(now), stunStreams.nextDeadline());
    for (const auto &pair : checklist.all()) {
        if (isRecheckWanted(*pair))
            recheck = std::min(recheck, pair->recheckAt);
    }
    timers.set(Timer::Recheck, recheck);
    const bool isWaiting = !routePair && state != State::Failed && patienceUntil > now;
    timers.set(Timer::Patience, isWaiting ? patienceUntil : Never);
}

Agent::Agent(const Config &config, RandomSource &random)
    : d(std::make_unique<Private>(config, random))
{ }

Agent::~Agent() = default;
Agent::Agent(Agent &&) noexcept = default;
Agent &Agent::operator=(Agent &&) noexcept = default;

void Agent::addLocalAddress(TimePoint now, const LocalAddress &address)
{
    now = d->enter(now);
    d->addLocalAddress(now, address);
    d->update(now);
}

void Agent::removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip)
{
    now = d->enter(now);
    d->removeLocalAddress(now, transport, ip);
    d->update(now);
}

void Agent::addStunServer(TimePoint now, const TransportAddress &server)
{
    now = d->enter(now);
    d->addStunServer(server);
    d->update(now);
}

void Agent::addRelayServer(TimePoint now, const RelayServer &server)
{
    now = d->enter(now);
    d->addRelayServer(now, server);
    d->update(now);
}

void Agent::transportOpened(TimePoint now, std::uint32_t id, const Route &route)
{
    now = d->enter(now);
    d->connectionOpened(id, route);
    d->stunStreams.opened(id, route, d->transmits);
    d->relays.transportOpened(now, id, route);
    d->update(now);
}

void Agent::transportFailed(TimePoint now, std::uint32_t id)
{
    now = d->enter(now);
    d->connectionEnded(now, id);
    d->stunStreams.ended(id);
    d->relays.transportFailed(now, id);
    d->update(now);
}

std::uint32_t Agent::connectionAccepted(TimePoint now, const Route &route)
{
    d->enter(now);
    return d->acceptConnection(route);
}

void Agent::close(TimePoint now)
{
    now = d->enter(now);
    d->isClosed = true;
    d->transmits.clear();
    d->connections.closeAll();
    d->stunStreams.setWanted(false);
    d->relays.release(now);
}

void Agent::addTunnel(TimePoint now, const Route &route)
{
    now = d->enter(now);
    d->addTunnel(route);
    d->update(now);
}

void Agent::removeTunnel(TimePoint now, TransportId transport)
{
    now = d->enter(now);
    d->removeTunnel(transport);
    d->update(now);
}

void Agent::endOfLocalAddresses(TimePoint now)
{
    now = d->enter(now);
    d->isLocalEnded = true;
    d->isGatheringPublished = false;
    d->update(now);
}

void Agent::setRemoteParameters(TimePoint now, const Parameters &parameters)
{
    now = d->enter(now);
    d->setRemoteParameters(now, parameters);
    d->update(now);
}

void Agent::addRemoteCandidate(TimePoint now, const Candidate &candidate)
{
    now = d->enter(now);
    d->addRemoteCandidate(now, candidate);
    d->update(now);
}

void Agent::endOfRemoteCandidates(TimePoint now)
{
    now = d->enter(now);
    d->isRemoteEnded = true;
    d->update(now);
}

Parameters Agent::restart(TimePoint now)
{
    now = d->enter(now);
    d->restart(now);
    d->update(now);
    return d->current().local;
}

void Agent::setRole(Role role)
{
    d->setRole(role);
    d->update(d->lastNow);
}

std::optional<Datagram> Agent::unwrap(TimePoint now, const Datagram &datagram)
{
    if (!d->relays.owns(datagram.route.transport))
        return datagram;
    now = d->enter(now);
    const auto inner = d->relays.unwrap(now, datagram);
    if (!inner)
        d->update(now);
    return inner;
}

bool Agent::receive(TimePoint now, const Datagram &datagram)
{
    now = d->enter(now);
    d->connections.noteHeard(datagram.route.transport);
    const auto message = stun::Message::parse(datagram.payload);
    if (!message)
        return false;
    bool isOurs = false;
    switch (message->messageClass()) {
    case stun::Class::Request:
        isOurs = d->receiveRequest(now, datagram.route, *message);
        break;
    case stun::Class::Indication:
        // RFC 8445 section 11: a keepalive; it says nothing.
        return message->method() == stun::Method::Binding;
    case stun::Class::SuccessResponse:
    case stun::Class::ErrorResponse:
        isOurs = d->receiveResponse(now, datagram.route, *message);
        break;
    }
    if (isOurs || d->connections.isOpen(datagram.route.transport))
        d->update(now);
    return isOurs;
}

void Agent::noteAuthenticated(TimePoint now, const Route &route)
{
    now = d->enter(now);
    d->noteAuthenticated(now, route);
}

void Agent::noteDataSent(TimePoint now)
{
    d->noteDataSent(d->enter(now));
}

void Agent::noteDelivery(const Delivery &delivery)
{
    d->delivery = delivery;
}

void Agent::noteSendFailed(TimePoint now, const Route &route)
{
    now = d->enter(now);
    d->noteSendFailed(now, route);
    d->update(now);
}

void Agent::advance(TimePoint now)
{
    now = d->enter(now);
    d->update(now);
}

std::optional<Transmit> Agent::nextTransmit()
{
    if (auto transmit = d->relays.nextTransmit())
        return transmit;
    while (!d->transmits.isEmpty()) {
        const Transmit transmit = d->transmits.pop();
        if (!d->canSendFrom(transmit.route) && !d->stunStreams.owns(transmit.route.transport))
            continue;
        if (const auto wrapped = wrap(d->lastNow, transmit))
            return wrapped;
    }
    return std::nullopt;
}

std::optional<Transmit> Agent::wrap(TimePoint now, const Transmit &transmit)
{
    if (d->relays.owned(transmit.route.transport))
        return std::nullopt;
    if (!d->relays.owns(transmit.route.transport))
        return transmit;
    return d->relays.wrap(now, transmit);
}

std::optional<Request> Agent::nextRequest()
{
    return d->requests.next();
}

std::optional<Event> Agent::nextEvent()
{
    if (d->events.empty())
        return std::nullopt;
    Event event = std::move(d->events.front());
    d->events.pop_front();
    return event;
}

TimePoint Agent::nextDeadline() const
{
    const TimePoint relays = d->relays.nextDeadline();
    return d->isClosed ? relays : std::min(d->timers.next(), relays);
}

const Parameters &Agent::localParameters() const
{
    return d->current().local;
}

Role Agent::role() const
{
    return d->role;
}

State Agent::state() const
{
    return d->state;
}

std::optional<Route> Agent::route() const
{
    return d->publishedRoute;
}

std::optional<Route> Agent::standby() const
{
    if (!d->routePair || !d->routePair->isSuspect(d->lastNow))
        return std::nullopt;
    const CandidatePair *pair = d->standbyPair(d->lastNow);
    return pair ? std::optional(pair->route) : std::nullopt;
}

std::vector<Route> Agent::alternatives() const
{
    std::vector<const CandidatePair *> best;
    for (const auto &pair : d->checklist.all()) {
        if (!d->routePair || compareKinds(*pair, *d->routePair) == 0
            || !pair->hasConsent(d->lastNow) || !d->checklist.isCurrent(*pair))
            continue;
        const auto same = std::find_if(best.begin(), best.end(), [&](const CandidatePair *other) {
            return compareKinds(*pair, *other) == 0;
        });
        if (same == best.end())
            best.push_back(pair.get());
        else if (isBetter(*pair, **same))
            *same = pair.get();
    }
    std::sort(best.begin(), best.end(),
              [](const auto *a, const auto *b) { return isBetter(*a, *b); });
    std::vector<Route> routes;
    for (const CandidatePair *pair : best)
        routes.push_back(pair->route);
    return routes;
}

bool Agent::isKnown(const Route &route) const
{
    return d->isKnown(route);
}

Duration Agent::roundTripTime() const
{
    return d->routePair ? d->routePair->roundTrip : Duration::zero();
}

Duration Agent::silence(TimePoint now) const
{
    if (d->heardAt == TimePoint::min())
        return Duration::zero();
    return std::max(now - d->heardAt, Duration::zero());
}

} // namespace peer::ice
