// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <map>

using namespace peer;
using namespace std::chrono_literals;
using ice::Nomination;
using ice::Role;
using ice::State;

namespace {

ice::Config withRole(Role role)
{
    ice::Config config;
    config.role = role;
    return config;
}

/// Answers everything that the agent asks, after the time that the route takes.
class Responder
{
public:
    explicit Responder(LoneAgent &lone)
        : m_lone(lone)
    { }

    std::map<Route, Duration> roundTrips;

    void runFor(Duration duration)
    {
        const TimePoint end = m_lone.now + duration;
        m_lone.drain();
        while (m_lone.now < end) {
            for (const auto &request : m_lone.newRequests()) {
                const auto roundTrip = roundTrips.find(request.route);
                if (roundTrip != roundTrips.end())
                    m_due.emplace(request.at + roundTrip->second, request);
            }
            TimePoint next = std::min(end, std::max(m_lone.agent.nextDeadline(), m_lone.now));
            if (!m_due.empty())
                next = std::min(next, std::max(m_due.begin()->first, m_lone.now));
            m_lone.now = next;
            while (!m_due.empty() && m_due.begin()->first <= m_lone.now) {
                const auto request = m_due.begin()->second;
                m_due.erase(m_due.begin());
                nominations.push_back(kind(request));
                m_lone.answer(request);
            }
            m_lone.agent.advance(m_lone.now);
            m_lone.drain();
        }
    }

    /// '-', 'U' for USE-CANDIDATE, 'N' for NOMINATION, of each request that was answered.
    std::string nominations;

private:
    static char kind(const LoneAgent::Sent &request)
    {
        if (request.message().has(stun::Attribute::Nomination))
            return 'N';
        return request.message().has(stun::Attribute::UseCandidate) ? 'U' : '-';
    }

    LoneAgent &m_lone;
    std::multimap<TimePoint, LoneAgent::Sent> m_due;
};

LoneAgent::Check nominating(Nomination kind, std::uint32_t value = 0)
{
    LoneAgent::Check check;
    check.role = Role::Controlling;
    check.nomination = kind;
    check.nominationValue = value;
    return check;
}

} // namespace

class tst_Nomination : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withRenominationTheFirstPairIsNominatedAtOnce();
    void withRenominationABetterPairTakesOver();
    void pairWithAnotherMappingIsNominatedAgain();
    void whatThePeerFindsUnfitIsNotNominatedOn();
    void withRenominationALessGoodPairDoesNot();
    void relayedPairGivesWayToADirectOne();
    void nominationValuesGrow();
    void fasterPairTakesOverOnlyAfterTwoSeconds();
    void slightlyFasterPairDoesNotTakeOver();
    void twoPairsDoNotTakeTurns();
    void withoutRenominationThereIsOneNominationAfterSettling();
    void relayedPairSettlesLater();
    void withoutRenominationThereIsNoSecondNomination();
    void failedNominationGoesToTheNextPair();
    void pairOfFailedNominationComesBackWithinItsConsent_data();
    void pairOfFailedNominationComesBackWithinItsConsent();
    void refusedNominationGoesToTheNextPair();
    void beforeNominationTheBestValidPairIsUsed();
    void controlledFollowsTheHighestNomination();
    void controlledFollowsTheLatestUseCandidate();
    void controlledGoesBackWithThePeer();
    void controlledDoesNotFlapWithAnAggressivePeer();
    void nominationOfAPairThatIsNotValidYetWaits();
    void controllingAgentIgnoresNominations();
    void controlledAgentNeverNominates();
    void roleSwitchForgetsNominations();
    void bothSidesClimbTogether();
};

void tst_Nomination::withRenominationTheFirstPairIsNominatedAtOnce()
{
    LoneAgent lone;
    lone.setUp();
    lone.runFor(30ms);
    lone.answer(lone.newRequests().at(0));
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(requests[0].at == lone.now);
    QCOMPARE(*requests[0].message().uint32(stun::Attribute::Nomination), 1u);
    QVERIFY(!requests[0].message().has(stun::Attribute::UseCandidate));
    QVERIFY(lone.agent.state() == State::Connected);
    lone.answer(requests[0]);
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    QVERIFY(lone.agent.state() == State::Completed);
}

void tst_Nomination::pairWithAnotherMappingIsNominatedAgain()
{
    TwoAgents pair;
    std::uint16_t port = 40000;
    pair.carry = [&](int from, const Route &route) -> std::optional<Route> {
        Route arriving = reversed(route, TransportId::None);
        if (from == 0)
            arriving.remote = address("203.0.113.7", port);
        else
            arriving.local = route.remote.port == port ? address("192.0.2.1", 5000)
                                                       : TransportAddress();
        return arriving.local.isNull() ? std::nullopt : std::optional(arriving);
    };
    pair.connect();
    QVERIFY(pair.runUntil([&] { return pair[1].route() && pair[1].route()->remote.port == port; }));
    // As when the NAT has forgotten what it had.
    port = 41000;
    QVERIFY(pair.runUntil([&] { return pair[1].route()->remote.port == port; }, 30s));
    const auto pairs = pair[1].validPairs();
    QVERIFY(std::any_of(pairs.begin(), pairs.end(), [&](const ice::PairInfo &info) {
        return info.route.remote.port == port && info.isNominated;
    }));
}

void tst_Nomination::withRenominationABetterPairTakesOver()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.setUp();
    const Route low = lone.route("203.0.113.9");
    responder.roundTrips[low] = 20ms;
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    responder.runFor(200ms);
    QVERIFY(lone.agent.route() == low);
    // The signaled pair of higher priority answers now.
    responder.roundTrips[lone.route()] = 20ms;
    responder.runFor(1s);
    QVERIFY(lone.agent.route() == lone.route());
    QCOMPARE(std::count(responder.nominations.begin(), responder.nominations.end(), 'N'), 2);
}

/// The answer may wait in the queue that the peer complains of.
void tst_Nomination::whatThePeerFindsUnfitIsNotNominatedOn()
{
    LoneAgent lone;
    lone.setUp();
    const Route good = lone.route("203.0.113.9", 1), better = lone.route("203.0.113.9", 2);
    LoneAgent::Check check;
    check.priority = 1000;
    lone.check(good, check);
    lone.makeValid(good);
    lone.runFor(100ms);
    for (const auto &request : lone.newRequests()) {
        if (request.route == good)
            lone.answer(request);
    }
    QVERIFY(lone.agent.route() == good);
    check.priority = 2000;
    lone.check(better, check);
    lone.makeValid(better);
    const auto nominationsOf = [&](const Route &route) {
        std::vector<std::uint32_t> values;
        for (const auto &request : lone.newRequests()) {
            const auto value = request.message().uint32(stun::Attribute::Nomination);
            if (request.route == route && value)
                values.push_back(*value);
        }
        return values;
    };
    lone.runFor(100ms);
    const auto values = nominationsOf(better);
    QVERIFY(!values.empty());
    check.unfitNominee = values.back();
    lone.check(good, check);
    lone.runFor(100ms);
    const auto later = nominationsOf(good);
    QVERIFY(!later.empty() && later.front() > values.back());
}

void tst_Nomination::withRenominationALessGoodPairDoesNot()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.setUp();
    responder.roundTrips[lone.route()] = 20ms;
    responder.runFor(200ms);
    const Route low = lone.route("203.0.113.9");
    responder.roundTrips[low] = 20ms;
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    responder.runFor(10s);
    QVERIFY(lone.agent.route() == lone.route());
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(2));
    QCOMPARE(std::count(responder.nominations.begin(), responder.nominations.end(), 'N'), 1);
}

void tst_Nomination::relayedPairGivesWayToADirectOne()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    const Route relayed = lone.route("203.0.113.9");
    lone.agent.addRemoteCandidate(lone.now,
                                  lone.candidate("203.0.113.9", 5001, CandidateType::Relayed));
    responder.roundTrips[relayed] = 5ms;
    responder.runFor(1s);
    QVERIFY(lone.agent.route() == relayed);
    // Slower by far, but direct.
    responder.roundTrips[lone.route()] = 90ms;
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1"));
    responder.runFor(1s);
    QVERIFY(lone.agent.route() == lone.route());
    responder.runFor(60s);
    QVERIFY(lone.agent.route() == lone.route());
}

void tst_Nomination::nominationValuesGrow()
{
    LoneAgent lone;
    lone.setUp();
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(lone.route("203.0.113.9"), check);
    lone.runFor(10ms);
    std::uint32_t last = 0;
    auto requests = lone.newRequests();
    std::reverse(requests.begin(), requests.end()); // the low pair first
    for (const auto &request : requests)
        lone.answer(request);
    lone.runFor(10ms);
    for (const auto &request : lone.newRequests()) {
        const auto value = request.message().uint32(stun::Attribute::Nomination);
        QVERIFY(value);
        QVERIFY(*value > last);
        last = *value;
    }
    QVERIFY(last >= 1);
}

void tst_Nomination::fasterPairTakesOverOnlyAfterTwoSeconds()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.setUp();
    responder.roundTrips[lone.route()] = 80ms;
    responder.runFor(500ms);
    QVERIFY(lone.agent.route() == lone.route());
    const Route fast = lone.route("203.0.113.9");
    responder.roundTrips[fast] = 20ms;
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(fast, check);
    responder.runFor(1900ms);
    QVERIFY(lone.agent.route() == lone.route());
    responder.runFor(300ms);
    QVERIFY(lone.agent.route() == fast);
}

void tst_Nomination::slightlyFasterPairDoesNotTakeOver()
{
    // Each is more than 20 % or more than 10 ms better, but not both.
    const std::pair<Duration, Duration> cases[] = {{90ms, 75ms}, {12ms, 4ms}};
    for (const auto &[slower, faster] : cases) {
        LoneAgent lone;
        Responder responder(lone);
        lone.setUp();
        responder.roundTrips[lone.route()] = slower;
        responder.runFor(500ms);
        const Route fast = lone.route("203.0.113.9");
        responder.roundTrips[fast] = faster;
        LoneAgent::Check check;
        check.priority = 0x6e0003e8;
        lone.check(fast, check);
        responder.runFor(30s);
        QVERIFY(lone.agent.route() == lone.route());
    }
}

void tst_Nomination::twoPairsDoNotTakeTurns()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    responder.roundTrips[lone.route()] = 40ms;
    responder.roundTrips[other] = 40ms;
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(other, check);
    SeededRandom random(3);
    for (int i = 0; i < 200; ++i) {
        // Jitter of 30 ms on both.
        responder.roundTrips[lone.route()] = 40ms + 1ms * random.below(30);
        responder.roundTrips[other] = 40ms + 1ms * random.below(30);
        responder.runFor(1s);
    }
    QVERIFY(lone.routeChanges <= 4);
}

void tst_Nomination::withoutRenominationThereIsOneNominationAfterSettling()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.peerParameters.renomination = false;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(
        lone.now, lone.candidate("198.51.100.2", 5001, CandidateType::ServerReflexive));
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1"));
    responder.roundTrips[lone.route("198.51.100.2")] = 20ms;
    responder.roundTrips[lone.route("198.51.100.1")] = 50ms;
    responder.runFor(69ms);
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(2));
    QVERIFY(responder.nominations.find('U') == std::string::npos);
    responder.runFor(200ms);
    // Not the one of higher priority: it is slower by more than 20 % and 10 ms.
    QVERIFY(lone.agent.route() == lone.route("198.51.100.2"));
    QCOMPARE(std::count(responder.nominations.begin(), responder.nominations.end(), 'U'), 1);
    QVERIFY(responder.nominations.find('N') == std::string::npos);
    QVERIFY(lone.agent.state() == State::Completed);
}

void tst_Nomination::relayedPairSettlesLater()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.peerParameters.renomination = false;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now,
                                  lone.candidate("198.51.100.2", 5001, CandidateType::Relayed));
    responder.roundTrips[lone.route("198.51.100.2")] = 10ms;
    responder.runFor(505ms);
    QVERIFY(responder.nominations.find('U') == std::string::npos);
    QVERIFY(lone.agent.route()); // data may flow all the same
    responder.runFor(50ms);
    QVERIFY(responder.nominations.find('U') != std::string::npos);
}

void tst_Nomination::withoutRenominationThereIsNoSecondNomination()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route low = lone.route("203.0.113.9");
    responder.roundTrips[low] = 90ms;
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    responder.runFor(1s);
    QVERIFY(lone.agent.route() == low);
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    responder.roundTrips[lone.route()] = 1ms;
    responder.runFor(20s);
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(2));
    QVERIFY(lone.agent.route() == low);
    QCOMPARE(std::count(responder.nominations.begin(), responder.nominations.end(), 'U'), 1);
}

void tst_Nomination::failedNominationGoesToTheNextPair()
{
    LoneAgent lone;
    Responder responder(lone);
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route low = lone.route("203.0.113.9");
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    responder.roundTrips[lone.route()] = 10ms;
    responder.roundTrips[low] = 10ms;
    responder.runFor(30ms);
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(2));
    // The better pair dies just now.
    responder.roundTrips.erase(lone.route());
    responder.runFor(10s);
    QVERIFY(lone.agent.route() == low);
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
}

void tst_Nomination::pairOfFailedNominationComesBackWithinItsConsent_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<bool>("comesBack");
    QTest::newRow("in time") << 20 << true;
    QTest::newRow("too late") << 31 << false;
}

/// The peer has not taken it back, and goes on by that pair as long as we answer.
void tst_Nomination::pairOfFailedNominationComesBackWithinItsConsent()
{
    QFETCH(int, seconds);
    QFETCH(bool, comesBack);
    LoneAgent lone;
    Responder responder(lone);
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route low = lone.route("203.0.113.9");
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    responder.roundTrips[lone.route()] = 10ms;
    responder.roundTrips[low] = 10ms;
    responder.runFor(30ms);
    responder.roundTrips.erase(lone.route());
    responder.runFor(std::chrono::seconds(seconds));
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(1));
    responder.roundTrips[lone.route()] = 10ms;
    lone.check(lone.route(), {});
    responder.runFor(1s);
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(comesBack ? 2 : 1));
}

void tst_Nomination::refusedNominationGoesToTheNextPair()
{
    LoneAgent lone;
    lone.peerParameters.renomination = false;
    lone.setUp();
    lone.makeValid(lone.route());
    const Route low = lone.route("203.0.113.9");
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(low, check);
    lone.makeValid(low);
    lone.runFor(60ms);
    for (const auto &request : lone.newRequests()) {
        if (request.message().has(stun::Attribute::UseCandidate))
            lone.refuse(request, 400); // RFC 8445 section 7.3.1.5
    }
    const auto next = lone.newRequests();
    QCOMPARE(next.size(), std::size_t(1));
    QVERIFY(next[0].route == low);
    QVERIFY(next[0].message().has(stun::Attribute::UseCandidate));
}

void tst_Nomination::beforeNominationTheBestValidPairIsUsed()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.setUp();
    LoneAgent::Check check = nominating(Nomination::None);
    check.priority = 0x6e0003e8;
    lone.check(lone.route("203.0.113.9"), check);
    lone.makeValid(lone.route("203.0.113.9"));
    QVERIFY(lone.agent.route() == lone.route("203.0.113.9"));
    lone.check(lone.route(), nominating(Nomination::None));
    lone.makeValid(lone.route());
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(lone.agent.state() == State::Connected);
}

void tst_Nomination::controlledFollowsTheHighestNomination()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    lone.check(lone.route(), nominating(Nomination::Renominate, 3));
    lone.makeValid(lone.route());
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    // Lower or equal: a repetition, or one that was overtaken.
    for (const std::uint32_t value : {1u, 2u, 3u}) {
        lone.check(other, nominating(Nomination::Renominate, value));
        lone.makeValid(other);
        QVERIFY(lone.agent.route() == lone.route());
    }
    lone.check(other, nominating(Nomination::Renominate, 4));
    QVERIFY(lone.agent.route() == other);
    lone.check(lone.route(), nominating(Nomination::Renominate, 4000000000u));
    QVERIFY(lone.agent.route() == lone.route());
}

void tst_Nomination::controlledFollowsTheLatestUseCandidate()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    lone.check(lone.route(), nominating(Nomination::UseCandidate));
    lone.makeValid(lone.route());
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(lone.agent.state() == State::Completed);
    lone.check(other, nominating(Nomination::None));
    lone.makeValid(other);
    QVERIFY(lone.agent.route() == lone.route());
    lone.check(other, nominating(Nomination::UseCandidate));
    QVERIFY(lone.agent.route() == other);
    QCOMPARE(lone.routeChanges, 2);
}

void tst_Nomination::controlledGoesBackWithThePeer()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    lone.check(lone.route(), nominating(Nomination::UseCandidate));
    lone.makeValid(lone.route());
    lone.check(other, nominating(Nomination::UseCandidate));
    lone.makeValid(other);
    QVERIFY(lone.agent.route() == other);
    // Its next checks on the first pair carry the flag again, those on the other do not.
    lone.check(other, nominating(Nomination::None));
    lone.check(lone.route(), nominating(Nomination::UseCandidate));
    lone.check(lone.route(), nominating(Nomination::UseCandidate));
    QVERIFY(lone.agent.route() == lone.route());
    // And a plain check in between makes it quicker.
    lone.check(other, nominating(Nomination::None));
    lone.check(other, nominating(Nomination::UseCandidate));
    QVERIFY(lone.agent.route() == other);
}

void tst_Nomination::controlledDoesNotFlapWithAnAggressivePeer()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    for (int i = 0; i < 20; ++i) {
        lone.check(lone.route(), nominating(Nomination::UseCandidate));
        lone.check(other, nominating(Nomination::UseCandidate));
        if (i == 0) {
            lone.makeValid(lone.route());
            lone.makeValid(other);
        }
    }
    QVERIFY(lone.routeChanges <= 2);
    QVERIFY(lone.agent.route() == other);
}

void tst_Nomination::nominationOfAPairThatIsNotValidYetWaits()
{
    LoneAgent lone(withRole(Role::Controlled));
    lone.setUp();
    const Route other = lone.route("203.0.113.9");
    lone.check(lone.route(), nominating(Nomination::None));
    lone.makeValid(lone.route());
    lone.check(other, nominating(Nomination::Renominate, 1));
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(!lone.agent.validPairs().at(0).isNominated);
    lone.makeValid(other);
    QVERIFY(lone.agent.route() == other);
}

void tst_Nomination::controllingAgentIgnoresNominations()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    const Route other = lone.route("203.0.113.9");
    LoneAgent::Check check;
    check.nomination = Nomination::Renominate;
    check.nominationValue = 99;
    check.priority = 0x6e0003e8;
    lone.check(other, check);
    lone.makeValid(other);
    QVERIFY(lone.agent.route() == lone.route());
}

void tst_Nomination::controlledAgentNeverNominates()
{
    LoneAgent lone(withRole(Role::Controlled));
    Responder responder(lone);
    lone.setUp();
    responder.roundTrips[lone.route()] = 10ms;
    responder.runFor(60s);
    QVERIFY(responder.nominations.find_first_not_of('-') == std::string::npos);
    QVERIFY(responder.nominations.size() > 5);
}

void tst_Nomination::roleSwitchForgetsNominations()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    for (const auto &request : lone.newRequests())
        lone.answer(request);
    lone.runFor(10ms);
    for (const auto &request : lone.newRequests())
        lone.answer(request);
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    LoneAgent::Check check = nominating(Nomination::None);
    check.tieBreaker = ~std::uint64_t(0);
    lone.check(lone.route(), check);
    QVERIFY(lone.agent.role() == Role::Controlled);
    QVERIFY(!lone.agent.validPairs().at(0).isNominated);
    QVERIFY(lone.agent.route() == lone.route());
    lone.check(lone.route(), nominating(Nomination::UseCandidate));
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
}

void tst_Nomination::bothSidesClimbTogether()
{
    TwoAgents pair;
    pair.addAddress(0, "192.0.2.1", 100);
    pair.addAddress(1, "198.51.100.1", 100);
    pair.exchangeParameters();
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    // A better address on one side, later.
    pair.addAddress(0, "192.0.2.2", 65535);
    QVERIFY(pair.runUntil(
        [&] { return pair.agree() && pair[0].route()->local == address("192.0.2.2", 5000); }, 1s));
    // And it goes away again.
    pair.removeAddress(0, "192.0.2.2");
    QVERIFY(pair[0].route()->local == address("192.0.2.1", 5000));
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    pair.runFor(30s);
    QVERIFY(pair.agree());
}

QTEST_APPLESS_MAIN(tst_Nomination)

#include "tst_nomination.moc"
