// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/link.h"
#include "support/simulation/prefix.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <cmath>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

/// A link and what came out of it: the numbers that the packets carry, and when.
class Bench
{
public:
    explicit Bench(const LinkConditions &conditions, std::uint64_t seed = 1)
        : link(schedule, trace, SeededRandom(seed), "link", [this](const Packet &packet) {
            numbers.push_back(readUint32(packet.payload.data()));
            times.push_back(schedule.now() - Schedule::Start);
        })
    {
        link.setConditions(conditions);
    }

    /// size: of the packet on the wire.
    void send(std::uint32_t number, std::size_t size = 100, bool isTcp = false)
    {
        Packet packet{endpoint("192.0.2.1:1"), endpoint("192.0.2.2:2"),
                      Bytes(size - (isTcp ? 40 : 28))};
        if (isTcp)
            packet.segment = Segment{Segment::Kind::Data, number};
        writeUint32(packet.payload.data(), number);
        link.send(std::move(packet));
    }
    void sendMany(std::uint32_t count, Duration interval)
    {
        for (std::uint32_t i = 0; i < count; ++i) {
            send(i);
            schedule.runFor(interval);
        }
        schedule.runFor(1h);
    }

    Schedule schedule;
    Trace trace;
    Link link;
    std::vector<std::uint32_t> numbers;
    std::vector<Duration> times;
};

} // namespace

class tst_SimulatedLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void delays();
    void jittersWithoutReordering();
    void losesAboutAsManyAsItShould_data();
    void losesAboutAsManyAsItShould();
    void duplicates();
    void letsPacketsOvertake();
    void sendsAtItsRate();
    void boundsItsQueue();
    void throttledUdpHoldsUpNoTcp();
    void dropsWhileItIsDown();
    void doesTheSameForTheSameSeed();
};

void tst_SimulatedLink::delays()
{
    Bench bench({.delay = 30ms});
    bench.sendMany(3, 10ms);
    QCOMPARE(bench.times, (std::vector<Duration>{30ms, 40ms, 50ms}));
}

void tst_SimulatedLink::jittersWithoutReordering()
{
    Bench bench({.delay = 30ms, .jitter = 20ms});
    bench.sendMany(1000, 1ms);
    QCOMPARE(bench.numbers.size(), 1000U);
    QVERIFY(std::is_sorted(bench.numbers.begin(), bench.numbers.end()));
    Duration least = 1h;
    Duration most = 0ms;
    for (std::size_t i = 0; i < bench.times.size(); ++i) {
        const Duration delay = bench.times[i] - 1ms * bench.numbers[i];
        least = std::min(least, delay);
        most = std::max(most, delay);
    }
    QVERIFY(least >= 30ms && most <= 50ms);
    QVERIFY(most - least > 10ms);
}

void tst_SimulatedLink::losesAboutAsManyAsItShould_data()
{
    QTest::addColumn<double>("loss");
    for (const double loss : {0.0, 0.01, 0.1, 0.2, 0.5, 1.0})
        QTest::addRow("%g", loss) << loss;
}

void tst_SimulatedLink::losesAboutAsManyAsItShould()
{
    QFETCH(double, loss);
    Bench bench({.loss = loss});
    const double count = 20000;
    bench.sendMany(20000, 1us);
    // The seed is fixed; four standard deviations for whoever changes it.
    const double allowed = 4 * std::sqrt(count * loss * (1 - loss));
    QVERIFY(std::abs(static_cast<double>(bench.numbers.size()) - count * (1 - loss)) <= allowed);
    QCOMPARE(bench.trace.count(Fate::Lost) + bench.numbers.size(), 20000U);
}

void tst_SimulatedLink::duplicates()
{
    Bench bench({.duplication = 0.1});
    bench.sendMany(10000, 1us);
    QVERIFY(bench.numbers.size() > 10880 && bench.numbers.size() < 11120);
}

void tst_SimulatedLink::letsPacketsOvertake()
{
    Bench bench({.delay = 10ms, .reordering = 0.1, .reorderingDelay = 5ms});
    bench.sendMany(1000, 1ms);
    QCOMPARE(bench.numbers.size(), 1000U);
    QVERIFY(!std::is_sorted(bench.numbers.begin(), bench.numbers.end()));
    int late = 0;
    for (std::size_t i = 0; i < bench.times.size(); ++i)
        late += bench.times[i] - 1ms * bench.numbers[i] > 10ms ? 1 : 0;
    QVERIFY(late > 60 && late < 140);
}

void tst_SimulatedLink::sendsAtItsRate()
{
    // 1000 octets at 1 Mbit/s take 8 ms.
    Bench bench({.delay = 5ms, .bitsPerSecond = 1'000'000});
    for (std::uint32_t i = 0; i < 3; ++i)
        bench.send(i, 1000);
    bench.schedule.runFor(1s);
    QCOMPARE(bench.times, (std::vector<Duration>{13ms, 21ms, 29ms}));
    // It was idle since: no credit is left, none is owed.
    bench.send(3, 1000);
    bench.schedule.runFor(1s);
    QCOMPARE(bench.times.back(), Duration(1s + 13ms));
}

void tst_SimulatedLink::boundsItsQueue()
{
    Bench bench({.bitsPerSecond = 1'000'000, .queueOctets = 5000});
    for (std::uint32_t i = 0; i < 20; ++i)
        bench.send(i, 1000);
    bench.schedule.runFor(1s);
    QCOMPARE(bench.numbers, (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
    QCOMPARE(bench.trace.count(Fate::QueueFull), 15U);
}

void tst_SimulatedLink::throttledUdpHoldsUpNoTcp()
{
    // 1000 octets at 20 kbit/s are 400 ms; three of them do not fit.
    LinkConditions conditions{.delay = 10ms};
    conditions.udpBitsPerSecond = 20'000;
    conditions.udpQueueOctets = 2500;
    Bench bench(conditions);
    for (std::uint32_t number = 1; number <= 3; ++number)
        bench.send(number, 1000);
    bench.send(4, 1000, true);
    bench.schedule.runFor(1s);
    const std::vector<std::uint32_t> expected = {4, 1, 2};
    QCOMPARE(bench.numbers, expected);
    const std::vector<Duration> times = {10ms, 410ms, 810ms};
    QVERIFY(bench.times == times);
    QCOMPARE(bench.trace.count(Fate::QueueFull), std::uint64_t(1));
}

void tst_SimulatedLink::dropsWhileItIsDown()
{
    Bench bench({.delay = 10ms});
    bench.send(0);
    LinkConditions conditions = bench.link.conditions();
    conditions.isUp = false;
    bench.link.setConditions(conditions);
    bench.send(1);
    conditions.isUp = true;
    bench.link.setConditions(conditions);
    bench.send(2);
    bench.schedule.runFor(1s);
    QCOMPARE(bench.numbers, (std::vector<std::uint32_t>{0, 2}));
    QCOMPARE(bench.trace.count(Fate::LinkDown), 1U);
}

void tst_SimulatedLink::doesTheSameForTheSameSeed()
{
    const LinkConditions conditions = {
        .delay = 10ms, .jitter = 10ms, .loss = 0.1, .duplication = 0.1, .reordering = 0.1};
    Bench one(conditions, 7);
    Bench again(conditions, 7);
    Bench other(conditions, 8);
    for (Bench *bench : {&one, &again, &other})
        bench->sendMany(500, 1ms);
    QCOMPARE(one.numbers, again.numbers);
    QCOMPARE(one.times, again.times);
    QCOMPARE(one.trace.hash(), again.trace.hash());
    QVERIFY(one.numbers != other.numbers);
}

QTEST_APPLESS_MAIN(tst_SimulatedLink)
#include "tst_simulatedlink.moc"
