// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/timing.h"
#include "core/stun/message.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <set>
#include <utility>
#include <vector>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

namespace {

/// A direct path and a tunnel between two agents, and data on whichever is in use, every 20 ms both
/// ways. What the network does to the direct path happens to checks and data alike.
struct BusyPaths
{
    /// More addresses of side 0 or 1, such as "192.0.2.2" or "198.51.100.2".
    explicit BusyPaths(const std::vector<std::pair<int, const char *>> &more = {},
                       const ice::Config &first = {})
        : pair(first)
    {
        std::uint32_t transport = 1;
        std::uint16_t preference = 100;
        for (const auto &[side, ip] : more)
            pair.addAddress(side, ip, preference--, ++transport);
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
    static bool isDirect(const Route &route) { return route.local.ip.isV4(); }
    bool areAt(const char *first, const char *second)
    {
        return pair.agree() && pair[0].route()->local.ip == ipAddress(first)
            && pair[0].route()->remote.ip == ipAddress(second);
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
                ++deliveries[side].sent;
                if (isDirect(*route) && isRepeating[side] && ++counts[side] % 3 == 0)
                    ++deliveries[side].repeated;
                pair[side].noteDelivery(deliveries[side]);
                if (!isDirect(*route) || passes(side))
                    pair[1 - side].noteAuthenticated(pair.now, pair.atTheOtherEnd(*route));
            }
            pair.runFor(20ms);
        }
        return condition();
    }
    /// What it sends to.
    Route pathOf(int side) { return pair[side].route().value_or(Route()); }

    TwoAgents pair;
    bool isBusy = true;
    int lossOneIn[2] = {0, 0};
    /// Of the data on a direct path a third has to be sent again. It concerns nothing else.
    bool isRepeating[2] = {false, false};
    ice::Delivery deliveries[2];
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
    void dataThatIsRepeatedTellsMoreThanChecks();
    void controlledTellsThatThePairIsPoor();
    void peerWithoutRenominationIsNotTold();
    void whatSharesUdpWithAPoorPairRanksBelowTheTunnel();
    void whatLeavesFromAnotherAddressIsNotDoubted();
    void whenTheSecondIsPoorTheRestGoesWithIt();
    void repeatingALittleIsNoReason();
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

void tst_PairQuality::dataThatIsRepeatedTellsMoreThanChecks()
{
    BusyPaths paths;
    paths.isRepeating[0] = true;
    QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 4s));
    paths.runFor(25s);
    QVERIFY(paths.areOnTunnel());
}

void tst_PairQuality::controlledTellsThatThePairIsPoor()
{
    BusyPaths paths;
    QCOMPARE(paths.pair[1].role(), ice::Role::Controlled);
    paths.isRepeating[1] = true;
    QVERIFY(paths.runUntil([&] { return paths.areOnTunnel(); }, 5s));
    paths.runFor(25s);
    QVERIFY(paths.areOnTunnel());
}

void tst_PairQuality::peerWithoutRenominationIsNotTold()
{
    ice::Config browser;
    browser.renomination = false;
    BusyPaths paths({}, browser);
    int told = 0;
    paths.pair.tap = [&](int, const Transmit &transmit) {
        const auto message = stun::Message::parse(transmit.payload);
        told += message && message->has(stun::Attribute::NomineeUnfit) ? 1 : 0;
    };
    paths.isRepeating[1] = true;
    paths.runFor(20s);
    QCOMPARE(told, 0);
    QVERIFY(paths.pair.areConnected());
}

void tst_PairQuality::whatSharesUdpWithAPoorPairRanksBelowTheTunnel()
{
    BusyPaths paths({{1, "198.51.100.2"}});
    QVERIFY(paths.areAt("192.0.2.1", "198.51.100.1"));
    paths.isRepeating[0] = true;
    bool wasElsewhere = false;
    QVERIFY(paths.runUntil(
        [&] {
            wasElsewhere = wasElsewhere || paths.areAt("192.0.2.1", "198.51.100.2");
            return paths.areOnTunnel();
        },
        5s));
    QVERIFY(!wasElsewhere);
    // Without the tunnel it is the next best, though doubtful.
    paths.pair.removeTunnel(0);
    paths.pair.removeTunnel(1);
    QVERIFY(paths.runUntil([&] { return paths.areAt("192.0.2.1", "198.51.100.2"); }, 5s));
}

void tst_PairQuality::whatLeavesFromAnotherAddressIsNotDoubted()
{
    BusyPaths paths({{0, "192.0.2.2"}});
    QVERIFY(paths.areAt("192.0.2.1", "198.51.100.1"));
    paths.isRepeating[0] = true;
    QVERIFY(paths.runUntil([&] { return !paths.areAt("192.0.2.1", "198.51.100.1"); }, 5s));
    QVERIFY(paths.areAt("192.0.2.2", "198.51.100.1"));
}

void tst_PairQuality::whenTheSecondIsPoorTheRestGoesWithIt()
{
    BusyPaths paths({{1, "198.51.100.2"}, {1, "198.51.100.3"}, {1, "198.51.100.4"}});
    paths.pair.removeTunnel(0);
    paths.pair.removeTunnel(1);
    QVERIFY(paths.areAt("192.0.2.1", "198.51.100.1"));
    paths.isRepeating[0] = true;
    std::set<Route> used;
    paths.runUntil(
        [&] {
            used.insert(paths.pathOf(0));
            return false;
        },
        25s);
    // The first, the second, and the best of those that are all alike.
    QCOMPARE(used.size(), 2U);
    QVERIFY(paths.areAt("192.0.2.1", "198.51.100.1"));
}

void tst_PairQuality::repeatingALittleIsNoReason()
{
    BusyPaths paths;
    // A burst that is lost, now and then.
    for (int i = 0; i < 20; ++i) {
        paths.isRepeating[0] = paths.isRepeating[1] = true;
        paths.runFor(500ms);
        paths.isRepeating[0] = paths.isRepeating[1] = false;
        paths.runFor(1s);
        QVERIFY(paths.areDirect());
    }
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
