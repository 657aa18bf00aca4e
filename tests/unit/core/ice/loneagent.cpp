// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"

#include "core/stun/messagewriter.h"
#include "twoagents.h"

#include <QtCore/qlogging.h>

#include <array>

using namespace peer;
using namespace std::chrono_literals;

bool LoneAgent::Sent::isRequest() const
{
    return message().messageClass() == stun::Class::Request;
}

bool LoneAgent::Sent::isError(int code) const
{
    const auto error = message().errorCode();
    return message().messageClass() == stun::Class::ErrorResponse && error && error->code == code;
}

LoneAgent::LoneAgent(const ice::Config &config, std::uint64_t seed)
    : random(seed)
    , agent(config, random)
{
    peerParameters.usernameFragment = "peerfrag";
    peerParameters.password = "the peer's long password";
    peerParameters.renomination = true;
    peerParameters.pacing = 5ms;
}

void LoneAgent::setUp()
{
    addLocal("192.0.2.1");
    setPeer();
    agent.addRemoteCandidate(now, candidate("198.51.100.1"));
    drain();
}

void LoneAgent::addLocal(const char *ip, std::uint16_t localPreference)
{
    agent.addLocalAddress(now, {TransportId{1}, address(ip, 5000), localPreference});
    drain();
}

void LoneAgent::addTcp(const char *ip, std::uint16_t localPreference)
{
    agent.addLocalAddress(
        now, {TransportId{2}, address(ip, 6000), localPreference, CandidateProtocol::TcpPassive});
    agent.addLocalAddress(
        now, {TransportId{2}, address(ip, 9), localPreference, CandidateProtocol::TcpActive});
    drain();
}

void LoneAgent::addSimultaneousOpen(const char *ip, std::uint16_t localPreference)
{
    agent.addLocalAddress(now,
                          {TransportId{3}, address(ip, 6000), localPreference,
                           CandidateProtocol::TcpSimultaneousOpen});
    drain();
}

std::vector<ice::request::OpenStun> LoneAgent::newStuns()
{
    std::vector<ice::request::OpenStun> stuns;
    for (; m_seenStuns < requests.size(); ++m_seenStuns) {
        if (const auto *wanted = std::get_if<ice::request::OpenStun>(&requests[m_seenStuns]))
            stuns.push_back(*wanted);
    }
    return stuns;
}

std::vector<ice::request::Connect> LoneAgent::newConnects()
{
    std::vector<ice::request::Connect> connects;
    for (; m_seenConnects < requests.size(); ++m_seenConnects) {
        if (const auto *wanted = std::get_if<ice::request::Connect>(&requests[m_seenConnects]))
            connects.push_back(*wanted);
    }
    return connects;
}

std::vector<std::uint32_t> LoneAgent::newCloses()
{
    std::vector<std::uint32_t> ids;
    for (; m_seenCloses < requests.size(); ++m_seenCloses) {
        if (const auto *close = std::get_if<ice::request::Close>(&requests[m_seenCloses]))
            ids.push_back(close->id);
    }
    return ids;
}

void LoneAgent::setPeer()
{
    agent.setRemoteParameters(now, peerParameters);
    drain();
}

Route LoneAgent::route(const char *remote, std::uint16_t port, const char *local) const
{
    return {TransportId{1}, address(local, 5000), address(remote, port)};
}

Candidate LoneAgent::candidate(const char *ip, std::uint16_t port, CandidateType type) const
{
    Candidate candidate;
    candidate.foundation = std::string(ip) + "/" + std::to_string(port);
    candidate.priority = ice::candidatePriority(type, 65535);
    candidate.address = address(ip, port);
    candidate.type = type;
    return candidate;
}

void LoneAgent::drain()
{
    while (const auto transmit = agent.nextTransmit())
        sent.push_back({now, transmit->route, toBytes(transmit->payload)});
    while (auto request = agent.nextRequest())
        requests.push_back(std::move(*request));
    while (const auto event = agent.nextEvent()) {
        if (const auto *gathered = std::get_if<ice::CandidateGathered>(&*event))
            candidates.push_back(gathered->candidate);
        else if (const auto *changed = std::get_if<ice::StateChanged>(&*event))
            states.push_back(changed->state);
        else if (std::holds_alternative<ice::RouteChanged>(*event))
            ++routeChanges;
        else
            ++gatheringCompletions;
    }
}

void LoneAgent::runFor(Duration duration)
{
    const TimePoint end = now + duration;
    drain();
    while (agent.nextDeadline() <= end) {
        now = std::max(now, agent.nextDeadline());
        agent.advance(now);
        drain();
    }
    now = end;
}

std::vector<LoneAgent::Sent> LoneAgent::newSent()
{
    const std::vector<Sent> fresh(sent.begin() + static_cast<std::ptrdiff_t>(m_seen), sent.end());
    m_seen = sent.size();
    return fresh;
}

std::vector<LoneAgent::Sent> LoneAgent::newRequests()
{
    std::vector<Sent> fresh = newSent();
    std::erase_if(fresh, [](const Sent &datagram) { return !datagram.isRequest(); });
    return fresh;
}

bool LoneAgent::receive(const Route &route, ByteView octets)
{
    const bool isTaken = agent.receive(now, {route, octets});
    drain();
    return isTaken;
}

std::optional<LoneAgent::Sent> LoneAgent::check(const Route &route, const Check &check)
{
    const std::string username = check.username.empty()
        ? agent.localParameters().usernameFragment + ":" + peerParameters.usernameFragment
        : check.username;
    const std::string password = check.password.empty() ? agent.localParameters().password
                                                        : check.password;
    ice::CheckRequest request;
    request.id = stun::makeTransactionId(random);
    request.username = username;
    request.priority = check.priority;
    request.role = check.role;
    request.tieBreaker = check.tieBreaker;
    request.nomination = check.nomination;
    request.nominationValue = check.nominationValue;
    request.unfitNominee = check.unfitNominee;
    std::array<std::uint8_t, 512> room{};
    const ByteView octets = ice::writeCheckRequest(room, request,
                                                   stun::IntegrityKey::shortTerm(password));
    const std::size_t before = sent.size();
    receive(route, octets);
    for (std::size_t i = before; i < sent.size(); ++i) {
        if (!sent[i].isRequest() && sent[i].message().transactionId() == request.id)
            return sent[i];
    }
    return std::nullopt;
}

Bytes LoneAgent::successTo(const Sent &request, std::optional<TransportAddress> mapped,
                           std::string password) const
{
    std::array<std::uint8_t, 512> room{};
    const auto key = stun::IntegrityKey::shortTerm(password.empty() ? peerParameters.password
                                                                    : password);
    return toBytes(ice::writeCheckSuccess(room, request.message().transactionId(),
                                          mapped.value_or(request.route.local), key));
}

Bytes LoneAgent::errorTo(const Sent &request, int code, bool isSigned) const
{
    std::array<std::uint8_t, 512> room{};
    const auto key = isSigned ? stun::IntegrityKey::shortTerm(peerParameters.password)
                              : stun::IntegrityKey();
    return toBytes(ice::writeCheckError(room, request.message().transactionId(), code, {}, key));
}

bool LoneAgent::answer(const Sent &request, std::optional<TransportAddress> mapped)
{
    return receive(request.route, successTo(request, mapped));
}

bool LoneAgent::refuse(const Sent &request, int code)
{
    return receive(request.route, errorTo(request, code));
}

void LoneAgent::makeValid(const Route &route)
{
    for (int i = 0; i < 100; ++i) {
        for (const Sent &request : newRequests()) {
            if (request.route == route)
                answer(request);
        }
        for (const ice::PairInfo &pair : agent.validPairs()) {
            if (pair.route == route)
                return;
        }
        runFor(5ms);
    }
    qFatal("the pair does not become valid");
}
