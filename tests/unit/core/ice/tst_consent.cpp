// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/timing.h"
#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <set>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

namespace {

/// Settled on one pair, everything answered.
void settle(LoneAgent &lone)
{
    lone.setUp();
    lone.makeValid(lone.route());
    for (int i = 0; i < 5; ++i) {
        lone.runFor(5ms);
        for (const auto &request : lone.newRequests())
            lone.answer(request);
    }
}

/// Two routes between two agents; the network kills one or both.
struct TwoRoutes
{
    TwoRoutes()
    {
        pair.carry = [this](int, const Route &route) -> std::optional<Route> {
            const IpAddress better = ipAddress("192.0.2.2");
            const bool isBetter = route.local.ip == better || route.remote.ip == better;
            if (isBetter ? isBetterDead : isOtherDead)
                return std::nullopt;
            return reversed(route, TransportId::None);
        };
        pair.addAddress(0, "192.0.2.1", 100);
        pair.addAddress(0, "192.0.2.2", 65535);
        pair.addAddress(1, "198.51.100.1", 100);
        pair.exchangeParameters();
        pair.runFor(2s);
    }

    bool areOnBetter() { return pair[0].route()->local.ip == ipAddress("192.0.2.2"); }

    TwoAgents pair;
    bool isBetterDead = false;
    bool isOtherDead = false;
};

} // namespace

class tst_Consent : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAskedForEveryFiveSeconds();
    void eachRequestIsANewTransaction();
    void endsThirtySecondsAfterTheLastAnswer();
    void wrongAnswersDoNotRenewIt();
    void dataDoesNotRenewIt();
    void requestsOfThePeerDoNotRenewIt();
    void refusalEndsItAtOnce();
    void otherErrorsDoNotEndIt();
    void onceLostItNeedsARestart();
    void overdueAnswerIsAskedForAgainSoon();
    void silenceTellsHowLongNothingWasHeard();
    void dataBreaksTheSilence();
    void sparePairsAreKeptFresh();
    void sparesAreFew();
    void sparesOfThePeerAreKeptFreshToo();
    void nominationOfALostPairIsRefused();
    void deadPairIsLeftForALivingOne();
    void unansweredDataIsAskedFor();
    void deadPairIsNoticedByUnansweredData();
    void comesBackWithinASecond();
    void aSpareThatIsNominatedIsAskedAtOnce();
    void stuckSendingMovesToASpare();
    void sparesAreLostWithTheirConsent();
    void losingAllIsDisconnected();
    void failsWhenNothingComesBack();
    void returnsWhenTheNominatedPairRecovers();
};

void tst_Consent::isAskedForEveryFiveSeconds()
{
    LoneAgent lone;
    settle(lone);
    std::vector<TimePoint> times{lone.now};
    for (int i = 0; i < 50; ++i) {
        lone.runFor(lone.agent.nextDeadline() - lone.now);
        for (const auto &request : lone.newRequests()) {
            times.push_back(request.at);
            lone.answer(request);
        }
    }
    QVERIFY(times.size() > 40);
    Duration shortest = Duration::max(), longest{};
    for (std::size_t i = 2; i < times.size(); ++i) {
        shortest = std::min(shortest, times[i] - times[i - 1]);
        longest = std::max(longest, times[i] - times[i - 1]);
    }
    QVERIFY(shortest >= 4s && longest <= 6s);
    QVERIFY(longest - shortest > 1s); // randomized
    QVERIFY(lone.agent.state() == State::Completed);
    QVERIFY(lone.agent.route());
}

void tst_Consent::eachRequestIsANewTransaction()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(20s);
    std::set<stun::TransactionId> ids;
    const auto requests = lone.newRequests();
    for (const auto &request : requests)
        ids.insert(request.message().transactionId());
    QCOMPARE(ids.size(), requests.size());
}

void tst_Consent::endsThirtySecondsAfterTheLastAnswer()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(6s);
    lone.answer(lone.newRequests().at(0));
    lone.runFor(29999ms);
    QVERIFY(lone.agent.route());
    lone.runFor(1ms);
    QVERIFY(!lone.agent.route());
    QVERIFY(lone.agent.state() == State::Disconnected);
    QVERIFY(lone.agent.validPairs().empty());
}

void tst_Consent::wrongAnswersDoNotRenewIt()
{
    LoneAgent lone;
    settle(lone);
    for (int i = 0; i < 60 && lone.agent.route(); ++i) {
        lone.runFor(500ms);
        for (const auto &request : lone.newRequests()) {
            lone.receive(request.route, lone.successTo(request, {}, "not the right password"));
            Route forged = request.route;
            forged.remote.port = 1;
            lone.receive(forged, lone.successTo(request));
        }
    }
    QVERIFY(!lone.agent.route());
}

void tst_Consent::dataDoesNotRenewIt()
{
    LoneAgent lone;
    settle(lone);
    for (int i = 0; i < 299; ++i) {
        lone.runFor(100ms);
        lone.agent.noteAuthenticated(lone.now, lone.route());
    }
    QVERIFY(lone.agent.route());
    lone.runFor(200ms);
    lone.agent.noteAuthenticated(lone.now, lone.route());
    QVERIFY(!lone.agent.route());
}

void tst_Consent::requestsOfThePeerDoNotRenewIt()
{
    LoneAgent lone;
    settle(lone);
    for (int i = 0; i < 30; ++i) {
        lone.runFor(1s);
        QVERIFY(lone.check(lone.route(), {}));
    }
    QVERIFY(!lone.agent.route());
    // And they do not bring it back (RFC 7675 section 5.1), but are answered.
    lone.newRequests();
    QVERIFY(lone.check(lone.route(), {}));
    lone.runFor(60s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Consent::refusalEndsItAtOnce()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(6s);
    const auto request = lone.newRequests().at(0);
    lone.receive(request.route, lone.errorTo(request, 403, false));
    QVERIFY(lone.agent.route()); // not signed
    lone.refuse(request, 403);
    QVERIFY(!lone.agent.route());
    QVERIFY(lone.agent.state() == State::Disconnected);
}

void tst_Consent::otherErrorsDoNotEndIt()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(6s);
    for (const auto &request : lone.newRequests())
        lone.refuse(request, 400);
    QVERIFY(lone.agent.route());
    lone.runFor(30s);
    QVERIFY(!lone.agent.route());
}

void tst_Consent::onceLostItNeedsARestart()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(6s);
    const auto old = lone.newRequests();
    lone.runFor(30s);
    QVERIFY(!lone.agent.route());
    // A late answer is too late.
    lone.answer(old.at(0));
    QVERIFY(!lone.agent.route());
    lone.newRequests();
    lone.agent.restart(lone.now);
    lone.peerParameters.usernameFragment = "another";
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1"));
    lone.makeValid(lone.route());
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(lone.agent.state() == State::Connected);
}

void tst_Consent::overdueAnswerIsAskedForAgainSoon()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(12s);
    const auto requests = lone.newRequests();
    // 4 to 6 s, then six every 100 ms, then every 500 ms.
    QVERIFY(requests.size() >= 16);
    for (std::size_t i = 1; i <= 6; ++i)
        QCOMPARE(requests[i].at - requests[i - 1].at, Duration(100ms));
    for (std::size_t i = 8; i < 16; ++i)
        QCOMPARE(requests[i].at - requests[i - 1].at, Duration(500ms));
    const std::size_t before = requests.size();
    lone.answer(requests.back());
    lone.runFor(3900ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    QVERIFY(before < 30);
}

void tst_Consent::silenceTellsHowLongNothingWasHeard()
{
    LoneAgent lone;
    QCOMPARE(lone.agent.silence(lone.now), Duration::zero());
    settle(lone);
    const TimePoint heard = lone.now;
    lone.runFor(7s);
    QVERIFY(lone.agent.silence(lone.now) >= 7s);
    QVERIFY(lone.agent.silence(lone.now) < 7100ms);
    lone.answer(lone.newRequests().back());
    QCOMPARE(lone.agent.silence(lone.now), Duration::zero());
    QCOMPARE(lone.agent.silence(lone.now + 3s), Duration(3s));
    QCOMPARE(lone.agent.silence(heard), Duration::zero());
}

void tst_Consent::dataBreaksTheSilence()
{
    LoneAgent lone;
    settle(lone);
    lone.runFor(3s);
    lone.agent.noteAuthenticated(lone.now, lone.route("203.0.113.9"));
    QVERIFY(lone.agent.silence(lone.now) >= 3s);
    lone.agent.noteAuthenticated(lone.now, lone.route());
    QCOMPARE(lone.agent.silence(lone.now), Duration::zero());
}

void tst_Consent::sparePairsAreKeptFresh()
{
    TwoRoutes routes;
    routes.pair.runFor(120s);
    QCOMPARE(routes.pair[0].validPairs().size(), std::size_t(2));
    for (const auto &info : routes.pair[0].validPairs())
        QVERIFY(info.hasConsent);
    QVERIFY(routes.areOnBetter());
}

void tst_Consent::sparesAreFew()
{
    TwoAgents pair;
    for (int i = 1; i <= 8; ++i)
        pair.addAddress(0, qPrintable(QStringLiteral("192.0.2.%1").arg(i)),
                        static_cast<std::uint16_t>(1000 * i));
    pair.addAddress(1, "198.51.100.1");
    pair.exchangeParameters();
    pair.runFor(2s);
    QCOMPARE(pair[0].validPairs().size(), std::size_t(8));
    pair.runFor(60s);
    QCOMPARE(pair[0].validPairs().size(), std::size_t(5));
    QVERIFY(pair[0].state() == State::Completed);
}

void tst_Consent::sparesOfThePeerAreKeptFreshToo()
{
    LoneAgent lone(TwoAgents::controlled());
    lone.setUp();
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    // Eight pairs; the peer has an interest in the one that is the worst here.
    for (std::uint16_t i = 1; i <= 8; ++i) {
        check.priority = 1000u * i;
        lone.check(lone.route("203.0.113.9", i), check);
        lone.makeValid(lone.route("203.0.113.9", i));
    }
    // Its interest in the others is over after 30 s, and their consent 30 s after the last answer.
    // Answers come at once, for their order must not change.
    const TimePoint end = lone.now + 90s;
    for (TimePoint checkAt = lone.now; lone.now < end;) {
        lone.runFor(std::min(lone.agent.nextDeadline(), checkAt) - lone.now);
        if (lone.now >= checkAt) {
            check.priority = 0x6e0003e8;
            lone.check(lone.route("203.0.113.9", 1), check);
            checkAt += 1s;
        }
        for (const auto &request : lone.newRequests())
            lone.answer(request);
    }
    std::set<std::uint16_t> ports;
    for (const auto &info : lone.agent.validPairs())
        ports.insert(info.route.remote.port);
    QVERIFY(ports.contains(1));
    QVERIFY(ports.size() < 8);
}

/// Its consent, which nobody has renewed, may be about to end.
void tst_Consent::aSpareThatIsNominatedIsAskedAtOnce()
{
    LoneAgent lone(TwoAgents::controlled());
    lone.setUp();
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    for (std::uint16_t i = 1; i <= 8; ++i) {
        check.priority = 1000u * i;
        lone.check(lone.route("203.0.113.9", i), check);
        lone.makeValid(lone.route("203.0.113.9", i));
    }
    const Route worst = lone.route("203.0.113.9", 1);
    TimePoint lastAnswered = lone.now;
    const auto answerAll = [&](TimePoint until) {
        while (lone.now < until) {
            lone.runFor(std::min(lone.agent.nextDeadline(), until) - lone.now);
            for (const auto &request : lone.newRequests()) {
                lone.answer(request);
                if (request.route == worst)
                    lastAnswered = lone.now;
            }
        }
    };
    answerAll(lone.now + 40s);
    answerAll(lastAnswered + 29s + 500ms);
    QVERIFY(lone.agent.route() != worst);
    check.nomination = ice::Nomination::Renominate;
    check.nominationValue = 1;
    lone.check(worst, check);
    QVERIFY(lone.agent.route() == worst);
    answerAll(lone.now + 10ms);
    answerAll(lone.now + 5s);
    QVERIFY(lone.agent.route() == worst);
}

void tst_Consent::nominationOfALostPairIsRefused()
{
    LoneAgent lone(TwoAgents::controlled());
    lone.setUp();
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    lone.check(lone.route(), check);
    lone.makeValid(lone.route());
    lone.runFor(31s);
    QVERIFY(!lone.agent.route());
    const auto plain = lone.check(lone.route(), check);
    QVERIFY(plain && plain->message().messageClass() == stun::Class::SuccessResponse);
    check.nomination = ice::Nomination::UseCandidate;
    const auto nomination = lone.check(lone.route(), check);
    QVERIFY(nomination && nomination->isError(400));
    QVERIFY(nomination->message().checkIntegrity(asBytes(lone.agent.localParameters().password),
                                                 stun::Integrity::Sha1));
}

void tst_Consent::deadPairIsLeftForALivingOne()
{
    TwoRoutes routes;
    QVERIFY(routes.areOnBetter());
    routes.isBetterDead = true;
    const TimePoint start = routes.pair.now;
    QVERIFY(routes.pair.runUntil([&] { return routes.pair.agree() && !routes.areOnBetter(); }));
    // At most the longest wait for a request, the time to be suspect, and a little.
    QVERIFY(routes.pair.now - start < 6s + 500ms + 200ms);
    QVERIFY(routes.pair[0].silence(routes.pair.now) < 1s);
}

void tst_Consent::unansweredDataIsAskedFor()
{
    LoneAgent lone;
    settle(lone);
    lone.newRequests();
    const TimePoint start = lone.now;
    lone.agent.noteDataSent(lone.now);
    lone.runFor(149ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    lone.runFor(1ms);
    const auto asked = lone.newRequests();
    QCOMPARE(asked.size(), std::size_t(1));
    lone.answer(asked.front());

    // Data that is answered asks nothing, but for the measurement twice a second.
    std::size_t requests = 0;
    for (int i = 0; i < 20; ++i) {
        lone.agent.noteDataSent(lone.now);
        lone.runFor(100ms);
        lone.agent.noteAuthenticated(lone.now, lone.route());
        for (const auto &request : lone.newRequests()) {
            lone.answer(request);
            ++requests;
        }
    }
    QVERIFY(lone.now - start < 4s);
    QVERIFY(requests <= 4);
}

void tst_Consent::deadPairIsNoticedByUnansweredData()
{
    TwoRoutes routes;
    routes.pair.runFor(100ms);
    routes.isBetterDead = true;
    const TimePoint start = routes.pair.now;
    routes.pair[0].noteDataSent(start);
    QVERIFY(!routes.pair[0].standby());
    QVERIFY(routes.pair.runUntil([&] { return routes.pair[0].standby().has_value(); }));
    QCOMPARE(routes.pair.now - start, Duration(300ms));
    QVERIFY(routes.pair[0].standby() != routes.pair[0].route());
    QVERIFY(routes.pair.runUntil([&] { return !routes.areOnBetter(); }));
    QCOMPARE(routes.pair.now - start, Duration(450ms));
    QVERIFY(!routes.pair[0].standby());
}

void tst_Consent::comesBackWithinASecond()
{
    TwoRoutes routes;
    routes.isBetterDead = true;
    routes.isOtherDead = true;
    routes.pair.runFor(20s);
    QVERIFY(routes.pair[0].state() == State::Disconnected);
    routes.isOtherDead = false;
    QVERIFY(routes.pair.runUntil([&] { return routes.pair.agree(); }, 1s));
    QVERIFY(routes.pair.areConnected());
}

void tst_Consent::stuckSendingMovesToASpare()
{
    TwoRoutes routes;
    routes.isBetterDead = true;
    routes.pair[0].noteSendFailed(routes.pair.now, *routes.pair[0].route());
    QVERIFY(routes.pair.runUntil([&] { return !routes.areOnBetter(); }, 100ms));
}

void tst_Consent::sparesAreLostWithTheirConsent()
{
    TwoRoutes routes;
    routes.isOtherDead = true;
    routes.pair.runFor(31s);
    QCOMPARE(routes.pair[0].validPairs().size(), std::size_t(1));
    QVERIFY(routes.pair[0].state() == State::Completed);
    QVERIFY(routes.areOnBetter());
}

void tst_Consent::losingAllIsDisconnected()
{
    TwoRoutes routes;
    routes.isBetterDead = true;
    routes.isOtherDead = true;
    routes.pair.runFor(6600ms);
    QVERIFY(routes.pair[0].state() == State::Disconnected);
    QVERIFY(routes.pair[1].state() == State::Disconnected);
    // There is consent still, so what is sent goes on being sent there.
    QVERIFY(routes.pair[0].route());
    routes.pair.runFor(24400ms);
    QVERIFY(routes.pair[0].state() == State::Disconnected);
    QVERIFY(routes.pair[1].state() == State::Disconnected);
    QVERIFY(!routes.pair[0].route());
}

void tst_Consent::failsWhenNothingComesBack()
{
    TwoRoutes routes;
    routes.pair.endCandidates();
    routes.isBetterDead = true;
    routes.isOtherDead = true;
    routes.pair.runFor(37s);
    QVERIFY(routes.pair[0].state() == State::Disconnected);
    routes.pair.runFor(61s);
    QVERIFY(routes.pair[0].state() == State::Failed);
    QVERIFY(routes.pair[0].nextDeadline() == Never);
}

void tst_Consent::returnsWhenTheNominatedPairRecovers()
{
    // Toward a peer without renomination the nominated pair stays the right one.
    LoneAgent lone;
    lone.peerParameters.renomination = false;
    lone.setUp();
    const Route spare = lone.route("203.0.113.9");
    LoneAgent::Check check;
    check.priority = 0x6e0003e8;
    lone.check(spare, check);
    bool isDead = false;
    const auto run = [&](Duration duration) {
        for (Duration passed{}; passed < duration; passed += 5ms) {
            lone.runFor(5ms);
            for (const auto &request : lone.newRequests()) {
                if (request.route == spare || !isDead)
                    lone.answer(request);
            }
        }
    };
    run(1s);
    QVERIFY(lone.agent.route() == lone.route());
    isDead = true;
    run(10s);
    QVERIFY(lone.agent.route() == spare);
    isDead = false;
    run(5s);
    QVERIFY(lone.agent.route() == lone.route());
}

QTEST_APPLESS_MAIN(tst_Consent)

#include "tst_consent.moc"
