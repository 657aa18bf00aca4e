// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/timing.h"
#include "core/stun/messagewriter.h"
#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

using namespace peer;
using namespace std::chrono_literals;
using ice::Nomination;
using ice::Role;
using ice::State;

Q_DECLARE_METATYPE(peer::ice::Role)

namespace {

ice::Config controlledConfig()
{
    ice::Config config;
    config.role = Role::Controlled;
    return config;
}

std::size_t countTo(const std::vector<LoneAgent::Sent> &sent, const Route &route)
{
    return static_cast<std::size_t>(std::count_if(
        sent.begin(), sent.end(), [&](const auto &datagram) { return datagram.route == route; }));
}

} // namespace

/// One agent; the test is its peer.
class tst_Checks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void checkSaysWhatTheStandardAsks();
    void checksArePaced_data();
    void checksArePaced();
    void firstTriggeredCheckGoesAtOnce();
    void triggeredCheckWaitsNoLongerThanOurPacing();
    void unansweredCheckIsRepeatedAndFails();
    void repetitionsArePacedToo();
    void failedPairIsTriedAgainLater();
    void sameFoundationIsHeldBackUntilTheFirstRepetition();

    void answerMakesThePairValid();
    void answerWithWrongIntegrityIsIgnored();
    void unsignedErrorIsIgnored();
    void answerFromAnotherAddressIsIgnored();
    void answerToAnotherTransportIsIgnored();
    void unknownMappedAddressIsAPeerReflexiveCandidate();
    void errorFailsThePair_data();
    void errorFailsThePair();
    void forbiddenBarsThePair();
    void roleConflictAnswerSwitchesTheRole_data();
    void roleConflictAnswerSwitchesTheRole();
    void lateAnswerToACancelledCheckCounts();

    void requestIsAnsweredWithItsSource();
    void requestWithoutCredentialsGets400();
    void requestWithWrongCredentialsGets401_data();
    void requestWithWrongCredentialsGets401();
    void refusalsAreFewAndSmall();
    void unknownRequiredAttributeGets420();
    void roleConflictIsRepaired_data();
    void roleConflictIsRepaired();
    void requestTriggersACheckOfThePair();
    void requestRestartsACheckInProgress();
    void requestFromAnUnknownAddressIsAPeerReflexiveCandidate();
    void signaledCandidateReplacesAPeerReflexiveOne();
    void requestOfAnotherSessionOfThePeerTeachesNothing();
    void requestOnAnAddressThatIsNotOursIsNotAnswered();
    void earlyRequestIsAnsweredAndRemembered();
    void earlyRequestOfAnotherForkIsForgotten();
    void earlyNominationHolds();
    void earlyRequestsAreBounded();
    void failedPeerReflexiveCandidatesMakeRoom();
    void thoseThatAreOnlyAskedMakeRoomToo();
    void indicationsAreTaken();
    void garbageIsNotOurs();

    void remoteCandidatesAreCapped();
    void unusableRemoteCandidatesAreIgnored();
    void pairsAreCapped();
    void peersOwnAddressesAreCapped();
    void candidatesOfALaterSessionWait();
    void sendFailureFailsTheCheck();
    void failsOnlyAfterPatience();
    void doesNotFailWhileCandidatesMayCome();
    void timeDoesNotGoBackwards();
};

void tst_Checks::checkSaysWhatTheStandardAsks()
{
    LoneAgent lone;
    lone.setUp();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    const stun::Message message = requests[0].message();
    QVERIFY(requests[0].route == lone.route());
    QVERIFY(message.method() == stun::Method::Binding);
    QCOMPARE(std::string(*message.text(stun::Attribute::Username)),
             "peerfrag:" + lone.agent.localParameters().usernameFragment);
    QVERIFY(message.integrity() == stun::Integrity::Sha1);
    QVERIFY(message.checkIntegrity(asBytes(lone.peerParameters.password), stun::Integrity::Sha1));
    QVERIFY(message.hasFingerprint());
    QCOMPARE(*message.uint32(stun::Attribute::Priority), (110u << 24) + (65535u << 8) + 255u);
    QVERIFY(message.has(stun::Attribute::IceControlling));
    QVERIFY(!message.has(stun::Attribute::IceControlled));
    QVERIFY(!message.has(stun::Attribute::UseCandidate));
    QVERIFY(!message.has(stun::Attribute::Nomination));
    QVERIFY(lone.agent.localParameters().usernameFragment.size() >= 4);
    QVERIFY(lone.agent.localParameters().password.size() >= 22);
}

void tst_Checks::checksArePaced_data()
{
    QTest::addColumn<int>("ours");
    QTest::addColumn<int>("theirs");
    QTest::addColumn<int>("expected");
    QTest::newRow("both 5 ms") << 5 << 5 << 5;
    QTest::newRow("a peer without the attribute") << 5 << 50 << 50;
    QTest::newRow("we are slower") << 20 << 5 << 20;
    QTest::newRow("never below 5 ms") << 1 << 0 << 5;
    QTest::newRow("never above a second") << 5 << 86400000 << 1000;
}

void tst_Checks::checksArePaced()
{
    QFETCH(int, ours);
    QFETCH(int, theirs);
    QFETCH(int, expected);
    ice::Config config;
    config.pacing = std::chrono::milliseconds(ours);
    LoneAgent lone(config);
    QVERIFY(lone.agent.localParameters().pacing == config.pacing);
    lone.peerParameters.pacing = std::chrono::milliseconds(theirs);
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    for (int i = 1; i <= 5; ++i)
        lone.agent.addRemoteCandidate(
            lone.now, lone.candidate(qPrintable(QStringLiteral("198.51.100.%1").arg(i))));
    lone.runFor(5 * std::chrono::milliseconds(expected));
    std::map<Route, TimePoint> firsts;
    for (const auto &request : lone.newRequests())
        firsts.emplace(request.route, request.at);
    std::vector<TimePoint> times;
    for (const auto &[route, at] : firsts)
        times.push_back(at);
    std::sort(times.begin(), times.end());
    QCOMPARE(times.size(), std::size_t(5));
    for (std::size_t i = 1; i < times.size(); ++i)
        QCOMPARE(int((times[i] - times[i - 1]) / 1ms), expected);
}

void tst_Checks::firstTriggeredCheckGoesAtOnce()
{
    LoneAgent lone;
    lone.peerParameters.pacing = 50ms;
    lone.setUp(); // an ordinary check has just gone out
    lone.newRequests();
    const TimePoint start = lone.now;
    QVERIFY(lone.check(lone.route("198.51.100.7"), {}));
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(requests[0].route == lone.route("198.51.100.7"));
    QVERIFY(requests[0].at == start);
}

void tst_Checks::triggeredCheckWaitsNoLongerThanOurPacing()
{
    LoneAgent lone;
    lone.peerParameters.pacing = 50ms;
    lone.setUp();
    lone.check(lone.route("198.51.100.7"), {});
    lone.newRequests();
    const TimePoint start = lone.now;
    lone.check(lone.route("198.51.100.8"), {});
    lone.check(lone.route("198.51.100.9"), {});
    lone.runFor(10ms);
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(2));
    QVERIFY(requests[0].route == lone.route("198.51.100.8"));
    QCOMPARE(int((requests[0].at - start) / 1ms), 5);
    QCOMPARE(int((requests[1].at - start) / 1ms), 10);
}

void tst_Checks::unansweredCheckIsRepeatedAndFails()
{
    LoneAgent lone;
    const TimePoint start = lone.now;
    lone.setUp();
    lone.runFor(7900ms);
    std::vector<int> at;
    const auto requests = lone.newRequests();
    for (const auto &request : requests) {
        at.push_back(int((request.at - start) / 1ms));
        QVERIFY(request.message().transactionId() == requests[0].message().transactionId());
        QCOMPARE(request.octets, requests[0].octets);
    }
    QCOMPARE(at, (std::vector<int>{0, 100, 300, 700, 1500, 3100, 6300}));
    // Given up: an answer that comes now is still one.
    QVERIFY(lone.agent.state() == State::Checking);
    QVERIFY(lone.agent.validPairs().empty());
}

void tst_Checks::repetitionsArePacedToo()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    for (int i = 1; i <= 60; ++i)
        lone.agent.addRemoteCandidate(
            lone.now, lone.candidate(qPrintable(QStringLiteral("198.51.100.%1").arg(i))));
    lone.runFor(39s);
    const auto requests = lone.newRequests();
    QVERIFY(requests.size() > 60 * 6);
    for (std::size_t i = 1; i < requests.size(); ++i)
        QVERIFY(requests[i].at - requests[i - 1].at >= 5ms);
}

void tst_Checks::failedPairIsTriedAgainLater()
{
    LoneAgent lone;
    lone.setUp();
    lone.runFor(7900ms);
    const auto first = lone.newRequests();
    const TimePoint failed = lone.now;
    // Rc is 3 then, and gives up 1.9 s after it began.
    lone.runFor(30s);
    std::vector<int> at;
    for (const auto &request : lone.newRequests())
        at.push_back(int((request.at - failed) / 1ms));
    QCOMPARE(at, (std::vector<int>{2000, 2100, 2300, 7900, 8000, 8200, 17800, 17900, 18100}));
}

void tst_Checks::sameFoundationIsHeldBackUntilTheFirstRepetition()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    const TimePoint start = lone.now;
    for (std::uint16_t port = 1; port <= 3; ++port) {
        Candidate candidate = lone.candidate("198.51.100.1", port);
        candidate.foundation = "same";
        lone.agent.addRemoteCandidate(lone.now, candidate);
    }
    std::map<std::uint16_t, int> firsts;
    lone.runFor(300ms);
    for (const auto &request : lone.newRequests())
        firsts.emplace(request.route.remote.port, int((request.at - start) / 1ms));
    QCOMPARE(firsts, (std::map<std::uint16_t, int>{{1, 0}, {2, 105}, {3, 210}}));
}

void tst_Checks::answerMakesThePairValid()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    QVERIFY(!lone.agent.route());
    lone.runFor(20ms);
    QVERIFY(lone.answer(request));
    QVERIFY(lone.agent.route() == lone.route());
    QVERIFY(lone.agent.state() == State::Connected);
    QVERIFY(lone.agent.isKnown(lone.route()));
    QCOMPARE(lone.agent.roundTripTime(), Duration(20ms));
    QCOMPARE(lone.routeChanges, 1);
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QVERIFY(pairs[0].hasConsent);
    QVERIFY(pairs[0].localType == CandidateType::Host);
    // A second copy of the answer changes nothing, but is not for anybody else.
    lone.answer(request);
    QCOMPARE(lone.routeChanges, 1);
}

void tst_Checks::answerWithWrongIntegrityIsIgnored()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    QVERIFY(lone.receive(request.route, lone.successTo(request, {}, "not the password at all")));
    QVERIFY(!lone.agent.route());
    // The check goes on, and the true answer still counts.
    lone.runFor(100ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(1));
    lone.answer(request);
    QVERIFY(lone.agent.route());
}

void tst_Checks::unsignedErrorIsIgnored()
{
    for (const int code : {400, 401, 403, 420, 487, 500}) {
        LoneAgent lone;
        lone.setUp();
        const auto request = lone.newRequests().at(0);
        lone.receive(request.route, lone.errorTo(request, code, false));
        QVERIFY(lone.agent.role() == Role::Controlling);
        lone.answer(request);
        QVERIFY(lone.agent.route());
    }
}

void tst_Checks::answerFromAnotherAddressIsIgnored()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    for (const Route &forged : {lone.route("203.0.113.66"), lone.route("198.51.100.1", 6666),
                                lone.route("198.51.100.1", 5001, "192.0.2.2")}) {
        lone.receive(forged, lone.successTo(request));
        QVERIFY(!lone.agent.route());
        QVERIFY(!lone.agent.isKnown(forged));
    }
    lone.answer(request);
    QVERIFY(lone.agent.route() == lone.route());
}

void tst_Checks::answerToAnotherTransportIsIgnored()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    Route other = request.route;
    other.transport = TransportId{2};
    lone.receive(other, lone.successTo(request));
    QVERIFY(!lone.agent.route());
}

void tst_Checks::unknownMappedAddressIsAPeerReflexiveCandidate()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    lone.answer(request, address("203.0.113.5", 999));
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QVERIFY(pairs[0].localType == CandidateType::PeerReflexive);
    QVERIFY(pairs[0].route == lone.route());
    const std::uint32_t reflexive = ice::candidatePriority(CandidateType::PeerReflexive, 65535);
    const std::uint32_t host = ice::candidatePriority(CandidateType::Host, 65535);
    QCOMPARE(pairs[0].priority, ice::pairPriority(reflexive, host));
    // It is not signaled (RFC 8445 section 7.2.5.3.1 leaves that to us).
    QCOMPARE(lone.candidates.size(), std::size_t(1));
}

void tst_Checks::errorFailsThePair_data()
{
    QTest::addColumn<int>("code");
    for (const int code : {400, 401, 420, 500, 699})
        QTest::newRow(qPrintable(QString::number(code))) << code;
}

void tst_Checks::errorFailsThePair()
{
    QFETCH(int, code);
    LoneAgent lone;
    lone.setUp();
    lone.refuse(lone.newRequests().at(0), code);
    lone.runFor(1999ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    QVERIFY(!lone.agent.route());
    lone.runFor(1ms);
    const auto again = lone.newRequests();
    QCOMPARE(again.size(), std::size_t(1));
    lone.answer(again[0]);
    QVERIFY(lone.agent.route());
}

void tst_Checks::forbiddenBarsThePair()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    lone.refuse(request, 403);
    lone.answer(request);
    QVERIFY(!lone.agent.route());
    QVERIFY(lone.check(lone.route(), {}));
    lone.runFor(60s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Checks::roleConflictAnswerSwitchesTheRole_data()
{
    QTest::addColumn<Role>("role");
    QTest::newRow("controlling") << Role::Controlling;
    QTest::newRow("controlled") << Role::Controlled;
}

void tst_Checks::roleConflictAnswerSwitchesTheRole()
{
    QFETCH(Role, role);
    ice::Config config;
    config.role = role;
    LoneAgent lone(config);
    lone.setUp();
    const bool wasControlling = role == Role::Controlling;
    const auto old = wasControlling ? stun::Attribute::IceControlling
                                    : stun::Attribute::IceControlled;
    const auto other = wasControlling ? stun::Attribute::IceControlled
                                      : stun::Attribute::IceControlling;
    const auto request = lone.newRequests().at(0);
    lone.runFor(10ms);
    lone.refuse(request, 487);
    QVERIFY(lone.agent.role() != role);
    const auto again = lone.newRequests();
    QCOMPARE(again.size(), std::size_t(1)); // a triggered check, at once
    QVERIFY(again[0].message().transactionId() != request.message().transactionId());
    QVERIFY(again[0].message().has(other));
    QVERIFY(!again[0].message().has(old));
    // RFC 8445 section 7.2.5.1: the tiebreaker changes.
    QVERIFY(again[0].message().uint64(other) != request.message().uint64(old));
    // The same answer again is about the old role, and does not switch back.
    const Role switched = lone.agent.role();
    lone.refuse(request, 487);
    QVERIFY(lone.agent.role() == switched);
    lone.answer(again[0]);
    QVERIFY(lone.agent.route());
}

void tst_Checks::lateAnswerToACancelledCheckCounts()
{
    LoneAgent lone;
    lone.setUp();
    const auto first = lone.newRequests().at(0);
    lone.check(lone.route(), {}); // cancels it and triggers another
    QCOMPARE(lone.newRequests().size(), std::size_t(1));
    lone.answer(first);
    QVERIFY(lone.agent.route());
    lone.runFor(200ms);
    for (const auto &request : lone.newRequests())
        QVERIFY(request.message().has(stun::Attribute::Nomination));
}

void tst_Checks::requestIsAnsweredWithItsSource()
{
    LoneAgent lone;
    lone.setUp();
    const auto answer = lone.check(lone.route(), {});
    QVERIFY(answer);
    QVERIFY(answer->route == lone.route());
    const stun::Message message = answer->message();
    QVERIFY(message.messageClass() == stun::Class::SuccessResponse);
    QVERIFY(*message.address(stun::Attribute::XorMappedAddress) == lone.route().remote);
    QVERIFY(message.checkIntegrity(asBytes(lone.agent.localParameters().password),
                                   stun::Integrity::Sha1));
    QVERIFY(message.hasFingerprint());
    QVERIFY(lone.agent.isKnown(lone.route()));
}

void tst_Checks::requestWithoutCredentialsGets400()
{
    LoneAgent lone;
    lone.setUp();
    lone.newSent();
    std::array<std::uint8_t, 256> room{};
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Binding, stun::makeTransactionId(lone.random));
    writer.addUint32(stun::Attribute::Priority, 1);
    writer.addFingerprint();
    QVERIFY(lone.receive(lone.route("203.0.113.1"), writer.finish()));
    const auto answers = lone.newSent();
    QCOMPARE(answers.size(), std::size_t(1));
    QVERIFY(answers[0].isError(400));
    QVERIFY(answers[0].message().integrity() == stun::Integrity::Absent);
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.1")));
}

void tst_Checks::requestWithWrongCredentialsGets401_data()
{
    QTest::addColumn<QByteArray>("username");
    QTest::addColumn<QByteArray>("password");
    QTest::newRow("wrong password") << QByteArray() << QByteArray("no such password in the world");
    QTest::newRow("unknown fragment") << QByteArray("nobody:peerfrag") << QByteArray();
    QTest::newRow("no colon") << QByteArray("nobody") << QByteArray();
    QTest::newRow("only the colon") << QByteArray(":") << QByteArray();
    QTest::newRow("long") << QByteArray(200, 'x') << QByteArray();
}

void tst_Checks::requestWithWrongCredentialsGets401()
{
    QFETCH(QByteArray, username);
    QFETCH(QByteArray, password);
    LoneAgent lone;
    lone.setUp();
    LoneAgent::Check check;
    check.username = username.toStdString();
    check.password = password.toStdString();
    const auto answer = lone.check(lone.route("203.0.113.1"), check);
    QVERIFY(answer);
    QVERIFY(answer->isError(401));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.1")));
    lone.runFor(1s);
    QCOMPARE(countTo(lone.newRequests(), lone.route("203.0.113.1")), std::size_t(0));
}

void tst_Checks::refusalsAreFewAndSmall()
{
    LoneAgent lone;
    lone.setUp();
    LoneAgent::Check check;
    check.password = "no such password in the world";
    std::size_t answers = 0;
    for (int i = 0; i < 1000; ++i) {
        answers += lone.check(lone.route("203.0.113.1"), check) ? 1 : 0;
        lone.now += 1ms;
    }
    QVERIFY(answers <= 51);
    // An answer that would be larger than the question is not given.
    std::array<std::uint8_t, 20> tiny{};
    stun::MessageWriter writer(tiny);
    writer.begin(stun::Class::Request, stun::Method::Binding, stun::makeTransactionId(lone.random));
    lone.runFor(1s);
    lone.newSent();
    QVERIFY(lone.receive(lone.route("203.0.113.1"), writer.finish()));
    for (const auto &sent : lone.newSent())
        QVERIFY(sent.isRequest());
}

void tst_Checks::unknownRequiredAttributeGets420()
{
    LoneAgent lone;
    lone.setUp();
    std::array<std::uint8_t, 256> room{};
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Request, stun::Method::Binding, stun::makeTransactionId(lone.random));
    writer.addText(stun::Attribute::Username,
                   lone.agent.localParameters().usernameFragment + ":peerfrag");
    writer.addUint32(stun::Attribute{0x7fff}, 1);
    writer.addIntegrity(stun::IntegrityKey::shortTerm(lone.agent.localParameters().password),
                        stun::Integrity::Sha1);
    writer.addFingerprint();
    lone.newSent();
    lone.receive(lone.route("203.0.113.1"), writer.finish());
    const auto answers = lone.newSent();
    QCOMPARE(answers.size(), std::size_t(1));
    QVERIFY(answers[0].isError(420));
    QVERIFY(answers[0].message().unknownAttributes().contains(stun::Attribute{0x7fff}));
    QVERIFY(answers[0].message().checkIntegrity(asBytes(lone.agent.localParameters().password),
                                                stun::Integrity::Sha1));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.1")));
}

void tst_Checks::roleConflictIsRepaired_data()
{
    QTest::addColumn<Role>("ours");
    QTest::addColumn<bool>("isTheirsLarger");
    QTest::addColumn<Role>("after");
    QTest::addColumn<bool>("isRefused");
    // RFC 8445 section 7.3.1.1: the larger tiebreaker controls.
    QTest::newRow("both control, ours is larger")
        << Role::Controlling << false << Role::Controlling << true;
    QTest::newRow("both control, theirs is larger")
        << Role::Controlling << true << Role::Controlled << false;
    QTest::newRow("both controlled, ours is larger")
        << Role::Controlled << false << Role::Controlling << false;
    QTest::newRow("both controlled, theirs is larger")
        << Role::Controlled << true << Role::Controlled << true;
}

void tst_Checks::roleConflictIsRepaired()
{
    QFETCH(Role, ours);
    QFETCH(bool, isTheirsLarger);
    QFETCH(Role, after);
    QFETCH(bool, isRefused);
    ice::Config config;
    config.role = ours;
    LoneAgent lone(config);
    lone.setUp();
    LoneAgent::Check check;
    check.role = ours;
    check.tieBreaker = isTheirsLarger ? ~std::uint64_t(0) : 0;
    const auto answer = lone.check(lone.route(), check);
    QVERIFY(answer);
    QCOMPARE(answer->isError(487), isRefused);
    QVERIFY(lone.agent.role() == after);
    QCOMPARE(lone.agent.isKnown(lone.route()), !isRefused);
}

void tst_Checks::requestTriggersACheckOfThePair()
{
    LoneAgent lone;
    lone.setUp();
    lone.runFor(8s); // failed
    lone.newRequests();
    lone.check(lone.route(), {});
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    lone.answer(requests[0]);
    QVERIFY(lone.agent.route());
    // A valid pair is not checked again for a request.
    lone.runFor(100ms);
    for (const auto &request : lone.newRequests())
        lone.answer(request);
    lone.check(lone.route(), {});
    lone.runFor(100ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Checks::requestRestartsACheckInProgress()
{
    LoneAgent lone;
    lone.setUp();
    const auto first = lone.newRequests().at(0);
    lone.runFor(50ms);
    lone.check(lone.route(), {});
    const auto second = lone.newRequests().at(0);
    QVERIFY(first.message().transactionId() != second.message().transactionId());
    // The first one is not repeated any more.
    lone.runFor(500ms);
    for (const auto &request : lone.newRequests())
        QVERIFY(request.message().transactionId() == second.message().transactionId());
}

void tst_Checks::requestFromAnUnknownAddressIsAPeerReflexiveCandidate()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    LoneAgent::Check check;
    check.priority = 0x6e003039;
    lone.check(lone.route("203.0.113.9", 77), check);
    const auto request = lone.newRequests().at(0);
    QVERIFY(request.route == lone.route("203.0.113.9", 77));
    lone.answer(request);
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QVERIFY(pairs[0].remoteType == CandidateType::PeerReflexive);
    QCOMPARE(pairs[0].priority,
             ice::pairPriority(ice::candidatePriority(CandidateType::Host, 65535), 0x6e003039));
}

void tst_Checks::signaledCandidateReplacesAPeerReflexiveOne()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    lone.check(lone.route(), {});
    lone.answer(lone.newRequests().at(0));
    lone.agent.addRemoteCandidate(
        lone.now, lone.candidate("198.51.100.1", 5001, CandidateType::ServerReflexive));
    lone.drain();
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QVERIFY(pairs[0].remoteType == CandidateType::ServerReflexive);
    QCOMPARE(pairs[0].priority,
             ice::pairPriority(ice::candidatePriority(CandidateType::Host, 65535),
                               ice::candidatePriority(CandidateType::ServerReflexive, 65535)));
}

void tst_Checks::requestOfAnotherSessionOfThePeerTeachesNothing()
{
    LoneAgent lone;
    lone.setUp();
    LoneAgent::Check check;
    check.username = lone.agent.localParameters().usernameFragment + ":somebody";
    // Of a pair that there is, it says that the peer is there.
    const auto answer = lone.check(lone.route(), check);
    QVERIFY(answer && answer->message().messageClass() == stun::Class::SuccessResponse);
    // Of another there is none to promise.
    QVERIFY(!lone.check(lone.route("203.0.113.9"), check));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.9")));
    lone.runFor(1s);
    QCOMPARE(countTo(lone.newRequests(), lone.route("203.0.113.9")), std::size_t(0));
}

void tst_Checks::requestOnAnAddressThatIsNotOursIsNotAnswered()
{
    LoneAgent lone;
    lone.setUp();
    QVERIFY(!lone.check(lone.route("198.51.100.1", 5001, "192.0.2.99"), {}));
}

void tst_Checks::earlyRequestIsAnsweredAndRemembered()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    const Route route = lone.route("203.0.113.9", 77);
    const auto answer = lone.check(route, {});
    QVERIFY(answer && answer->message().messageClass() == stun::Class::SuccessResponse);
    QVERIFY(lone.agent.isKnown(route));
    QVERIFY(lone.agent.state() == State::New);
    lone.check(route, {});
    lone.runFor(1s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    lone.setPeer();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(requests[0].route == route);
    lone.answer(requests[0]);
    QVERIFY(lone.agent.route() == route);
}

void tst_Checks::earlyRequestOfAnotherForkIsForgotten()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    LoneAgent::Check check;
    check.username = lone.agent.localParameters().usernameFragment + ":fork";
    lone.check(lone.route("203.0.113.9"), check);
    lone.setPeer();
    lone.runFor(100ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.9")));
}

void tst_Checks::earlyNominationHolds()
{
    LoneAgent lone(controlledConfig());
    lone.addLocal("192.0.2.1");
    LoneAgent::Check check;
    check.role = Role::Controlling;
    check.nomination = Nomination::UseCandidate;
    lone.check(lone.route(), check);
    lone.setPeer();
    lone.answer(lone.newRequests().at(0));
    QVERIFY(lone.agent.validPairs().at(0).isNominated);
    QVERIFY(lone.agent.state() == State::Completed);
}

void tst_Checks::earlyRequestsAreBounded()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    for (std::uint16_t port = 1; port <= 500; ++port)
        QVERIFY(lone.check(lone.route("203.0.113.9", port), {}));
    const auto isKnown = [&](std::uint16_t port) {
        return lone.agent.isKnown(lone.route("203.0.113.9", port));
    };
    const auto most = static_cast<std::uint16_t>(ice::Config().maxRemoteCandidates);
    QVERIFY(isKnown(most));
    QVERIFY(!isKnown(most + 1));
    lone.setPeer();
    lone.runFor(1s);
    std::set<Route> routes;
    for (const auto &request : lone.newRequests())
        routes.insert(request.route);
    QCOMPARE(routes.size(), ice::Config().maxRemoteCandidates);
}

void tst_Checks::failedPeerReflexiveCandidatesMakeRoom()
{
    ice::Config config;
    config.maxRemoteCandidates = 4;
    LoneAgent lone(config);
    lone.setUp();
    for (std::uint16_t port = 1; port <= 10; ++port)
        lone.check(lone.route("203.0.113.9", port), {});
    // As long as they may answer they stay, and who finds no room gets no answer: it would promise
    // a pair.
    QVERIFY(!lone.check(lone.route("203.0.113.10", 1), {}));
    QVERIFY(!lone.agent.isKnown(lone.route("203.0.113.10", 1)));
    lone.runFor(9s);
    lone.check(lone.route("203.0.113.10", 1), {});
    QVERIFY(lone.agent.isKnown(lone.route("203.0.113.10", 1)));
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("203.0.113.11"));
    lone.drain();
    QCOMPARE(lone.agent.remoteCandidates().size(), 4U);
    QVERIFY(lone.agent.remoteCandidates().back().address == address("203.0.113.11", 5001));
}

/// Their checks begin ours anew, which never fail so.
void tst_Checks::thoseThatAreOnlyAskedMakeRoomToo()
{
    ice::Config config;
    config.maxRemoteCandidates = 4;
    LoneAgent lone(config);
    lone.setUp();
    for (int i = 0; i < 9; ++i) {
        for (std::uint16_t port = 1; port <= 3; ++port)
            QVERIFY(lone.check(lone.route("203.0.113.9", port), {}));
        QVERIFY(!lone.check(lone.route("203.0.113.10", 1), {}) || i == 8);
        lone.runFor(1s);
    }
    QVERIFY(lone.check(lone.route("203.0.113.10", 1), {}));
    QVERIFY(lone.agent.isKnown(lone.route("203.0.113.10", 1)));
}

void tst_Checks::indicationsAreTaken()
{
    LoneAgent lone;
    lone.setUp();
    std::array<std::uint8_t, 64> room{};
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::Indication, stun::Method::Binding,
                 stun::makeTransactionId(lone.random));
    writer.addFingerprint();
    lone.newSent();
    QVERIFY(lone.receive(lone.route(), writer.finish()));
    QVERIFY(lone.newSent().empty());
}

void tst_Checks::garbageIsNotOurs()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    Bytes octets = lone.successTo(request);
    QVERIFY(!lone.receive(request.route, ByteView(octets).first(19)));
    QVERIFY(!lone.receive(request.route, ByteView(octets).first(octets.size() - 4)));
    QVERIFY(!lone.receive(request.route, {}));
    octets[8] ^= 1; // another transaction: somebody else's who shares the socket
    QVERIFY(!lone.receive(request.route, octets));
    QVERIFY(!lone.agent.route());
}

void tst_Checks::remoteCandidatesAreCapped()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    for (std::uint16_t port = 1; port <= 500; ++port)
        lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1", port));
    lone.runFor(20s);
    std::set<Route> routes;
    for (const auto &request : lone.newRequests())
        routes.insert(request.route);
    QCOMPARE(routes.size(), ice::Config().maxRemoteCandidates);
}

void tst_Checks::unusableRemoteCandidatesAreIgnored()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    lone.setPeer();
    Candidate candidate = lone.candidate("198.51.100.1");
    candidate.component = 2;
    lone.agent.addRemoteCandidate(lone.now, candidate);
    candidate = lone.candidate("198.51.100.1");
    candidate.protocol = CandidateProtocol::TcpPassive;
    lone.agent.addRemoteCandidate(lone.now, candidate);
    candidate = lone.candidate("198.51.100.1");
    candidate.address = {};
    candidate.hostName = "4a3f.local";
    lone.agent.addRemoteCandidate(lone.now, candidate);
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("255.255.255.255", 0));
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("224.0.0.1"));
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("127.0.0.1"));
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("2001:db8::1"));
    lone.runFor(1s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
}

void tst_Checks::pairsAreCapped()
{
    LoneAgent lone;
    for (int i = 1; i <= 8; ++i)
        lone.addLocal(qPrintable(QStringLiteral("192.0.2.%1").arg(i)));
    lone.setPeer();
    for (std::uint16_t port = 1; port <= 60; ++port)
        lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.1", port));
    lone.runFor(2s);
    std::set<Route> routes;
    for (const auto &request : lone.newRequests())
        routes.insert(request.route);
    QVERIFY(routes.size() <= ice::Config().maxPairs);
}

void tst_Checks::peersOwnAddressesAreCapped()
{
    LoneAgent lone;
    lone.setUp();
    std::size_t known = 1; // was signaled
    for (std::uint16_t port = 1; port <= 500; ++port) {
        const Route route = lone.route("203.0.113.9", port);
        const bool isAnswered = lone.check(route, {}).has_value();
        QCOMPARE(isAnswered, lone.agent.isKnown(route));
        known += isAnswered ? 1 : 0;
        lone.now += 1ms;
    }
    QCOMPARE(known, ice::Config().maxRemoteCandidates);
}

void tst_Checks::candidatesOfALaterSessionWait()
{
    LoneAgent lone;
    lone.addLocal("192.0.2.1");
    // Before any description, of the coming session and of another one.
    Candidate coming = lone.candidate("198.51.100.1");
    coming.usernameFragment = "peerfrag";
    Candidate later = lone.candidate("198.51.100.2");
    later.usernameFragment = "newfrag";
    lone.agent.addRemoteCandidate(lone.now, later);
    lone.agent.addRemoteCandidate(lone.now, coming);
    lone.agent.addRemoteCandidate(lone.now, lone.candidate("198.51.100.3"));
    lone.setPeer();
    lone.runFor(50ms);
    auto requests = lone.newRequests();
    QCOMPARE(countTo(requests, lone.route("198.51.100.1")), std::size_t(1));
    QCOMPARE(countTo(requests, lone.route("198.51.100.2")), std::size_t(0));
    QCOMPARE(countTo(requests, lone.route("198.51.100.3")), std::size_t(1));
    lone.agent.restart(lone.now);
    lone.peerParameters.usernameFragment = "newfrag";
    lone.setPeer();
    lone.runFor(50ms);
    requests = lone.newRequests();
    QCOMPARE(countTo(requests, lone.route("198.51.100.2")), std::size_t(1));
    QCOMPARE(requests.size(), std::size_t(1));
}

void tst_Checks::sendFailureFailsTheCheck()
{
    LoneAgent lone;
    lone.setUp();
    QCOMPARE(lone.newRequests().size(), std::size_t(1));
    lone.agent.noteSendFailed(lone.now, lone.route());
    lone.runFor(1999ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    lone.runFor(1ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(1));
}

void tst_Checks::failsOnlyAfterPatience()
{
    LoneAgent lone;
    const TimePoint start = lone.now;
    lone.setUp();
    lone.agent.endOfLocalAddresses(lone.now);
    lone.agent.endOfRemoteCandidates(lone.now);
    lone.runFor(39499ms);
    QVERIFY(lone.agent.state() == State::Checking);
    while (lone.agent.state() == State::Checking && lone.now - start < 60s)
        lone.runFor(1ms);
    QVERIFY(lone.agent.state() == State::Failed);
    QVERIFY(lone.now - start < 39500ms + 2s);
    // Nothing more goes out, until the peer shows itself.
    lone.newRequests();
    lone.runFor(300s);
    QCOMPARE(lone.newRequests().size(), std::size_t(0));
    QVERIFY(lone.agent.nextDeadline() == Never);
    lone.check(lone.route(), {});
    QVERIFY(lone.agent.state() == State::Checking);
    lone.answer(lone.newRequests().at(0));
    QVERIFY(lone.agent.state() == State::Connected);
}

void tst_Checks::doesNotFailWhileCandidatesMayCome()
{
    LoneAgent lone;
    lone.setUp();
    lone.agent.endOfLocalAddresses(lone.now);
    lone.runFor(300s);
    QVERIFY(lone.agent.state() == State::Checking);
    lone.agent.endOfRemoteCandidates(lone.now);
    lone.runFor(2s);
    QVERIFY(lone.agent.state() == State::Failed);
}

void tst_Checks::timeDoesNotGoBackwards()
{
    LoneAgent lone;
    lone.setUp();
    const auto request = lone.newRequests().at(0);
    lone.runFor(1s);
    lone.agent.advance(lone.now - 10s);
    lone.agent.receive(lone.now - 5s, {request.route, lone.successTo(request)});
    lone.drain();
    QVERIFY(lone.agent.route());
    lone.agent.advance(TimePoint::min());
    QVERIFY(lone.agent.route());
}

QTEST_APPLESS_MAIN(tst_Checks)

#include "tst_checks.moc"
