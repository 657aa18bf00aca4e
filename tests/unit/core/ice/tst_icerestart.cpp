// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

namespace {

/// What a restart over signaling does.
void restartBoth(TwoAgents &pair)
{
    for (int i = 0; i < 2; ++i) {
        pair.sides[i].candidates.clear();
        pair[i].restart(pair.now);
    }
    pair.isSignaling = false;
    pair.drain();
    pair.exchangeParameters();
}

} // namespace

class tst_IceRestart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void credentialsAndCandidatesAreNew();
    void dataFlowsOnWhileRestarting();
    void newPairTakesOver();
    void oldPairStaysWhenTheNewChecklistFails();
    void oldCredentialsAreAnsweredWhileTheOldPairLives();
    void oldPairEndsAfterTheNewOneTookOver();
    void unnominatedPairGivesWayToTheFirstValidOne();
    void deadPairGivesWayToTheFirstValidOne();
    void checksOfTheNewSessionMayComeEarly();
    void earlyCheckOfTheOldSessionIsPromisedNoPair();
    void restartOfThePeerAloneIsTaken();
    void repeatedParametersChangeNothing();
    void manyRestartsKeepMemoryBounded();
    void restartAfterFailureConnects();
    void rolesStay();
};

void tst_IceRestart::credentialsAndCandidatesAreNew()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    const ice::Parameters before = lone.agent.localParameters();
    lone.candidates.clear();
    const ice::Parameters after = lone.agent.restart(lone.now);
    lone.drain();
    QVERIFY(after == lone.agent.localParameters());
    QVERIFY(after.usernameFragment != before.usernameFragment);
    QVERIFY(after.password != before.password);
    QCOMPARE(lone.candidates.size(), std::size_t(1));
    QCOMPARE(lone.candidates[0].usernameFragment, after.usernameFragment);
    lone.agent.endOfLocalAddresses(lone.now);
    lone.drain();
    QCOMPARE(lone.gatheringCompletions, 1);
    lone.agent.restart(lone.now);
    lone.drain();
    QCOMPARE(lone.gatheringCompletions, 2); // the addresses are still all there are
}

void tst_IceRestart::dataFlowsOnWhileRestarting()
{
    TwoAgents pair;
    pair.connect();
    pair.runFor(1s);
    const Route route = *pair[0].route();
    const int changes = pair.sides[0].routeChanges;
    pair[0].restart(pair.now);
    pair.drain();
    QVERIFY(pair[0].route() == route);
    QVERIFY(pair[0].state() == State::Connected);
    // The peer hears of it a minute later.
    pair.runFor(60s);
    QVERIFY(pair[0].route() == route);
    QVERIFY(pair[1].route());
    QVERIFY(pair[0].isKnown(route));
    pair[1].restart(pair.now);
    pair.isSignaling = false;
    pair.drain();
    for (int i = 0; i < 2; ++i) {
        std::erase_if(pair.sides[i].candidates, [&](const Candidate &candidate) {
            return candidate.usernameFragment != pair[i].localParameters().usernameFragment;
        });
    }
    pair.exchangeParameters();
    QVERIFY(pair.runUntil(
        [&] { return pair[0].state() == State::Completed && pair[1].state() == State::Completed; },
        1s));
    // The same addresses: for data nothing has changed at any time.
    QVERIFY(pair[0].route() == route);
    QCOMPARE(pair.sides[0].routeChanges, changes);
}

void tst_IceRestart::newPairTakesOver()
{
    TwoAgents pair;
    pair.connect();
    pair.runFor(1s);
    pair.addAddress(0, "192.0.2.50");
    pair.carry = [](int, const Route &route) -> std::optional<Route> {
        const IpAddress old = ipAddress("192.0.2.1");
        if (route.local.ip == old || route.remote.ip == old)
            return std::nullopt;
        return reversed(route, TransportId::None);
    };
    restartBoth(pair);
    QVERIFY(pair.runUntil(
        [&] { return pair.agree() && pair[0].route()->local.ip == ipAddress("192.0.2.50"); }, 1s));
}

void tst_IceRestart::oldPairStaysWhenTheNewChecklistFails()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    const auto old = lone.peerParameters;
    lone.agent.restart(lone.now);
    lone.peerParameters.usernameFragment = "another";
    lone.peerParameters.password = "another password of the peer";
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("203.0.113.1"));
    lone.agent.endOfLocalAddresses(lone.now);
    lone.agent.endOfRemoteCandidates(lone.now);
    const auto fresh = lone.peerParameters;
    for (int i = 0; i < 90; ++i) {
        lone.runFor(1s);
        lone.peerParameters = old;
        for (const auto &request : lone.newRequests()) {
            if (request.route == lone.route())
                lone.answer(request);
        }
        lone.peerParameters = fresh;
    }
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(lone.agent.state() == State::Connected);
}

void tst_IceRestart::oldCredentialsAreAnsweredWhileTheOldPairLives()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    LoneAgent::Check old;
    old.username = lone.agent.localParameters().usernameFragment + ":peerfrag";
    old.password = lone.agent.localParameters().password;
    lone.agent.restart(lone.now);
    lone.drain();
    const auto answer = lone.check(lone.route(), old);
    QVERIFY(answer && answer->message().messageClass() == stun::Class::SuccessResponse);
    // It does not make pairs in the old session.
    lone.check(lone.route("203.0.113.7"), old);
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.7")));
    lone.runFor(31s);
    QVERIFY(!lone.agent.route());
    const auto late = lone.check(lone.route(), old);
    QVERIFY(late && late->isError(401));
}

void tst_IceRestart::oldPairEndsAfterTheNewOneTookOver()
{
    TwoAgents pair;
    pair.connect();
    pair.runFor(1s);
    restartBoth(pair);
    pair.runFor(5s);
    QCOMPARE(pair[0].validPairs().size(), std::size_t(2));
    pair.runFor(31s);
    QCOMPARE(pair[0].validPairs().size(), std::size_t(1));
    QVERIFY(pair[0].state() == State::Completed);
}

void tst_IceRestart::unnominatedPairGivesWayToTheFirstValidOne()
{
    LoneAgent lone(TwoAgents::controlled());
    lone.setUp();
    lone.makeValid(lone.route());
    lone.agent.restart(lone.now);
    lone.peerParameters.usernameFragment = "another";
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("203.0.113.1"));
    lone.makeValid(lone.route("203.0.113.1"));
    QVERIFY(lone.agent.route() == lone.route("203.0.113.1"));
}

void tst_IceRestart::deadPairGivesWayToTheFirstValidOne()
{
    // Toward others the nomination takes its time; a dead pair need not be waited for.
    LoneAgent lone;
    lone.peerParameters.renomination = false;
    lone.setUp();
    lone.makeValid(lone.route());
    lone.runFor(60ms);
    for (const auto &request : lone.newRequests())
        lone.answer(request);
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    lone.runFor(9s); // silence
    lone.newRequests();
    lone.agent.restart(lone.now);
    lone.peerParameters.usernameFragment = "another";
    lone.setPeer();
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("203.0.113.1"));
    lone.drain();
    QVERIFY(lone.agent.route() == lone.route());
    lone.answer(lone.newRequests().back());
    QVERIFY(lone.agent.route() == lone.route("203.0.113.1"));
}

void tst_IceRestart::checksOfTheNewSessionMayComeEarly()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    lone.agent.restart(lone.now);
    lone.drain();
    lone.newRequests();
    LoneAgent::Check check;
    check.username = lone.agent.localParameters().usernameFragment + ":another";
    QVERIFY(lone.check(lone.route("203.0.113.7"), check));
    lone.peerParameters.usernameFragment = "another";
    lone.setPeer();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(requests[0].route == lone.route("203.0.113.7"));
}

void tst_IceRestart::earlyCheckOfTheOldSessionIsPromisedNoPair()
{
    // What a browser sends that has our new offer and has not answered it.
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    const std::string older = lone.agent.localParameters().usernameFragment;
    const std::string olderPassword = lone.agent.localParameters().password;
    lone.agent.restart(lone.now);
    lone.drain();
    LoneAgent::Check mixed;
    mixed.username = lone.agent.localParameters().usernameFragment + ":peerfrag";
    QVERIFY(!lone.check(lone.route("203.0.113.7"), mixed));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.7")));
    // One for an offer that another has replaced is a stranger's.
    lone.agent.restart(lone.now);
    lone.drain();
    const auto late = lone.check(lone.route("203.0.113.7"), mixed);
    QVERIFY(late && late->isError(stun::errorcode::Unauthenticated));
    LoneAgent::Check old;
    old.username = older + ":peerfrag";
    old.password = olderPassword;
    QVERIFY(lone.check(lone.route(), old));
}

void tst_IceRestart::restartOfThePeerAloneIsTaken()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    const auto local = lone.agent.localParameters();
    lone.peerParameters.usernameFragment = "another";
    lone.peerParameters.password = "another password of the peer";
    lone.setPeer();
    QVERIFY(lone.agent.localParameters() == local);
    QVERIFY(lone.agent.route() == lone.route());
    lone.newRequests();
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("203.0.113.1"));
    lone.runFor(10ms);
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QCOMPARE(std::string(*requests[0].message().text(stun::Attribute::Username)),
             "another:" + local.usernameFragment);
    lone.answer(requests[0]);
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(2));
}

void tst_IceRestart::repeatedParametersChangeNothing()
{
    LoneAgent lone;
    lone.setUp();
    lone.makeValid(lone.route());
    lone.setPeer();
    lone.peerParameters.pacing = 30ms; // an option may change without a restart
    lone.setPeer();
    QVERIFY(lone.agent.route() == lone.route());
    QCOMPARE(lone.agent.validPairs().size(), std::size_t(1));
}

void tst_IceRestart::manyRestartsKeepMemoryBounded()
{
    TwoAgents pair;
    for (int i = 1; i <= 8; ++i)
        pair.addAddress(0, qPrintable(QStringLiteral("192.0.2.%1").arg(i)));
    pair.addAddress(1, "198.51.100.1");
    pair.exchangeParameters();
    pair.runFor(1s);
    for (int i = 0; i < 20; ++i) {
        restartBoth(pair);
        pair.runFor(200ms);
        QVERIFY(pair.agree());
        QVERIFY(pair[0].validPairs().size() <= 8 + 8);
    }
}

void tst_IceRestart::restartAfterFailureConnects()
{
    TwoAgents pair;
    bool isDead = true;
    pair.carry = [&](int, const Route &route) {
        return isDead ? std::nullopt : std::optional(reversed(route, TransportId::None));
    };
    pair.connect();
    pair.endCandidates();
    QVERIFY(pair.runUntil([&] { return pair[0].state() == State::Failed; }, 45s));
    isDead = false;
    restartBoth(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
}

void tst_IceRestart::rolesStay()
{
    TwoAgents pair;
    pair.connect();
    pair.runFor(1s);
    restartBoth(pair);
    pair.runFor(1s);
    QVERIFY(pair[0].role() == ice::Role::Controlling);
    QVERIFY(pair[1].role() == ice::Role::Controlled);
    QVERIFY(pair.agree());
}

QTEST_APPLESS_MAIN(tst_IceRestart)

#include "tst_icerestart.moc"
