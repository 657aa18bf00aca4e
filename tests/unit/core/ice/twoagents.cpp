// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "twoagents.h"

#include "core/ice/tunnel.h"

#include <QtCore/qlogging.h>

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;

namespace {

/// A run that takes more steps does not end by itself.
constexpr int MaxSteps = 200000;

} // namespace

TwoAgents::TwoAgents(const ice::Config &first, const ice::Config &second, std::uint64_t seed)
{
    const ice::Config *configs[] = {&first, &second};
    for (int i = 0; i < 2; ++i) {
        sides[i].random = std::make_unique<SeededRandom>(2 * seed + i);
        sides[i].agent = std::make_unique<ice::Agent>(*configs[i], *sides[i].random);
    }
    delay = [](const Route &) { return 10ms; };
}

ice::Config TwoAgents::controlled()
{
    ice::Config config;
    config.role = ice::Role::Controlled;
    return config;
}

void TwoAgents::addAddress(int side, const char *ip, std::uint16_t localPreference,
                           std::uint32_t transport)
{
    const ice::LocalAddress local{TransportId{transport}, address(ip, 5000 + side),
                                  localPreference};
    m_owners[local.address] = {side, local.transport};
    sides[side].agent->addLocalAddress(now, local);
    drain();
}

void TwoAgents::removeAddress(int side, const char *ip, std::uint32_t transport)
{
    sides[side].agent->removeLocalAddress(now, TransportId{transport}, ipAddress(ip));
    m_owners.erase(address(ip, 5000 + side));
    drain();
}

void TwoAgents::addTunnel(int side, std::uint32_t transport)
{
    const Route route = ice::tunnelRoute(
        TransportId{transport}, side == 0 ? ice::TunnelEnd::Caller : ice::TunnelEnd::Callee);
    m_owners[route.local] = {side, route.transport};
    sides[side].agent->addTunnel(now, route);
    drain();
}

void TwoAgents::removeTunnel(int side, std::uint32_t transport)
{
    std::erase_if(m_owners, [&](const auto &owner) {
        return owner.second == std::pair(side, TransportId{transport});
    });
    sides[side].agent->removeTunnel(now, TransportId{transport});
    drain();
}

void TwoAgents::exchangeParameters()
{
    isSignaling = true;
    for (int i = 0; i < 2; ++i) {
        sides[1 - i].agent->setRemoteParameters(now, sides[i].agent->localParameters());
        for (const Candidate &candidate : sides[i].candidates)
            sides[1 - i].agent->addRemoteCandidate(now, candidate);
    }
    drain();
}

void TwoAgents::endCandidates()
{
    for (Side &side : sides)
        side.agent->endOfLocalAddresses(now);
    drain();
    for (Side &side : sides)
        side.agent->endOfRemoteCandidates(now);
    drain();
}

void TwoAgents::connect(const char *first, const char *second)
{
    addAddress(0, first);
    addAddress(1, second);
    exchangeParameters();
}

void TwoAgents::drain()
{
    bool isQuiet = false;
    while (!isQuiet) {
        isQuiet = true;
        for (int i = 0; i < 2; ++i) {
            while (const auto transmit = sides[i].agent->nextTransmit()) {
                post(i, *transmit);
                isQuiet = false;
            }
            while (const auto event = sides[i].agent->nextEvent()) {
                isQuiet = false;
                if (const auto *gathered = std::get_if<ice::CandidateGathered>(&*event)) {
                    sides[i].candidates.push_back(gathered->candidate);
                    if (isSignaling)
                        sides[1 - i].agent->addRemoteCandidate(now, gathered->candidate);
                } else if (const auto *changed = std::get_if<ice::StateChanged>(&*event)) {
                    sides[i].states.push_back(changed->state);
                } else if (std::holds_alternative<ice::RouteChanged>(*event)) {
                    ++sides[i].routeChanges;
                } else {
                    ++sides[i].gatheringCompletions;
                }
            }
        }
    }
}

void TwoAgents::post(int from, const Transmit &transmit)
{
    ++sides[from].sent[transmit.route];
    if (tap)
        tap(from, transmit);
    Route arriving;
    if (carry) {
        const auto carried = carry(from, transmit.route);
        if (!carried)
            return;
        arriving = *carried;
    } else {
        arriving = reversed(transmit.route, TransportId::None);
    }
    const auto owner = m_owners.find(arriving.local);
    if (owner == m_owners.end())
        return;
    arriving.transport = owner->second.second;
    m_flights.emplace(now + delay(transmit.route),
                      Flight{arriving, toBytes(transmit.payload), owner->second.first});
}

void TwoAgents::deliverDue()
{
    while (!m_flights.empty() && m_flights.begin()->first <= now) {
        const Flight flight = std::move(m_flights.begin()->second);
        m_flights.erase(m_flights.begin());
        sides[flight.to].agent->receive(now, {flight.route, flight.payload});
        drain();
    }
}

void TwoAgents::runFor(Duration duration)
{
    runUntil([] { return false; }, duration);
}

bool TwoAgents::runUntil(const std::function<bool()> &condition, Duration limit)
{
    const TimePoint end = now + limit;
    drain();
    for (int step = 0; step < MaxSteps; ++step) {
        if (condition())
            return true;
        TimePoint next = std::min(sides[0].agent->nextDeadline(), sides[1].agent->nextDeadline());
        if (!m_flights.empty())
            next = std::min(next, m_flights.begin()->first);
        if (next > end) {
            now = end;
            return false;
        }
        now = std::max(now, next);
        deliverDue();
        for (Side &side : sides) {
            if (side.agent->nextDeadline() <= now)
                side.agent->advance(now);
        }
        drain();
    }
    qFatal("the agents never come to rest");
    return false;
}

bool TwoAgents::areConnected() const
{
    return sides[0].agent->route() && sides[1].agent->route();
}

bool TwoAgents::agree() const
{
    const auto first = sides[0].agent->route();
    const auto second = sides[1].agent->route();
    return first && second && first->local == second->remote && first->remote == second->local;
}

Route reversed(const Route &route, TransportId transport)
{
    return {transport, route.remote, route.local};
}

TransportAddress address(const char *ip, std::uint16_t port)
{
    return {ipAddress(ip), port};
}

IpAddress ipAddress(const char *ip)
{
    return *IpAddress::fromString(ip);
}
