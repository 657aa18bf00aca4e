// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/signalingchannel.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <vector>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

using Channel = SignalingChannel<int>;

class tst_SimulatedSignaling : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesBothWays();
    void neverCallsWithinSend();
    void keepsTheOrderUnlessItMayNot();
    void losesAndDoubles();
};

void tst_SimulatedSignaling::carriesBothWays()
{
    Internet internet(1);
    Channel channel(internet, "signaling", {.delay = 70ms});
    std::vector<std::pair<int, Duration>> left;
    std::vector<std::pair<int, Duration>> right;
    const auto into = [](auto &list) {
        return [&list](TimePoint now, int number) {
            list.emplace_back(number, now - Schedule::Start);
        };
    };
    channel.setReceiver(Channel::Side::Left, into(left));
    channel.setReceiver(Channel::Side::Right, into(right));
    channel.send(Channel::Side::Left, 1);
    internet.schedule().runFor(10ms);
    channel.send(Channel::Side::Right, 2);
    internet.schedule().runFor(1s);
    QCOMPARE(right, (std::vector<std::pair<int, Duration>>{{1, 70ms}}));
    QCOMPARE(left, (std::vector<std::pair<int, Duration>>{{2, 80ms}}));
}

void tst_SimulatedSignaling::neverCallsWithinSend()
{
    Internet internet(1);
    Channel channel(internet, "signaling", {.delay = 0ms});
    int received = 0;
    channel.setReceiver(Channel::Side::Right, [&](TimePoint, int) { ++received; });
    channel.send(Channel::Side::Left, 1);
    QCOMPARE(received, 0);
    internet.schedule().runFor(0ms);
    QCOMPARE(received, 1);
}

void tst_SimulatedSignaling::keepsTheOrderUnlessItMayNot()
{
    for (const double reordering : {0.0, 0.2}) {
        Internet internet(1);
        Channel channel(internet, "signaling",
                        {.delay = 20ms, .jitter = 50ms, .reordering = reordering});
        std::vector<int> received;
        channel.setReceiver(Channel::Side::Right,
                            [&](TimePoint, int number) { received.push_back(number); });
        for (int i = 0; i < 200; ++i) {
            channel.send(Channel::Side::Left, i);
            internet.schedule().runFor(10ms);
        }
        internet.schedule().runFor(1s);
        QCOMPARE(received.size(), 200U);
        QCOMPARE(std::is_sorted(received.begin(), received.end()), reordering == 0.0);
    }
}

void tst_SimulatedSignaling::losesAndDoubles()
{
    Internet internet(1);
    Channel channel(internet, "signaling", {.loss = 0.2, .duplication = 0.1});
    for (int i = 0; i < 10000; ++i)
        channel.send(Channel::Side::Left, i);
    internet.schedule().runFor(1s);
    const auto sent = channel.lost() + channel.delivered();
    QVERIFY(sent > 10880 && sent < 11120);
    QVERIFY(channel.lost() > 2050 && channel.lost() < 2350);
}

QTEST_APPLESS_MAIN(tst_SimulatedSignaling)
#include "tst_simulatedsignaling.moc"
