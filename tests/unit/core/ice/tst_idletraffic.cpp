// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "relayedagents.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <cstdint>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

namespace {

/// IPv4 and UDP.
constexpr std::uint64_t Headers = 28;
constexpr int Minutes = 10;

/// What both agents send to each other in a minute, headers included.
std::uint64_t octetsAMinute(TwoAgents &pair)
{
    std::uint64_t octets = 0;
    pair.tap = [&](int, const Transmit &transmit) { octets += transmit.payload.size() + Headers; };
    pair.runFor(Minutes * 60s);
    return octets / Minutes;
}

void addAddresses(TwoAgents &pair, int count)
{
    for (int i = 1; i <= count; ++i)
        pair.addAddress(0, qPrintable(QStringLiteral("192.0.2.%1").arg(i)),
                        static_cast<std::uint16_t>(1000 * i));
    pair.addAddress(1, "198.51.100.1");
}

} // namespace

/// Octets that agents spend on a call in which nobody speaks; LIMITS.md has what the whole of it
/// comes to. The bounds leave a tenth for chance.
class tst_IdleTraffic : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ofPairsIsSmall_data();
    void ofPairsIsSmall();
    void ofARelayIsSmall();
};

void tst_IdleTraffic::ofPairsIsSmall_data()
{
    QTest::addColumn<int>("addresses");
    QTest::addColumn<bool>("hasTunnel");
    QTest::addColumn<std::uint64_t>("bound");
    // A request and its answer, every 5 s from either side.
    QTest::newRow("one pair") << 1 << false << std::uint64_t(6'500);
    // And for each pair that stands by, every 12 s.
    QTest::newRow("one pair, the tunnel stands by") << 1 << true << std::uint64_t(9'500);
    QTest::newRow("many pairs, of which a few stand by") << 8 << true << std::uint64_t(21'000);
}

void tst_IdleTraffic::ofPairsIsSmall()
{
    QFETCH(int, addresses);
    QFETCH(bool, hasTunnel);
    QFETCH(std::uint64_t, bound);
    TwoAgents pair;
    addAddresses(pair, addresses);
    if (hasTunnel) {
        for (int side = 0; side < 2; ++side)
            pair.addTunnel(side);
    }
    pair.exchangeParameters();
    pair.runFor(60s);
    QVERIFY(pair.areConnected());
    const std::size_t valid = pair[0].validPairs().size();
    const std::uint64_t octets = octetsAMinute(pair);
    QVERIFY2(octets <= bound, qPrintable(QString::number(octets)));
    QVERIFY(octets > bound / 2); // the bound says something
    QCOMPARE(pair[0].validPairs().size(), valid);
    QVERIFY(pair[0].state() == State::Completed);
}

/// With the server: keepalives, refreshes of the allocation, of permissions and of the channel.
void tst_IdleTraffic::ofARelayIsSmall()
{
    ice::Config config;
    config.usesDirect = false;
    RelayedAgents agents({}, config);
    agents.gather();
    agents.connect();
    agents.runFor(60s);
    QVERIFY(agents.agent.route());
    agents.toServer.clear();
    agents.runFor(Minutes * 60s);
    QVERIFY(agents.agent.route());
    std::uint64_t octets = 0;
    for (const Bytes &datagram : agents.toServer)
        octets += datagram.size() + Headers;
    octets /= Minutes;
    QVERIFY2(octets <= 5'000, qPrintable(QString::number(octets)));
    QVERIFY2(octets > 2'500, qPrintable(QString::number(octets)));
}

QTEST_GUILESS_MAIN(tst_IdleTraffic)
#include "tst_idletraffic.moc"
