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

void TwoAgents::addTcpAddress(int side, const char *ip, std::uint16_t localPreference)
{
    const TransportId listener{50};
    const TransportAddress passive = address(ip, 6000 + side);
    sides[side].agent->addLocalAddress(
        now, {listener, passive, localPreference, CandidateProtocol::TcpPassive});
    sides[side].agent->addLocalAddress(
        now, {listener, address(ip, 9), localPreference, CandidateProtocol::TcpActive});
    m_owners[passive] = {side, listener};
    drain();
}

void TwoAgents::addSimultaneousOpen(int side, const char *ip, std::uint16_t localPreference)
{
    sides[side].agent->addLocalAddress(now,
                                       {TransportId{51}, address(ip, 6000 + side), localPreference,
                                        CandidateProtocol::TcpSimultaneousOpen});
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
            while (const auto request = sides[i].agent->nextRequest()) {
                takeRequest(i, *request);
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
    if (postByConnection(from, transmit))
        return;
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
    m_flights.emplace(
        now + delay(transmit.route),
        [this, to = owner->second.first, arriving, payload = toBytes(transmit.payload)] {
            sides[to].agent->receive(now, {arriving, payload});
        });
}

bool TwoAgents::postByConnection(int from, const Transmit &transmit)
{
    for (const auto &connection : m_connections) {
        if (connection->routes[from] != transmit.route)
            continue;
        m_flights.emplace(now + delay(transmit.route),
                          [this, connection, to = 1 - from, payload = toBytes(transmit.payload)] {
                              if (!connection->isEnded[to])
                                  arrive(to, connection->routes[to], payload);
                          });
        return true;
    }
    return false;
}

/// By a connection; the first message makes it known.
void TwoAgents::arrive(int side, const Route &route, ByteView payload)
{
    for (const auto &connection : m_connections) {
        if (connection->routes[side] != route)
            continue;
        if (connection->ids[side] == 0)
            connection->ids[side] = sides[side].agent->connectionAccepted(now, route);
        if (connection->ids[side] == 0) {
            const std::uint32_t other = connection->ids[1 - side];
            m_flights.emplace(now + delay(route), [this, side, other] { end(1 - side, other); });
            return;
        }
    }
    sides[side].agent->receive(now, {route, payload});
}

void TwoAgents::takeRequest(int side, const ice::Request &request)
{
    if (const auto *wanted = std::get_if<ice::request::Connect>(&request)) {
        open(side, *wanted);
    } else if (const auto *close = std::get_if<ice::request::Close>(&request)) {
        std::erase_if(m_punches, [&](const Punch &punch) {
            return punch.side == side && punch.id == close->id;
        });
        for (const auto &connection : m_connections) {
            if (connection->ids[side] != close->id || connection->isEnded[side])
                continue;
            connection->isEnded[side] = true;
            const std::uint32_t other = connection->ids[1 - side];
            m_flights.emplace(now + delay(connection->routes[side]),
                              [this, side, other] { end(1 - side, other); });
        }
    }
}

/// Open after a round trip. The other end does not know of it before something comes.
void TwoAgents::open(int side, const ice::request::Connect &wanted)
{
    ++syns[side];
    const auto listener = m_owners.find(wanted.remote);
    SynFate fate = connectTcp ? connectTcp(side, wanted) : SynFate::Answered;
    if (fate == SynFate::Answered && wanted.localPort == 0
        && (listener == m_owners.end() || listener->second.second != TransportId{50}
            || listener->second.first == side))
        fate = SynFate::Refused;
    if (fate == SynFate::Lost)
        return;
    if (wanted.localPort != 0 && fate == SynFate::Answered) {
        punch(side, wanted);
        return;
    }
    const auto port = static_cast<std::uint16_t>(40000 + m_nextTransport);
    const Route route{TransportId{m_nextTransport++}, {wanted.local, port}, wanted.remote};
    const Duration roundTrip = 2 * delay(route);
    m_flights.emplace(now + roundTrip, [this, side, route, fate, id = wanted.id] {
        if (fate == SynFate::Refused) {
            sides[side].agent->transportFailed(now, id);
            return;
        }
        auto connection = std::make_shared<Connection>();
        connection->routes[side] = route;
        connection->routes[1 - side] = reversed(route, TransportId{m_nextTransport++});
        connection->ids[side] = id;
        m_connections.push_back(connection);
        sides[side].agent->transportOpened(now, id, route);
    });
}

/// What the firewalls of both let through: a SYN to where one has come from.
void TwoAgents::punch(int side, const ice::request::Connect &wanted)
{
    const Route route{
        TransportId{m_nextTransport++}, {wanted.local, wanted.localPort}, wanted.remote};
    m_punches.push_back({side, route, wanted.id});
    m_flights.emplace(now + delay(route), [this, side, route, id = wanted.id] {
        const auto findPunch = [&](int of, const TransportAddress &local) {
            return std::find_if(m_punches.begin(), m_punches.end(), [&](const Punch &punch) {
                return punch.side == of && punch.route.local == local;
            });
        };
        const auto own = findPunch(side, route.local);
        if (own == m_punches.end() || own->id != id)
            return;
        const auto other = findPunch(1 - side, route.remote);
        if (other != m_punches.end() && other->route.remote == route.local) {
            const std::uint32_t otherId = other->id;
            std::erase_if(m_punches, [&](const Punch &punch) {
                return punch.route.local == route.local || punch.route.local == route.remote;
            });
            m_flights.emplace(now + delay(route),
                              [this, side, route, id, otherId] { join(side, route, id, otherId); });
        } else if (refusesEarlySyns) {
            m_punches.erase(own);
            m_flights.emplace(now + delay(route),
                              [this, side, id] { sides[side].agent->transportFailed(now, id); });
        }
    });
}

void TwoAgents::join(int side, const Route &route, std::uint32_t id, std::uint32_t otherId)
{
    auto connection = std::make_shared<Connection>();
    connection->routes[side] = route;
    connection->routes[1 - side] = reversed(route, TransportId{m_nextTransport++});
    connection->ids[side] = id;
    connection->ids[1 - side] = otherId;
    m_connections.push_back(connection);
    sides[side].agent->transportOpened(now, id, route);
    sides[1 - side].agent->transportOpened(now, otherId, connection->routes[1 - side]);
}

void TwoAgents::end(int side, std::uint32_t id)
{
    std::erase_if(m_connections, [&](const auto &connection) {
        return connection->ids[side] == id && connection->isEnded[1 - side];
    });
    if (id != 0)
        sides[side].agent->transportFailed(now, id);
}

void TwoAgents::breakConnections()
{
    for (const auto &connection : std::exchange(m_connections, {})) {
        for (int side = 0; side < 2; ++side) {
            if (connection->ids[side] != 0)
                sides[side].agent->transportFailed(now, connection->ids[side]);
        }
    }
    drain();
}

void TwoAgents::deliverDue()
{
    while (!m_flights.empty() && m_flights.begin()->first <= now) {
        const std::function<void()> arrive = std::move(m_flights.begin()->second);
        m_flights.erase(m_flights.begin());
        arrive();
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

Route TwoAgents::atTheOtherEnd(const Route &route) const
{
    const auto owner = m_owners.find(route.remote);
    return reversed(route, owner == m_owners.end() ? TransportId::None : owner->second.second);
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
