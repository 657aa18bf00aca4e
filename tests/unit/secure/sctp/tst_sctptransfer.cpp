// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctptransfer.h"

#include <QtTest/qtest.h>

#include <map>

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;
using peer::TimePoint;
using peer::sctp::StreamId;
using peer::test::isWhole;
using peer::test::LossyLink;
using peer::test::numberOf;
using peer::test::SctpPair;
using peer::test::Transfer;
using peer::test::VirtualClock;

/// What arrives of many messages over paths with faults.
class tst_SctpTransfer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reliableMessagesArriveInOrder_data();
    void reliableMessagesArriveInOrder();
    void streamsDoNotWaitForEachOther();
    void steadyPathIsUsedToTheFull_data();
    void steadyPathIsUsedToTheFull();
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
