// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctppair.h"
#include "secure/sctp/crc32c.h"

#include <QtTest/qtest.h>

#include <malloc.h>

#include <set>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::Duration;
using peer::TimePoint;
using peer::sctp::PayloadProtocol;
using peer::sctp::Reliability;
using peer::sctp::StreamId;
using peer::test::LossyLink;
using peer::test::SctpEnd;
using peer::test::SctpPair;
using peer::test::testPayload;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;

namespace {

/// Sends messages 0 … total-1 as fast as the association takes them.
struct Transfer
{
    SctpPair &pair;
    SctpEnd &sender;
    std::uint32_t total;
    std::size_t size;
    std::uint32_t streams = 1;
    Reliability reliability = {};

    std::uint32_t next = 0;
    Bytes payload = {};

    bool run(Duration limit, const std::function<bool()> &isDone)
    {
        return pair.run(limit, [&] {
            while (next < total) {
                if (payload.empty())
                    payload = testPayload(next, size);
                if (sender.send(StreamId(next % streams), payload, reliability) != SendResult::Sent)
                    break;
                payload.clear();
                ++next;
            }
            return isDone();
        });
    }
};

std::uint32_t numberOf(const peer::sctp::Message &message)
{
    return peer::readUint32(message.payload.data());
}

bool isWhole(const peer::sctp::Message &message, std::size_t size)
{
    return message.payload == testPayload(numberOf(message), size);
}

} // namespace

/// What arrives of many messages over paths with faults.
class tst_SctpTransfer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reliableMessagesArriveInOrder_data();
    void reliableMessagesArriveInOrder();
    void streamsDoNotWaitForEachOther();
    void unorderedMessagesOvertake();
    void unreliableMessagesAreNotRepeated();
    void messagesOutliveTheirLifetimeUnsent();
    void reliableMessagesAreNeverAbandoned();
    void steadyPathIsUsedToTheFull_data();
    void steadyPathIsUsedToTheFull();
    void stalledReaderHoldsTheSenderBack_data();
    void stalledReaderHoldsTheSenderBack();
    void stalledReaderIsNotFloodedWithSmallMessages();
    void stalledReaderSeesResetAndEnd();
    void newPathDoesNotWaitForTheOldOnesTimer();
    void countsWhatItDid();
};

void tst_SctpTransfer::reliableMessagesArriveInOrder_data()
{
    QTest::addColumn<int>("delay");  // ms
    QTest::addColumn<int>("jitter"); // ms
    QTest::addColumn<double>("loss");
    QTest::addColumn<double>("duplication");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");

    QTest::newRow("clean, small") << 10 << 0 << 0.0 << 0.0 << 5000 << 20;
    QTest::newRow("clean, large") << 10 << 0 << 0.0 << 0.0 << 100 << 65536;
    QTest::newRow("2 % loss, 10 ms") << 10 << 0 << 0.02 << 0.0 << 100 << 16384;
    QTest::newRow("5 % loss, 50 ms") << 50 << 0 << 0.05 << 0.0 << 50 << 16384;
    QTest::newRow("30 % loss") << 10 << 0 << 0.3 << 0.0 << 100 << 1000;
    QTest::newRow("reordering") << 10 << 5 << 0.0 << 0.0 << 100 << 16384;
    QTest::newRow("duplication") << 10 << 1 << 0.0 << 0.3 << 100 << 16384;
    QTest::newRow("everything") << 10 << 10 << 0.02 << 0.02 << 300 << 3000;
    QTest::newRow("everything, largest") << 10 << 10 << 0.02 << 0.02 << 4 << 256 * 1024;
}

void tst_SctpTransfer::reliableMessagesArriveInOrder()
{
    QFETCH(int, delay);
    QFETCH(int, jitter);
    QFETCH(double, loss);
    QFETCH(double, duplication);
    QFETCH(int, count);
    QFETCH(int, size);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        SctpPair pair({std::chrono::milliseconds(delay), std::chrono::milliseconds(jitter), loss,
                       duplication, seed});
        QVERIFY(pair.connect());
        Transfer transfer{pair, pair.a(), std::uint32_t(count), std::size_t(size)};
        QVERIFY2(transfer.run(300s, [&] { return pair.b().messages.size() == std::size_t(count); }),
                 qPrintable(u"seed %1: %2"_s.arg(seed).arg(pair.b().messages.size())));
        for (std::size_t i = 0; i < std::size_t(count); ++i) {
            QCOMPARE(numberOf(pair.b().messages[i]), std::uint32_t(i));
            QVERIFY(isWhole(pair.b().messages[i], std::size_t(size)));
        }
        QVERIFY(pair.run(10s, [&] { return pair.a().association->bufferedAmount() == 0; }));
    }
}

void tst_SctpTransfer::streamsDoNotWaitForEachOther()
{
    SctpPair pair({10ms, 0ms, 0.1, 0, 1});
    QVERIFY(pair.connect());
    Transfer transfer{pair, pair.a(), 1000, 100, 10};
    QVERIFY(transfer.run(120s, [&] { return pair.b().messages.size() == 1000; }));
    std::map<StreamId, std::uint32_t> last;
    std::uint32_t highest = 0;
    int overtaken = 0;
    for (const auto &message : pair.b().messages) {
        const std::uint32_t number = numberOf(message);
        QCOMPARE(message.stream, StreamId(number % 10));
        QVERIFY(!last.count(message.stream) || last[message.stream] < number);
        last[message.stream] = number;
        overtaken += number < highest;
        highest = std::max(highest, number);
    }
    QVERIFY(overtaken > 0);
}

void tst_SctpTransfer::unorderedMessagesOvertake()
{
    SctpPair pair({10ms, 0ms, 0.05, 0, 1});
    QVERIFY(pair.connect());
    Transfer transfer{pair, pair.a(), 1000, 500, 1, {false, {}, {}}};
    QVERIFY(transfer.run(120s, [&] { return pair.b().messages.size() == 1000; }));
    std::set<std::uint32_t> numbers;
    std::uint32_t highest = 0;
    int overtaken = 0;
    for (const auto &message : pair.b().messages) {
        QVERIFY(isWhole(message, 500));
        numbers.insert(numberOf(message));
        overtaken += numberOf(message) < highest;
        highest = std::max(highest, numberOf(message));
    }
    QCOMPARE(numbers.size(), 1000U);
    QVERIFY(overtaken > 10);
}

void tst_SctpTransfer::unreliableMessagesAreNotRepeated()
{
    for (const bool ordered : {true, false}) {
        SctpPair pair({10ms, 0ms, 0.1, 0, 1});
        QVERIFY(pair.connect());
        // 3000 octets are three packets: a message arrives whole or not at all.
        Reliability reliability{ordered, std::uint16_t(0), {}};
        for (std::uint32_t i = 0; i < 1000; ++i) {
            QCOMPARE(pair.a().send(0, testPayload(i, 3000), reliability), SendResult::Sent);
            pair.run(20ms);
        }
        QVERIFY(pair.run(10s, [&] { return pair.a().association->bufferedAmount() == 0; }));
        pair.run(1s);
        // 0.9^3 = 729 of 1000
        const std::size_t count = pair.b().messages.size();
        QVERIFY2(count > 650 && count < 800, qPrintable(QString::number(count)));
        std::set<std::uint32_t> numbers;
        std::uint32_t previous = 0;
        for (const auto &message : pair.b().messages) {
            QVERIFY(isWhole(message, 3000));
            QVERIFY(!ordered || numberOf(message) >= previous);
            previous = numberOf(message);
            numbers.insert(previous);
        }
        QCOMPARE(numbers.size(), count);
    }
}

void tst_SctpTransfer::messagesOutliveTheirLifetimeUnsent()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    const Reliability shortLived{true, {}, 50ms};
    std::uint32_t next = 0;
    const auto sendFor = [&](Duration duration) {
        for (const TimePoint end = VirtualClock::now() + duration; VirtualClock::now() < end;) {
            pair.a().send(0, testPayload(next++, 1000), shortLived);
            pair.run(10ms);
        }
    };
    sendFor(500ms);
    pair.run(100ms);
    QCOMPARE(pair.b().messages.size(), next);
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    sendFor(2s);
    conditions.loss = 0;
    pair.a().outgoing.setConditions(conditions);
    const std::uint32_t firstAfter = next;
    sendFor(4s); // T3-rtx comes after 3 s at the latest
    pair.run(1s);
    QVERIFY(pair.a().association->bufferedAmount() == 0);
    const auto &messages = pair.b().messages;
    QCOMPARE(numberOf(messages.back()), next - 1);
    // What was sent into the outage came to nothing, but for what was sent last.
    const auto late = std::count_if(messages.begin(), messages.end(), [&](const auto &message) {
        return numberOf(message) >= 50 && numberOf(message) < firstAfter - 10;
    });
    QVERIFY2(late < 10, qPrintable(QString::number(late)));
    for (std::size_t i = 1; i < messages.size(); ++i)
        QVERIFY(numberOf(messages[i - 1]) < numberOf(messages[i]));
}

void tst_SctpTransfer::reliableMessagesAreNeverAbandoned()
{
    // Inside, they are marked as if they could be.
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    Transfer transfer{pair, pair.a(), 100, 10000};
    transfer.run(60s, [] { return false; });
    conditions.loss = 0.3;
    pair.a().outgoing.setConditions(conditions);
    QVERIFY(transfer.run(300s, [&] { return pair.b().messages.size() == 100; }));
    for (std::uint32_t i = 0; i < 100; ++i)
        QCOMPARE(pair.b().messages[i].payload, testPayload(i, 10000));
}

void tst_SctpTransfer::steadyPathIsUsedToTheFull_data()
{
    QTest::addColumn<int>("delay");
    QTest::addColumn<double>("rate"); // MB/s
    QTest::addColumn<int>("queue");   // ms
    QTest::addColumn<double>("leastShare");

    // With the T3-rtx timer running on through acknowledgements these had a tenth of it. Slow
    // start and the first loss are in the three seconds.
    QTest::newRow("10 Mbit/s, 20 ms") << 10 << 1.25 << 20 << 0.8;
    QTest::newRow("100 Mbit/s, 20 ms") << 10 << 12.5 << 20 << 0.7;
    QTest::newRow("100 Mbit/s, 20 ms, deep queue") << 10 << 12.5 << 200 << 0.7;
    QTest::newRow("100 Mbit/s, 100 ms") << 50 << 12.5 << 50 << 0.25;
}

void tst_SctpTransfer::steadyPathIsUsedToTheFull()
{
    QFETCH(int, delay);
    QFETCH(double, rate);
    QFETCH(int, queue);
    QFETCH(double, leastShare);
    SctpPair pair({std::chrono::milliseconds(delay),
                   {},
                   0,
                   0,
                   1,
                   rate * 1e6,
                   std::chrono::milliseconds(queue)});
    QVERIFY(pair.connect());
    const auto count = std::uint32_t(rate * 1e6 * 3 / 16384); // three seconds of it
    Transfer transfer{pair, pair.a(), count, 16384};
    const TimePoint start = VirtualClock::now();
    QVERIFY(transfer.run(60s, [&] { return pair.b().messages.size() == count; }));
    const double seconds = std::chrono::duration<double>(VirtualClock::now() - start).count();
    const double share = count * 16384 / seconds / (rate * 1e6);
    QVERIFY2(share > leastShare, qPrintable(u"%1 of the rate"_s.arg(share)));
}

void tst_SctpTransfer::stalledReaderHoldsTheSenderBack_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<double>("loss");

    QTest::newRow("large messages") << 50000 << 0.0;
    QTest::newRow("packets") << 1000 << 0.0;
    QTest::newRow("small messages") << 20 << 0.0;
    QTest::newRow("large messages, loss") << 50000 << 0.05;
}

void tst_SctpTransfer::stalledReaderHoldsTheSenderBack()
{
    QFETCH(int, size);
    QFETCH(double, loss);
    peer::sctp::Config config;
    config.sendBuffer = config.receiveBuffer = 1 << 20;
    SctpPair pair({10ms, 0ms, loss, 0, 1}, config);
    QVERIFY(pair.connect());
    pair.b().association->setReading(VirtualClock::now(), false);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    Transfer transfer{pair, pair.a(), 1'000'000, std::size_t(size)};
    transfer.run(60s, [] { return false; });
    const std::uint32_t held = transfer.next;
    const std::size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    QVERIFY2(used < (16 << 20), qPrintable(QString::number(used)));
    // Five minutes in which nothing moves: the peer answers, so the association stands.
    transfer.run(300s, [] { return false; });
    QVERIFY(!pair.a().closed && !pair.b().closed);
    QVERIFY(pair.b().messages.empty());
    // … but for small messages, of which one in a round trip creeps through (held + 5 min / 20 ms).
    QVERIFY2(transfer.next <= held + 15000, qPrintable(QString::number(transfer.next)));

    transfer.total = transfer.next;
    pair.b().association->setReading(VirtualClock::now(), true);
    pair.b().drain();
    QVERIFY(transfer.run(120s, [&] { return pair.b().messages.size() == transfer.total; }));
    for (std::uint32_t i = 0; i < transfer.total; ++i)
        QCOMPARE(numberOf(pair.b().messages[i]), i);
}

void tst_SctpTransfer::stalledReaderIsNotFloodedWithSmallMessages()
{
    // A peer that knows no receive window: sends its messages as packets of its own making.
    SctpPair pair;
    QVERIFY(pair.connect());
    Bytes packet;
    pair.a().tap = [&](peer::ByteView sent) { packet = peer::toBytes(sent); };
    const Bytes octet(1);
    QCOMPARE(pair.a().send(0, octet), SendResult::Sent);
    QVERIFY(pair.run(1s, [&] { return pair.b().messages.size() == 1; }));
    pair.b().association->setReading(VirtualClock::now(), false);

    // DATA of 20 octets with its padding, sixty to a packet
    const std::uint32_t firstTsn = peer::readUint32(packet.data() + 16);
    const std::uint16_t firstSequence = peer::readUint16(packet.data() + 22);
    const Bytes header(packet.begin(), packet.begin() + 12);
    const Bytes chunk(packet.begin() + 12, packet.begin() + 32);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (std::uint32_t next = 1; next < 200'000;) {
        Bytes flood = header;
        for (int i = 0; i < 60; ++i, ++next) {
            flood.insert(flood.end(), chunk.begin(), chunk.end());
            std::uint8_t *last = flood.data() + flood.size() - chunk.size();
            peer::writeUint32(last + 4, firstTsn + next);
            peer::writeUint16(last + 10, static_cast<std::uint16_t>(firstSequence + next));
        }
        peer::sctp::sealPacket(flood);
        pair.b().association->receive(VirtualClock::now(), flood);
        while (pair.b().association->nextTransmit()) { }
    }
    const std::size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    QVERIFY2(used < (64 << 20), qPrintable(QString::number(used)));
    QVERIFY(pair.b().association->statistics().droppedPackets > 2000);
    pair.b().association->setReading(VirtualClock::now(), true);
    pair.b().drain();
    QVERIFY(pair.b().messages.size() > 10000);
    QVERIFY(pair.b().messages.size() <= 65537);
}

void tst_SctpTransfer::stalledReaderSeesResetAndEnd()
{
    for (const bool isAborted : {false, true}) {
        LossyLink::Conditions conditions;
        conditions.delay = 10ms;
        SctpPair pair(conditions);
        QVERIFY(pair.connect());
        pair.b().association->setReading(VirtualClock::now(), false);
        for (std::uint32_t i = 0; i < 10; ++i)
            QCOMPARE(pair.a().send(0, testPayload(i, 10000)), SendResult::Sent);
        pair.a().association->resetStream(VirtualClock::now(), 0);
        pair.a().drain();
        pair.run(1s);
        QVERIFY(pair.b().messages.empty());
        QVERIFY(!pair.a().outgoingResets.empty());
        if (isAborted) {
            pair.a().association->abort(VirtualClock::now());
            pair.a().drain();
        } else {
            pair.b().association->setReading(VirtualClock::now(), true);
            pair.b().drain();
        }
        pair.run(100ms);
        QCOMPARE(pair.b().messages.size(), 10U);
        QCOMPARE(pair.b().incomingResets, (std::vector<StreamId>{0}));
        QCOMPARE(pair.b().closed.has_value(), isAborted);
    }
}

void tst_SctpTransfer::newPathDoesNotWaitForTheOldOnesTimer()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    Transfer transfer{pair, pair.a(), 2000, 1000};
    QVERIFY(transfer.run(10s, [&] { return pair.b().messages.size() > 500; }));
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    transfer.run(10s, [] { return false; });
    const std::size_t before = pair.b().messages.size();
    QVERIFY(before < 2000);

    conditions.loss = 0;
    conditions.delay = 20ms;
    pair.a().outgoing.setConditions(conditions);
    pair.run(5ms);
    pair.a().association->resetPath(VirtualClock::now());
    pair.a().drain();
    const TimePoint start = VirtualClock::now();
    QVERIFY(transfer.run(10s, [&] { return pair.b().messages.size() == 2000; }));
    QVERIFY2(VirtualClock::now() - start < 2s,
             qPrintable(QString::number((VirtualClock::now() - start).count() / 1000000)));
}

void tst_SctpTransfer::countsWhatItDid()
{
    SctpPair pair({25ms, 0ms, 0.02, 0, 1});
    QVERIFY(pair.connect());
    QVERIFY(pair.a().association->statistics().congestionWindow >= 10000);
    Transfer transfer{pair, pair.a(), 1000, 1000};
    QVERIFY(transfer.run(60s, [&] { return pair.b().messages.size() == 1000; }));
    const auto statistics = pair.a().association->statistics();
    QVERIFY(statistics.retransmittedChunks > 10 && statistics.retransmittedChunks < 60);
    QVERIFY(statistics.smoothedRoundTrip >= 45ms && statistics.smoothedRoundTrip <= 80ms);
    QVERIFY(statistics.congestionWindow > 1000);
    QCOMPARE(pair.b().association->statistics().retransmittedChunks, 0U);
}

QTEST_APPLESS_MAIN(tst_SctpTransfer)

#include "tst_sctptransfer.moc"
