// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;
using Protocol = CandidateProtocol;

Q_DECLARE_METATYPE(peer::CandidateProtocol)

namespace {

/// No datagram gets through.
void blockUdp(TwoAgents &agents)
{
    agents.carry = [](int, const Route &) { return std::nullopt; };
}

const ice::PairInfo *routed(const std::vector<ice::PairInfo> &pairs, const ice::Agent &agent)
{
    const auto found = std::find_if(pairs.begin(), pairs.end(), [&](const ice::PairInfo &pair) {
        return pair.route == agent.route();
    });
    return found == pairs.end() ? nullptr : &*found;
}

bool isOnTcp(const ice::Agent &agent)
{
    const auto pairs = agent.validPairs();
    const ice::PairInfo *pair = routed(pairs, agent);
    return pair && pair->kind == ice::PathKind::Direct && pair->protocol == turn::Transport::Tcp;
}

bool isOnUdp(const ice::Agent &agent)
{
    const auto pairs = agent.validPairs();
    const ice::PairInfo *pair = routed(pairs, agent);
    return pair && pair->kind == ice::PathKind::Direct && pair->protocol == turn::Transport::Udp;
}

Candidate tcpCandidate(const char *ip, std::uint16_t port, Protocol protocol)
{
    Candidate candidate;
    candidate.foundation = "t";
    candidate.protocol = protocol;
    candidate.priority = ice::tcpPriority(CandidateType::Host, protocol, 65535);
    candidate.address = address(ip, port);
    return candidate;
}

/// The connection that was asked for.
Route connectionRoute(const ice::request::Connect &wanted, std::uint32_t transport = 30)
{
    return {TransportId{transport}, {wanted.local, 41000}, wanted.remote};
}

/// One that the peer has opened.
Route acceptedRoute(std::uint16_t remotePort = 42000, std::uint32_t transport = 31)
{
    return {TransportId{transport}, address("192.0.2.1", 6000),
            address("198.51.100.1", remotePort)};
}

ice::Config withRole(ice::Role role)
{
    ice::Config config;
    config.role = role;
    return config;
}

} // namespace

/// TCP candidates: RFC 6544.
class tst_IceTcp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void prioritiesFollowTheFormula_data();
    void prioritiesFollowTheFormula();
    void tcpRanksBetweenUdpAndRelays();
    void candidatesAreToldWithTheirDirection();
    void foundationsAreNotThoseOfUdp();
    void oppositeDirectionsFormPairs_data();
    void oppositeDirectionsFormPairs();
    void withoutDirectPathsThereIsNoTcp();
    void tcpCanBeSwitchedOff();

    void connectsWhereUdpDoesNotPass_data();
    void connectsWhereUdpDoesNotPass();
    void oneReachableSideIsEnough_data();
    void oneReachableSideIsEnough();
    void udpIsPreferred();
    void udpTakesOverWhenItPasses();
    void nothingButTheSynGoesBeforeTheConnection();
    void checkIsSentOnce();
    void silentConnectionIsGivenUp();
    void refusedConnectionFailsThePairAndIsTriedAgain();
    void unansweredSynIsGivenUp();
    void noConnectionIsOpenedWhileUdpIsInUse();

    void acceptedConnectionOfThePeerIsUsed();
    void firstCheckMayComeBeforeTheDescription();
    void connectionOfAStrangerIsClosed_data();
    void connectionOfAStrangerIsClosed();
    void connectionLivesThroughARoleConflict();
    void connectionToNoCandidateOfOursIsRefused();
    void connectionsAreBounded();
    void natBeforeTheActiveSideMakesItPeerReflexive();

    void brokenConnectionIsLossAtOnceAndIsReopened();
    void brokenConnectionGivesWayToAnotherPair();
    void connectionThatBreaksBeforeTheCheckFailsThePair();
    void restartOpensNewConnectionsAndClosesTheOld();
    void consentIsKeptOverTcp();
    void refusalEndsTheConnection();
    void unusedConnectionsAreClosed();
    void removedAddressTakesItsConnectionsAlong();
    void closingClosesEveryConnection();
};

void tst_IceTcp::prioritiesFollowTheFormula_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<Protocol>("protocol");
    QTest::addColumn<int>("localPreference");
    QTest::addColumn<quint32>("priority");

    const auto row = [](const char *name, CandidateType type, Protocol protocol, int preference,
                        quint32 typePreference, quint32 direction, quint32 other) {
        QTest::newRow(name) << int(type) << protocol << preference
                            << (typePreference << 24) + ((direction * 8192 + other) << 8) + 255;
    };
    const auto host = CandidateType::Host;
    const auto prflx = CandidateType::PeerReflexive;
    const auto srflx = CandidateType::ServerReflexive;
    row("host, active", host, Protocol::TcpActive, 65535, 90, 6, 8191);
    row("host, passive", host, Protocol::TcpPassive, 65535, 90, 4, 8191);
    row("host, simultaneous open", host, Protocol::TcpSimultaneousOpen, 65535, 90, 2, 8191);
    row("peer-reflexive, active", prflx, Protocol::TcpActive, 65535, 85, 4, 8191);
    row("peer-reflexive, passive", prflx, Protocol::TcpPassive, 65535, 85, 2, 8191);
    row("server-reflexive, passive", srflx, Protocol::TcpPassive, 65535, 80, 2, 8191);
    row("server-reflexive, simultaneous open", srflx, Protocol::TcpSimultaneousOpen, 65535, 80, 6,
        8191);
    row("the second address", host, Protocol::TcpActive, 65534, 90, 6, 8190);
    row("the last that differs", host, Protocol::TcpActive, 65535 - 8191, 90, 6, 0);
    row("far below", host, Protocol::TcpPassive, 0, 90, 4, 0);
}

void tst_IceTcp::prioritiesFollowTheFormula()
{
    QFETCH(int, type);
    QFETCH(Protocol, protocol);
    QFETCH(int, localPreference);
    QFETCH(quint32, priority);
    QCOMPARE(ice::tcpPriority(CandidateType(type), protocol, std::uint16_t(localPreference)),
             priority);
}

void tst_IceTcp::tcpRanksBetweenUdpAndRelays()
{
    const auto best = ice::tcpPriority(CandidateType::Host, Protocol::TcpActive, 65535);
    const auto worst = ice::tcpPriority(CandidateType::ServerReflexive, Protocol::TcpPassive, 0);
    QVERIFY(best < ice::candidatePriority(CandidateType::ServerReflexive, 0));
    QVERIFY(worst > ice::relayedPriority(turn::Transport::Udp, 65535));
}

void tst_IceTcp::candidatesAreToldWithTheirDirection()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.addTcp("192.0.2.1");
    QCOMPARE(lone.candidates.size(), std::size_t(3));
    QCOMPARE(lone.candidates[1].protocol, Protocol::TcpPassive);
    QCOMPARE(lone.candidates[1].address.toString(), std::string("192.0.2.1:6000"));
    QCOMPARE(lone.candidates[1].type, CandidateType::Host);
    QCOMPARE(lone.candidates[2].protocol, Protocol::TcpActive);
    QCOMPARE(lone.candidates[2].address.toString(), std::string("192.0.2.1:9"));
    QCOMPARE(lone.candidates[2].priority,
             ice::tcpPriority(CandidateType::Host, Protocol::TcpActive, 65535));
    // After a restart they are told again.
    lone.agent.restart(lone.now);
    lone.drain();
    QCOMPARE(lone.candidates.size(), std::size_t(6));
    QCOMPARE(lone.candidates[5].usernameFragment, lone.agent.localParameters().usernameFragment);
}

void tst_IceTcp::foundationsAreNotThoseOfUdp()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.addTcp("192.0.2.1");
    QVERIFY(lone.candidates[0].foundation != lone.candidates[1].foundation);
    // Section 4: of the same type, base and protocol.
    QCOMPARE(lone.candidates[1].foundation, lone.candidates[2].foundation);
}

void tst_IceTcp::oppositeDirectionsFormPairs_data()
{
    QTest::addColumn<Protocol>("remote");
    QTest::addColumn<bool>("isPair");
    // Ours are active and passive. Section 6.2; those with a passive one of ours are pruned.
    QTest::newRow("passive") << Protocol::TcpPassive << true;
    QTest::newRow("active") << Protocol::TcpActive << false;
    QTest::newRow("simultaneous open") << Protocol::TcpSimultaneousOpen << false;
}

void tst_IceTcp::oppositeDirectionsFormPairs()
{
    QFETCH(Protocol, remote);
    QFETCH(bool, isPair);
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, tcpCandidate("198.51.100.1", 6001, remote));
    lone.runFor(1s);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(isPair ? 1 : 0));
    QCOMPARE(lone.agent.trials().size(), std::size_t(isPair ? 1 : 0));
    if (isPair) {
        QCOMPARE(connects[0].local.toString(), std::string("192.0.2.1"));
        QCOMPARE(connects[0].remote.toString(), std::string("198.51.100.1:6001"));
    }
    // No datagram goes to a TCP candidate, nor from one.
    QVERIFY(lone.sent.empty());
}

void tst_IceTcp::withoutDirectPathsThereIsNoTcp()
{
    ice::Config config;
    config.usesDirect = false;
    LoneAgent lone(config);
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(5s);
    QVERIFY(lone.candidates.empty());
    QVERIFY(lone.requests.empty());
    QCOMPARE(lone.agent.connectionAccepted(lone.now, acceptedRoute()), 0u);
}

void tst_IceTcp::tcpCanBeSwitchedOff()
{
    ice::Config config;
    config.usesTcp = false;
    LoneAgent lone(config);
    lone.addLocal("192.0.2.1");
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(5s);
    QCOMPARE(lone.candidates.size(), std::size_t(1));
    QVERIFY(lone.requests.empty());
    QVERIFY(lone.agent.remoteCandidates().empty());
}

void tst_IceTcp::connectsWhereUdpDoesNotPass_data()
{
    QTest::addColumn<bool>("renomination");
    QTest::addColumn<bool>("isRoleConflict");
    QTest::newRow("with renomination") << true << false;
    QTest::newRow("without") << false << false;
    QTest::newRow("both controlling") << true << true;
}

void tst_IceTcp::connectsWhereUdpDoesNotPass()
{
    QFETCH(bool, renomination);
    QFETCH(bool, isRoleConflict);
    ice::Config first, second = TwoAgents::controlled();
    first.renomination = second.renomination = renomination;
    if (isRoleConflict)
        second.role = ice::Role::Controlling;
    TwoAgents agents(first, second);
    blockUdp(agents);
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.areConnected(); }, 200ms));
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    QVERIFY(isOnTcp(agents[0]) && isOnTcp(agents[1]));
    QVERIFY(agents.runUntil([&] {
        return agents[0].state() == ice::State::Completed
            && agents[1].state() == ice::State::Completed;
    }));
    QVERIFY(agents.agree());
    QCOMPARE_NE(agents[0].role(), agents[1].role());
    const auto pairs = agents[0].validPairs();
    QCOMPARE(routed(pairs, agents[0])->localType, CandidateType::Host);
    QCOMPARE(routed(pairs, agents[0])->remoteType, CandidateType::Host);
}

void tst_IceTcp::oneReachableSideIsEnough_data()
{
    QTest::addColumn<int>("opener");
    QTest::addColumn<bool>("isRefused");
    QTest::newRow("controlling opens, refused the other way") << 0 << true;
    QTest::newRow("controlled opens, refused the other way") << 1 << true;
    QTest::newRow("controlling opens, silence the other way") << 0 << false;
    QTest::newRow("controlled opens, silence the other way") << 1 << false;
}

void tst_IceTcp::oneReachableSideIsEnough()
{
    QFETCH(int, opener);
    QFETCH(bool, isRefused);
    TwoAgents agents;
    blockUdp(agents);
    agents.connectTcp = [&](int from, const ice::request::Connect &) {
        if (from == opener)
            return TwoAgents::SynFate::Answered;
        return isRefused ? TwoAgents::SynFate::Refused : TwoAgents::SynFate::Lost;
    };
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.areConnected(); }, 200ms));
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    QCOMPARE(agents.connections(), std::size_t(1));
    QVERIFY(agents[opener].route()->local.port != 6000 + opener);
    QCOMPARE(agents[1 - opener].route()->local.port, std::uint16_t(6001 - opener));
    agents.runFor(60s);
    QVERIFY(agents.agree());
}

void tst_IceTcp::udpIsPreferred()
{
    TwoAgents agents;
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.areConnected(); }, 100ms));
    QVERIFY(isOnUdp(agents[0]) && isOnUdp(agents[1]));
    agents.runFor(120s);
    QVERIFY(isOnUdp(agents[0]) && isOnUdp(agents[1]));
    QCOMPARE(agents[0].state(), ice::State::Completed);
    // One connection stands by, no more.
    QVERIFY(agents.connections() <= 1);
}

void tst_IceTcp::udpTakesOverWhenItPasses()
{
    TwoAgents agents;
    bool isBlocked = true;
    agents.carry = [&](int, const Route &route) {
        return isBlocked ? std::nullopt : std::optional(reversed(route, TransportId::None));
    };
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    QVERIFY(isOnTcp(agents[0]));
    agents.runFor(20s);
    isBlocked = false;
    QVERIFY(agents.runUntil([&] { return isOnUdp(agents[0]) && isOnUdp(agents[1]); }, 31s));
    agents.runFor(1s);
    QVERIFY(agents.agree());
}

void tst_IceTcp::nothingButTheSynGoesBeforeTheConnection()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(2s);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    QVERIFY(lone.sent.empty());
    const Route route = connectionRoute(connects[0]);
    lone.agent.transportOpened(lone.now, connects[0].id, route);
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QCOMPARE(requests[0].route, route);
    // Section 7.1: the priority of a peer-reflexive TCP candidate.
    QCOMPARE(requests[0].message().uint32(stun::Attribute::Priority).value_or(0),
             ice::tcpPriority(CandidateType::PeerReflexive, Protocol::TcpActive, 65535));
}

void tst_IceTcp::checkIsSentOnce()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    const auto wanted = lone.newConnects();
    lone.runFor(1s);
    const auto connects = wanted.empty() ? lone.newConnects() : wanted;
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.runFor(7s);
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(lone.newCloses().empty());
    lone.answer(requests[0]);
    QVERIFY(isOnTcp(lone.agent));
}

void tst_IceTcp::silentConnectionIsGivenUp()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.runFor(8s);
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{connects[0].id});
    QCOMPARE(lone.agent.trials()[0].outcome, ice::PairTrial::Outcome::Silent);
    lone.runFor(3s);
    QCOMPARE(lone.newConnects().size(), std::size_t(1));
}

void tst_IceTcp::refusedConnectionFailsThePairAndIsTriedAgain()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    lone.agent.transportFailed(lone.now, connects[0].id);
    lone.drain();
    QCOMPARE(lone.agent.trials()[0].outcome, ice::PairTrial::Outcome::Silent);
    lone.runFor(1900ms);
    QVERIFY(lone.newConnects().empty());
    lone.runFor(200ms);
    connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    // The next time after twice as long.
    lone.agent.transportFailed(lone.now, connects[0].id);
    lone.runFor(3900ms);
    QVERIFY(lone.newConnects().empty());
    lone.runFor(200ms);
    QCOMPARE(lone.newConnects().size(), std::size_t(1));
    QVERIFY(lone.sent.empty());
    QVERIFY(lone.newCloses().empty());
}

void tst_IceTcp::unansweredSynIsGivenUp()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(7s);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    QVERIFY(lone.newCloses().empty());
    lone.runFor(1s);
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{connects[0].id});
    // What opens now is not wanted any more.
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.runFor(10ms);
    QVERIFY(lone.sent.empty());
}

void tst_IceTcp::noConnectionIsOpenedWhileUdpIsInUse()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    lone.addTcp("192.0.2.1");
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(100ms);
    QVERIFY(lone.newConnects().empty());
    // It is no reason to go on checking.
    QCOMPARE(lone.agent.state(), ice::State::Connected);
    for (const auto &request : lone.newRequests())
        lone.answer(request);
    QCOMPARE(lone.agent.state(), ice::State::Completed);
    // UDP falls silent: now there is reason.
    lone.agent.noteDataSent(lone.now);
    lone.runFor(1s);
    QCOMPARE(lone.newConnects().size(), std::size_t(1));
}

void tst_IceTcp::acceptedConnectionOfThePeerIsUsed()
{
    LoneAgent lone(withRole(ice::Role::Controlled));
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    const Candidate active = tcpCandidate("198.51.100.1", 9, Protocol::TcpActive);
    lone.agent.addRemoteCandidate(lone.now, active);
    lone.runFor(100ms);
    const std::uint32_t id = lone.agent.connectionAccepted(lone.now, acceptedRoute());
    QVERIFY(id != 0);
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    const auto answer = lone.check(acceptedRoute(), check);
    QVERIFY(answer);
    QCOMPARE(answer->message().messageClass(), stun::Class::SuccessResponse);
    // The triggered check goes back by the same connection.
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QCOMPARE(requests[0].route, acceptedRoute());
    lone.answer(requests[0]);
    QVERIFY(isOnTcp(lone.agent));
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs[0].remoteType, CandidateType::Host);
    QVERIFY(lone.newCloses().empty());
    QVERIFY(lone.newConnects().empty());
}

void tst_IceTcp::firstCheckMayComeBeforeTheDescription()
{
    LoneAgent lone(withRole(ice::Role::Controlled));
    lone.addTcp("192.0.2.1");
    QVERIFY(lone.agent.connectionAccepted(lone.now, acceptedRoute()) != 0);
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    QVERIFY(lone.check(acceptedRoute(), check));
    lone.runFor(1s);
    QVERIFY(lone.newCloses().empty());
    QVERIFY(lone.newRequests().empty());
    lone.setPeer();
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    lone.answer(requests[0]);
    QVERIFY(isOnTcp(lone.agent));
}

void tst_IceTcp::connectionOfAStrangerIsClosed_data()
{
    QTest::addColumn<QByteArray>("username");
    QTest::addColumn<QByteArray>("password");
    QTest::addColumn<bool>("isKeptAWhile");
    QTest::newRow("wrong password")
        << QByteArray() << QByteArray("a guess that is long enough") << false;
    QTest::newRow("wrong fragment") << QByteArray("else:peerfrag") << QByteArray() << false;
    // Of a session whose description has not come yet, it may be.
    QTest::newRow("another peer's fragment") << QByteArray("?:somebody") << QByteArray() << true;
}

void tst_IceTcp::connectionOfAStrangerIsClosed()
{
    QFETCH(QByteArray, username);
    QFETCH(QByteArray, password);
    QFETCH(bool, isKeptAWhile);
    LoneAgent lone(withRole(ice::Role::Controlled));
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    const std::uint32_t id = lone.agent.connectionAccepted(lone.now, acceptedRoute());
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    username.replace('?', QByteArray::fromStdString(lone.agent.localParameters().usernameFragment));
    check.username = username.toStdString();
    check.password = password.toStdString();
    (void)lone.check(acceptedRoute(), check);
    if (isKeptAWhile) {
        QVERIFY(lone.newCloses().empty());
        lone.runFor(8s);
    }
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{id});
    QVERIFY(lone.newRequests().empty());
    QVERIFY(!lone.agent.isKnown(acceptedRoute()));
    QVERIFY(lone.agent.trials().empty());
}

void tst_IceTcp::connectionLivesThroughARoleConflict()
{
    LoneAgent lone(withRole(ice::Role::Controlling));
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    QVERIFY(lone.agent.connectionAccepted(lone.now, acceptedRoute()) != 0);
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    check.tieBreaker = 0;
    const auto refusal = lone.check(acceptedRoute(), check);
    QVERIFY(refusal && refusal->isError(stun::errorcode::RoleConflict));
    lone.runFor(500ms);
    QVERIFY(lone.newCloses().empty());
    check.role = ice::Role::Controlled;
    QVERIFY(lone.check(acceptedRoute(), check));
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    lone.answer(requests[0]);
    QVERIFY(isOnTcp(lone.agent));
}

void tst_IceTcp::connectionToNoCandidateOfOursIsRefused()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    QCOMPARE(lone.agent.connectionAccepted(lone.now, acceptedRoute()), 0u);
}

void tst_IceTcp::connectionsAreBounded()
{
    ice::Config config = withRole(ice::Role::Controlled);
    config.maxConnections = 3;
    LoneAgent lone(config);
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    std::vector<std::uint32_t> ids;
    for (std::uint16_t i = 0; i < 3; ++i) {
        const Route route = acceptedRoute(std::uint16_t(42000 + i), 60u + i);
        ids.push_back(lone.agent.connectionAccepted(lone.now, route));
        QVERIFY(ids.back() != 0);
        LoneAgent::Check check;
        check.role = ice::Role::Controlling;
        QVERIFY(lone.check(route, check));
    }
    QCOMPARE(lone.agent.connectionAccepted(lone.now, acceptedRoute(42003, 63)), 0u);
    // Nor are others opened meanwhile.
    for (std::uint16_t i = 0; i < 10; ++i)
        lone.agent.addRemoteCandidate(
            lone.now, tcpCandidate("198.51.100.1", std::uint16_t(7000 + i), Protocol::TcpPassive));
    lone.runFor(500ms);
    QVERIFY(lone.newConnects().empty());
    lone.agent.transportFailed(lone.now, ids[0]);
    lone.runFor(500ms);
    QCOMPARE(lone.newConnects().size(), std::size_t(1));
}

void tst_IceTcp::natBeforeTheActiveSideMakesItPeerReflexive()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.drain();
    lone.answer(lone.newRequests()[0], address("203.0.113.7", 1234));
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QCOMPARE(pairs[0].localType, CandidateType::PeerReflexive);
    QCOMPARE(pairs[0].kind, ice::PathKind::Direct);
    // It is of no use to anybody else, so it is not told.
    QCOMPARE(lone.candidates.size(), std::size_t(2));
}

void tst_IceTcp::brokenConnectionIsLossAtOnceAndIsReopened()
{
    TwoAgents agents;
    blockUdp(agents);
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    agents.runFor(10s);
    const int syns = agents.syns[0] + agents.syns[1];
    agents.breakConnections();
    QVERIFY(!agents[0].route());
    QVERIFY(!agents[1].route());
    QCOMPARE(agents[0].state(), ice::State::Disconnected);
    // Reopened, two round trips.
    QVERIFY(agents.runUntil([&] { return agents.areConnected(); }, 200ms));
    agents.runFor(1s);
    QVERIFY(agents.agree());
    QVERIFY(agents.syns[0] + agents.syns[1] > syns);
    agents.runFor(60s);
    QVERIFY(agents.agree());
}

void tst_IceTcp::brokenConnectionGivesWayToAnotherPair()
{
    TwoAgents agents;
    blockUdp(agents);
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    agents.carry = nullptr;
    agents.addTunnel(0);
    agents.addTunnel(1);
    agents.carry = [](int, const Route &route) {
        return route.transport == TransportId{9} ? std::optional(reversed(route, TransportId::None))
                                                 : std::nullopt;
    };
    agents.runFor(10s);
    QVERIFY(isOnTcp(agents[0]));
    agents.breakConnections();
    QVERIFY(agents[0].route());
    QCOMPARE(agents[0].route()->transport, TransportId{9});
    QVERIFY(agents.runUntil([&] { return isOnTcp(agents[0]) && isOnTcp(agents[1]); }, 5s));
}

void tst_IceTcp::connectionThatBreaksBeforeTheCheckFailsThePair()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    // A check of another pair has just gone, so this one has to wait for its turn.
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1"));
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.agent.transportFailed(lone.now, connects[0].id);
    lone.runFor(1s);
    QVERIFY(lone.newConnects().empty());
    lone.runFor(1500ms);
    QCOMPARE(lone.newConnects().size(), std::size_t(1));
}

void tst_IceTcp::restartOpensNewConnectionsAndClosesTheOld()
{
    TwoAgents agents;
    blockUdp(agents);
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    agents.runFor(5s);
    const Route old = *agents[0].route();
    agents.isSignaling = false;
    agents.sides[0].candidates.clear();
    agents.sides[1].candidates.clear();
    agents[0].restart(agents.now);
    agents[1].restart(agents.now);
    agents.drain();
    agents.exchangeParameters();
    QVERIFY(agents.areConnected());
    agents.runFor(2s);
    QVERIFY(agents.agree());
    QVERIFY(agents[0].route() != old);
    agents.runFor(60s);
    QVERIFY(agents.agree());
    QVERIFY(agents.connections() <= 2);
}

void tst_IceTcp::consentIsKeptOverTcp()
{
    TwoAgents agents;
    blockUdp(agents);
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    agents.runFor(5s);
    const Route route = *agents[0].route();
    const int before = agents.sides[0].sent[route];
    agents.runFor(100s);
    QCOMPARE(*agents[0].route(), route);
    const int asked = agents.sides[0].sent[route] - before;
    // Requests and answers, one each every 5 s.
    QVERIFY2(asked >= 30 && asked <= 52, qPrintable(QString::number(asked)));
    // Nothing comes through any more, and nobody says so.
    agents.delay = [](const Route &) { return 1000s; };
    agents.connectTcp = [](int, const ice::request::Connect &) { return TwoAgents::SynFate::Lost; };
    QVERIFY(agents.runUntil([&] { return agents[0].state() == ice::State::Disconnected; }, 8s));
    agents.runFor(40s);
    QVERIFY(!agents[0].route());
}

void tst_IceTcp::refusalEndsTheConnection()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.drain();
    const auto requests = lone.newRequests();
    lone.refuse(requests[0], stun::errorcode::Forbidden);
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{connects[0].id});
    // RFC 7675 section 5.1: not again with these credentials.
    lone.runFor(60s);
    QVERIFY(lone.newConnects().empty());
}

void tst_IceTcp::unusedConnectionsAreClosed()
{
    TwoAgents agents;
    // Both are opened before UDP has its answer.
    agents.delay = [](const Route &route) {
        return route.transport == TransportId{1} ? 100ms : 10ms;
    };
    agents.addTcpAddress(0, "192.0.2.1");
    agents.addTcpAddress(1, "198.51.100.1");
    agents.connect();
    QVERIFY(agents.runUntil([&] { return agents.agree(); }, 1s));
    QCOMPARE(agents.connections(), std::size_t(2));
    agents.runFor(90s);
    QVERIFY(isOnUdp(agents[0]));
    QCOMPARE(agents.connections(), std::size_t(1));
}

void tst_IceTcp::removedAddressTakesItsConnectionsAlong()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    lone.agent.transportOpened(lone.now, connects[0].id, connectionRoute(connects[0]));
    lone.drain();
    lone.answer(lone.newRequests()[0]);
    QVERIFY(lone.agent.route());
    lone.agent.removeLocalAddress(lone.now, TransportId{2}, ipAddress("192.0.2.1"));
    lone.drain();
    QVERIFY(!lone.agent.route());
    QCOMPARE(lone.newCloses(), std::vector<std::uint32_t>{connects[0].id});
}

void tst_IceTcp::closingClosesEveryConnection()
{
    LoneAgent lone;
    lone.addTcp("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  tcpCandidate("198.51.100.1", 6001, Protocol::TcpPassive));
    const std::uint32_t accepted = lone.agent.connectionAccepted(lone.now, acceptedRoute());
    lone.runFor(10ms);
    const auto connects = lone.newConnects();
    QCOMPARE(connects.size(), std::size_t(1));
    lone.agent.close(lone.now);
    lone.drain();
    const auto closed = lone.newCloses();
    QCOMPARE(closed.size(), std::size_t(2));
    QVERIFY(std::find(closed.begin(), closed.end(), accepted) != closed.end());
    QCOMPARE(lone.agent.connectionAccepted(lone.now, acceptedRoute(42001, 32)), 0u);
}

QTEST_APPLESS_MAIN(tst_IceTcp)
#include "tst_icetcp.moc"
