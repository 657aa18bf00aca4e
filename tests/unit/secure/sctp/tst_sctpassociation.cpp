// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/chunks.h"
#include "support/sctppair/sctppair.h"

#include <QtTest/qtest.h>

#include <malloc.h>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::ByteView;
using peer::Duration;
using peer::TimePoint;
using peer::sctp::Association;
using peer::sctp::ChunkType;
using peer::sctp::Closed;
using peer::sctp::CommonHeaderSize;
using peer::sctp::DataHeaderSize;
using peer::sctp::PayloadProtocol;
using peer::sctp::StreamId;
using peer::test::LossyLink;
using peer::test::SctpPair;
using peer::test::testPayload;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;

namespace {

/// Octets that the program has from the heap, usrsctp's included.
std::size_t heapInUse()
{
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

} // namespace

/// What an association does on a path without faults, and how it ends.
class tst_SctpAssociation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsFromBothSides();
    void connectsWhenOneSideIsLate();
    void messagesTravelWithTheCookie_data();
    void messagesTravelWithTheCookie();
    void takesLittleBeforeItIsConnected();
    void carriesEveryKindOfMessage();
    void messagesLeaveInAsFewPacketsOfEqualSize();
    void loneMessagesAreAcknowledgedAtOnce();
    void answersCarryTheAcknowledgement();
    void refusalIsFollowedBySpace();
    void smallMessagesAreBoundedInNumber();
    void abortIsSeenByThePeer();
    void abortBeforeTheHandshakeEndsTheOtherSideToo();
    void silenceEndsTheAssociation();
    void silenceEndsTheHandshake();
    void tooLargeMessageEndsTheAssociation();
    void damagedPacketsAreDropped();
    void undrainedPacketsAreNotLost();
    void leavesNothingBehind();
    void ticksOnlyWhileSomethingIsOutstanding();
};

void tst_SctpAssociation::connectsFromBothSides()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.connect());
    QVERIFY(VirtualClock::now() - start <= 40ms);
    QCOMPARE(pair.a().connected->outgoingStreams, 1024);
    QCOMPARE(pair.b().connected->incomingStreams, 1024);
}

void tst_SctpAssociation::messagesTravelWithTheCookie_data()
{
    QTest::addColumn<bool>("bothStart");
    QTest::newRow("both start at once") << true;
    QTest::newRow("the other starts when the first packet comes") << false;
}

void tst_SctpAssociation::messagesTravelWithTheCookie()
{
    QFETCH(bool, bothStart);
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    const TimePoint start = VirtualClock::now();
    for (auto &end : pair.ends) {
        if (end != pair.ends.front() && !bothStart)
            pair.run(9ms);
        end->association->start(VirtualClock::now());
        QCOMPARE(end->send(0, testPayload(1, 100)), SendResult::Sent);
        QCOMPARE(end->send(1, testPayload(2, 100)), SendResult::Sent);
        end->drain();
    }
    // INIT, INIT ACK, COOKIE ECHO with DATA: three trips, not five.
    QVERIFY(pair.run(35ms, [&] { return pair.b().messages.size() == 2; }));
    QVERIFY(VirtualClock::now() - start <= 31ms);
    QVERIFY(pair.run(60ms, [&] { return pair.a().messages.size() == 2; }));
    pair.run(1s);
    for (const auto &end : pair.ends) {
        QVERIFY(end->connected && !end->closed);
        QCOMPARE(end->messages.size(), 2U);
        QCOMPARE(end->messages[0].payload, testPayload(1, 100));
        QCOMPARE(end->messages[1].stream, 1);
        QCOMPARE(end->association->bufferedAmount(), 0U);
    }
}

void tst_SctpAssociation::takesLittleBeforeItIsConnected()
{
    SctpPair pair;
    pair.a().association->start(VirtualClock::now());
    peer::sctp::Reliability lossy;
    lossy.maxRetransmits = 0;
    QCOMPARE(pair.a().send(0, testPayload(0, 100), lossy), SendResult::WouldBlock);
    QCOMPARE(pair.a().send(peer::sctp::EarlyStreams, testPayload(0, 100)), SendResult::WouldBlock);
    std::uint32_t taken = 0;
    while (taken < 100 && pair.a().send(0, testPayload(taken, 1000)) == SendResult::Sent)
        ++taken;
    QVERIFY2(taken >= 3 && taken <= 5, qPrintable(QString::number(taken)));
    pair.a().drain();
    pair.b().association->start(VirtualClock::now());
    pair.b().drain();
    QVERIFY(pair.run(1s, [&] { return pair.b().messages.size() == taken; }));
    for (std::uint32_t i = 0; i < taken; ++i)
        QCOMPARE(pair.b().messages[i].payload, testPayload(i, 1000));
    QCOMPARE(pair.a().send(peer::sctp::EarlyStreams, testPayload(0, 100)), SendResult::Sent);
}

void tst_SctpAssociation::connectsWhenOneSideIsLate()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    const TimePoint start = VirtualClock::now();
    pair.a().association->start(start);
    pair.a().drain();
    pair.run(250ms);
    pair.b().association->start(VirtualClock::now());
    pair.b().drain();
    QVERIFY(pair.run(5s, [&] { return pair.areConnected(); }));
    QCOMPARE(VirtualClock::now() - start, Duration(290ms));
}

void tst_SctpAssociation::carriesEveryKindOfMessage()
{
    SctpPair pair;
    QVERIFY(pair.connect());
    const TimePoint now = VirtualClock::now();
    Association &a = *pair.a().association;
    const Bytes large = testPayload(1, 256 * 1024);
    QCOMPARE(a.send(now, 0, PayloadProtocol::Control, {}, testPayload(2, 13)), SendResult::Sent);
    QCOMPARE(a.send(now, 1, PayloadProtocol::String, {}, peer::asBytes("text")), SendResult::Sent);
    QCOMPARE(a.send(now, 2, PayloadProtocol::EmptyString, {}, {}), SendResult::Sent);
    QCOMPARE(a.send(now, 2, PayloadProtocol::EmptyBinary, {}, {}), SendResult::Sent);
    QCOMPARE(a.send(now, 1023, PayloadProtocol::Binary, {}, large), SendResult::Sent);
    QCOMPARE(a.send(now, 1024, PayloadProtocol::Binary, {}, large), SendResult::Failed);
    QCOMPARE(a.send(now, 0, PayloadProtocol::Binary, {}, {}), SendResult::Failed);
    const Bytes tooLarge((2 << 20) + 1);
    QCOMPARE(a.send(now, 0, PayloadProtocol::Binary, {}, tooLarge), SendResult::Failed);
    pair.a().drain();
    QVERIFY(pair.run(10s, [&] { return pair.b().messages.size() == 5; }));
    // Streams take turns: the messages of one are in order, those of several are not.
    auto &messages = pair.b().messages;
    std::stable_sort(messages.begin(), messages.end(),
                     [](const auto &one, const auto &other) { return one.stream < other.stream; });
    QCOMPARE(messages[0].protocol, PayloadProtocol::Control);
    QCOMPARE(messages[0].payload, testPayload(2, 13));
    QCOMPARE(messages[1].protocol, PayloadProtocol::String);
    QCOMPARE(messages[1].stream, StreamId(1));
    QCOMPARE(messages[2].protocol, PayloadProtocol::EmptyString);
    QVERIFY(messages[2].payload.empty());
    QCOMPARE(messages[3].protocol, PayloadProtocol::EmptyBinary);
    QCOMPARE(messages[4].stream, StreamId(1023));
    QCOMPARE(messages[4].payload, large);
    QVERIFY(pair.run(1s, [&] { return a.bufferedAmount() == 0; }));
    QVERIFY(pair.a().largestPacket <= 1150);
    QVERIFY(pair.a().largestPacket > 1140);
}

void tst_SctpAssociation::messagesLeaveInAsFewPacketsOfEqualSize()
{
    constexpr std::size_t Headers = CommonHeaderSize + DataHeaderSize;
    SctpPair pair;
    QVERIFY(pair.connect());
    std::vector<std::size_t> sizes;
    pair.a().tap = [&sizes](ByteView packet) {
        if (ChunkType(packet[CommonHeaderSize]) == ChunkType::Data)
            sizes.push_back(packet.size());
    };
    const auto send = [&](std::size_t size, int count) {
        sizes.clear();
        for (int i = 0; i < count; ++i)
            pair.a().association->send(VirtualClock::now(), 0, PayloadProtocol::Binary, {},
                                       testPayload(std::uint32_t(i), size));
        pair.a().drain();
        return pair.run(10s, [&] { return pair.a().association->bufferedAmount() == 0; });
    };
    QVERIFY(send(1200, 100));
    QCOMPARE(sizes, std::vector<std::size_t>(200, Headers + 600));
    // A large one in between is not cut smaller for it, and they are even again behind it.
    sizes.clear();
    pair.a().association->send(VirtualClock::now(), 0, PayloadProtocol::Binary, {},
                               testPayload(0, 1200));
    pair.a().association->send(VirtualClock::now(), 0, PayloadProtocol::Binary, {},
                               testPayload(1, 100'000));
    pair.a().drain();
    QVERIFY(pair.run(10s, [&] { return pair.a().association->bufferedAmount() == 0; }));
    const std::size_t full = pair.a().largestPacket - Headers;
    QCOMPARE(sizes.size(), 2 + (100'000 + full - 1) / full);
    QVERIFY(send(1200, 10));
    QCOMPARE(sizes, std::vector<std::size_t>(20, Headers + 600));
    QCOMPARE(pair.b().messages.size(), 112U);
    QCOMPARE(pair.b().messages[101].payload, testPayload(1, 100'000));
}

void tst_SctpAssociation::loneMessagesAreAcknowledgedAtOnce()
{
    LossyLink::Conditions conditions;
    conditions.delay = 5ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    for (std::uint32_t i = 0; i < 5; ++i) {
        pair.run(1s);
        QCOMPARE(pair.a().send(0, testPayload(i, 100)), SendResult::Sent);
        QVERIFY(pair.run(10ms, [&] { return pair.a().association->bufferedAmount() == 0; }));
    }
}

void tst_SctpAssociation::answersCarryTheAcknowledgement()
{
    LossyLink::Conditions conditions;
    conditions.delay = 5ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    pair.run(1s);
    int packets = 0;
    pair.a().tap = pair.b().tap = [&packets](ByteView) { ++packets; };
    for (std::uint32_t i = 0; i < 20; ++i) {
        auto &from = i % 2 == 0 ? pair.a() : pair.b();
        auto &to = i % 2 == 0 ? pair.b() : pair.a();
        QCOMPARE(from.send(0, testPayload(i, 100)), SendResult::Sent);
        QVERIFY(pair.run(6ms, [&] { return to.messages.size() == i / 2 + 1; }));
    }
    // One for each message, but the first of either side is acknowledged at once.
    QCOMPARE(packets, 22);
    // The last one is not.
    QVERIFY(pair.run(50ms, [&] { return pair.b().association->bufferedAmount() == 0; }));
}

void tst_SctpAssociation::refusalIsFollowedBySpace()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    std::uint32_t sent = 0;
    while (pair.a().send(0, testPayload(sent, 50000)) == SendResult::Sent)
        ++sent;
    QVERIFY(sent >= 35 && sent <= 41); // 2 MiB
    QVERIFY(pair.a().association->bufferedAmount() > sent * 49000);
    QCOMPARE(pair.a().sendSpaces, 0);
    QVERIFY(pair.run(5s, [&] { return pair.a().sendSpaces == 1; }));
    QCOMPARE(pair.a().send(0, testPayload(sent++, 50000)), SendResult::Sent);
    QVERIFY(pair.run(20s, [&] { return pair.b().messages.size() == sent; }));
    QVERIFY(pair.run(1s, [&] { return pair.a().association->bufferedAmount() == 0; }));
    QCOMPARE(pair.a().sendSpaces, 1);
}

void tst_SctpAssociation::smallMessagesAreBoundedInNumber()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    const Bytes octet(1);
    std::uint32_t sent = 0;
    const std::size_t before = heapInUse();
    while (sent < 100000 && pair.a().send(0, octet) == SendResult::Sent)
        ++sent;
    const std::size_t used = heapInUse() - before;
    QVERIFY2(sent >= 4096 && sent < 6000, qPrintable(QString::number(sent)));
    QVERIFY2(used < (8 << 20), qPrintable(QString::number(used)));
    QVERIFY(pair.run(20s, [&] { return pair.b().messages.size() == sent; }));
    QVERIFY(pair.a().sendSpaces > 0);
}

void tst_SctpAssociation::abortIsSeenByThePeer()
{
    SctpPair pair;
    QVERIFY(pair.connect());
    pair.a().association->abort(VirtualClock::now());
    pair.a().drain();
    QVERIFY(pair.run(1s, [&] { return pair.b().closed.has_value(); }));
    QCOMPARE(pair.b().closed->cause, Closed::Cause::ByPeer);
    QVERIFY2(pair.b().closed->reason.find("closed") != std::string::npos,
             pair.b().closed->reason.c_str());
    QVERIFY(!pair.a().closed);
    QCOMPARE(pair.a().association->nextDeadline(), peer::Never);
    QCOMPARE(pair.b().association->nextDeadline(), peer::Never);
    QCOMPARE(pair.b().send(0, testPayload(0, 10)), SendResult::Failed);
    QCOMPARE(pair.a().send(0, testPayload(0, 10)), SendResult::Failed);
}

void tst_SctpAssociation::abortBeforeTheHandshakeEndsTheOtherSideToo()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    pair.start();
    pair.run(15ms);
    pair.a().association->abort(VirtualClock::now());
    pair.a().drain();
    pair.b().association->abort(VirtualClock::now());
    pair.b().drain();
    pair.run(5s);
    QVERIFY(!pair.a().connected && !pair.b().connected);
}

void tst_SctpAssociation::silenceEndsTheAssociation()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    pair.b().outgoing.setConditions(conditions);
    pair.run(1s);
    QVERIFY(!pair.a().association->unansweredSince());
    QCOMPARE(pair.a().send(0, testPayload(0, 10)), SendResult::Sent);
    QCOMPARE(pair.a().association->unansweredSince(), VirtualClock::now());
    const TimePoint start = VirtualClock::now();
    QVERIFY(pair.run(300s, [&] { return pair.a().closed.has_value(); }));
    QCOMPARE(pair.a().closed->cause, Closed::Cause::Lost);
    const auto silence = std::chrono::duration_cast<std::chrono::seconds>(VirtualClock::now()
                                                                          - start);
    QVERIFY2(silence >= 100s && silence <= 101s, qPrintable(QString::number(silence.count())));
}

void tst_SctpAssociation::silenceEndsTheHandshake()
{
    LossyLink::Conditions conditions;
    conditions.loss = 1;
    SctpPair pair(conditions);
    pair.start();
    QVERIFY(pair.run(300s, [&] { return pair.a().closed && pair.b().closed; }));
    QCOMPARE(pair.a().closed->cause, Closed::Cause::Lost);
    // Of the hundred or more attempts none was dear.
    QVERIFY(pair.a().outgoing.sentOctets() < 50000);
}

void tst_SctpAssociation::tooLargeMessageEndsTheAssociation()
{
    peer::sctp::Config config;
    config.maxIncomingMessage = 100000;
    SctpPair pair({}, config);
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().send(0, testPayload(0, 100000)), SendResult::Sent);
    QCOMPARE(pair.a().send(0, testPayload(1, 100001)), SendResult::Sent);
    QVERIFY(pair.run(5s, [&] { return pair.a().closed && pair.b().closed; }));
    QCOMPARE(pair.b().messages.size(), 1U);
    QCOMPARE(pair.b().closed->cause, Closed::Cause::Violation);
    QVERIFY(pair.a().closed->reason.find("a message of more than 100000 octets")
            != std::string::npos);
}

void tst_SctpAssociation::damagedPacketsAreDropped()
{
    SctpPair pair;
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().association->send(VirtualClock::now(), 0, PayloadProtocol::Binary, {},
                                        testPayload(0, 100)),
             SendResult::Sent);
    const auto packet = pair.a().association->nextTransmit();
    QVERIFY(packet);
    for (std::size_t at = 0; at < packet->size(); ++at) {
        Bytes damaged = peer::toBytes(*packet);
        damaged[at] ^= 1;
        pair.b().association->receive(VirtualClock::now(), damaged);
        pair.b().association->receive(VirtualClock::now(), packet->first(at));
    }
    QCOMPARE(pair.b().association->statistics().droppedPackets, 2 * packet->size());
    pair.b().drain();
    QVERIFY(pair.b().messages.empty());
    pair.b().association->receive(VirtualClock::now(), *packet);
    pair.b().drain();
    QCOMPARE(pair.b().messages.size(), 1U);
}

void tst_SctpAssociation::undrainedPacketsAreNotLost()
{
    // A window of more packets than the queue holds, which nobody fetches for a while.
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    peer::sctp::Config config;
    config.sendBuffer = 512 << 10; // 524 packets, which is less than 8-octet messages make
    SctpPair pair(conditions, config);
    QVERIFY(pair.connect());
    const auto refill = [&](std::uint32_t &next, std::uint32_t last) {
        while (next < last
               && pair.a().association->send(VirtualClock::now(), 0, PayloadProtocol::Binary, {},
                                             testPayload(next, 400))
                   == SendResult::Sent) {
            ++next;
        }
    };
    std::uint32_t next = 0;
    for (int round = 0; round < 30; ++round) {
        refill(next, 20000);
        // The answers of the last round come all at once, and what they set free piles up.
        const TimePoint now = VirtualClock::now();
        while (const auto packet = pair.b().outgoing.take(now))
            pair.a().association->receive(now, *packet);
        pair.a().association->advance(now);
        refill(next, 20000);
        pair.a().drain();
        VirtualClock::advance(30ms);
        while (const auto packet = pair.a().outgoing.take(VirtualClock::now()))
            pair.b().association->receive(VirtualClock::now(), *packet);
        pair.b().drain();
        VirtualClock::advance(30ms);
    }
    QVERIFY(pair.run(300s, [&] { return pair.b().messages.size() == next; }));
    for (std::uint32_t i = 0; i < next; ++i)
        QCOMPARE(pair.b().messages[i].payload, testPayload(i, 400));
}

void tst_SctpAssociation::leavesNothingBehind()
{
    const auto liveAndDie = [](int which) {
        SctpPair pair;
        pair.start();
        if (which % 3 != 0)
            pair.run(20ms);
        if (which % 3 == 1) {
            pair.a().send(0, testPayload(0, 5000));
            pair.a().association->abort(VirtualClock::now());
            pair.a().drain();
        }
        // 0: in mid-handshake; 1: one aborts; 2: both destroyed while connected
    };
    for (int i = 0; i < 100; ++i)
        liveAndDie(i);
    VirtualClock::advance(60s); // whatever usrsctp's timers have yet to free
    liveAndDie(0);
    const std::size_t before = heapInUse();
    for (int i = 0; i < 1000; ++i)
        liveAndDie(i);
    VirtualClock::advance(60s);
    liveAndDie(0);
    const std::size_t after = heapInUse();
    QVERIFY2(after < before + (64 << 10), qPrintable(u"%1 to %2 octets"_s.arg(before).arg(after)));
}

void tst_SctpAssociation::ticksOnlyWhileSomethingIsOutstanding()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QCOMPARE(pair.a().association->nextDeadline(), peer::Never);
    QVERIFY(pair.connect());
    const auto wait = [&] { return pair.a().association->nextDeadline() - VirtualClock::now(); };
    QVERIFY(wait() <= 10ms);
    pair.run(1s);
    QVERIFY(wait() > 10ms && wait() <= 500ms);
    pair.a().send(0, testPayload(0, 10));
    QVERIFY(wait() <= 10ms);
    pair.run(1s);
    QVERIFY(wait() > 10ms && wait() <= 500ms);
}

QTEST_APPLESS_MAIN(tst_SctpAssociation)

#include "tst_sctpassociation.moc"
