// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "turnbench.h"

#include <QtTest/QTest>

using namespace peer;
using namespace peer::turn;
using namespace std::chrono_literals;
using stun::Attribute;
using stun::Method;

Q_DECLARE_METATYPE(EndReason)

class tst_TurnAllocation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isAllocatedInTwoRoundTrips();
    void everyKindOfCredentialsWorks_data();
    void everyKindOfCredentialsWorks();
    void serverWithOneFamilyIsAskedForWhatItHas_data();
    void serverWithOneFamilyIsAskedForWhatItHas();
    void lostRequestsAreRepeated();
    void lostAnswerLeavesOneAllocation();
    void silentServerIsGivenUp();
    void streamIsNotAskedTwice();
    void everyErrorHasItsMeaning_data();
    void everyErrorHasItsMeaning();
    void redirectionTellsWhereTo();
    void wrongPasswordEndsIt();
    void endlessChallengesEndIt();
    void forgedAnswersChangeNothing();
    void answerFromAnotherAddressIsIgnored();
    void answerWithoutARelayedAddressEndsIt();
    void isRefreshedBeforeItsEnd();
    void lifetimeIsBounded_data();
    void lifetimeIsBounded();
    void staleNonceIsRenewedInPassing();
    void quietServerIsAskedForASignOfLife();
    void serverThatDiesEndsIt();
    void newMappingIsNoticed();
    void probeFindsOutAtOnce();
    void lostAllocationIsNoticedByWhatIsAsked_data();
    void lostAllocationIsNoticedByWhatIsAsked();
    void releaseFreesIt();
    void releaseInTheMiddleFreesItToo();
    void releaseOfWhatNeverBeganNeedsNoServer();
    void releaseThatNobodyAnswersEndsAllTheSame();
    void refusedSendEndsIt();
    void textsOfTheServerAreMadePrintable();
};

void tst_TurnAllocation::isAllocatedInTwoRoundTrips()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.runFor(39ms);
    QVERIFY(bench.allocated.empty());
    bench.runFor(1ms);
    QCOMPARE(bench.allocated.size(), std::size_t(1));
    QCOMPARE(bench.allocated[0].relayedV4.ip.toString(), std::string("203.0.113.77"));
    QCOMPARE(bench.allocated[0].relayedV6.ip.toString(), std::string("2001:db8::77"));
    QCOMPARE(bench.allocated[0].mapped, bench.mapped);
    QCOMPARE(bench.allocation.state(), Allocation::State::Allocated);
    QCOMPARE(bench.allocation.roundTripTime(), Duration(20ms));
    QVERIFY(bench.server.faults.empty());
    QCOMPARE(bench.sent.size(), std::size_t(2));
}

void tst_TurnAllocation::everyKindOfCredentialsWorks_data()
{
    QTest::addColumn<bool>("offersSha256");
    QTest::addColumn<bool>("hidesUsername");
    QTest::newRow("RFC 5389") << false << false;
    QTest::newRow("SHA-256") << true << false;
    QTest::newRow("anonymous") << false << true;
    QTest::newRow("both") << true << true;
}

void tst_TurnAllocation::everyKindOfCredentialsWorks()
{
    QFETCH(bool, offersSha256);
    QFETCH(bool, hidesUsername);
    sim::TurnBehavior behavior;
    behavior.offersSha256 = offersSha256;
    behavior.hidesUsername = hidesUsername;
    TurnBench bench(behavior);
    bench.allocate();
    QCOMPARE(bench.allocated.size(), std::size_t(1));
    const auto peer = TurnBench::peerAddress("192.0.2.200");
    bench.allocation.permit(bench.now, peer.ip);
    bench.allocation.bindChannel(bench.now, peer);
    bench.runFor(20min);
    QVERIFY(bench.ended.empty());
    QVERIFY(bench.server.faults.empty());
    QCOMPARE(bench.server.allocationCount(), std::size_t(1));
}

void tst_TurnAllocation::serverWithOneFamilyIsAskedForWhatItHas_data()
{
    QTest::addColumn<bool>("knowsBoth");
    QTest::addColumn<bool>("hasV4");
    QTest::addColumn<bool>("hasV6");
    QTest::addColumn<int>("error"); // answered to the first Allocate
    QTest::addColumn<bool>("getsV4");
    QTest::addColumn<bool>("getsV6");
    QTest::newRow("both") << true << true << true << 0 << true << true;
    QTest::newRow("IPv4 alone") << true << true << false << 0 << true << false;
    QTest::newRow("older than RFC 8656") << false << true << true << 0 << true << false;
    QTest::newRow("refuses the unknown") << false << true << true << 420 << true << false;
    QTest::newRow("calls it a bad request") << false << true << true << 400 << true << false;
    QTest::newRow("has not room for both") << true << true << true << 508 << true << false;
    QTest::newRow("does not do both") << true << true << true << 440 << true << false;
    QTest::newRow("IPv6 alone, RFC 6156") << false << false << true << 0 << false << true;
}

void tst_TurnAllocation::serverWithOneFamilyIsAskedForWhatItHas()
{
    QFETCH(bool, knowsBoth);
    QFETCH(bool, hasV4);
    QFETCH(bool, hasV6);
    QFETCH(int, error);
    QFETCH(bool, getsV4);
    QFETCH(bool, getsV6);
    sim::TurnBehavior behavior;
    behavior.knowsAdditionalFamily = knowsBoth;
    behavior.hasV4 = hasV4;
    behavior.hasV6 = hasV6;
    if (error)
        behavior.errors.emplace_back(Method::Allocate, error);
    TurnBench bench(behavior);
    bench.allocate();
    QCOMPARE(bench.allocated.size(), std::size_t(1));
    QCOMPARE(!bench.allocated[0].relayedV4.isNull(), getsV4);
    QCOMPARE(!bench.allocated[0].relayedV6.isNull(), getsV6);
    QVERIFY(bench.server.faults.empty());
}

void tst_TurnAllocation::lostRequestsAreRepeated()
{
    TurnBench bench;
    int lost = 0;
    bench.isLost = [&](bool isFromClient, ByteView) { return isFromClient && ++lost <= 2; };
    bench.allocation.start(bench.now);
    bench.runFor(250ms + 500ms + 40ms);
    QCOMPARE(bench.allocated.size(), std::size_t(1));
    QCOMPARE(bench.sent[0], bench.sent[1]);
    QCOMPARE(bench.sent[0], bench.sent[2]);
}

void tst_TurnAllocation::lostAnswerLeavesOneAllocation()
{
    TurnBench bench;
    int answers = 0;
    bench.isLost = [&](bool isFromClient, ByteView) { return !isFromClient && ++answers == 2; };
    bench.allocation.start(bench.now);
    bench.runFor(1s);
    QCOMPARE(bench.allocated.size(), std::size_t(1));
    QCOMPARE(bench.server.allocationCount(), std::size_t(1));
}

void tst_TurnAllocation::silentServerIsGivenUp()
{
    TurnBench bench;
    bench.isLost = [](bool, ByteView) { return true; };
    bench.allocation.start(bench.now);
    bench.runFor(11700ms);
    QVERIFY(bench.ended.empty());
    bench.runFor(100ms);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::NoAnswer);
    QCOMPARE(bench.sent.size(), std::size_t(6));
    QCOMPARE(bench.allocation.nextDeadline(), Never);
}

void tst_TurnAllocation::streamIsNotAskedTwice()
{
    AllocationConfig config = TurnBench::defaultConfig();
    config.transport = Transport::Tls;
    TurnBench bench({}, config);
    bench.isLost = [](bool, ByteView) { return true; };
    bench.allocation.start(bench.now);
    bench.runFor(1min);
    QCOMPARE(bench.sent.size(), std::size_t(1));
    QCOMPARE(bench.ended.size(), std::size_t(1));
}

void tst_TurnAllocation::everyErrorHasItsMeaning_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<EndReason>("reason");
    QTest::newRow("403") << 403 << EndReason::Forbidden;
    QTest::newRow("437") << 437 << EndReason::Mismatch;
    QTest::newRow("441") << 441 << EndReason::BadCredentials;
    QTest::newRow("442") << 442 << EndReason::Unsupported;
    QTest::newRow("486") << 486 << EndReason::QuotaReached;
    QTest::newRow("500") << 500 << EndReason::ServerFailed;
    QTest::newRow("a number that nobody knows") << 699 << EndReason::ServerFailed;
}

void tst_TurnAllocation::everyErrorHasItsMeaning()
{
    QFETCH(int, code);
    QFETCH(EndReason, reason);
    sim::TurnBehavior behavior;
    behavior.errors.emplace_back(Method::Allocate, code);
    TurnBench bench(behavior);
    bench.allocate();
    QVERIFY(bench.allocated.empty());
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, reason);
    QCOMPARE(bench.allocation.state(), Allocation::State::Over);
    QCOMPARE(bench.allocation.nextDeadline(), Never);
}

void tst_TurnAllocation::redirectionTellsWhereTo()
{
    sim::TurnBehavior behavior;
    behavior.alternate = TurnBench::peerAddress("203.0.113.6", 3479);
    TurnBench bench(behavior);
    bench.allocate();
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Redirected);
    QCOMPARE(bench.ended[0].alternate, behavior.alternate);
}

void tst_TurnAllocation::wrongPasswordEndsIt()
{
    AllocationConfig config = TurnBench::defaultConfig();
    config.password = "guess";
    TurnBench bench({}, config);
    bench.allocate();
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::BadCredentials);
    QCOMPARE(bench.sent.size(), std::size_t(2));
}

void tst_TurnAllocation::endlessChallengesEndIt()
{
    sim::TurnBehavior behavior;
    behavior.nonceLifetime = 0s; // each is stale when it comes back
    TurnBench bench(behavior);
    bench.allocation.start(bench.now);
    bench.runFor(1s);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::BadCredentials);
    QVERIFY(bench.sent.size() <= 6);
}

void tst_TurnAllocation::forgedAnswersChangeNothing()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.runFor(20ms); // challenged; the signed request is out
    QCOMPARE(bench.sent.size(), std::size_t(2));
    const auto id = stun::Message::parse(bench.sent[1])->transactionId();
    for (const int code : {0, 300, 400, 403, 437, 486}) {
        Bytes room(200);
        stun::MessageWriter writer(room);
        writer.begin(code ? stun::Class::ErrorResponse : stun::Class::SuccessResponse,
                     Method::Allocate, id);
        if (code)
            writer.addErrorCode(code, "forged");
        writer.addAddress(Attribute::XorRelayedAddress, TurnBench::peerAddress("192.0.2.66"));
        writer.addIntegrity(stun::IntegrityKey::shortTerm("guess"), stun::Integrity::Sha1);
        bench.deliver(writer.finish());
    }
    QVERIFY(bench.ended.empty() && bench.allocated.empty());
    bench.runFor(20ms);
    QCOMPARE(bench.allocated.size(), std::size_t(1));
}

void tst_TurnAllocation::answerFromAnotherAddressIsIgnored()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.drain();
    Bytes room(200);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::ErrorResponse, Method::Allocate,
                 stun::Message::parse(bench.sent[0])->transactionId());
    writer.addErrorCode(403, "forged");
    Route route = bench.allocation.config().route;
    route.remote.port = 1;
    QVERIFY(!bench.allocation.receive(bench.now, {route, writer.finish()}));
    bench.drain();
    QVERIFY(bench.ended.empty());
}

void tst_TurnAllocation::answerWithoutARelayedAddressEndsIt()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.drain();
    Bytes room(200);
    stun::MessageWriter writer(room);
    // To the unsigned request, as from a server that wants no credentials.
    writer.begin(stun::Class::SuccessResponse, Method::Allocate,
                 stun::Message::parse(bench.sent[0])->transactionId());
    writer.addAddress(Attribute::XorRelayedAddress, TurnBench::peerAddress("0.0.0.0"));
    bench.deliver(writer.finish());
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Unsupported);
}

void tst_TurnAllocation::isRefreshedBeforeItsEnd()
{
    TurnBench bench;
    bench.allocate();
    bench.runFor(539s);
    QCOMPARE(bench.count(Method::Refresh), 0);
    bench.runFor(2s);
    QCOMPARE(bench.count(Method::Refresh), 1);
    bench.runFor(1h);
    QCOMPARE(bench.count(Method::Refresh), 7);
    QCOMPARE(bench.server.allocationCount(), std::size_t(1));
    QVERIFY(bench.ended.empty());
}

void tst_TurnAllocation::lifetimeIsBounded_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<qint64>("refreshedAfter");
    QTest::newRow("none") << qint64(0) << qint64(5);
    QTest::newRow("a minute") << qint64(60) << qint64(30);
    QTest::newRow("the standard's") << qint64(600) << qint64(540);
    QTest::newRow("a century") << qint64(3155760000) << qint64(3540);
}

void tst_TurnAllocation::lifetimeIsBounded()
{
    QFETCH(qint64, seconds);
    QFETCH(qint64, refreshedAfter);
    sim::TurnBehavior behavior;
    behavior.lifetime = std::chrono::seconds(seconds);
    TurnBench bench(behavior);
    bench.allocate();
    bench.runFor(std::chrono::seconds(refreshedAfter) - 1s);
    const int before = bench.count(Method::Refresh);
    bench.runFor(2s);
    QCOMPARE(before, 0);
    if (seconds != 0) {
        QCOMPARE(bench.count(Method::Refresh), 1);
        QVERIFY(bench.ended.empty());
    } else {
        // It asked in good time; what is gone at once cannot be kept.
        QCOMPARE(bench.ended.size(), std::size_t(1));
        QCOMPARE(bench.ended[0].reason, EndReason::Mismatch);
    }
}

void tst_TurnAllocation::staleNonceIsRenewedInPassing()
{
    sim::TurnBehavior behavior;
    behavior.nonceLifetime = 10min;
    TurnBench bench(behavior);
    bench.allocate();
    const auto peer = TurnBench::peerAddress("192.0.2.200");
    bench.allocation.permit(bench.now, peer.ip);
    bench.runFor(2h);
    QVERIFY(bench.ended.empty());
    QCOMPARE(bench.server.allocationCount(), std::size_t(1));
    bench.sendFromPeer(peer, "still let in");
    bench.runFor(100ms);
    QCOMPARE(bench.atClient.size(), std::size_t(1));
}

void tst_TurnAllocation::quietServerIsAskedForASignOfLife()
{
    TurnBench bench;
    bench.allocate();
    bench.runFor(14s);
    QCOMPARE(bench.count(Method::Binding), 0);
    bench.runFor(47s);
    QCOMPARE(bench.count(Method::Binding), 4);
}

void tst_TurnAllocation::serverThatDiesEndsIt()
{
    TurnBench bench;
    bench.allocate();
    bench.isLost = [](bool, ByteView) { return true; };
    bench.runFor(15s + 11800ms);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::NoAnswer);
}

void tst_TurnAllocation::newMappingIsNoticed()
{
    TurnBench bench;
    bench.allocate();
    bench.mapped.port = 40001;
    bench.runFor(15s + 100ms);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Mismatch);
}

void tst_TurnAllocation::probeFindsOutAtOnce()
{
    TurnBench bench;
    bench.allocate();
    bench.runFor(1s);
    bench.allocation.probe(bench.now);
    bench.runFor(300ms);
    QVERIFY(bench.ended.empty());
    bench.mapped.port = 40001;
    bench.allocation.probe(bench.now); // too soon
    bench.runFor(700ms);
    QVERIFY(bench.ended.empty());
    bench.allocation.probe(bench.now);
    bench.runFor(20ms);
    QCOMPARE(bench.count(Method::Refresh), 2);
    QCOMPARE(bench.ended.size(), std::size_t(1));
}

void tst_TurnAllocation::lostAllocationIsNoticedByWhatIsAsked_data()
{
    QTest::addColumn<int>("what");
    QTest::newRow("a permission") << 0;
    QTest::newRow("a channel") << 1;
    QTest::newRow("a refresh") << 2;
}

void tst_TurnAllocation::lostAllocationIsNoticedByWhatIsAsked()
{
    QFETCH(int, what);
    TurnBench bench;
    bench.allocate();
    bench.server.forgetAllocations();
    const auto peer = TurnBench::peerAddress("192.0.2.200");
    if (what == 0)
        bench.allocation.permit(bench.now, peer.ip);
    else if (what == 1)
        bench.allocation.bindChannel(bench.now, peer);
    else
        bench.runFor(9min);
    bench.runFor(100ms);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Mismatch);
    QVERIFY(!bench.send(peer, "too late"));
}

void tst_TurnAllocation::releaseFreesIt()
{
    TurnBench bench;
    bench.allocate();
    bench.allocation.release(bench.now);
    bench.runFor(100ms);
    QCOMPARE(bench.server.allocationCount(), std::size_t(0));
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Released);
    bench.allocation.release(bench.now);
    bench.runFor(1min);
    QCOMPARE(bench.ended.size(), std::size_t(1));
}

void tst_TurnAllocation::releaseInTheMiddleFreesItToo()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.runFor(35ms); // made, and the answer is on its way
    QCOMPARE(bench.server.allocationCount(), std::size_t(1));
    bench.allocation.release(bench.now);
    bench.runFor(100ms);
    QCOMPARE(bench.server.allocationCount(), std::size_t(0));
    QVERIFY(bench.allocated.empty());
    QCOMPARE(bench.ended.size(), std::size_t(1));
}

void tst_TurnAllocation::releaseOfWhatNeverBeganNeedsNoServer()
{
    TurnBench bench;
    bench.allocation.release(bench.now);
    bench.drain();
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QVERIFY(bench.sent.empty());
}

void tst_TurnAllocation::releaseThatNobodyAnswersEndsAllTheSame()
{
    TurnBench bench;
    bench.allocate();
    bench.isLost = [](bool, ByteView) { return true; };
    bench.allocation.release(bench.now);
    bench.runFor(12s);
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::Released);
}

void tst_TurnAllocation::refusedSendEndsIt()
{
    TurnBench bench;
    bench.allocate();
    bench.allocation.noteSendFailed(bench.now);
    bench.drain();
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].reason, EndReason::NoAnswer);
}

void tst_TurnAllocation::textsOfTheServerAreMadePrintable()
{
    TurnBench bench;
    bench.allocation.start(bench.now);
    bench.drain();
    Bytes room(600);
    stun::MessageWriter writer(room);
    writer.begin(stun::Class::ErrorResponse, Method::Allocate,
                 stun::Message::parse(bench.sent[0])->transactionId());
    writer.addErrorCode(403, "no\n\x1b[31m" + std::string(300, 'x'));
    bench.deliver(writer.finish());
    QCOMPARE(bench.ended.size(), std::size_t(1));
    QCOMPARE(bench.ended[0].text, "no??[31m" + std::string(120, 'x'));
}

QTEST_APPLESS_MAIN(tst_TurnAllocation)
#include "tst_turnallocation.moc"
