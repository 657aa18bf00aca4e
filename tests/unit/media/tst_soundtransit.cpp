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

void tst_SoundTransit::nonsenseIsForgotten()
{
    SoundTransit transit;
    std::uint32_t timestamp = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        timestamp += 0x7fffffff;
        transit.note(TimePoint(1h + i * 1ms), timestamp);
    }
    for (std::uint32_t i = 0; i < 600; ++i)
        transit.note(TimePoint(2h + i * 20ms), timestamp += Block);
    transit.takeLateness();
    transit.note(TimePoint(2h + 600 * 20ms), timestamp += Block);
    QCOMPARE(transit.takeLateness(), 0ms);
}

QTEST_APPLESS_MAIN(tst_SoundTransit)

#include "tst_soundtransit.moc"
