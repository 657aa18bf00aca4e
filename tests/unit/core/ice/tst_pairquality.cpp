// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/timing.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

namespace {

/// A direct path and a tunnel between two agents, and data on whichever is in use, every 20 ms both
/// ways. What the network does to the direct path happens to checks and data alike.
struct BusyPaths
{
    BusyPaths()
    {
        pair.carry = [this](int from, const Route &route) -> std::optional<Route> {
            if (isDirect(route) && !passes(from))
                return std::nullopt;
            return reversed(route, TransportId::None);
        };
        pair.delay = [this](const Route &route) {
            return isDirect(route) ? directDelay : Duration(10ms);
        };
        pair.addTunnel(0);
        pair.addTunnel(1);
        pair.connect();
        runFor(2s);
    }

    /// One datagram of so many is lost, in this direction.
    bool passes(int from)
    {
        const int every = lossOneIn[from];
        return every == 0 || ++counts[from] % every != 0;
    }
    static bool isDirect(const Route &route)
    {
        const IpAddress first = ipAddress("192.0.2.1");
        return route.local.ip == first || route.remote.ip == first;
    }
    bool areDirect() { return isDirect(*pair[0].route()) && isDirect(*pair[1].route()); }
    bool areOnTunnel() { return !isDirect(*pair[0].route()) && !isDirect(*pair[1].route()); }

    void runFor(Duration duration)
    {
        runUntil([] { return false; }, duration);
    }
    bool runUntil(const std::function<bool()> &condition, Duration limit)
    {
        for (Duration passed{}; passed < limit; passed += 20ms) {
            if (condition())
                return true;
            for (int side = 0; side < 2 && isBusy; ++side) {
                const auto route = pair[side].route();
                if (!route)
                    continue;
                pair[side].noteDataSent(pair.now);
                if (!isDirect(*route) || passes(side))
                    pair[1 - side].noteAuthenticated(pair.now, pathOf(1 - side));
            }
            pair.runFor(20ms);
        }
        return condition();
    }
    /// As the receiver names it: both use the same one, or it does not matter here.
    Route pathOf(int side) { return pair[side].route().value_or(Route()); }

    TwoAgents pair;
    bool isBusy = true;
    int lossOneIn[2] = {0, 0};
    int counts[2] = {0, 0};
    Duration directDelay = 10ms;
};

} // namespace

class tst_PairQuality : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lossyPairRanksBelowAGoodOne();
    void pairWithALongQueueRanksBelowAGoodOne();
    void littleLossIsNoReason();
    void loneLossyPairStays();
    void comesBackAfterItsTimeAndGoesForLonger();
    void pairThatComesAndGoesRanksBelowOneThatStays();
    void idlePairIsNotMeasured();
};

void tst_PairQuality::lossyPairRanksBelowAGoodOne()
{
    BusyPaths paths;
    QVERIFY(paths.areDirect());
    paths.lossOneIn[0] = paths.lossOneIn[1] = 2;
    QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 10s));
    paths.runFor(5s);
    QVERIFY(paths.areOnTunnel());
    QVERIFY(paths.pair.areConnected());
}

void tst_PairQuality::pairWithALongQueueRanksBelowAGoodOne()
{
    BusyPaths paths;
    paths.directDelay = 400ms;
    QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 10s));
}

void tst_PairQuality::littleLossIsNoReason()
{
    BusyPaths paths;
    paths.lossOneIn[0] = paths.lossOneIn[1] = 17;
    bool hasMoved = false;
    paths.runUntil(
        [&] {
            hasMoved = hasMoved || !paths.areDirect();
            return hasMoved;
        },
        60s);
    QVERIFY(!hasMoved);
}

void tst_PairQuality::loneLossyPairStays()
{
    BusyPaths paths;
    paths.pair.removeTunnel(0);
    paths.pair.removeTunnel(1);
    paths.lossOneIn[0] = paths.lossOneIn[1] = 2;
    paths.runFor(20s);
    QVERIFY(paths.areDirect());
    QVERIFY(paths.pair.areConnected());
}

void tst_PairQuality::comesBackAfterItsTimeAndGoesForLonger()
{
    BusyPaths paths;
    for (const Duration time : {30s, 60s, 120s}) {
        paths.directDelay = 400ms;
        QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 30s));
        const TimePoint left = paths.pair.now;
        paths.directDelay = 10ms;
        QVERIFY(paths.runUntil([&] { return paths.areDirect(); }, 200s));
        QVERIFY(paths.pair.now - left >= time - 200ms && paths.pair.now - left < time + 1s);
        // The mean round trip forgets the queue.
        paths.runFor(10s);
        QVERIFY(paths.areDirect());
    }
}

void tst_PairQuality::pairThatComesAndGoesRanksBelowOneThatStays()
{
    BusyPaths paths;
    for (int times = 0; times < 2; ++times) {
        QVERIFY(paths.areDirect());
        paths.lossOneIn[0] = paths.lossOneIn[1] = 1;
        QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 2s));
        paths.lossOneIn[0] = paths.lossOneIn[1] = 0;
        // The first time it is taken back when it answers.
        if (times == 0)
            QVERIFY(paths.runUntil([&] { return paths.areDirect(); }, 7s));
    }
    const TimePoint left = paths.pair.now;
    QVERIFY(paths.runUntil([&] { return paths.areDirect(); }, 60s));
    QVERIFY(paths.pair.now - left >= 29s);
}

void tst_PairQuality::idlePairIsNotMeasured()
{
    BusyPaths paths;
    paths.isBusy = false;
    paths.runFor(5s);
    int sent = 0;
    paths.pair.tap = [&](int, const Transmit &) { ++sent; };
    paths.runFor(60s);
    // Consent, of two pairs on two sides, every 5 s and its answers.
    QVERIFY2(sent <= 2 * 2 * 2 * 16, qPrintable(QString::number(sent)));
    QVERIFY(sent > 0);
}

QTEST_APPLESS_MAIN(tst_PairQuality)

#include "tst_pairquality.moc"
