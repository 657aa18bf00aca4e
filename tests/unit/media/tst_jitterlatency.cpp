// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/jitterlatency.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

class tst_JitterLatency : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leavesTimeForARetransmission();
    void staysWithinItsBounds();
    void waitsForWhatComesLate();
    void smallChangesDisturbNothing();
    void goesUpAtOnceAndDownLater();
    void goesDownToWhatWasEnough();
};

void tst_JitterLatency::leavesTimeForARetransmission()
{
    JitterLatency latency;
    QCOMPARE(latency.current(), 80ms);
    QVERIFY(latency.follow(TimePoint(1h), 100ms, 0ms));
    QCOMPARE(latency.current(), 230ms);
}

void tst_JitterLatency::staysWithinItsBounds()
{
    JitterLatency latency;
    QVERIFY(!latency.follow(TimePoint(1h), -1s, 0ms));
    QCOMPARE(latency.current(), JitterLatency::Min);
    QVERIFY(latency.follow(TimePoint(1h), 10s, 0ms));
    QCOMPARE(latency.current(), JitterLatency::Max);
}

void tst_JitterLatency::waitsForWhatComesLate()
{
    JitterLatency latency;
    QVERIFY(latency.follow(TimePoint(1h), 100ms, 0ms));
    QVERIFY(!latency.follow(TimePoint(1h), 100ms, 150ms));
    QVERIFY(latency.follow(TimePoint(1h), 100ms, 300ms));
    QCOMPARE(latency.current(), 380ms);
    QVERIFY(latency.follow(TimePoint(1h), 100ms, 3s));
    QCOMPARE(latency.current(), JitterLatency::Max);
}

void tst_JitterLatency::smallChangesDisturbNothing()
{
    JitterLatency latency;
    QVERIFY(latency.follow(TimePoint(1h), 100ms, 0ms));
    QVERIFY(!latency.follow(TimePoint(1h + 10s), 110ms, 0ms));
    QVERIFY(!latency.follow(TimePoint(1h + 20s), 90ms, 0ms));
    QCOMPARE(latency.current(), 230ms);
}

void tst_JitterLatency::goesUpAtOnceAndDownLater()
{
    JitterLatency latency;
    TimePoint now(1h);
    QVERIFY(latency.follow(now, 100ms, 0ms));
    QVERIFY(latency.follow(now, 200ms, 0ms));
    QCOMPARE(latency.current(), 380ms);
    for (const TimePoint end = now + JitterLatency::Memory; now < end; now += 100ms) {
        QVERIFY(!latency.follow(now, 100ms, 0ms));
        QCOMPARE(latency.current(), 380ms);
    }
    QVERIFY(latency.follow(now, 100ms, 0ms));
    QCOMPARE(latency.current(), 230ms);
}

void tst_JitterLatency::goesDownToWhatWasEnough()
{
    JitterLatency latency;
    TimePoint now(1h);
    QVERIFY(latency.follow(now, 200ms, 0ms));
    QVERIFY(!latency.follow(now + 3s, 140ms, 0ms));
    QVERIFY(latency.follow(now + 5s, 20ms, 0ms));
    QCOMPARE(latency.current(), 290ms);
    QVERIFY(!latency.follow(now + 9s, 20ms, 0ms));
    QVERIFY(latency.follow(now + 10s, 20ms, 0ms));
    QCOMPARE(latency.current(), 110ms);
}

QTEST_APPLESS_MAIN(tst_JitterLatency)

#include "tst_jitterlatency.moc"
