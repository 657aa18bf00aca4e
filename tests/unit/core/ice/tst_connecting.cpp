// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <set>

using namespace peer;
using namespace std::chrono_literals;
using ice::Role;
using ice::State;

Q_DECLARE_METATYPE(peer::ice::Role)

namespace {

/// An address translator in front of side 1: its private address is seen as 203.0.113.1, at a port
/// that depends on the destination when symmetric. It lets in what it has sent to.
class Nat
{
public:
    explicit Nat(bool isSymmetric)
        : m_isSymmetric(isSymmetric)
    { }

    std::optional<Route> carry(int from, const Route &route)
    {
        if (from == 1) {
            const auto key = std::pair(route.local,
                                       m_isSymmetric ? route.remote : TransportAddress());
            auto [mapping, isNew] = m_ports.emplace(key, 0);
            if (isNew)
                mapping->second = static_cast<std::uint16_t>(40000 + m_ports.size());
            m_allowed.insert({mapping->second, route.remote});
            m_inside[mapping->second] = route.local;
            return Route{TransportId::None, route.remote, address("203.0.113.1", mapping->second)};
        }
        if (route.remote.ip != ipAddress("203.0.113.1")
            || !m_allowed.contains({route.remote.port, route.local}))
            return std::nullopt;
        return Route{TransportId::None, m_inside[route.remote.port], route.local};
    }

private:
    bool m_isSymmetric;
    std::map<std::pair<TransportAddress, TransportAddress>, std::uint16_t> m_ports;
    std::map<std::uint16_t, TransportAddress> m_inside;
    std::set<std::pair<std::uint16_t, TransportAddress>> m_allowed;
};

bool areCompleted(TwoAgents &pair)
{
    return pair[0].state() == State::Completed && pair[1].state() == State::Completed;
}

} // namespace

/// Two agents with a network between them.
class tst_Connecting : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twoHostsConnectInOneRoundTrip();
    void theyConnect_data();
    void theyConnect();
    void aPeerBehindATranslatorIsPeerReflexive_data();
    void aPeerBehindATranslatorIsPeerReflexive();
    void checksBeforeTheDescriptionSpareARoundTrip();
    void roleConflictsAreRepaired_data();
    void roleConflictsAreRepaired();
    void candidatesMayTrickleInAnyOrder();
    void lossDelaysButDoesNotPrevent();
    void severalInterfacesEndOnTheBestPair();
    void brokenFamilyDoesNotHoldUpTheOther();
    void aNewAddressConnectsWhatWasApart();
    void litePeerIsConnectedByChecksOfOurs();
    void controlledAgentTakesControlOfALitePeer();
    void nothingGoesWhereNobodyWasSignaled();
    void comesToRestWhenNothingWorks();
};

void tst_Connecting::twoHostsConnectInOneRoundTrip()
{
    TwoAgents pair;
    pair.connect();
    const TimePoint start = pair.now;
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }));
    QCOMPARE(pair.now - start, Duration(20ms));
    QVERIFY(pair.agree());
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }));
    QCOMPARE(pair.now - start, Duration(40ms));
    QCOMPARE(pair[0].roundTripTime(), Duration(20ms));
}

void tst_Connecting::theyConnect_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("second");
    QTest::newRow("IPv4") << QByteArray("192.0.2.1") << QByteArray("198.51.100.1");
    QTest::newRow("IPv6") << QByteArray("2001:db8::1") << QByteArray("2001:db8:1::1");
    QTest::newRow("IPv6 link-local") << QByteArray("fe80::1") << QByteArray("fe80::2");
    QTest::newRow("loopback") << QByteArray("127.0.0.1") << QByteArray("127.0.0.1");
    QTest::newRow("IPv6 loopback") << QByteArray("::1") << QByteArray("::1");
}

void tst_Connecting::theyConnect()
{
    QFETCH(QByteArray, first);
    QFETCH(QByteArray, second);
    TwoAgents pair;
    pair.connect(first.constData(), second.constData());
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }, 1s));
    QVERIFY(pair.agree());
}

void tst_Connecting::aPeerBehindATranslatorIsPeerReflexive_data()
{
    QTest::addColumn<bool>("isSymmetric");
    QTest::newRow("endpoint-independent mapping") << false;
    QTest::newRow("address- and port-dependent mapping") << true;
}

void tst_Connecting::aPeerBehindATranslatorIsPeerReflexive()
{
    QFETCH(bool, isSymmetric);
    Nat nat(isSymmetric);
    TwoAgents pair;
    pair.carry = [&](int from, const Route &route) { return nat.carry(from, route); };
    pair.connect("192.0.2.1", "10.0.0.1");
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }, 50ms));
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }, 10s));
    const auto outside = pair[0].validPairs();
    QCOMPARE(outside.size(), std::size_t(1));
    QVERIFY(outside[0].remoteType == CandidateType::PeerReflexive);
    QVERIFY(outside[0].route.remote.ip == ipAddress("203.0.113.1"));
    const auto inside = pair[1].validPairs();
    QCOMPARE(inside.size(), std::size_t(1));
    QVERIFY(inside[0].localType == CandidateType::PeerReflexive);
    QVERIFY(inside[0].route.remote == address("192.0.2.1", 5000));
}

void tst_Connecting::checksBeforeTheDescriptionSpareARoundTrip()
{
    TwoAgents pair;
    pair.addAddress(0, "192.0.2.1");
    pair.addAddress(1, "198.51.100.1");
    // The answerer knows the offer and checks; its answer is under way for 35 ms.
    pair[1].setRemoteParameters(pair.now, pair[0].localParameters());
    pair[1].addRemoteCandidate(pair.now, pair.sides[0].candidates.at(0));
    QVERIFY(pair.runUntil([&] { return pair[1].route().has_value(); }, 25ms));
    QVERIFY(pair[0].state() == State::New);
    pair.runFor(15ms);
    pair[0].setRemoteParameters(pair.now, pair[1].localParameters());
    const TimePoint answered = pair.now;
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }));
    // Not one candidate of the answerer was needed.
    QCOMPARE(pair.now - answered, Duration(20ms));
}

void tst_Connecting::roleConflictsAreRepaired_data()
{
    QTest::addColumn<Role>("both");
    QTest::addColumn<int>("seed");
    for (int seed = 0; seed < 6; ++seed) {
        QTest::addRow("both controlling, %d", seed) << Role::Controlling << seed;
        QTest::addRow("both controlled, %d", seed) << Role::Controlled << seed;
    }
}

void tst_Connecting::roleConflictsAreRepaired()
{
    QFETCH(Role, both);
    QFETCH(int, seed);
    ice::Config config;
    config.role = both;
    TwoAgents pair(config, config, static_cast<std::uint64_t>(seed));
    // With one-way delays that differ, the checks cross in many ways.
    pair.delay = [seed](const Route &route) {
        return route.remote.port == 5000 ? Duration(1ms * (1 + 7 * seed)) : Duration(9ms);
    };
    pair.connect();
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }, 5s));
    QVERIFY(pair[0].role() != pair[1].role());
    QVERIFY(pair.agree());
}

void tst_Connecting::candidatesMayTrickleInAnyOrder()
{
    TwoAgents pair;
    pair[0].setRemoteParameters(pair.now, pair[1].localParameters());
    pair.addAddress(0, "192.0.2.1");
    pair.addAddress(1, "198.51.100.1");
    for (const Candidate &candidate : pair.sides[0].candidates)
        pair[1].addRemoteCandidate(pair.now, candidate);
    pair.runFor(1s);
    QVERIFY(!pair[1].route());
    pair[1].setRemoteParameters(pair.now, pair[0].localParameters());
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }, 2s));
}

void tst_Connecting::lossDelaysButDoesNotPrevent()
{
    for (int seed = 1; seed <= 20; ++seed) {
        TwoAgents pair({}, TwoAgents::controlled(), static_cast<std::uint64_t>(seed));
        SeededRandom random(static_cast<std::uint64_t>(seed));
        pair.carry = [&](int, const Route &route) -> std::optional<Route> {
            if (random.below(100) < 30)
                return std::nullopt;
            return reversed(route, TransportId::None);
        };
        pair.connect();
        QVERIFY(pair.runUntil([&] { return areCompleted(pair) && pair.agree(); }, 10s));
    }
}

void tst_Connecting::severalInterfacesEndOnTheBestPair()
{
    TwoAgents pair;
    pair.addAddress(0, "192.0.2.1", 100);
    pair.addAddress(0, "2001:db8::1", 200);
    pair.addAddress(0, "10.0.0.1", 300);
    pair.addAddress(1, "198.51.100.1", 100);
    pair.addAddress(1, "2001:db8::2", 200);
    // 10.0.0.1 reaches nobody.
    pair.carry = [](int, const Route &route) -> std::optional<Route> {
        const IpAddress dead = ipAddress("10.0.0.1");
        if (route.local.ip == dead || route.remote.ip == dead)
            return std::nullopt;
        return reversed(route, TransportId::None);
    };
    pair.exchangeParameters();
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }, 1s));
    QVERIFY(pair.runUntil([&] { return areCompleted(pair); }, 20s));
    QVERIFY(pair.agree());
    QVERIFY(pair[0].route()->local == address("2001:db8::1", 5000));
}

void tst_Connecting::brokenFamilyDoesNotHoldUpTheOther()
{
    TwoAgents pair;
    pair.addAddress(0, "2001:db8::1", 200);
    pair.addAddress(0, "192.0.2.1", 100);
    pair.addAddress(1, "2001:db8::2", 200);
    pair.addAddress(1, "198.51.100.1", 100);
    pair.carry = [](int, const Route &route) -> std::optional<Route> {
        if (route.local.ip.isV6())
            return std::nullopt;
        return reversed(route, TransportId::None);
    };
    pair.exchangeParameters();
    const TimePoint start = pair.now;
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }));
    QVERIFY(pair.now - start <= 25ms);
}

void tst_Connecting::aNewAddressConnectsWhatWasApart()
{
    TwoAgents pair;
    pair.addAddress(0, "10.0.0.1");
    pair.addAddress(1, "198.51.100.1");
    pair.carry = [](int, const Route &route) -> std::optional<Route> {
        const IpAddress dead = ipAddress("10.0.0.1");
        if (route.local.ip == dead || route.remote.ip == dead)
            return std::nullopt;
        return reversed(route, TransportId::None);
    };
    pair.exchangeParameters();
    QVERIFY(!pair.runUntil([&] { return pair.areConnected(); }, 60s));
    pair.addAddress(0, "192.0.2.1");
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }, 100ms));
}

void tst_Connecting::litePeerIsConnectedByChecksOfOurs()
{
    LoneAgent lone;
    lone.peerParameters.isLite = true;
    lone.peerParameters.renomination = false;
    lone.setUp();
    lone.runFor(10ms);
    lone.answer(lone.newRequests().at(0));
    QVERIFY(lone.agent.route() == lone.route());
    lone.runFor(50ms);
    const auto nomination = lone.newRequests().at(0);
    QVERIFY(nomination.message().has(stun::Attribute::UseCandidate));
    lone.answer(nomination);
    QVERIFY(lone.agent.state() == State::Completed);
}

void tst_Connecting::controlledAgentTakesControlOfALitePeer()
{
    LoneAgent lone(TwoAgents::controlled());
    lone.peerParameters.isLite = true;
    lone.setUp();
    QVERIFY(lone.agent.role() == Role::Controlling);
    QVERIFY(lone.newRequests().at(0).message().has(stun::Attribute::IceControlling));
}

void tst_Connecting::nothingGoesWhereNobodyWasSignaled()
{
    LoneAgent lone;
    lone.setUp();
    // A stranger's datagrams, authentic or not, of the wrong sort: no check and no data for it.
    const Route stranger = lone.route("203.0.113.66");
    lone.receive(stranger, lone.successTo(lone.newRequests().at(0)));
    LoneAgent::Check check;
    check.password = "guessed wrongly by the stranger";
    lone.check(stranger, check);
    lone.newRequests();
    lone.runFor(30s);
    for (const auto &request : lone.newRequests())
        QVERIFY(request.route == lone.route());
    QVERIFY(!lone.agent.route());
}

void tst_Connecting::comesToRestWhenNothingWorks()
{
    TwoAgents pair;
    pair.carry = [](int, const Route &) { return std::nullopt; };
    pair.connect();
    pair.endCandidates();
    QVERIFY(pair.runUntil(
        [&] { return pair[0].state() == State::Failed && pair[1].state() == State::Failed; }, 45s));
    QVERIFY(pair[0].nextDeadline() == Never);
    QVERIFY(pair.sides[0].states == std::vector<State>({State::Checking, State::Failed}));
    QCOMPARE(pair.sides[0].gatheringCompletions, 1);
}

QTEST_APPLESS_MAIN(tst_Connecting)

#include "tst_connecting.moc"
