// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/streamtime.h"

#include <QtTest/qtest.h>

using namespace peer;
using peer::media::StreamTime;
using namespace std::chrono_literals;

class tst_StreamTime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beginsWithTheTimeOfTheCall();
    void keepsThePaceOfTheSource();
    void goesOnWhenASourceBeginsAgain_data();
    void goesOnWhenASourceBeginsAgain();
    void bridgesAPause();
    void comesDownToNowAfterALateFirst();
    void knowsWhenThereIsNoTime();
};

void tst_StreamTime::beginsWithTheTimeOfTheCall()
{
    StreamTime time;
    QVERIFY(time.at(0ms, 5000ms) == 5000ms);
    StreamTime other;
    QVERIFY(other.at(7h, 5000ms) == 5000ms);
}

void tst_StreamTime::keepsThePaceOfTheSource()
{
    // Sound of 20 ms that comes when it does.
    StreamTime time;
    for (int i = 0; i < 500; ++i) {
        const Duration late = (i % 7) * 12ms;
        QVERIFY(time.at(i * 20ms, 5000ms + i * 20ms + late) == 5000ms + i * 20ms);
    }
}

void tst_StreamTime::goesOnWhenASourceBeginsAgain_data()
{
    QTest::addColumn<int>("length"); // ms
    QTest::newRow("after a minute") << 60'000;
    QTest::newRow("after half a second") << 500;
    QTest::newRow("after a moment") << 100;
    QTest::newRow("at each picture") << 1;
}

void tst_StreamTime::goesOnWhenASourceBeginsAgain()
{
    QFETCH(int, length);
    StreamTime time;
    Duration last{};
    for (Duration now = 3s; now < 200s; now += 25ms) {
        const Duration at = time.at(now % std::chrono::milliseconds(length), now);
        QVERIFY(at > last);
        QVERIFY(at >= now - 100ms && at <= now + 100ms);
        last = at;
    }
}

void tst_StreamTime::bridgesAPause()
{
    StreamTime time;
    QVERIFY(time.at(0ms, 1000ms) == 1000ms);
    // The source goes on, but was not heard.
    QVERIFY(time.at(9000ms, 10'000ms) == 10'000ms);
    // It stood still itself.
    QVERIFY(time.at(9020ms, 20'000ms) == 20'000ms);
    QVERIFY(time.at(9040ms, 20'020ms) == 20'020ms);
}

void tst_StreamTime::comesDownToNowAfterALateFirst()
{
    StreamTime time;
    QVERIFY(time.at(0ms, 5800ms) == 5800ms); // 800 ms late; the next are in time
    Duration last = 5800ms;
    for (int i = 1; i < 100; ++i) {
        const Duration now = 5000ms + i * 20ms;
        const Duration at = time.at(i * 20ms, std::max(now, Duration(5800ms)));
        QVERIFY(at > last);
        last = at;
    }
    QVERIFY(last <= 5000ms + 99 * 20ms + StreamTime::MaxAhead);
}

void tst_StreamTime::knowsWhenThereIsNoTime()
{
    StreamTime time;
    QVERIFY(time.at({}, 1000ms) == 1000ms);
    QVERIFY(time.at({}, 1000ms) > 1000ms);
    QVERIFY(time.at({}, 3000ms) == 3000ms);
}

QTEST_APPLESS_MAIN(tst_StreamTime)
#include "tst_streamtime.moc"
