// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/boottime.h"
#include "shell/deadlinetimer.h"
#include "shell/systemrandom.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <algorithm>
#include <set>

using namespace std::chrono_literals;
using namespace peer;

class tst_DeadlineTimer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void neverTellsEarly_data();
    void neverTellsEarly();
    void theLastDeadlineCounts();
    void oneInThePastIsToldFromTheEventLoop();
    void stops();
    void mayBeDeletedInItsSlot();
    void mayBeSetInItsSlot();
    void theClockGoesForward();
    void randomnessDoesNotRepeat();
};

void tst_DeadlineTimer::neverTellsEarly_data()
{
    QTest::addColumn<int>("microseconds");
    for (const int microseconds : {0, 1, 300, 999, 1000, 1001, 5000, 20500})
        QTest::addRow("%d µs", microseconds) << microseconds;
}

void tst_DeadlineTimer::neverTellsEarly()
{
    QFETCH(int, microseconds);
    DeadlineTimer timer;
    QSignalSpy expired(&timer, &DeadlineTimer::expired);
    TimePoint told;
    connect(&timer, &DeadlineTimer::expired, this, [&told] { told = bootTimeNow(); });
    const TimePoint deadline = bootTimeNow() + std::chrono::microseconds(microseconds);
    timer.setDeadline(deadline);
    QVERIFY(timer.deadline() == deadline);
    QTRY_COMPARE(expired.count(), 1);
    QVERIFY(told >= deadline);
    QVERIFY(timer.deadline() == Never);
}

void tst_DeadlineTimer::theLastDeadlineCounts()
{
    DeadlineTimer timer;
    QSignalSpy expired(&timer, &DeadlineTimer::expired);
    TimePoint told;
    connect(&timer, &DeadlineTimer::expired, this, [&told] { told = bootTimeNow(); });
    const TimePoint now = bootTimeNow();
    timer.setDeadline(now + 1h);
    timer.setDeadline(now + 1ms);  // earlier
    timer.setDeadline(now + 20ms); // later again: the timer wakes up once in vain
    QTRY_COMPARE(expired.count(), 1);
    QVERIFY(told >= now + 20ms);
}

void tst_DeadlineTimer::oneInThePastIsToldFromTheEventLoop()
{
    DeadlineTimer timer;
    QSignalSpy expired(&timer, &DeadlineTimer::expired);
    timer.setDeadline(bootTimeNow() - 1h);
    QCOMPARE(expired.count(), 0);
    QTRY_COMPARE(expired.count(), 1);
}

void tst_DeadlineTimer::stops()
{
    DeadlineTimer stopped;
    DeadlineTimer running;
    QSignalSpy expired(&stopped, &DeadlineTimer::expired);
    QSignalSpy later(&running, &DeadlineTimer::expired);
    stopped.setDeadline(bootTimeNow() + 1ms);
    stopped.setDeadline(Never);
    running.setDeadline(bootTimeNow() + 5ms);
    QTRY_COMPARE(later.count(), 1);
    QCOMPARE(expired.count(), 0);
}

void tst_DeadlineTimer::mayBeDeletedInItsSlot()
{
    QPointer<DeadlineTimer> timer(new DeadlineTimer);
    connect(timer, &DeadlineTimer::expired, this, [timer] { delete timer; });
    timer->setDeadline(bootTimeNow());
    QTRY_VERIFY(!timer);
}

void tst_DeadlineTimer::mayBeSetInItsSlot()
{
    DeadlineTimer timer;
    int count = 0;
    connect(&timer, &DeadlineTimer::expired, this, [&] {
        if (++count < 5)
            timer.setDeadline(bootTimeNow());
    });
    timer.setDeadline(bootTimeNow());
    QTRY_COMPARE(count, 5);
}

void tst_DeadlineTimer::theClockGoesForward()
{
    TimePoint last = bootTimeNow();
    QVERIFY(last > TimePoint());
    for (int times = 0; times < 1000; ++times) {
        const TimePoint now = bootTimeNow();
        QVERIFY(now >= last);
        last = now;
    }
}

void tst_DeadlineTimer::randomnessDoesNotRepeat()
{
    SystemRandom random;
    std::set<std::uint64_t> seen;
    for (int times = 0; times < 1000; ++times)
        seen.insert(random.uint64());
    QCOMPARE(seen.size(), std::size_t(1000));
    // Of every size, around those of the buffer; every octet is written.
    for (const std::size_t size : {1, 3, 63, 64, 65, 255, 256, 257, 1000}) {
        Bytes sum(size, 0);
        for (int times = 0; times < 16; ++times) {
            Bytes octets(size, 0);
            random.fill(octets);
            for (std::size_t at = 0; at < size; ++at)
                sum[at] |= octets[at];
        }
        QVERIFY(std::none_of(sum.begin(), sum.end(), [](auto octet) { return octet == 0; }));
    }
}

QTEST_GUILESS_MAIN(tst_DeadlineTimer)

#include "tst_deadlinetimer.moc"
