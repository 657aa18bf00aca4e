// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/pacer.h"
#include "media/congestion/senthistory.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint Start{1h};
constexpr int Target = 800'000;
constexpr std::size_t Size = 1000;

/// A packet and its report: a round trip of 100 ms, half of it there, and what it waits in queues.
void report(Pacer &pacer, TimePoint now, Duration queueing = 0ms)
{
    const TimePoint sentAt = now - 100ms - queueing;
    const Duration arrivedAt = (sentAt + 50ms + queueing).time_since_epoch() - 3h;
    pacer.noteReport(now, sentAt, arrivedAt, Target);
}

/// With reports every 30 ms for some time.
Pacer onAQuietWay(TimePoint &now)
{
    Pacer pacer;
    for (int i = 0; i < 50; ++i, now += 30ms)
        report(pacer, now);
    return pacer;
}

} // namespace

class tst_Pacer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPictureLeavesAtMoreThanTheTarget();
    void soundCountsToo();
    void whatWasNotSentIsNotSaved();
    void nothingIsKnownOfTheWayBeforeTheFirstReport();
    void noMoreIsUnderWayThanTheWayHeld();
    void aFullWayEmptiesBeforeItGoesOn();
    void somethingLeavesAllTheSame();
    void whileTheQueueIsLongNothingLeaves();
    void aLongerWayIsLearned();
    void anotherWayIsAnother();
    void historyKnowsWhatIsUnderWay();
};

void tst_Pacer::aPictureLeavesAtMoreThanTheTarget()
{
    Pacer pacer;
    TimePoint now = Start;
    for (int i = 0; i < 25; ++i) {
        now = pacer.mayLeaveAt(now, 0, Target);
        pacer.noteSent(now, Size, Target, true);
    }
    // 24 packets of 8000 bits at 2 Mbit/s.
    QCOMPARE(now - Start, 96ms);
}

void tst_Pacer::soundCountsToo()
{
    Pacer pacer;
    pacer.noteSent(Start, Size, Target, true);
    pacer.noteSent(Start, Size, Target, false);
    QCOMPARE(pacer.mayLeaveAt(Start, 0, Target) - Start, 8ms);
}

void tst_Pacer::whatWasNotSentIsNotSaved()
{
    Pacer pacer;
    pacer.noteSent(Start, Size, Target, true);
    const TimePoint later = Start + 1s;
    pacer.noteSent(later, Size, Target, true);
    QCOMPARE(pacer.mayLeaveAt(later, 0, Target) - later, 4ms);
}

void tst_Pacer::nothingIsKnownOfTheWayBeforeTheFirstReport()
{
    Pacer pacer;
    QVERIFY(!pacer.window(Target));
    QCOMPARE(pacer.mayLeaveAt(Start, 1'000'000, Target), Start);
}

void tst_Pacer::noMoreIsUnderWayThanTheWayHeld()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    // 100 ms, 30 ms between reports, and the slack.
    const auto window = pacer.window(Target);
    QVERIFY2(window && *window > 13'500 && *window < 14'500, qPrintable(QString::number(*window)));
    pacer.noteSent(now - 10ms, 1, Target, true);
    QCOMPARE(pacer.mayLeaveAt(now, *window - 1, Target), now);
    QVERIFY(pacer.mayLeaveAt(now, *window, Target) > now);
    // A target that is far above what has arrived says little.
    QVERIFY(*pacer.window(10 * Target) < 1.11 * double(*window));
    // On the shortest way there is room for six datagrams.
    QCOMPARE(*pacer.window(1), Pacer::MinWindow);
}

void tst_Pacer::aFullWayEmptiesBeforeItGoesOn()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    pacer.noteSent(now - 10ms, 1, Target, true);
    const std::size_t window = *pacer.window(Target);
    QVERIFY(pacer.mayLeaveAt(now, window, Target) > now);
    QVERIFY(pacer.mayLeaveAt(now, window / 2, Target) > now);
    QCOMPARE(pacer.mayLeaveAt(now, window / 3 - 1, Target), now);
    QCOMPARE(pacer.mayLeaveAt(now, window / 2, Target), now);
}

void tst_Pacer::somethingLeavesAllTheSame()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    pacer.noteSent(now, 1, Target, true);
    QCOMPARE(pacer.mayLeaveAt(now, 100'000, Target) - now, Pacer::ProbeInterval);
    // Nothing that is sent besides postpones it: sound, which nobody may hear.
    for (TimePoint later = now; later < now + Pacer::ProbeInterval; later += 20ms)
        pacer.noteSent(later, 1, Target, false);
    QCOMPARE(pacer.mayLeaveAt(now, 100'000, Target) - now, Pacer::ProbeInterval);
}

void tst_Pacer::whileTheQueueIsLongNothingLeaves()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    pacer.noteSent(now - 10ms, 1, Target, true);
    report(pacer, now, 99ms);
    QCOMPARE(pacer.mayLeaveAt(now, 0, Target), now);
    report(pacer, now, 100ms);
    QVERIFY(pacer.mayLeaveAt(now, 0, Target) > now);
    report(pacer, now, 50ms);
    QVERIFY(pacer.mayLeaveAt(now, 0, Target) > now);
    report(pacer, now, 49ms);
    QCOMPARE(pacer.mayLeaveAt(now, 0, Target), now);
}

/// After a change of paths, say.
void tst_Pacer::aLongerWayIsLearned()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    const std::size_t before = *pacer.window(Target);
    pacer.noteSent(now, 1, Target, true);
    for (const TimePoint end = now + 2 * Pacer::Memory + 60ms; now < end; now += 30ms)
        report(pacer, now, 150ms);
    QCOMPARE(pacer.mayLeaveAt(now, 0, Target), now);
    QVERIFY(*pacer.window(Target) > before + Target / 8 * 14 / 100);
}

void tst_Pacer::anotherWayIsAnother()
{
    TimePoint now = Start;
    Pacer pacer = onAQuietWay(now);
    pacer.noteSent(now, 1, Target, true);
    report(pacer, now, 200ms);
    QVERIFY(pacer.isHolding());
    pacer.forgetWay();
    QVERIFY(!pacer.isHolding());
    report(pacer, now, 200ms);
    QVERIFY(!pacer.isHolding());
    QCOMPARE(pacer.mayLeaveAt(now + 10ms, 0, Target), now + 10ms);
}

void tst_Pacer::historyKnowsWhatIsUnderWay()
{
    SentHistory history;
    std::uint16_t sequence = 0;
    for (int i = 0; i < 10; ++i)
        sequence = history.send(Start, 100, true);
    QCOMPARE(history.underWay(), 1000U);
    history.takeBack(sequence);
    QCOMPARE(history.underWay(), 900U);
    TransportFeedback feedback;
    feedback.baseSequence = 2;
    feedback.packetCount = 3;
    feedback.arrivals = {{0, 0}, {2, 4}};
    history.take(feedback);
    QCOMPARE(history.underWay(), 400U);
    // What is told again, or of what was before, changes nothing; nor does what was never sent.
    history.take(feedback);
    QCOMPARE(history.underWay(), 400U);
    history.takeBack(7);
    QCOMPARE(history.underWay(), 300U);
    history.takeBack(7);
    QCOMPARE(history.underWay(), 300U);
    feedback.packetCount = 100;
    history.take(feedback);
    QCOMPARE(history.underWay(), 0U);
    for (std::size_t i = 0; i < 2 * SentHistory::MaxPackets; ++i)
        history.send(Start, 1, true);
    QCOMPARE(history.underWay(), SentHistory::MaxPackets);
}

QTEST_GUILESS_MAIN(tst_Pacer)
#include "tst_pacer.moc"
