// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is a sequence of operations on an ICE agent: commands in any order, time, datagrams of
// any content, true and false checks and answers of the peer. The first octet of each operation
// chooses it, the next ones are its arguments; the input is read as zeros behind its end.

#include "core/ice/agent.h"
#include "core/ice/checkmessage.h"
#include "fuzz/expect.h"
#include "fuzz/input.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

using namespace peer;
using fuzz::Counting;
using fuzz::Input;
using namespace std::chrono_literals;

namespace {

/// Few enough that operations meet, of all kinds.
TransportAddress addressOf(std::uint8_t choice)
{
    static const char *const Ips[] = {"192.0.2.1",   "192.0.2.2", "10.0.0.1",  "127.0.0.1",
                                      "2001:db8::1", "fe80::1",   "224.0.0.1", "0.0.0.0"};
    return {*IpAddress::fromString(Ips[choice % 8]),
            static_cast<std::uint16_t>(choice / 8 == 31 ? 0 : 5000 + choice / 8)};
}

ice::Config configOf(std::uint8_t choice)
{
    ice::Config config;
    config.role = (choice & 1) ? ice::Role::Controlled : ice::Role::Controlling;
    config.renomination = (choice & 2) != 0;
    if (choice & 4) {
        config.maxLocalAddresses = 2;
        config.maxRemoteCandidates = 3;
        config.maxPairs = 4;
    }
    config.pacing = std::chrono::milliseconds((choice & 8) ? 0 : 5);
    return config;
}

CandidateProtocol tcpOf(int choice)
{
    static constexpr CandidateProtocol Protocols[] = {
        CandidateProtocol::TcpPassive, CandidateProtocol::TcpActive, CandidateProtocol::TcpPassive,
        CandidateProtocol::TcpSimultaneousOpen};
    return Protocols[choice & 3];
}

class Harness
{
public:
    explicit Harness(Input input)
        : m_input(input)
        , m_config(configOf(m_input.octet()))
        , m_agent(m_config, m_random)
    { }

    void run()
    {
        for (int i = 0; i < 400 && !m_input.isAtEnd(); ++i) {
            operate();
            drain();
            check();
        }
        letTimePass(100s);
    }

private:
    void operate();
    void command(std::uint8_t which);
    void setRemote();
    void addCandidate();
    void receiveCheck();
    void answer();
    void connectionEvent();
    void letTimePass(Duration duration);
    void drain();
    void check() const;
    Route route()
    {
        // Mostly of a socket.
        const std::uint8_t first = m_input.octet();
        if ((first & 128) && !m_connections.empty())
            return m_connections[first % m_connections.size()];
        return {TransportId{1u + first % 2}, addressOf(m_input.octet()),
                addressOf(m_input.octet())};
    }

    Input m_input;
    ice::Config m_config;
    Counting m_random;
    ice::Agent m_agent;
    TimePoint m_now{1000s};
    std::string m_peerFragment = "peer";
    std::string m_peerPassword = "password of the peer 0000";
    struct Sent
    {
        Route route;
        stun::TransactionId id;
    };
    std::vector<Sent> m_requests;
    /// Connections that it wants, or has been given.
    std::vector<ice::request::Connect> m_wanted;
    std::vector<ice::request::OpenStun> m_stuns;
    std::vector<Route> m_connections;
    std::vector<std::uint32_t> m_ids;
    std::uint32_t m_lastTransport = 100;
    std::set<TransportAddress> m_permitted;
};

void Harness::operate()
{
    const std::uint8_t operation = m_input.octet();
    switch (operation % 8) {
    case 0:
    case 1:
        command(static_cast<std::uint8_t>(operation / 8));
        return;
    case 2:
        setRemote();
        return;
    case 3:
        addCandidate();
        return;
    case 4: {
        const Route from = route();
        m_agent.receive(m_now, {from, m_input.some()});
        return;
    }
    case 5:
        receiveCheck();
        return;
    case 6:
        answer();
        return;
    default:
        letTimePass(operation & 128 ? 1s * m_input.octet() : 5ms * m_input.octet());
        return;
    }
}

void Harness::command(std::uint8_t which)
{
    switch (which % 12) {
    case 10:
        m_agent.addLocalAddress(
            m_now,
            {TransportId{3}, addressOf(m_input.octet()), m_input.octet(), tcpOf(m_input.octet())});
        return;
    case 11:
        connectionEvent();
        return;
    case 0:
    case 1:
        m_agent.addLocalAddress(
            m_now,
            {TransportId{1u + m_input.octet() % 2}, addressOf(m_input.octet()), m_input.octet()});
        return;
    case 2:
        m_agent.removeLocalAddress(m_now, TransportId{1u + m_input.octet() % 2},
                                   addressOf(m_input.octet()).ip);
        return;
    case 3: {
        const TransportAddress server = addressOf(m_input.octet());
        m_permitted.insert(server);
        m_agent.addStunServer(m_now, server);
        return;
    }
    case 4:
        m_agent.endOfLocalAddresses(m_now);
        return;
    case 5:
        m_agent.endOfRemoteCandidates(m_now);
        return;
    case 6:
        m_agent.restart(m_now);
        return;
    case 7:
        m_agent.setRole((m_input.octet() & 1) ? ice::Role::Controlled : ice::Role::Controlling);
        return;
    case 8:
        m_agent.noteAuthenticated(m_now, route());
        return;
    default:
        m_agent.noteSendFailed(m_now, route());
        return;
    }
}

void Harness::setRemote()
{
    const std::uint8_t choice = m_input.octet();
    ice::Parameters parameters;
    m_peerFragment = (choice & 1) ? "another" : "peer";
    m_peerPassword.back() = static_cast<char>('0' + ((choice >> 1) & 1));
    parameters.usernameFragment = m_peerFragment;
    parameters.password = m_peerPassword;
    parameters.isLite = (choice & 4) != 0;
    parameters.renomination = (choice & 8) != 0;
    parameters.pacing = std::chrono::milliseconds(static_cast<std::int8_t>(m_input.octet()) * 50);
    m_agent.setRemoteParameters(m_now, parameters);
}

void Harness::addCandidate()
{
    Candidate candidate;
    candidate.address = addressOf(m_input.octet());
    const std::uint8_t choice = m_input.octet();
    candidate.type = static_cast<CandidateType>(choice & 3);
    candidate.component = (choice & 4) ? 2 : 1;
    if (choice & 8)
        candidate.protocol = tcpOf(choice >> 6);
    candidate.foundation = std::string(1, static_cast<char>('a' + ((choice >> 4) & 3)));
    if (choice & 64)
        candidate.usernameFragment = (choice & 128) ? "another" : "peer";
    candidate.priority = m_input.uint32();
    m_permitted.insert(candidate.address);
    m_agent.addRemoteCandidate(m_now, candidate);
}

void Harness::receiveCheck()
{
    const Route from = route();
    const std::uint8_t choice = m_input.octet();
    ice::CheckRequest request;
    request.id = stun::makeTransactionId(m_random);
    const std::string username = m_agent.localParameters().usernameFragment + ":"
        + ((choice & 1) ? std::string("somebody") : m_peerFragment);
    request.username = username;
    request.priority = m_input.uint32();
    if (choice & 2)
        request.role = (choice & 4) ? ice::Role::Controlled : ice::Role::Controlling;
    request.tieBreaker = (choice & 8) ? ~std::uint64_t(0) : 0;
    request.nomination = static_cast<ice::Nomination>((choice >> 4) % 3);
    request.nominationValue = m_input.octet();
    const bool isTrue = (choice & 64) == 0;
    const auto key = stun::IntegrityKey::shortTerm(isTrue ? m_agent.localParameters().password
                                                          : std::string("a guess"));
    if (isTrue)
        m_permitted.insert(from.remote);
    std::array<std::uint8_t, 512> room{};
    m_agent.receive(m_now, {from, writeCheckRequest(room, request, key)});
}

/// To one of the last requests: a success or an error, from where it went to or elsewhere.
void Harness::answer()
{
    const std::uint8_t which = m_input.octet();
    const std::uint8_t choice = m_input.octet();
    if (m_requests.empty())
        return;
    const Sent &sent = m_requests[m_requests.size() - 1 - which % m_requests.size()];
    const auto key = stun::IntegrityKey::shortTerm((choice & 1) ? std::string("a guess")
                                                                : m_peerPassword);
    Route from = sent.route;
    if (choice & 2)
        from = route();
    std::array<std::uint8_t, 512> room{};
    ByteView message;
    if (choice & 4) {
        static constexpr int Codes[] = {300, 400, 401, 403, 420, 487, 500, 699};
        message = ice::writeCheckError(room, sent.id, Codes[(choice >> 3) & 7], {}, key);
    } else {
        const TransportAddress mapped = (choice & 8) ? addressOf(m_input.octet())
                                                     : sent.route.local;
        message = ice::writeCheckSuccess(room, sent.id, mapped, key);
    }
    m_agent.receive(m_now, {from, message});
}

/// A connection is opened, fails, is accepted or ends.
void Harness::connectionEvent()
{
    const std::uint8_t choice = m_input.octet();
    if ((choice & 3) == 0) {
        const Route route{TransportId{++m_lastTransport}, addressOf(m_input.octet()),
                          addressOf(m_input.octet())};
        const std::uint32_t id = m_agent.connectionAccepted(m_now, route);
        if (id == 0)
            return;
        m_connections.push_back(route);
        m_ids.push_back(id);
    } else if ((choice & 3) == 1 && !m_ids.empty()) {
        m_agent.transportFailed(m_now, m_ids[choice / 4u % m_ids.size()]);
    } else if ((choice & 128) && !m_stuns.empty()) {
        const ice::request::OpenStun stun = m_stuns.back();
        m_stuns.pop_back();
        const Route route{TransportId{++m_lastTransport}, stun.local, stun.server};
        m_permitted.insert(stun.server);
        m_ids.push_back(stun.id);
        m_agent.transportOpened(m_now, stun.id, route);
    } else if (!m_wanted.empty()) {
        const ice::request::Connect wanted = m_wanted.back();
        m_wanted.pop_back();
        if ((choice & 3) == 2) {
            m_agent.transportFailed(m_now, wanted.id);
            return;
        }
        const std::uint16_t port = wanted.localPort == 0 ? 40000 : wanted.localPort;
        const Route route{TransportId{++m_lastTransport}, {wanted.local, port}, wanted.remote};
        m_connections.push_back(route);
        m_agent.transportOpened(m_now, wanted.id, route);
    }
}

void Harness::letTimePass(Duration duration)
{
    const TimePoint end = m_now + duration;
    int atOnce = 0;
    while (m_agent.nextDeadline() <= end) {
        atOnce = m_agent.nextDeadline() <= m_now ? atOnce + 1 : 0;
        PEER_FUZZ_EXPECT(atOnce < 300);
        m_now = std::max(m_now, m_agent.nextDeadline());
        m_agent.advance(m_now);
        drain();
        check();
    }
    m_now = end;
    m_agent.advance(m_now);
    drain();
    check();
}

void Harness::drain()
{
    while (const auto transmit = m_agent.nextTransmit()) {
        const auto message = stun::Message::parse(transmit->payload);
        PEER_FUZZ_EXPECT(message.hasValue());
        if (message->messageClass() != stun::Class::Request)
            continue;
        PEER_FUZZ_EXPECT(m_permitted.contains(transmit->route.remote));
        m_requests.push_back({transmit->route, message->transactionId()});
        if (m_requests.size() > 64)
            m_requests.erase(m_requests.begin());
    }
    while (const auto request = m_agent.nextRequest()) {
        if (const auto *stun = std::get_if<ice::request::OpenStun>(&*request))
            m_stuns.push_back(*stun);
        const auto *wanted = std::get_if<ice::request::Connect>(&*request);
        if (!wanted)
            continue;
        PEER_FUZZ_EXPECT(m_permitted.contains(wanted->remote));
        m_wanted.push_back(*wanted);
        m_ids.push_back(wanted->id);
    }
    while (m_agent.nextEvent()) { }
}

void Harness::check() const
{
    const auto route = m_agent.route();
    const auto pairs = m_agent.validPairs();
    PEER_FUZZ_EXPECT(pairs.size() <= 2 * m_config.maxPairs + 8);
    const bool hasUse = m_agent.state() == ice::State::Connected
        || m_agent.state() == ice::State::Completed;
    // Disconnected may have one as well, that nobody answers on.
    PEER_FUZZ_EXPECT(route.has_value() || !hasUse);
    PEER_FUZZ_EXPECT(!route || hasUse || m_agent.state() == ice::State::Disconnected);
    if (!route)
        return;
    PEER_FUZZ_EXPECT(m_agent.isKnown(*route));
    PEER_FUZZ_EXPECT(std::any_of(pairs.begin(), pairs.end(), [&](const ice::PairInfo &pair) {
        return pair.route == *route && pair.hasConsent;
    }));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Harness(Input(ByteView(data, size))).run();
    return 0;
}
