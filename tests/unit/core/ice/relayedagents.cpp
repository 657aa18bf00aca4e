// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "relayedagents.h"

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;

namespace {

/// The server's own socket, and the other agent's.
constexpr TransportId ServerSocket{2};
constexpr TransportId OtherSocket{3};

ice::Config otherConfig()
{
    ice::Config config;
    config.role = ice::Role::Controlled;
    return config;
}

} // namespace

const TransportAddress RelayedAgents::ServerAddress{*IpAddress::fromString("203.0.113.5"), 3478};

ice::RelayServer RelayedAgents::udpServer()
{
    ice::RelayServer server;
    server.address = ServerAddress;
    server.username = "alice";
    server.password = "secret";
    return server;
}

RelayedAgents::RelayedAgents(const sim::TurnBehavior &behavior, const ice::Config &config)
    : server(behavior,
             {[this](IpAddress::Family family) { return openRelay(family); }, [](TransportId) {}})
    , agent(config, random)
    , other(otherConfig(), random)
{ }

Route RelayedAgents::openRelay(IpAddress::Family family)
{
    const char *ip = family == IpAddress::Family::V4 ? "203.0.113.77" : "2001:db8::77";
    ++m_lastTransport;
    return {TransportId{m_lastTransport},
            {*IpAddress::fromString(ip), static_cast<std::uint16_t>(m_lastTransport)},
            {}};
}

void RelayedAgents::addLocal(const char *ip, std::uint16_t preference)
{
    agent.addLocalAddress(now, {TransportId{1}, {*IpAddress::fromString(ip), 5000}, preference});
}

void RelayedAgents::gather()
{
    addLocal(Local);
    agent.addRelayServer(now, udpServer());
    agent.endOfLocalAddresses(now);
    drain();
}

void RelayedAgents::connect()
{
    other.addLocalAddress(now, {OtherSocket, {*IpAddress::fromString(OtherAddress), 6000}, 65535});
    other.endOfLocalAddresses(now);
    agent.setRemoteParameters(now, other.localParameters());
    other.setRemoteParameters(now, agent.localParameters());
    drain();
    tellCandidates();
}

void RelayedAgents::tellCandidates()
{
    for (const Candidate &candidate : std::exchange(m_untold, {}))
        other.addRemoteCandidate(now, candidate);
    drain();
}

void RelayedAgents::takeRequests()
{
    while (const auto request = agent.nextRequest()) {
        requests.push_back(*request);
        if (const auto *port = std::get_if<ice::request::OpenPort>(&*request); port && opensPorts) {
            const Route route{TransportId{++m_lastTransport}, {port->local, 7000}, port->server};
            open[port->id] = route;
            agent.transportOpened(now, port->id, route);
        } else if (const auto *close = std::get_if<ice::request::Close>(&*request)) {
            open.erase(close->id);
        }
    }
}

void RelayedAgents::takeEvents()
{
    while (const auto event = agent.nextEvent()) {
        if (const auto *gathered = std::get_if<ice::CandidateGathered>(&*event)) {
            candidates.push_back(gathered->candidate);
            m_untold.push_back(gathered->candidate);
        } else if (std::holds_alternative<ice::GatheringComplete>(*event)) {
            ++gatheringCompletions;
        }
    }
    while (const auto event = other.nextEvent()) {
        if (const auto *gathered = std::get_if<ice::CandidateGathered>(&*event))
            agent.addRemoteCandidate(now, gathered->candidate);
    }
}

/// One round of everybody; whether there was anything.
bool RelayedAgents::carry()
{
    bool isAny = false;
    takeRequests();
    while (const auto transmit = agent.nextTransmit()) {
        isAny = true;
        carryToServer(*transmit);
    }
    while (const auto transmit = server.nextTransmit()) {
        isAny = true;
        if (transmit->route.transport != ServerSocket) {
            if (transmit->route.remote.ip != *IpAddress::fromString(OtherAddress))
                continue;
            const Route route{OtherSocket, transmit->route.remote, transmit->route.local};
            if (!transmit->payload.empty() && transmit->payload[0] > 3)
                dataAtOther.push_back(toBytes(transmit->payload));
            else
                other.receive(now, {route, transmit->payload});
            continue;
        }
        for (const auto &[id, route] : std::map(open)) {
            if (route.local != transmit->route.remote)
                continue;
            const auto inner = agent.unwrap(now, {route, transmit->payload});
            if (inner)
                agent.receive(now, *inner);
        }
    }
    while (const auto transmit = other.nextTransmit()) {
        isAny = true;
        const TransportAddress &to = transmit->route.remote;
        if (to.ip.toString() == "203.0.113.77")
            server.receive(now,
                           {{TransportId{to.port}, to, transmit->route.local}, transmit->payload});
    }
    takeEvents();
    return isAny;
}

void RelayedAgents::carryToServer(const Transmit &transmit)
{
    for (const auto &[id, route] : open) {
        if (route.transport != transmit.route.transport)
            continue;
        toServer.push_back(toBytes(transmit.payload));
        if (!deadBases.contains(route.local.ip))
            server.receive(now, {{ServerSocket, ServerAddress, route.local}, transmit.payload});
    }
}

void RelayedAgents::drain()
{
    while (carry()) { }
}

void RelayedAgents::runFor(Duration duration)
{
    const TimePoint end = now + duration;
    drain();
    while (std::min(agent.nextDeadline(), other.nextDeadline()) <= end) {
        now = std::max(now, std::min(agent.nextDeadline(), other.nextDeadline()));
        agent.advance(now);
        other.advance(now);
        drain();
    }
    now = end;
}

bool RelayedAgents::sendData(std::string_view text)
{
    drain();
    const auto route = agent.route();
    if (!route)
        return false;
    const auto transmit = agent.wrap(now, {*route, asBytes(text)});
    if (!transmit)
        return false;
    carryToServer(*transmit);
    drain();
    return true;
}

ice::PairInfo RelayedAgents::pairInUse() const
{
    for (const ice::PairInfo &pair : agent.validPairs()) {
        if (pair.route == agent.route())
            return pair;
    }
    return {};
}
