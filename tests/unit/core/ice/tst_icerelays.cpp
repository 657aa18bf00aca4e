// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "relayedagents.h"

#include "core/ice/checklist.h"
#include "core/ice/priority.h"

#include <QtTest/QTest>

using namespace peer;
using namespace std::chrono_literals;
using stun::Method;

namespace {

ice::Config hiding()
{
    ice::Config config;
    config.usesDirect = false;
    return config;
}

ice::RelayServer streamServer(turn::Transport transport)
{
    ice::RelayServer server;
    server.transport = transport;
    server.host = "turn.example.org";
    server.port = 5349;
    server.username = "alice";
    server.password = "secret";
    return server;
}

} // namespace

class tst_IceRelays : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void relayedCandidateIsGathered();
    void hiddenAgentTellsRelayedCandidatesAlone();
    void withoutRelaysNoServerIsAsked();
    void connectsAndCarriesData();
    void peersTrickleIntoOnePermissionEach();
    void refusedPeerFailsAtOnce();
    void protocolsHaveTheirPreferences_data();
    void protocolsHaveTheirPreferences();
    void streamIsAskedForWithItsName();
    void serverMaySendUsElsewhere();
    void endlessRedirectionEnds();
    void deadInterfaceIsLeftForTheNext();
    void silentServerIsTriedAgain();
    void fullServerIsLeftInPeaceForAMinute();
    void wrongCredentialsWaitForOthers();
    void lostAllocationIsReplaced();
    void lostInterfaceIsReplaced();
    void restartKeepsTheAllocation();
    void closingFreesTheAllocation();
    void serversAreBounded();
    void lateAnswersChangeNothing();
    void kindsTakeTurnsInTheChecklist();
    void kindsDoNotCompeteForPlaces();
    void lossIsCounted();
};

void tst_IceRelays::relayedCandidateIsGathered()
{
    RelayedAgents agents;
    agents.gather();
    const auto ports = agents.requested<ice::request::OpenPort>();
    QCOMPARE(ports.size(), std::size_t(1));
    QCOMPARE(ports[0].local.toString(), std::string(RelayedAgents::Local));
    QCOMPARE(ports[0].server, RelayedAgents::ServerAddress);
    QCOMPARE(agents.candidates.size(), std::size_t(3)); // host, relayed with each family
    const Candidate &v6 = agents.candidates[1], &v4 = agents.candidates[2];
    QCOMPARE(v6.address.ip.toString(), std::string("2001:db8::77"));
    QCOMPARE(v4.address.ip.toString(), std::string("203.0.113.77"));
    for (const Candidate &candidate : {v4, v6}) {
        QVERIFY(candidate.type == CandidateType::Relayed);
        QCOMPARE(candidate.priority >> 24, 10u);
        QCOMPARE(candidate.relatedAddress.toString(), std::string("192.0.2.1:7000"));
    }
    QVERIFY(v4.foundation != v6.foundation);
    QVERIFY(v6.priority > v4.priority);
    QVERIFY(agents.server.faults.empty());
    // The server's other face, that of a STUN server, does not answer here.
    QCOMPARE(agents.gatheringCompletions, 0);
    agents.runFor(12s);
    QCOMPARE(agents.gatheringCompletions, 1);
}

void tst_IceRelays::hiddenAgentTellsRelayedCandidatesAlone()
{
    RelayedAgents agents({}, hiding());
    agents.gather();
    QCOMPARE(agents.candidates.size(), std::size_t(2));
    for (const Candidate &candidate : agents.candidates) {
        QVERIFY(candidate.type == CandidateType::Relayed);
        QVERIFY(candidate.relatedAddress.isNull());
    }
    QCOMPARE(agents.gatheringCompletions, 1);
    agents.connect();
    agents.runFor(1s);
    QVERIFY(agents.agent.route());
    QVERIFY(agents.pairInUse().kind == ice::PathKind::Relayed);
    // What comes to the host itself is not answered.
    const Route stranger{TransportId{1},
                         {*IpAddress::fromString(RelayedAgents::Local), 5000},
                         {*IpAddress::fromString(RelayedAgents::OtherAddress), 6000}};
    const Bytes check(20, 0);
    QVERIFY(!agents.agent.receive(agents.now, {stranger, check}));
}

void tst_IceRelays::withoutRelaysNoServerIsAsked()
{
    ice::Config config;
    config.usesRelays = false;
    RelayedAgents agents({}, config);
    agents.gather();
    QVERIFY(agents.requests.empty());
    QCOMPARE(agents.candidates.size(), std::size_t(1));
    QCOMPARE(agents.gatheringCompletions, 1);
}

void tst_IceRelays::connectsAndCarriesData()
{
    RelayedAgents agents;
    agents.gather();
    agents.connect();
    agents.runFor(1s);
    QVERIFY(agents.agent.route());
    const ice::PairInfo pair = agents.pairInUse();
    QVERIFY(pair.kind == ice::PathKind::Relayed);
    QVERIFY(pair.protocol == turn::Transport::Udp);
    QVERIFY(agents.other.route());
    QCOMPARE(agents.other.route()->remote, pair.route.local);

    const Bytes payload{0x16, 1, 2, 3};
    QVERIFY(agents.sendData(asText(payload)));
    QCOMPARE(agents.dataAtOther.size(), std::size_t(1));
    QCOMPARE(agents.dataAtOther[0], payload);
    // By a channel: four octets more and no more.
    QCOMPARE(agents.toServer.back().size(), payload.size() + 4);
    QCOMPARE(agents.server.count(Method::ChannelBind), 1);
    QVERIFY(agents.server.faults.empty());
    agents.runFor(30min);
    QVERIFY(agents.agent.route() == pair.route);
}

void tst_IceRelays::peersTrickleIntoOnePermissionEach()
{
    RelayedAgents agents;
    agents.gather();
    agents.connect();
    Candidate candidate;
    candidate.foundation = "9";
    candidate.priority = 1 << 30;
    candidate.address = {*IpAddress::fromString(RelayedAgents::OtherAddress), 6001};
    agents.agent.addRemoteCandidate(agents.now, candidate);
    agents.drain();
    const int before = agents.server.count(Method::CreatePermission);
    QCOMPARE(before, 1); // the same IP address
    candidate.address.ip = *IpAddress::fromString("198.51.100.2");
    agents.agent.addRemoteCandidate(agents.now, candidate);
    agents.drain();
    QCOMPARE(agents.server.count(Method::CreatePermission), before + 1);
}

void tst_IceRelays::refusedPeerFailsAtOnce()
{
    sim::TurnBehavior behavior;
    behavior.forbidden = {*IpAddress::fromString(RelayedAgents::OtherAddress)};
    RelayedAgents agents(behavior, hiding());
    agents.gather();
    agents.connect();
    agents.runFor(1s);
    const std::size_t sent = agents.toServer.size();
    agents.runFor(10s);
    QCOMPARE(agents.toServer.size(), sent);
    QVERIFY(!agents.agent.route());
}

void tst_IceRelays::protocolsHaveTheirPreferences_data()
{
    QTest::addColumn<int>("transport");
    QTest::addColumn<unsigned>("preference");
    QTest::newRow("UDP") << int(turn::Transport::Udp) << 10u;
    QTest::newRow("TCP") << int(turn::Transport::Tcp) << 5u;
    QTest::newRow("TLS") << int(turn::Transport::Tls) << 2u;
}

void tst_IceRelays::protocolsHaveTheirPreferences()
{
    QFETCH(int, transport);
    QFETCH(unsigned, preference);
    const std::uint32_t priority = ice::relayedPriority(turn::Transport(transport), 65535);
    QCOMPARE(priority >> 24, preference);
    QVERIFY(ice::isRelayedPriority(priority));
    QVERIFY(priority > ice::tunnelPriority());
    QVERIFY(!ice::isRelayedPriority(ice::candidatePriority(CandidateType::ServerReflexive, 0)));
}

void tst_IceRelays::streamIsAskedForWithItsName()
{
    RelayedAgents agents;
    agents.agent.addRelayServer(agents.now, streamServer(turn::Transport::Tls));
    agents.agent.endOfLocalAddresses(agents.now);
    agents.drain();
    const auto streams = agents.requested<ice::request::OpenStream>();
    QCOMPARE(streams.size(), std::size_t(1));
    QVERIFY(streams[0].transport == turn::Transport::Tls);
    QCOMPARE(streams[0].host, std::string("turn.example.org"));
    QCOMPARE(streams[0].tlsName, std::string("turn.example.org"));
    QCOMPARE(streams[0].port, std::uint16_t(5349));
    QCOMPARE(agents.gatheringCompletions, 0);

    const Route route{TransportId{50},
                      {*IpAddress::fromString(RelayedAgents::Local), 7001},
                      {*IpAddress::fromString("203.0.113.5"), 5349}};
    agents.open[streams[0].id] = route;
    agents.agent.transportOpened(agents.now, streams[0].id, route);
    agents.drain();
    QCOMPARE(agents.candidates.size(), std::size_t(2));
    QCOMPARE(agents.candidates[0].priority >> 24, 2u);
    QCOMPARE(agents.gatheringCompletions, 1);
    // It ends, and is opened anew at once.
    agents.agent.transportFailed(agents.now, streams[0].id);
    agents.drain();
    QVERIFY(agents.open.empty());
    QCOMPARE(agents.requested<ice::request::OpenStream>().size(), std::size_t(2));
    // That fails, and some seconds pass before the next.
    agents.agent.transportFailed(agents.now, agents.requested<ice::request::OpenStream>()[1].id);
    agents.runFor(4s);
    QCOMPARE(agents.requested<ice::request::OpenStream>().size(), std::size_t(2));
    agents.runFor(2s);
    QCOMPARE(agents.requested<ice::request::OpenStream>().size(), std::size_t(3));
}

void tst_IceRelays::serverMaySendUsElsewhere()
{
    sim::TurnBehavior behavior;
    behavior.alternate = {*IpAddress::fromString("203.0.113.6"), 3479};
    RelayedAgents agents(behavior, hiding());
    agents.addLocal(RelayedAgents::Local);
    agents.agent.addRelayServer(agents.now, RelayedAgents::udpServer());
    agents.opensPorts = false;
    agents.drain();
    const auto first = agents.requested<ice::request::OpenPort>();
    QCOMPARE(first.size(), std::size_t(1));
    agents.open[first[0].id] = {TransportId{60}, {first[0].local, 7000}, first[0].server};
    agents.agent.transportOpened(agents.now, first[0].id, agents.open[first[0].id]);
    agents.drain();
    const auto ports = agents.requested<ice::request::OpenPort>();
    QCOMPARE(ports.size(), std::size_t(2));
    QCOMPARE(ports[1].server, behavior.alternate);
    QVERIFY(agents.open.empty()); // the first one is closed
}

void tst_IceRelays::endlessRedirectionEnds()
{
    sim::TurnBehavior behavior;
    behavior.alternate = {*IpAddress::fromString("203.0.113.6"), 3479};
    RelayedAgents agents(behavior, hiding());
    agents.gather();
    agents.runFor(50s);
    QCOMPARE(agents.requested<ice::request::OpenPort>().size(), std::size_t(4));
    QCOMPARE(agents.gatheringCompletions, 1);
}

void tst_IceRelays::deadInterfaceIsLeftForTheNext()
{
    RelayedAgents agents({}, hiding());
    agents.deadBases = {*IpAddress::fromString("192.0.2.1")};
    agents.addLocal("192.0.2.1", 65535);
    agents.addLocal("192.0.2.2", 65534);
    agents.agent.addRelayServer(agents.now, RelayedAgents::udpServer());
    agents.agent.endOfLocalAddresses(agents.now);
    agents.runFor(2s);
    QVERIFY(agents.candidates.empty());
    agents.runFor(1s);
    QCOMPARE(agents.candidates.size(), std::size_t(2));
    QCOMPARE(agents.requested<ice::request::OpenPort>().back().local.toString(),
             std::string("192.0.2.2"));
    QCOMPARE(agents.open.size(), std::size_t(1));
}

void tst_IceRelays::silentServerIsTriedAgain()
{
    RelayedAgents agents({}, hiding());
    agents.deadBases = {*IpAddress::fromString("192.0.2.1")};
    agents.gather();
    agents.runFor(12s);
    QCOMPARE(agents.gatheringCompletions, 1);
    QVERIFY(agents.candidates.empty());
    agents.deadBases.clear();
    agents.runFor(5s);
    QCOMPARE(agents.candidates.size(), std::size_t(2));
}

void tst_IceRelays::fullServerIsLeftInPeaceForAMinute()
{
    sim::TurnBehavior behavior;
    behavior.quota = 0;
    RelayedAgents agents(behavior, hiding());
    agents.gather();
    QCOMPARE(agents.gatheringCompletions, 1);
    agents.runFor(59s);
    QCOMPARE(agents.server.count(Method::Allocate), 1);
    agents.server.behavior.quota = 1;
    agents.runFor(2s);
    QCOMPARE(agents.candidates.size(), std::size_t(2));
}

void tst_IceRelays::wrongCredentialsWaitForOthers()
{
    RelayedAgents agents({}, hiding());
    agents.addLocal(RelayedAgents::Local);
    ice::RelayServer server = RelayedAgents::udpServer();
    server.password = "guess";
    agents.agent.addRelayServer(agents.now, server);
    agents.agent.endOfLocalAddresses(agents.now);
    agents.runFor(1h);
    QCOMPARE(agents.gatheringCompletions, 1);
    QCOMPARE(agents.toServer.size(), std::size_t(2));
    QVERIFY(agents.open.empty());
    agents.agent.addRelayServer(agents.now, RelayedAgents::udpServer());
    agents.drain();
    QCOMPARE(agents.candidates.size(), std::size_t(2));
}

void tst_IceRelays::lostAllocationIsReplaced()
{
    RelayedAgents agents({}, hiding());
    agents.gather();
    agents.connect();
    agents.runFor(1s);
    const auto before = agents.agent.route();
    QVERIFY(before);
    agents.server.forgetAllocations();
    agents.runFor(2min);
    agents.tellCandidates();
    agents.runFor(10s);
    QCOMPARE(agents.candidates.size(), std::size_t(4));
    QVERIFY(agents.agent.route());
    QVERIFY(agents.agent.route() != before);
    QCOMPARE(agents.open.size(), std::size_t(1));
}

void tst_IceRelays::lostInterfaceIsReplaced()
{
    RelayedAgents agents({}, hiding());
    agents.addLocal("192.0.2.1", 65535);
    agents.addLocal("192.0.2.2", 65534);
    agents.agent.addRelayServer(agents.now, RelayedAgents::udpServer());
    agents.drain();
    agents.agent.removeLocalAddress(agents.now, TransportId{1},
                                    *IpAddress::fromString("192.0.2.1"));
    agents.drain();
    const auto ports = agents.requested<ice::request::OpenPort>();
    QCOMPARE(ports.size(), std::size_t(2));
    QCOMPARE(ports[1].local.toString(), std::string("192.0.2.2"));
    QCOMPARE(agents.candidates.size(), std::size_t(4));
    QCOMPARE(agents.open.size(), std::size_t(1));
}

void tst_IceRelays::restartKeepsTheAllocation()
{
    RelayedAgents agents({}, hiding());
    agents.gather();
    agents.connect();
    agents.runFor(1s);
    QVERIFY(agents.agent.route());
    const std::vector<Candidate> before = agents.candidates;
    agents.candidates.clear();
    agents.agent.restart(agents.now);
    agents.drain();
    QCOMPARE(agents.candidates.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        QCOMPARE(agents.candidates[i].address, before[i].address);
        QVERIFY(agents.candidates[i].usernameFragment != before[i].usernameFragment);
    }
    QCOMPARE(agents.server.count(Method::Allocate), 1);
    QVERIFY(agents.sendData("\x16 still"));
    QCOMPARE(agents.dataAtOther.size(), std::size_t(1));
}

void tst_IceRelays::closingFreesTheAllocation()
{
    RelayedAgents agents;
    agents.gather();
    agents.connect();
    agents.runFor(1s);
    QCOMPARE(agents.server.allocationCount(), std::size_t(1));
    agents.agent.close(agents.now);
    agents.drain();
    QCOMPARE(agents.server.allocationCount(), std::size_t(0));
    QVERIFY(agents.open.empty());
    QCOMPARE(agents.agent.nextDeadline(), Never);
}

void tst_IceRelays::serversAreBounded()
{
    RelayedAgents agents;
    agents.addLocal(RelayedAgents::Local);
    for (std::uint16_t port = 1; port <= 50; ++port) {
        ice::RelayServer server = RelayedAgents::udpServer();
        server.address.port = port;
        agents.agent.addRelayServer(agents.now, server);
    }
    agents.drain();
    QCOMPARE(agents.requested<ice::request::OpenPort>().size(), std::size_t(8));
}

void tst_IceRelays::lateAnswersChangeNothing()
{
    RelayedAgents agents({}, hiding());
    agents.opensPorts = false;
    agents.gather();
    const auto ports = agents.requested<ice::request::OpenPort>();
    QCOMPARE(ports.size(), std::size_t(1));
    agents.agent.transportFailed(agents.now, 0);
    agents.agent.transportFailed(agents.now, 77);
    agents.agent.close(agents.now);
    agents.agent.transportOpened(agents.now, ports[0].id,
                                 {TransportId{9}, {ports[0].local, 1}, ports[0].server});
    agents.drain();
    QVERIFY(agents.toServer.empty());
    QCOMPARE(agents.agent.nextDeadline(), Never);
}

void tst_IceRelays::kindsTakeTurnsInTheChecklist()
{
    ice::Checklist checklist(100);
    for (std::uint64_t i = 0; i < 20; ++i) {
        ice::CandidatePair pair;
        pair.route.remote = {IpAddress::fromV4(0xC0000200), std::uint16_t(i + 1)};
        pair.foundation = ice::Foundation{i + 1};
        pair.localType = i < 10 ? CandidateType::Host : CandidateType::Relayed;
        pair.priority = 100 - i;
        checklist.add(pair, ice::Checklist::Room::ByPriority);
    }
    std::string order;
    while (ice::CandidatePair *pair = checklist.nextOrdinary()) {
        order += pair->kind() == ice::PathKind::Direct ? 'd' : 'r';
        pair->state = ice::PairState::InProgress;
    }
    QCOMPARE(order, std::string("ddrddrddrddrddrrrrrr"));
}

void tst_IceRelays::kindsDoNotCompeteForPlaces()
{
    ice::Checklist checklist(3);
    for (std::uint64_t i = 0; i < 20; ++i) {
        ice::CandidatePair pair;
        pair.route.remote = {IpAddress::fromV4(0xC0000200), std::uint16_t(i + 1)};
        pair.localType = i % 2 ? CandidateType::Host : CandidateType::Relayed;
        pair.priority = i % 2 ? 100 : 10 + i;
        checklist.add(pair, ice::Checklist::Room::ByPriority);
    }
    QCOMPARE(checklist.all().size(), std::size_t(6));
}

void tst_IceRelays::lossIsCounted()
{
    RelayedAgents agents({}, hiding());
    agents.gather();
    agents.connect();
    agents.runFor(20s);
    QCOMPARE(agents.pairInUse().loss, 0.0);
    agents.deadBases = {*IpAddress::fromString(RelayedAgents::Local)};
    agents.runFor(10s);
    QVERIFY(agents.pairInUse().loss > 0.3);
}

QTEST_APPLESS_MAIN(tst_IceRelays)
#include "tst_icerelays.moc"
