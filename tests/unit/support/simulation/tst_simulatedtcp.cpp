// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/internet.h"
#include "support/simulation/oracle.h"

#include <QtTest/qtest.h>

#include <map>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

/// Opens and takes connections, and remembers what came by them.
class Talker : public Process
{
public:
    explicit Talker(Host &host)
        : m_host(host)
    { }

    void connect(const char *local, const TransportAddress &remote, std::uint16_t localPort = 0)
    {
        m_host.command(*this, [&](TimePoint) {
            m_host.connect(*this, ++m_lastId, *IpAddress::fromString(local), remote, localPort);
        });
    }
    void send(const Route &route, int number)
    {
        m_host.command(*this, [&](TimePoint) {
            const std::string text = std::to_string(number);
            m_queue.push(route, asBytes(text));
        });
    }
    void close(std::uint32_t id)
    {
        m_host.command(*this, [&](TimePoint) { m_host.closeConnection(*this, id); });
    }

    void receive(TimePoint, const Datagram &datagram) override
    {
        received.push_back(std::stoi(std::string(asText(datagram.payload))));
    }
    void advance(TimePoint) override { }
    std::optional<Transmit> nextTransmit() override
    {
        if (m_queue.isEmpty())
            return std::nullopt;
        return m_queue.pop();
    }
    TimePoint nextDeadline() const override { return Never; }
    void connectionOpened(TimePoint now, std::uint32_t id, const Route &route) override
    {
        open[id] = route;
        openedAt = now;
    }
    std::uint32_t connectionAccepted(TimePoint, const Route &route) override
    {
        if (!isOpenToAll)
            return 0;
        open[++m_lastId] = route;
        return m_lastId;
    }
    void connectionEnded(TimePoint, std::uint32_t id) override { ended.push_back(id); }

    bool isOpenToAll = true;
    std::map<std::uint32_t, Route> open;
    TimePoint openedAt{};
    std::vector<std::uint32_t> ended;
    std::vector<int> received;

private:
    Host &m_host;
    TransmitQueue m_queue;
    std::uint32_t m_lastId = 0;
};

/// A client at home behind a gateway, a server in the core that listens.
struct Bench
{
    explicit Bench(const GatewayConfig &config = {NatBehavior{}, {}},
                   const LinkConditions &conditions = {.delay = 10ms})
        : client(internet.addHost("client"))
        , server(internet.addHost("server"))
    {
        Network &home = internet.addNetwork("home");
        internet.addGateway("router", home, internet.core(), {ip("203.0.113.7")}, config);
        client.connect(home, {ip("192.168.1.2")}).setConditions(conditions);
        server.connect(internet.core(), {ip("203.0.113.50")});
        const TransportId listener = server.listen(host, {ip("0.0.0.0"), 0});
        service = {ip("203.0.113.50"), server.listeningAddress(listener).port};
    }

    void dial(const TransportAddress &to) { guest.connect("192.168.1.2", to); }
    void run(Duration duration) { internet.schedule().runFor(duration); }

    Internet internet{1};
    Host &client, &server;
    Talker guest{client}, host{server};
    TransportAddress service;
};

std::vector<int> numbersTo(int count)
{
    std::vector<int> numbers;
    for (int i = 0; i < count; ++i)
        numbers.push_back(i);
    return numbers;
}

} // namespace

class tst_SimulatedTcp : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void opensAfterARoundTrip();
    void keepsOrderAndLosesNothing_data();
    void keepsOrderAndLosesNothing();
    void repairsManyLossesInRoundTrips();
    void nobodyListensThere();
    void unwantedConnectionsEnd();
    void closingTellsTheOtherEnd();
    void silenceEndsIt_data();
    void silenceEndsIt();
    void firewallsTellItFromUdp();
    void restartedNatEndsIt();
    void synsThatMeetOpenOne_data();
    void synsThatMeetOpenOne();
    void betweenTheSameEndsThereIsButOne();
    void anotherFollowsBetweenTheSameEnds();
    void oracleKnowsWhoCanBeReached();
    void oracleKnowsWhoReachesServers();
};

void tst_SimulatedTcp::opensAfterARoundTrip()
{
    Bench bench;
    const TimePoint start = bench.internet.now();
    bench.dial(bench.service);
    bench.run(1s);
    QCOMPARE(bench.guest.open.size(), std::size_t(1));
    QVERIFY(bench.guest.openedAt - start == 20ms);
    // The other end hears of it with the first datagram, and sees the NAT.
    QVERIFY(bench.host.open.empty());
    bench.guest.send(bench.guest.open[1], 7);
    bench.run(1s);
    QCOMPARE(bench.host.received, std::vector<int>{7});
    QCOMPARE(bench.host.open[1].remote.ip.toString(), std::string("203.0.113.7"));
    bench.host.send(bench.host.open[1], 8);
    bench.run(1s);
    QCOMPARE(bench.guest.received, std::vector<int>{8});
}

void tst_SimulatedTcp::keepsOrderAndLosesNothing_data()
{
    QTest::addColumn<double>("loss");
    QTest::addColumn<bool>("isJumbled");
    QTest::newRow("good link") << 0.0 << false;
    QTest::newRow("20 % loss") << 0.2 << false;
    QTest::newRow("reordering and duplication") << 0.0 << true;
    QTest::newRow("both") << 0.1 << true;
}

void tst_SimulatedTcp::keepsOrderAndLosesNothing()
{
    QFETCH(double, loss);
    QFETCH(bool, isJumbled);
    LinkConditions conditions{.delay = 10ms};
    conditions.loss = loss;
    if (isJumbled) {
        conditions.reordering = conditions.duplication = 0.2;
        conditions.reorderingDelay = 15ms;
    }
    Bench bench({NatBehavior{}, {}}, conditions);
    bench.dial(bench.service);
    bench.run(20s);
    QCOMPARE(bench.guest.open.size(), std::size_t(1));
    for (int i = 0; i < 200; ++i)
        bench.guest.send(bench.guest.open[1], i);
    bench.run(60s);
    QCOMPARE(bench.host.received, numbersTo(200));
    for (int i = 0; i < 200; ++i)
        bench.host.send(bench.host.open[1], i);
    bench.run(60s);
    QCOMPARE(bench.guest.received, numbersTo(200));
    QVERIFY(bench.guest.ended.empty() && bench.host.ended.empty());
}

/// One in each, and not one in each timeout.
void tst_SimulatedTcp::repairsManyLossesInRoundTrips()
{
    Bench bench;
    bench.dial(bench.service);
    bench.run(1s);
    bench.client.interfaces()[0]->setUp(false);
    for (int i = 0; i < 30; ++i)
        bench.guest.send(bench.guest.open[1], i);
    bench.run(50ms);
    bench.client.interfaces()[0]->setUp(true);
    // A timeout of 200 ms, and 30 round trips of 20 ms.
    bench.run(1s);
    QCOMPARE(bench.host.received, numbersTo(30));
}

void tst_SimulatedTcp::nobodyListensThere()
{
    Bench bench;
    bench.dial({bench.service.ip, 1});
    bench.run(1s);
    QCOMPARE(bench.guest.ended, std::vector<std::uint32_t>{1});
}

void tst_SimulatedTcp::unwantedConnectionsEnd()
{
    Bench bench;
    bench.host.isOpenToAll = false;
    bench.dial(bench.service);
    bench.run(1s);
    bench.guest.send(bench.guest.open[1], 1);
    bench.run(1s);
    QCOMPARE(bench.guest.ended, std::vector<std::uint32_t>{1});
    QVERIFY(bench.host.received.empty());
}

void tst_SimulatedTcp::closingTellsTheOtherEnd()
{
    Bench bench;
    bench.dial(bench.service);
    bench.run(1s);
    bench.guest.send(bench.guest.open[1], 1);
    bench.run(1s);
    bench.guest.close(1);
    bench.run(1s);
    QVERIFY(bench.guest.ended.empty());
    QCOMPARE(bench.host.ended, std::vector<std::uint32_t>{1});
}

void tst_SimulatedTcp::silenceEndsIt_data()
{
    QTest::addColumn<bool>("isOpen");
    QTest::newRow("before it is open") << false;
    QTest::newRow("while it is open") << true;
}

void tst_SimulatedTcp::silenceEndsIt()
{
    QFETCH(bool, isOpen);
    Bench bench;
    if (isOpen) {
        bench.dial(bench.service);
        bench.run(1s);
    }
    bench.client.interfaces()[0]->setUp(false);
    if (isOpen)
        bench.guest.send(bench.guest.open[1], 1);
    else
        bench.dial(bench.service);
    bench.run(20s);
    QVERIFY(bench.guest.ended.empty());
    bench.run(50s);
    QCOMPARE(bench.guest.ended, std::vector<std::uint32_t>{1});
}

void tst_SimulatedTcp::firewallsTellItFromUdp()
{
    Bench bench({NatBehavior{}, {.blocksUdp = true, .blocksUnsolicited = true}});
    bench.dial(bench.service);
    bench.run(1s);
    QCOMPARE(bench.guest.open.size(), std::size_t(1));
}

void tst_SimulatedTcp::restartedNatEndsIt()
{
    Bench bench;
    bench.dial(bench.service);
    bench.run(1s);
    bench.internet.gateways()[0]->resetNat();
    bench.guest.send(bench.guest.open[1], 1);
    bench.run(1s);
    QCOMPARE(bench.guest.ended, std::vector<std::uint32_t>{1});
}

void tst_SimulatedTcp::synsThatMeetOpenOne_data()
{
    QTest::addColumn<int>("lead");
    QTest::newRow("at once") << 0;
    QTest::newRow("the first finds the other's NAT closed") << 30;
}

/// Behind a NAT each; neither listens.
void tst_SimulatedTcp::synsThatMeetOpenOne()
{
    QFETCH(int, lead);
    NatBehavior behavior;
    behavior.preservesPorts = true;
    Bench bench({behavior, {}});
    Network &office = bench.internet.addNetwork("office");
    bench.internet.addGateway("firewall", office, bench.internet.core(), {ip("203.0.113.8")},
                              {behavior, {}});
    Host &other = bench.internet.addHost("other");
    other.connect(office, {ip("192.168.2.2")}).setConditions({.delay = 10ms});
    Talker peer{other};
    bench.guest.connect("192.168.1.2", {ip("203.0.113.8"), 5001}, 5000);
    bench.run(std::chrono::milliseconds(lead));
    peer.connect("192.168.2.2", {ip("203.0.113.7"), 5000}, 5001);
    bench.run(200ms);
    QCOMPARE(bench.guest.open.size(), std::size_t(1));
    QCOMPARE(peer.open.size(), std::size_t(1));
    QCOMPARE(peer.open[1].remote.toString(), std::string("203.0.113.7:5000"));
    for (int number = 0; number < 5; ++number) {
        bench.guest.send(bench.guest.open[1], number);
        peer.send(peer.open[1], number);
    }
    bench.run(1s);
    QCOMPARE(peer.received, numbersTo(5));
    QCOMPARE(bench.guest.received, numbersTo(5));
}

void tst_SimulatedTcp::betweenTheSameEndsThereIsButOne()
{
    Bench bench;
    bench.guest.connect("192.168.1.2", bench.service, 5000);
    bench.run(1s);
    bench.guest.connect("192.168.1.2", bench.service, 5000);
    bench.run(1s);
    QCOMPARE(bench.guest.ended, std::vector<std::uint32_t>{2});
    bench.guest.send(bench.guest.open[1], 0);
    bench.run(1s);
    QCOMPARE(bench.host.received, numbersTo(1));
}

/// Though the other end has not heard of the end of the one before.
void tst_SimulatedTcp::anotherFollowsBetweenTheSameEnds()
{
    Bench bench;
    bench.guest.connect("192.168.1.2", bench.service, 5000);
    bench.run(1s);
    bench.guest.send(bench.guest.open[1], 0);
    bench.run(1s);
    bench.client.interfaces()[0]->setUp(false);
    bench.guest.close(1);
    bench.run(1s);
    bench.client.interfaces()[0]->setUp(true);
    bench.guest.connect("192.168.1.2", bench.service, 5000);
    bench.run(1s);
    QCOMPARE(bench.guest.open.size(), std::size_t(2));
    bench.guest.send(bench.guest.open[2], 1);
    bench.run(1s);
    QCOMPARE(bench.host.received, numbersTo(2));
    QCOMPARE(bench.host.ended, std::vector<std::uint32_t>{1});
}

void tst_SimulatedTcp::oracleKnowsWhoCanBeReached()
{
    const auto reaches = [](const GatewayConfig &config) {
        Bench bench(config);
        return tcpPathExists(bench.client, bench.server)
            && tcpPathExists(bench.server, bench.client);
    };
    QVERIFY(reaches({NatBehavior{}, {}}));
    QVERIFY(reaches({NatBehavior{}, {.blocksUdp = true, .blocksUnsolicited = true}}));
    QVERIFY(
        !reaches({NatBehavior{}, {.blockedPrefixes = {IpPrefix::fromString("203.0.113.0/24")}}}));
    // Without translation the way back does not exist: nobody knows of the network.
    QVERIFY(!reaches({std::nullopt, {}}));

    // Both behind NATs.
    Bench bench;
    Network &other = bench.internet.addNetwork("other");
    bench.internet.addGateway("other router", other, bench.internet.core(), {ip("203.0.113.8")},
                              {NatBehavior{}, {}});
    Host &hidden = bench.internet.addHost("hidden");
    hidden.connect(other, {ip("192.168.2.2")});
    QVERIFY(!tcpPathExists(bench.client, hidden));
    QVERIFY(tcpPathExists(bench.server, hidden));
    // Unless both open, and know from where.
    QVERIFY(!tcpPunchExists(bench.client, hidden, nullptr));
    QVERIFY(tcpPunchExists(bench.client, hidden, &bench.internet.addStunServer()));
}

void tst_SimulatedTcp::oracleKnowsWhoReachesServers()
{
    const auto reaches = [](const FirewallRules &rules, RelayWays ways) {
        Bench bench({NatBehavior{}, rules});
        return relayPathExists(bench.client, bench.server, &bench.internet.addTurnServer(), ways);
    };
    const FirewallRules noUdp{.blocksUdp = true};
    QVERIFY(!reaches(noUdp, {.byUdp = true, .byTcp = false}));
    QVERIFY(reaches(noUdp, {.byUdp = false, .byTcp = true}));
    QVERIFY(!reaches({}, {.byUdp = false, .byTcp = false}));
    Bench bench({NatBehavior{}, noUdp});
    QVERIFY(!tunnelPathExists(bench.client, bench.server, nullptr));
    const TunnelServer &tunnel = bench.internet.addTunnelServer();
    QVERIFY(tunnelPathExists(bench.client, bench.server, &tunnel));
    bench.client.interfaces()[0]->setUp(false);
    QVERIFY(!tunnelPathExists(bench.client, bench.server, &tunnel));
}

QTEST_APPLESS_MAIN(tst_SimulatedTcp)
#include "tst_simulatedtcp.moc"
