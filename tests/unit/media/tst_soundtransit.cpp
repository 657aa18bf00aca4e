// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/soundtransit.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t Block = 960; // of 20 ms

} // namespace

class tst_SoundTransit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void soundInTimeIsNotLate();
    void theLatestCounts();
    void timeStampsBeginAgain();
    void aLongerWayIsLearned();
    void nonsenseIsForgotten_data();
    void nonsenseIsForgotten();
};

void tst_SoundTransit::soundInTimeIsNotLate()
{
    SoundTransit transit;
    QCOMPARE(transit.takeLateness(), 0ms);
    for (std::uint32_t i = 0; i < 10; ++i)
        transit.note(TimePoint(1h + i * 20ms), 77 + i * Block);
    QCOMPARE(transit.takeLateness(), 0ms);
}

void tst_SoundTransit::theLatestCounts()
{
    SoundTransit transit;
    transit.note(TimePoint(1h), 0);
    transit.note(TimePoint(1h + 320ms), Block);
    transit.note(TimePoint(1h + 330ms), 2 * Block);
    QCOMPARE(transit.takeLateness(), 300ms);
    QCOMPARE(transit.takeLateness(), 0ms);
    transit.note(TimePoint(1h + 340ms), 3 * Block);
    QCOMPARE(transit.takeLateness(), 280ms);
}

void tst_SoundTransit::timeStampsBeginAgain()
{
    SoundTransit transit;
    transit.note(TimePoint(1h), 0U - Block);
    transit.note(TimePoint(1h + 20ms), 0);
    transit.note(TimePoint(1h + 50ms), Block);
    QCOMPARE(transit.takeLateness(), 10ms);
}

void tst_SoundTransit::aLongerWayIsLearned()
{
    SoundTransit transit;
    transit.note(TimePoint(1h), 0);
    for (std::uint32_t i = 1; i <= 600; ++i)
        transit.note(TimePoint(1h + i * 20ms + 100ms), i * Block);
    transit.takeLateness();
    transit.note(TimePoint(1h + 601 * 20ms + 100ms), 601 * Block);
    QCOMPARE(transit.takeLateness(), 0ms);
}

void tst_SoundTransit::nonsenseIsForgotten_data()
{
    QTest::addColumn<quint32>("step");
    QTest::addColumn<int>("packets");
    QTest::newRow("back") << 0U - Block << 10'000;
    QTest::newRow("far, and beyond all time") << 480'000U << 2'500'000;
    QTest::newRow("too far") << 480'001U << 10'000;
    QTest::newRow("farthest") << 0x7fffffffU << 10'000;
    QTest::newRow("as far back") << 0x80000000U << 10'000;
}

void tst_SoundTransit::nonsenseIsForgotten()
{
    QFETCH(quint32, step);
    QFETCH(int, packets);
    SoundTransit transit;
    std::uint32_t timestamp = 1;
    TimePoint now(1h);
    for (int i = 0; i < packets; ++i, now += 1us)
        transit.note(now, timestamp += step);
    for (const TimePoint end = now + 12s; now < end; now += 20ms)
        transit.note(now, timestamp += Block);
    transit.takeLateness();
    transit.note(now, timestamp += Block);
    QCOMPARE(transit.takeLateness(), 0ms);
}

QTEST_APPLESS_MAIN(tst_SoundTransit)

#include "tst_soundtransit.moc"
