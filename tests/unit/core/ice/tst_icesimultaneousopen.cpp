// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/stunstreams.h"
#include "core/stun/messagewriter.h"
#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <array>

using namespace peer;
using namespace std::chrono_literals;
using Protocol = CandidateProtocol;

Q_DECLARE_METATYPE(peer::CandidateProtocol)

namespace {

Candidate tcpCandidate(const char *ip, std::uint16_t port, Protocol protocol,
                       CandidateType type = CandidateType::Host)
{
    Candidate candidate;
    candidate.foundation = std::string(ip) + std::to_string(port);
    candidate.protocol = protocol;
    candidate.type = type;
    candidate.priority = ice::tcpPriority(type, protocol, 65535);
    candidate.address = address(ip, port);
    return candidate;
}

/// The connection that was asked for.
Route routeOf(const ice::request::Connect &wanted, std::uint32_t transport = 30)
{
    return {TransportId{transport}, {wanted.local, wanted.localPort}, wanted.remote};
}

Route routeOf(const ice::request::OpenStun &wanted)
{
    return {TransportId{1000 + wanted.id}, wanted.local, wanted.server};
}

Bytes stunAnswer(const LoneAgent::Sent &request, const TransportAddress &mapped)
{
    std::array<std::uint8_t, 128> room{};
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::SuccessResponse, stun::Method::Binding,
                 request.message().transactionId());
    writer.addAddress(stun::Attribute::XorMappedAddress, mapped);
    writer.addFingerprint();
    return toBytes(writer.finish());
}

/// An agent with a simultaneous-open candidate at 192.0.2.1:6000, and a passive and an active one;
/// the peer has one at 198.51.100.1:6001.
void pairUp(LoneAgent &lone)
{
    lone.addTcp("192.0.2.1");
    lone.addSimultaneousOpen("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(
        lone.now, tcpCandidate("198.51.100.1", 6001, Protocol::TcpSimultaneousOpen));
    lone.drain();
}

bool isOnTcp(const ice::Agent &agent)
{
    const auto pairs = agent.validPairs();
    return std::any_of(pairs.begin(), pairs.end(), [&](const ice::PairInfo &pair) {
        return pair.route == agent.route() && pair.kind == ice::PathKind::Direct
            && pair.protocol == turn::Transport::Tcp;
    });
}

} // namespace

/// Simultaneous-open and server-reflexive TCP candidates: RFC 6544.
class tst_IceSimultaneousOpen : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void candidateIsToldAtTheListeningPort();
    void pairsAmongThemselvesOnly_data();
    void pairsAmongThemselvesOnly();
    void doesNotConnectToItself();
    void nothingButTheSynGoesBeforeTheConnection();
    void refusedSynIsRepeated();
    void refusedSynsAreBounded();
    void connectionOfThePeerIsThePairsOwn_data();
    void connectionOfThePeerIsThePairsOwn();
    void connectionOfThePeerIsResetWhenItIsOfNoUse();
    void bothPunchThroughAtOnce_data();
    void bothPunchThroughAtOnce();
    void restartGoesOnByTheSameConnection();
    void directUdpHoldsItBack();

    void reflexiveAddressIsAskedForFromTheBase();
    void addressWithoutNatIsNoCandidate();
    void serverThatDoesNotAnswerIsGivenUp_data();
    void serverThatDoesNotAnswerIsGivenUp();
    void nextServerIsAskedWhenOneFails();
    void serversThatAreNotReachedHoldUpTheEndForSixSeconds();
    void oneAnswerIsEnough();
    void questionsAreBounded();
    void answerOfAnotherTransactionIsIgnored();
    void connectionToTheServerLivesWhileChecking();
    void restartAsksAnew();
    void removedAddressTakesItsQuestionAlong();
    void closingClosesTheQuestions();
    void withoutTcpNobodyIsAsked_data();
    void withoutTcpNobodyIsAsked();
};

void tst_IceSimultaneousOpen::candidateIsToldAtTheListeningPort()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.addSimultaneousOpen("192.0.2.1");
    QCOMPARE(lone.candidates.size(), std::size_t(3));
    const Candidate &candidate = lone.candidates[2];
    QCOMPARE(candidate.protocol, Protocol::TcpSimultaneousOpen);
    QCOMPARE(candidate.type, CandidateType::Host);
    QCOMPARE(candidate.address.toString(), std::string("192.0.2.1:6000"));
    QCOMPARE(candidate.priority,
             ice::tcpPriority(CandidateType::Host, Protocol::TcpSimultaneousOpen, 65535));
}

void tst_IceSimultaneousOpen::pairsAmongThemselvesOnly_data()
{
    QTest::addColumn<Protocol>("remote");
    QTest::addColumn<bool>("isPair");
    // Section 6.2.
    QTest::newRow("simultaneous open") << Protocol::TcpSimultaneousOpen << true;
    QTest::newRow("passive") << Protocol::TcpPassive << false;
    QTest::newRow("active") << Protocol::TcpActive << false;
    QTest::newRow("UDP") << Protocol::Udp << false;
}

void tst_IceSimultaneousOpen::pairsAmongThemselvesOnly()
{
    QFETCH(Protocol, remote);
    QFETCH(bool, isPair);
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, tcpCandidate("198.51.100.1", 6001, remote));
    lone.runFor(1s);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(isPair ? 1 : 0));
    if (isPair) {
        QCOMPARE(connects[0].local.toString(), std::string("192.0.2.1"));
        QCOMPARE(connects[0].localPort, std::uint16_t(6000));
        QCOMPARE(connects[0].remote.toString(), std::string("198.51.100.1:6001"));
    }
}

void tst_IceSimultaneousOpen::doesNotConnectToItself()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("192.0.2.1", 6000, Protocol::TcpSimultaneousOpen));
    lone.runFor(1s);
    QVERIFY(lone.newConnects().empty());
}

void tst_IceSimultaneousOpen::nothingButTheSynGoesBeforeTheConnection()
{
    LoneAgent lone;
    pairUp(lone);
    lone.runFor(2s);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    QVERIFY(lone.sent.empty());
    lone.agent.transportOpened(lone.now, connects[0].id, routeOf(connects[0]));
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QCOMPARE(requests[0].route, routeOf(connects[0]));
    // Section 7.1: the priority of a peer-reflexive candidate of the same kind.
    QCOMPARE(requests[0].message().uint32(stun::Attribute::Priority).value_or(0),
             ice::tcpPriority(CandidateType::PeerReflexive, Protocol::TcpSimultaneousOpen, 65535));
    lone.answer(requests[0]);
    QVERIFY(isOnTcp(lone.agent));
}

void tst_IceSimultaneousOpen::refusedSynIsRepeated()
{
    LoneAgent lone;
    pairUp(lone);
    lone.runFor(10ms);
    auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    lone.agent.transportFailed(lone.now, connects[0].id);
    // 50 ms, and half as much less or more.
    lone.runFor(24ms);
    QVERIFY(lone.newConnects().empty());
    lone.runFor(51ms);
    connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    QCOMPARE(connects[0].localPort, std::uint16_t(6000));
    lone.agent.transportFailed(lone.now, connects[0].id);
    lone.runFor(150ms);
    connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    lone.agent.transportOpened(lone.now, connects[0].id, routeOf(connects[0]));
    lone.drain();
    lone.answer(lone.newRequests().at(0));
    QVERIFY(isOnTcp(lone.agent));
}

void tst_IceSimultaneousOpen::refusedSynsAreBounded()
{
    LoneAgent lone;
    pairUp(lone);
    const auto synsWithin = [&](Duration duration) {
        const TimePoint end = lone.now + duration;
        std::size_t syns = 0;
        while (lone.now < end) {
            for (const auto &connect : lone.newConnects()) {
                ++syns;
                lone.agent.transportFailed(lone.now, connect.id);
            }
            lone.runFor(5ms);
        }
        return syns;
    };
    // Within 7 s if every wait is the longest. Afterwards one SYN 2, 4, 8, 16, 30 … s later each.
    QCOMPARE_GE(synsWithin(4s), std::size_t(7));
    synsWithin(4s);
    QCOMPARE_LE(synsWithin(300s), std::size_t(4 + 300 / 30));
    // A series for each network that we are in.
    lone.addLocal("203.0.113.7");
    const std::size_t next = synsWithin(8s);
    QVERIFY(next >= 9 && next <= 9 + 2);
}

void tst_IceSimultaneousOpen::connectionOfThePeerIsThePairsOwn_data()
{
    QTest::addColumn<bool>("isCandidateKnown");
    QTest::addColumn<Duration>("candidateAfter");
    QTest::newRow("when ours had been refused") << true << Duration();
    QTest::newRow("and its check outran its candidate") << false << Duration();
    QTest::newRow("and was answered before its candidate came") << false << Duration(200ms);
}

/// Its SYN came when ours had been refused, or before ours.
void tst_IceSimultaneousOpen::connectionOfThePeerIsThePairsOwn()
{
    QFETCH(bool, isCandidateKnown);
    QFETCH(Duration, candidateAfter);
    LoneAgent lone;
    if (isCandidateKnown) {
        pairUp(lone);
        lone.runFor(10ms);
        const auto connects = lone.newConnects();
        QCOMPARE(connects.size(), std::size_t(1));
        lone.agent.transportFailed(lone.now, connects[0].id);
    } else {
        lone.addTcp("192.0.2.1");
        lone.addSimultaneousOpen("192.0.2.1");
        lone.setPeer();
    }
    lone.drain();
    const Route route{TransportId{31}, address("192.0.2.1", 6000), address("198.51.100.1", 6001)};
    const std::uint32_t id = lone.agent.connectionAccepted(lone.now, route);
    QVERIFY(id != 0);
    QVERIFY(lone.check(route, {}));
    const auto answerAll = [&] {
        for (const auto &request : lone.newRequests()) {
            QCOMPARE(request.route, route);
            lone.answer(request);
        }
    };
    if (candidateAfter != Duration::zero()) {
        lone.runFor(candidateAfter);
        answerAll();
        QVERIFY(isOnTcp(lone.agent));
    }
    if (!isCandidateKnown) {
        lone.agent.addRemoteCandidate(
            lone.now, tcpCandidate("198.51.100.1", 6001, Protocol::TcpSimultaneousOpen));
        lone.drain();
    }
    lone.runFor(100ms);
    answerAll();
    QVERIFY(isOnTcp(lone.agent));
    QCOMPARE(lone.agent.validPairs().at(0).remoteType, CandidateType::Host);
    // One pair, and no further attempt.
    QCOMPARE(lone.agent.trials().size(), std::size_t(1));
    lone.runFor(5s);
    QVERIFY(lone.newConnects().empty());
    QVERIFY(lone.newCloses().empty());
}

/// Another one may follow between the same ends, which TIME_WAIT would hinder.
void tst_IceSimultaneousOpen::connectionOfThePeerIsResetWhenItIsOfNoUse()
{
    LoneAgent lone;
    pairUp(lone);
    lone.runFor(10ms);
    lone.agent.transportFailed(lone.now, lone.newConnects().at(0).id);
    const Route route{TransportId{31}, address("192.0.2.1", 6000), address("198.51.100.1", 6001)};
    const std::uint32_t id = lone.agent.connectionAccepted(lone.now, route);
    QVERIFY(lone.check(route, {}));
    // Nobody answers ours.
    lone.runFor(20s);
    bool isReset = false;
    for (const ice::Request &request : lone.requests) {
        const auto *close = std::get_if<ice::request::Close>(&request);
        isReset = isReset || (close && close->id == id && close->isAbrupt);
    }
    QVERIFY(isReset);
}

void tst_IceSimultaneousOpen::bothPunchThroughAtOnce_data()
{
    QTest::addColumn<bool>("isRefused");
    QTest::newRow("what comes too early is dropped") << false;
    QTest::newRow("what comes too early is refused") << true;
}

/// Behind a firewall each, which lets in only what comes from where a SYN was sent to.
void tst_IceSimultaneousOpen::bothPunchThroughAtOnce()
{
    QFETCH(bool, isRefused);
    TwoAgents agents;
    agents.carry = [](int, const Route &) { return std::nullopt; };
    agents.connectTcp = [&](int, const ice::request::Connect &wanted) {
        if (wanted.localPort != 0)
            return TwoAgents::SynFate::Answered;
        return isRefused ? TwoAgents::SynFate::Refused : TwoAgents::SynFate::Lost;
    };
    agents.refusesEarlySyns = isRefused;
    for (int side : {0, 1}) {
        const char *const ip = side == 0 ? "192.0.2.1" : "198.51.100.1";
        agents.addTcpAddress(side, ip);
        agents.addSimultaneousOpen(side, ip);
    }
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.areConnected(); }, 300ms));
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    QVERIFY(isOnTcp(agents[0]) && isOnTcp(agents[1]));
    QCOMPARE(agents.connections(), std::size_t(1));
    agents.runFor(60s);
    QVERIFY(agents.agree());
}

/// No other one can be between the same ends.
void tst_IceSimultaneousOpen::restartGoesOnByTheSameConnection()
{
    TwoAgents agents;
    agents.carry = [](int, const Route &) { return std::nullopt; };
    agents.connectTcp = [&](int, const ice::request::Connect &wanted) {
        return wanted.localPort != 0 ? TwoAgents::SynFate::Answered : TwoAgents::SynFate::Lost;
    };
    agents.addSimultaneousOpen(0, "192.0.2.1");
    agents.addSimultaneousOpen(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    agents.runFor(10s);
    const auto before = agents[0].route();
    const int syns = agents.syns[0] + agents.syns[1];
    for (int side : {0, 1}) {
        agents.sides[side].candidates.clear();
        agents[side].restart(agents.now);
    }
    agents.drain();
    agents.exchangeParameters();
    QVERIFY(agents.runUntil([&] { return agents[0].state() == ice::State::Completed; }, 15s));
    agents.runFor(60s);
    QCOMPARE(agents[0].route(), before);
    QVERIFY(agents.agree());
    QCOMPARE(agents.syns[0] + agents.syns[1], syns);
}

void tst_IceSimultaneousOpen::directUdpHoldsItBack()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addRemoteCandidate(
        lone.now, tcpCandidate("198.51.100.1", 6001, Protocol::TcpSimultaneousOpen));
    lone.runFor(200ms);
    QVERIFY(lone.newConnects().empty());
}

// ---- Server-reflexive candidates

void tst_IceSimultaneousOpen::reflexiveAddressIsAskedForFromTheBase()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    QCOMPARE(stuns.size(), std::size_t(1));
    QCOMPARE(stuns[0].local.toString(), std::string("192.0.2.1:6000"));
    QCOMPARE(stuns[0].server.toString(), std::string("203.0.113.9:3478"));
    QVERIFY(lone.sent.empty());
    lone.agent.transportOpened(lone.now, stuns[0].id, routeOf(stuns[0]));
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QCOMPARE(requests[0].route, routeOf(stuns[0]));
    QVERIFY(
        lone.receive(requests[0].route, stunAnswer(requests[0], address("203.0.113.1", 40000))));
    const Candidate &candidate = lone.candidates.back();
    QCOMPARE(candidate.type, CandidateType::ServerReflexive);
    QCOMPARE(candidate.protocol, Protocol::TcpSimultaneousOpen);
    QCOMPARE(candidate.address.toString(), std::string("203.0.113.1:40000"));
    QCOMPARE(candidate.relatedAddress.toString(), std::string("192.0.2.1:6000"));
    QCOMPARE(
        candidate.priority,
        ice::tcpPriority(CandidateType::ServerReflexive, Protocol::TcpSimultaneousOpen, 65535));
    QVERIFY(candidate.foundation != lone.candidates[2].foundation);
    // It forms no pair of its own: its base does.
    lone.setPeer();
    lone.agent.addRemoteCandidate(
        lone.now, tcpCandidate("198.51.100.1", 6001, Protocol::TcpSimultaneousOpen));
    lone.runFor(1s);
    QCOMPARE(lone.agent.trials().size(), std::size_t(1));
    // A check that comes from there shows which candidate it is.
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects.at(0).id, routeOf(connects[0]));
    lone.drain();
    lone.answer(lone.newRequests().at(0), address("203.0.113.1", 40000));
    QCOMPARE(lone.agent.validPairs().at(0).localType, CandidateType::ServerReflexive);
}

void tst_IceSimultaneousOpen::addressWithoutNatIsNoCandidate()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.transportOpened(lone.now, stuns.at(0).id, routeOf(stuns[0]));
    lone.drain();
    lone.receive(routeOf(stuns[0]),
                 stunAnswer(lone.newRequests().at(0), address("192.0.2.1", 6000)));
    QCOMPARE(lone.candidates.size(), std::size_t(1));
}

void tst_IceSimultaneousOpen::serverThatDoesNotAnswerIsGivenUp_data()
{
    QTest::addColumn<bool>("isOpen");
    QTest::newRow("nor to a SYN") << false;
    QTest::newRow("but takes the connection") << true;
}

/// The end of the candidates waits so long, and nothing else does.
void tst_IceSimultaneousOpen::serverThatDoesNotAnswerIsGivenUp()
{
    QFETCH(bool, isOpen);
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    const auto stuns = lone.newStuns();
    QCOMPARE(stuns.size(), std::size_t(1));
    // One patience is for both, the connection and the answer.
    lone.runFor(1000ms);
    if (isOpen)
        lone.agent.transportOpened(lone.now, stuns[0].id, routeOf(stuns[0]));
    lone.runFor(499ms);
    QVERIFY(lone.newCloses().empty());
    QCOMPARE(lone.gatheringCompletions, 0);
    lone.runFor(1ms);
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns[0].id});
    // If it was the SYN that was lost, a second time, for twice as long.
    const auto again = lone.newStuns();
    QCOMPARE(again.size(), std::size_t(isOpen ? 0 : 1));
    if (!isOpen) {
        lone.runFor(2999ms);
        QCOMPARE(lone.gatheringCompletions, 0);
        lone.runFor(1ms);
        QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{again[0].id});
    }
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.runFor(60s);
    QVERIFY(lone.newStuns().empty());
}

void tst_IceSimultaneousOpen::nextServerIsAskedWhenOneFails()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    for (const std::uint16_t port : {1, 2, 3})
        lone.agent.addStunServer(lone.now, address("203.0.113.9", port));
    lone.drain();
    auto stuns = lone.newStuns();
    QCOMPARE(stuns.size(), std::size_t(2));
    lone.agent.transportFailed(lone.now, stuns[0].id);
    lone.drain();
    stuns = lone.newStuns();
    QCOMPARE(stuns.size(), std::size_t(1));
    QCOMPARE(stuns[0].server.port, std::uint16_t(3));
}

/// Those that were not asked yet before those that were, and of these only two.
void tst_IceSimultaneousOpen::serversThatAreNotReachedHoldUpTheEndForSixSeconds()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    for (const std::uint16_t port : {1, 2, 3, 4})
        lone.agent.addStunServer(lone.now, address("203.0.113.9", port));
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    std::vector<int> asked;
    const auto note = [&] {
        for (const auto &stun : lone.newStuns())
            asked.push_back(stun.server.port);
    };
    note();
    for (const Duration duration : {Duration(1500ms), Duration(1500ms), Duration(2999ms)}) {
        lone.runFor(duration);
        note();
    }
    QCOMPARE(asked, (std::vector<int>{1, 2, 3, 4, 1, 2}));
    QCOMPARE(lone.gatheringCompletions, 0);
    lone.runFor(1ms);
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.runFor(60s);
    QVERIFY(lone.newStuns().empty());
}

void tst_IceSimultaneousOpen::oneAnswerIsEnough()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    for (const std::uint16_t port : {1, 2, 3})
        lone.agent.addStunServer(lone.now, address("203.0.113.9", port));
    lone.drain();
    const auto stuns = lone.newStuns();
    QCOMPARE(stuns.size(), std::size_t(2));
    lone.agent.transportOpened(lone.now, stuns[1].id, routeOf(stuns[1]));
    lone.drain();
    lone.receive(routeOf(stuns[1]),
                 stunAnswer(lone.newRequests().at(0), address("203.0.113.1", 40000)));
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns[0].id});
    lone.runFor(10s);
    QVERIFY(lone.newStuns().empty());
    QVERIFY(lone.newCloses().empty());
    // The server that has answered ends its connection: candidates have come to their end.
    lone.agent.transportFailed(lone.now, stuns[1].id);
    lone.runFor(60s);
    QVERIFY(lone.newStuns().empty());
    // A restart asks anew.
    lone.agent.restart(lone.now);
    lone.drain();
    QCOMPARE(lone.newStuns().size(), std::size_t(2));
}

void tst_IceSimultaneousOpen::questionsAreBounded()
{
    LoneAgent lone;
    for (int i = 1; i <= 8; ++i)
        lone.addSimultaneousOpen(("192.0.2." + std::to_string(i)).c_str(),
                                 std::uint16_t(65535 - i));
    for (int i = 1; i <= 8; ++i)
        lone.agent.addStunServer(lone.now, address("203.0.113.9", std::uint16_t(i)));
    lone.drain();
    auto stuns = lone.newStuns();
    QCOMPARE(stuns.size(), ice::StunStreams::MaxStreams);
    for (const auto &stun : stuns) {
        QVERIFY(stun.server.port <= ice::StunStreams::MaxServers);
        QCOMPARE_LE(std::count_if(stuns.begin(), stuns.end(),
                                  [&](const auto &other) { return other.local == stun.local; }),
                    std::ptrdiff_t(ice::StunStreams::AtOnce));
    }
    // Nobody answers: each server is asked once from each address, and two again, and that is all.
    std::size_t all = stuns.size();
    for (int i = 0; i < 100; ++i) {
        lone.runFor(1s);
        all += lone.newStuns().size();
    }
    QCOMPARE(all, 8 * (ice::StunStreams::MaxServers + ice::StunStreams::AtOnce));
}

void tst_IceSimultaneousOpen::answerOfAnotherTransactionIsIgnored()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.transportOpened(lone.now, stuns.at(0).id, routeOf(stuns[0]));
    lone.drain();
    const auto request = lone.newRequests().at(0);
    Bytes answer = stunAnswer(request, address("203.0.113.1", 40000));
    Bytes other = answer;
    other[10] ^= 1; // within the transaction id; the fingerprint is then wrong too
    lone.receive(request.route, other);
    QCOMPARE(lone.candidates.size(), std::size_t(1));
    // Nor does a request by that connection make it one of the peer's.
    QVERIFY(!lone.check(request.route, {}));
    lone.receive(request.route, answer);
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

/// With it lives the mapping.
void tst_IceSimultaneousOpen::connectionToTheServerLivesWhileChecking()
{
    LoneAgent lone;
    pairUp(lone);
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.transportOpened(lone.now, stuns.at(0).id, routeOf(stuns[0]));
    lone.drain();
    lone.receive(routeOf(stuns[0]),
                 stunAnswer(lone.newRequests().at(0), address("203.0.113.1", 40000)));
    lone.runFor(7s);
    QVERIFY(lone.newCloses().empty());
    // The checklist is done.
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects.at(0).id, routeOf(connects[0]));
    lone.drain();
    for (int i = 0; i < 100 && lone.agent.state() != ice::State::Completed; ++i) {
        for (const auto &request : lone.newRequests())
            lone.answer(request);
        lone.runFor(10ms);
    }
    QCOMPARE(lone.agent.state(), ice::State::Completed);
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns[0].id});
    // Nor is anybody asked when the pair dies in mid-call: that is for a restart.
    lone.agent.addStunServer(lone.now, address("203.0.113.10", 3478));
    lone.runFor(60s);
    QVERIFY(lone.agent.state() != ice::State::Completed);
    QVERIFY(lone.newStuns().empty());
}

void tst_IceSimultaneousOpen::restartAsksAnew()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.transportOpened(lone.now, stuns.at(0).id, routeOf(stuns[0]));
    lone.drain();
    lone.receive(routeOf(stuns[0]),
                 stunAnswer(lone.newRequests().at(0), address("203.0.113.1", 40000)));
    lone.agent.restart(lone.now);
    lone.drain();
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns[0].id});
    const auto again = lone.newStuns();
    QCOMPARE(again.size(), std::size_t(1));
    QVERIFY(again[0].id != stuns[0].id);
    QCOMPARE(lone.agent.localCandidates().size(), std::size_t(1));
}

void tst_IceSimultaneousOpen::removedAddressTakesItsQuestionAlong()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.removeLocalAddress(lone.now, TransportId{3}, ipAddress("192.0.2.1"));
    lone.drain();
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns.at(0).id});
    // An answer to what is not wanted any more.
    lone.agent.transportOpened(lone.now, stuns[0].id, routeOf(stuns[0]));
    lone.drain();
    QVERIFY(lone.sent.empty());
}

void tst_IceSimultaneousOpen::closingClosesTheQuestions()
{
    LoneAgent lone;
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.drain();
    const auto stuns = lone.newStuns();
    lone.agent.close(lone.now);
    lone.drain();
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{stuns.at(0).id});
}

void tst_IceSimultaneousOpen::withoutTcpNobodyIsAsked_data()
{
    QTest::addColumn<bool>("usesDirect");
    QTest::addColumn<bool>("usesTcp");
    QTest::newRow("relays alone") << false << true;
    QTest::newRow("no TCP") << true << false;
}

void tst_IceSimultaneousOpen::withoutTcpNobodyIsAsked()
{
    QFETCH(bool, usesDirect);
    QFETCH(bool, usesTcp);
    ice::Config config;
    config.usesDirect = usesDirect;
    config.usesTcp = usesTcp;
    LoneAgent lone(config);
    lone.addSimultaneousOpen("192.0.2.1");
    lone.agent.addStunServer(lone.now, address("203.0.113.9", 3478));
    lone.setPeer();
    lone.agent.addRemoteCandidate(
        lone.now, tcpCandidate("198.51.100.1", 6001, Protocol::TcpSimultaneousOpen));
    lone.runFor(1s);
    QVERIFY(lone.candidates.empty());
    QVERIFY(lone.requests.empty());
}

QTEST_APPLESS_MAIN(tst_IceSimultaneousOpen)
#include "tst_icesimultaneousopen.moc"
