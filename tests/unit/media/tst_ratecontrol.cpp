// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "bottleneck.h"
#include "media/congestion/picturethinner.h"
#include "media/congestion/videoshape.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using peer::test::Bottleneck;
using namespace std::chrono_literals;

class tst_RateControl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheRateOfALink_data();
    void findsTheRateOfALink();
    void goesDownWithinASecondOfCongestion_data();
    void goesDownWithinASecondOfCongestion();
    void soundGoesOnWhenTheLinkBecomesNarrow_data();
    void soundGoesOnWhenTheLinkBecomesNarrow();
    void knowsWhatTheWayBearsWhateverIsSent();
    void comesBackWhenTheLinkDoes();
    void goesUpGently();
    void aLittleLossDoesNotBringItDown();
    void muchLossDoes();
    void jitterAloneIsNoCongestion();
    void silenceBringsItDownUntilSomethingIsHeard();
    void staysWithinItsBounds();
    void aSenderWithLittleToSayDoesNotClimb();
    void soundAloneComesBackAfterAnOutage();
    void knowsTheRoundTripTime();
    void shapesFollowTheRate_data();
    void shapesFollowTheRate();
    void shapesDoNotFlicker();
    void soundComesFirst();
    void soundIsRepeatedWhereThereIsRoom();
    void picturesAreLeftOutEvenly_data();
    void picturesAreLeftOutEvenly();
    void theFirstPictureAndThatAfterAPauseAreTaken();
};

void tst_RateControl::findsTheRateOfALink_data()
{
    QTest::addColumn<int>("capacity");
    QTest::addColumn<int>("delay"); // ms, one way
    QTest::newRow("300 kbit/s") << 300'000 << 20;
    QTest::newRow("1 Mbit/s") << 1'000'000 << 20;
    QTest::newRow("1 Mbit/s, far away") << 1'000'000 << 150;
    QTest::newRow("2 Mbit/s") << 2'000'000 << 5;
}

void tst_RateControl::findsTheRateOfALink()
{
    QFETCH(int, capacity);
    QFETCH(int, delay);
    Bottleneck link({capacity, std::chrono::milliseconds(delay)});
    link.run(60s);
    link.forgetFigures();
    link.run(60s);
    QVERIFY2(link.throughput() > 0.65 * capacity, qPrintable(QString::number(link.throughput())));
    QVERIFY2(
        link.meanQueueing() < 60ms,
        qPrintable(QString::number(std::chrono::duration<double>(link.meanQueueing()).count())));
    QVERIFY2(link.loss() < 0.01, qPrintable(QString::number(link.loss())));
}

void tst_RateControl::goesDownWithinASecondOfCongestion_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("after");
    QTest::newRow("2 Mbit/s to 300 kbit/s") << 2'000'000 << 300'000;
    QTest::newRow("1 Mbit/s to 500 kbit/s") << 1'000'000 << 500'000;
    QTest::newRow("1 Mbit/s to 150 kbit/s") << 1'000'000 << 150'000;
}

void tst_RateControl::goesDownWithinASecondOfCongestion()
{
    QFETCH(int, before);
    QFETCH(int, after);
    Bottleneck link({before, 25ms});
    link.run(60s);
    link.setCapacity(after);
    link.run(1s);
    QVERIFY2(link.control().target() <= after,
             qPrintable(QString::number(link.control().target())));
    link.run(9s);
    link.forgetFigures();
    link.run(20s);
    QVERIFY(link.meanQueueing() < 120ms);
    QVERIFY(link.throughput() > 0.5 * after);
}

void tst_RateControl::soundGoesOnWhenTheLinkBecomesNarrow_data()
{
    QTest::addColumn<int>("before");
    QTest::addColumn<int>("delay");  // ms, one way
    QTest::addColumn<int>("broken"); // of 20 ms each, at most
    QTest::newRow("800 to 300 kbit/s, 10 ms") << 800'000 << 10 << 8;
    QTest::newRow("800 to 300 kbit/s, 50 ms") << 800'000 << 50 << 8;
    QTest::newRow("800 to 300 kbit/s, 100 ms") << 800'000 << 100 << 4;
    // Within the time of a round trip twice as much is sent as the link's queue holds.
    QTest::newRow("1.2 Mbit/s to 300 kbit/s, 50 ms") << 1'200'000 << 50 << 10;
}

/// Both ways at once, with a queue of 300 ms, which is longer than the sound of a call waits.
void tst_RateControl::soundGoesOnWhenTheLinkBecomesNarrow()
{
    QFETCH(int, before);
    QFETCH(int, delay);
    QFETCH(int, broken);
    constexpr int After = 300'000;
    const auto call = [&](bool isPaced) {
        Bottleneck link({10'000'000, delay * 1ms, 0, 0ms, 300ms});
        link.setPaced(isPaced);
        link.setBothWays();
        link.setOffered(before);
        link.setPatience(80ms + delay * 3ms);
        link.run(30s);
        link.forgetFigures();
        link.setCapacity(After);
        link.run(3s);
        return link;
    };
    QVERIFY(call(false).brokenSounds() > 20);
    Bottleneck link = call(true);
    QVERIFY2(link.control().target() <= 1.1 * After,
             qPrintable(QString::number(link.control().target())));
    QVERIFY2(link.control().target() >= 0.65 * After,
             qPrintable(QString::number(link.control().target())));
    link.run(17s);
    QVERIFY2(link.throughput() > 0.8 * After, qPrintable(QString::number(link.throughput())));
    QVERIFY2(link.brokenSounds() <= broken, qPrintable(QString::number(link.brokenSounds())));
}

/// From the queue alone: little more than sound leaves while it empties.
void tst_RateControl::knowsWhatTheWayBearsWhateverIsSent()
{
    Bottleneck link({10'000'000, 50ms, 0, 0ms, 300ms});
    link.setPaced(true);
    link.setOffered(800'000);
    link.run(10s);
    QVERIFY(!link.control().bottleneck(link.now()));
    link.setCapacity(300'000);
    link.run(700ms);
    const auto bears = link.control().bottleneck(link.now());
    QVERIFY(bears);
    QVERIFY2(std::abs(*bears - 300'000) < 15'000, qPrintable(QString::number(*bears)));
    link.setCapacity(10'000'000);
    link.run(10s);
    QVERIFY(!link.control().bottleneck(link.now()));
}

void tst_RateControl::comesBackWhenTheLinkDoes()
{
    Bottleneck link({1'500'000, 25ms});
    link.run(40s);
    link.setCapacity(200'000);
    link.run(10s);
    QVERIFY(link.control().target() <= 220'000);
    link.setCapacity(1'500'000);
    link.run(40s);
    QVERIFY2(link.control().target() > 900'000,
             qPrintable(QString::number(link.control().target())));
}

void tst_RateControl::goesUpGently()
{
    Bottleneck link({10'000'000, 25ms});
    int last = link.control().target();
    for (int second = 0; second < 40; ++second) {
        link.run(1s);
        QVERIFY(link.control().target() <= last * 1.1);
        last = link.control().target();
    }
    QCOMPARE(last, RateControl::Max);
}

void tst_RateControl::aLittleLossDoesNotBringItDown()
{
    Bottleneck link({10'000'000, 50ms, 0.05});
    link.run(30s);
    QVERIFY(link.control().target() >= 300'000);
    QVERIFY(link.control().loss() < 0.3);
}

void tst_RateControl::muchLossDoes()
{
    Bottleneck link({10'000'000, 50ms, 0.3});
    link.run(10s);
    QCOMPARE(link.control().target(), RateControl::Min);
}

void tst_RateControl::jitterAloneIsNoCongestion()
{
    Bottleneck link({10'000'000, 30ms, 0, 15ms});
    link.run(60s);
    QVERIFY2(link.control().target() > 1'000'000,
             qPrintable(QString::number(link.control().target())));
}

void tst_RateControl::silenceBringsItDownUntilSomethingIsHeard()
{
    Bottleneck link({10'000'000, 25ms});
    link.run(10s);
    link.setCapacity(0);
    link.run(100ms); // the last reports
    const int before = link.control().target();
    link.run(900ms);
    QVERIFY(link.control().target() <= before / 2);
    link.run(5s);
    QCOMPARE(link.control().target(), RateControl::Min);
    // Nothing is sent: nothing is missed.
    RateControl idle;
    for (int i = 0; i < 100; ++i)
        idle.advance(TimePoint(1h) + i * 100ms);
    QCOMPARE(idle.target(), RateControl::Initial);
    idle.noteSent(TimePoint(1h));
    idle.advance(TimePoint(2h));
    QCOMPARE(idle.target(), RateControl::Initial);
}

void tst_RateControl::staysWithinItsBounds()
{
    Bottleneck fast({100'000'000, 1ms});
    fast.run(60s);
    QCOMPARE(fast.control().target(), RateControl::Max);
    Bottleneck slow({50'000, 25ms});
    slow.run(60s);
    QCOMPARE(slow.control().target(), RateControl::Min);
}

void tst_RateControl::aSenderWithLittleToSayDoesNotClimb()
{
    Bottleneck link({10'000'000, 25ms});
    link.setOffered(100'000);
    link.run(60s);
    QVERIFY(link.control().target() < 1.1 * RateControl::Initial);
}

void tst_RateControl::soundAloneComesBackAfterAnOutage()
{
    Bottleneck link({10'000'000, 25ms});
    link.setSoundAlone();
    link.run(20s);
    link.setCapacity(0);
    link.run(3s);
    QVERIFY(link.control().target() < 150'000);
    link.setCapacity(10'000'000);
    link.run(60s);
    QVERIFY2(link.control().target() >= 250'000,
             qPrintable(QString::number(link.control().target())));
    QVERIFY(link.control().target() < 1.1 * RateControl::Initial);
}

void tst_RateControl::knowsTheRoundTripTime()
{
    Bottleneck link({10'000'000, 40ms});
    link.run(5s);
    QVERIFY(link.control().roundTripTime());
    QVERIFY(*link.control().roundTripTime() >= 80ms);
    QVERIFY(*link.control().roundTripTime() < 100ms);
}

void tst_RateControl::shapesFollowTheRate_data()
{
    QTest::addColumn<int>("target");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("rate");
    QTest::newRow("most") << 2'500'000 << 640 << 30;
    QTest::newRow("enough") << 400'000 << 640 << 30;
    QTest::newRow("fewer pictures") << 399'999 << 640 << 20;
    QTest::newRow("smaller ones") << 249'999 << 320 << 15;
    QTest::newRow("least") << 100'000 << 320 << 10;
}

void tst_RateControl::shapesFollowTheRate()
{
    QFETCH(int, target);
    QFETCH(int, width);
    QFETCH(int, rate);
    ShapeLadder ladder;
    const VideoShape shape = ladder.follow(target);
    QVERIFY(shape == (VideoShape{width, width * 9 / 16, rate}));
}

void tst_RateControl::shapesDoNotFlicker()
{
    ShapeLadder ladder;
    QCOMPARE(ladder.follow(240'000).width, 320);
    QCOMPARE(ladder.follow(260'000).width, 320);
    QCOMPARE(ladder.follow(299'999).width, 320);
    QCOMPARE(ladder.follow(300'000).width, 640);
    QCOMPARE(ladder.follow(255'000).width, 640);
    QCOMPARE(ladder.follow(2'000'000).framesPerSecond, 30);
}

void tst_RateControl::soundComesFirst()
{
    for (int target = RateControl::Min; target <= RateControl::Max; target += 10'000) {
        const Allocation both = allocate(target, {true, true, false});
        QVERIFY(both.audio >= 16'000);
        QVERIFY(both.video >= 30'000);
        QVERIFY(both.audio + both.video < target);
        QCOMPARE(allocate(target, {false, true, false}).audio, 0);
        QVERIFY(allocate(target, {false, true, false}).video > both.video);
        QCOMPARE(allocate(target, {true, false, false}), (Allocation{both.audio, 0, 0}));
    }
    QCOMPARE(allocate(500'000, {true, true, false}).audio, 48'000);
}

void tst_RateControl::soundIsRepeatedWhereThereIsRoom()
{
    const auto copies = [](int target) { return allocate(target, {true, true, true}).copies; };
    QCOMPARE(copies(399'999), 0);
    QCOMPARE(copies(400'000), 1);
    QCOMPARE(copies(599'999), 1);
    QCOMPARE(copies(600'000), 2);
    QCOMPARE(copies(RateControl::Max), 2);
    QCOMPARE(allocate(RateControl::Max, {true, true, false}).copies, 0);
    QCOMPARE(allocate(RateControl::Max, {false, true, true}).copies, 0);
    const Allocation once = allocate(RateControl::Max, {true, true, false});
    const Allocation thrice = allocate(RateControl::Max, {true, true, true});
    QCOMPARE(thrice.audio, once.audio);
    QVERIFY(thrice.video < once.video - 2 * 0.9 * once.audio);
}

void tst_RateControl::picturesAreLeftOutEvenly_data()
{
    QTest::addColumn<int>("given"); // a second
    QTest::addColumn<int>("wanted");
    QTest::newRow("none") << 30 << 30;
    QTest::newRow("a third") << 30 << 20;
    QTest::newRow("half") << 30 << 15;
    QTest::newRow("most") << 30 << 10;
    QTest::newRow("of a fast camera") << 60 << 30;
    QTest::newRow("at a pace that does not match") << 25 << 20;
}

void tst_RateControl::picturesAreLeftOutEvenly()
{
    QFETCH(int, given);
    QFETCH(int, wanted);
    PictureThinner thinner;
    int taken = 0;
    Duration last{};
    const Duration begin = 90s; // a call that runs already
    for (int i = 0; i < given * 10; ++i) {
        const Duration jitter = (i % 5) * 1ms;
        const Duration time = begin + i * Duration(1s) / given + jitter;
        if (!thinner.takes(time, wanted))
            continue;
        QVERIFY(taken == 0 || time - last < 1.8 * Duration(1s) / wanted);
        last = time;
        ++taken;
    }
    QVERIFY2(std::abs(taken - wanted * 10) <= 2, qPrintable(QString::number(taken)));
}

void tst_RateControl::theFirstPictureAndThatAfterAPauseAreTaken()
{
    PictureThinner thinner;
    QVERIFY(thinner.takes(90s, 10));
    QVERIFY(!thinner.takes(90s + 33ms, 10));
    QVERIFY(thinner.takes(150s, 10));
    QVERIFY(!thinner.takes(150s + 33ms, 10));
    QVERIFY(!thinner.takes(150s + 66ms, 10));
    QVERIFY(thinner.takes(150s + 100ms, 10));
}

QTEST_APPLESS_MAIN(tst_RateControl)
#include "tst_ratecontrol.moc"
