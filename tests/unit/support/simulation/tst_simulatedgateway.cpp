// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/internet.h"

#include "recorder.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

/// A host in a LAN behind a gateway, and one in the core.
class Bench
{
public:
    explicit Bench(const GatewayConfig &config)
        : lan(internet.addNetwork("lan"))
        , gateway(internet.addGateway("gateway", lan, internet.core(),
                                      {ip("203.0.113.7"), ip("2001:db8::7")}, config))
        , insideHost(internet.addHost("inside"))
        , outsideHost(internet.addHost("outside"))
        , inside(insideHost)
        , inside6(insideHost)
        , outside(outsideHost)
        , outside6(outsideHost)
    {
        insideHost.connect(lan, {ip("192.168.1.2"), ip("2001:db8:1::2")});
        outsideHost.connect(internet.core(), {ip("203.0.113.20"), ip("2001:db8::20")});
        internet.announce(IpPrefix::fromString("2001:db8:1::/64"), lan);
        inside.open(endpoint("192.168.1.2:5000"));
        inside6.open(endpoint("[2001:db8:1::2]:5000"));
        outside.open(endpoint("203.0.113.20:80"));
        outside6.open(endpoint("[2001:db8::20]:80"));
    }

    void run() { internet.schedule().runFor(1s); }

    Internet internet{1};
    Network &lan;
    Gateway &gateway;
    Host &insideHost;
    Host &outsideHost;
    Recorder inside;
    Recorder inside6;
    Recorder outside;
    Recorder outside6;
};

} // namespace

class tst_SimulatedGateway : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void translatesV4AndRoutesV6();
    void aFirewallLetsInWhatAnswers();
    void aFirewallForgets();
    void aFirewallBlocksUdp();
    void aFirewallBlocksAPrefix();
    void natsStandBehindEachOther();
    void routesReachThroughSeveralGateways();
    void hairpinsInsideOnly();
    void aForeignPrivateAddressDoesNotLeadOut();
    void theSameAddressMeansTheNeighbour();
    void routesInCirclesEnd();
    void aNatNeedsAnAddress();
};

void tst_SimulatedGateway::translatesV4AndRoutesV6()
{
    Bench bench({NatBehavior{}, {}});
    bench.inside.send(endpoint("203.0.113.20:80"), "request");
    bench.inside6.send(endpoint("[2001:db8::20]:80"), "request");
    bench.run();
    const TransportAddress seen = bench.outside.arrivals().at(0).route.remote;
    QCOMPARE(seen.ip, ip("203.0.113.7"));
    QCOMPARE(bench.outside6.arrivals().at(0).route.remote, endpoint("[2001:db8:1::2]:5000"));
    bench.outside.send(seen, "response");
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"), "response");
    bench.run();
    QCOMPARE(bench.inside.arrivals().at(0).text, "response");
    QCOMPARE(bench.inside.arrivals().at(0).route.remote, endpoint("203.0.113.20:80"));
    QCOMPARE(bench.inside6.arrivals().at(0).text, "response");
}

void tst_SimulatedGateway::aFirewallLetsInWhatAnswers()
{
    Bench bench({std::nullopt, {.blocksUnsolicited = true}});
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"), "unsolicited");
    bench.run();
    QVERIFY(bench.inside6.arrivals().empty());
    bench.inside6.send(endpoint("[2001:db8::20]:80"), "request");
    bench.run();
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"), "response");
    Recorder other(bench.outsideHost);
    other.open(endpoint("[2001:db8::20]:81"));
    other.send(endpoint("[2001:db8:1::2]:5000"), "from another port");
    bench.run();
    QCOMPARE(bench.inside6.arrivals().size(), 1U);
    QCOMPARE(bench.inside6.arrivals().front().text, "response");
    QCOMPARE(bench.internet.trace().count(Fate::Blocked), 2U);
}

void tst_SimulatedGateway::aFirewallForgets()
{
    Bench bench({std::nullopt, {.blocksUnsolicited = true, .stateTimeout = 30s}});
    bench.inside6.send(endpoint("[2001:db8::20]:80"));
    bench.internet.schedule().runFor(29s);
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"));
    bench.internet.schedule().runFor(29s);
    QCOMPARE(bench.inside6.arrivals().size(), 1U);
    // What came in counts too.
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"));
    bench.internet.schedule().runFor(31s);
    QCOMPARE(bench.inside6.arrivals().size(), 2U);
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"));
    bench.run();
    QCOMPARE(bench.inside6.arrivals().size(), 2U);
}

void tst_SimulatedGateway::aFirewallBlocksUdp()
{
    Bench bench({NatBehavior{}, {.blocksUdp = true}});
    bench.inside.send(endpoint("203.0.113.20:80"));
    bench.inside6.send(endpoint("[2001:db8::20]:80"));
    bench.outside6.send(endpoint("[2001:db8:1::2]:5000"));
    bench.run();
    QVERIFY(bench.outside.arrivals().empty() && bench.outside6.arrivals().empty());
    QVERIFY(bench.inside6.arrivals().empty());
    QCOMPARE(bench.internet.trace().count(Fate::Blocked), 3U);
}

void tst_SimulatedGateway::aFirewallBlocksAPrefix()
{
    Bench bench({NatBehavior{}, {.blockedPrefixes = {IpPrefix::fromString("203.0.113.16/28")}}});
    bench.inside.send(endpoint("203.0.113.20:80"));
    bench.inside6.send(endpoint("[2001:db8::20]:80"));
    bench.run();
    QVERIFY(bench.outside.arrivals().empty());
    QCOMPARE(bench.outside6.arrivals().size(), 1U);
    Host &other = bench.internet.addHost("other");
    other.connect(bench.internet.core(), {ip("203.0.113.40")});
    Recorder allowed(other);
    allowed.open(endpoint("203.0.113.40:80"));
    bench.inside.send(endpoint("203.0.113.40:80"));
    bench.run();
    QCOMPARE(allowed.arrivals().size(), 1U);
}

void tst_SimulatedGateway::natsStandBehindEachOther()
{
    Internet internet(1);
    Network &provider = internet.addNetwork("provider");
    Network &home = internet.addNetwork("home");
    internet.addGateway("carrier", provider, internet.core(), {ip("203.0.113.7")},
                        {NatBehavior{}, {}});
    internet.addGateway("router", home, provider, {ip("100.64.0.2")}, {NatBehavior{}, {}});
    Host &insideHost = internet.addHost("inside");
    Host &outsideHost = internet.addHost("outside");
    Host &middleHost = internet.addHost("middle");
    insideHost.connect(home, {ip("192.168.1.2")});
    middleHost.connect(provider, {ip("100.64.0.9")});
    outsideHost.connect(internet.core(), {ip("203.0.113.20")});
    Recorder inside(insideHost);
    Recorder middle(middleHost);
    Recorder outside(outsideHost);
    inside.open(endpoint("192.168.1.2:5000"));
    middle.open(endpoint("100.64.0.9:80"));
    outside.open(endpoint("203.0.113.20:80"));
    inside.send(endpoint("203.0.113.20:80"));
    inside.send(endpoint("100.64.0.9:80"));
    internet.schedule().runFor(1s);
    QCOMPARE(outside.arrivals().at(0).route.remote.ip, ip("203.0.113.7"));
    QCOMPARE(middle.arrivals().at(0).route.remote.ip, ip("100.64.0.2"));
    outside.send(outside.arrivals().at(0).route.remote, "back");
    internet.schedule().runFor(1s);
    QCOMPARE(inside.arrivals().at(0).text, "back");
}

void tst_SimulatedGateway::routesReachThroughSeveralGateways()
{
    Internet internet(1);
    Network &provider = internet.addNetwork("provider");
    Network &home = internet.addNetwork("home");
    internet.addGateway("carrier", provider, internet.core(), {ip("2001:db8::7")}, {});
    internet.addGateway("router", home, provider, {ip("2001:db8:1::2")}, {});
    internet.announce(IpPrefix::fromString("2001:db8:1::/64"), provider);
    internet.announce(IpPrefix::fromString("2001:db8:2::/64"), home);
    Host &insideHost = internet.addHost("inside");
    Host &outsideHost = internet.addHost("outside");
    insideHost.connect(home, {ip("2001:db8:2::2")});
    outsideHost.connect(internet.core(), {ip("2001:db8::20")});
    Recorder inside(insideHost);
    Recorder outside(outsideHost);
    inside.open(endpoint("[2001:db8:2::2]:5000"));
    outside.open(endpoint("[2001:db8::20]:80"));
    outside.send(endpoint("[2001:db8:2::2]:5000"));
    internet.schedule().runFor(1s);
    QCOMPARE(inside.arrivals().size(), 1U);
}

void tst_SimulatedGateway::hairpinsInsideOnly()
{
    for (const bool does : {true, false}) {
        Bench bench(
            {NatBehavior{.filtering = Dependence::EndpointIndependent, .hairpins = does}, {}});
        Host &neighbourHost = bench.internet.addHost("neighbour");
        neighbourHost.connect(bench.lan, {ip("192.168.1.3")});
        Recorder neighbour(neighbourHost);
        neighbour.open(endpoint("192.168.1.3:5000"));
        bench.inside.send(endpoint("203.0.113.20:80"));
        bench.run();
        const TransportAddress external = bench.outside.arrivals().at(0).route.remote;
        neighbour.send(external, "hairpin");
        bench.run();
        QCOMPARE(bench.inside.arrivals().size(), does ? 1U : 0U);
        if (does)
            QCOMPARE(bench.inside.arrivals().front().route.remote.ip, ip("203.0.113.7"));
    }
}

void tst_SimulatedGateway::aForeignPrivateAddressDoesNotLeadOut()
{
    Bench bench({NatBehavior{}, {}});
    bench.outside.send(endpoint("192.168.1.2:5000"));
    bench.inside.send(endpoint("192.168.7.7:5000"));
    bench.run();
    QVERIFY(bench.inside.arrivals().empty());
    QCOMPARE(bench.internet.trace().count(Fate::NoRoute), 2U);
}

void tst_SimulatedGateway::theSameAddressMeansTheNeighbour()
{
    Bench bench({NatBehavior{}, {}});
    Network &otherLan = bench.internet.addNetwork("other lan");
    bench.internet.addGateway("other gateway", otherLan, bench.internet.core(), {ip("203.0.113.8")},
                              {NatBehavior{}, {}});
    Host &twinHost = bench.internet.addHost("twin");
    Host &neighbourHost = bench.internet.addHost("neighbour");
    twinHost.connect(otherLan, {ip("192.168.1.2")});
    neighbourHost.connect(otherLan, {ip("192.168.1.3")});
    Recorder twin(twinHost);
    Recorder neighbour(neighbourHost);
    twin.open(endpoint("192.168.1.2:5000"));
    neighbour.open(endpoint("192.168.1.3:5000"));
    neighbour.send(endpoint("192.168.1.2:5000"));
    bench.run();
    QCOMPARE(twin.arrivals().size(), 1U);
    QVERIFY(bench.inside.arrivals().empty());
}

void tst_SimulatedGateway::routesInCirclesEnd()
{
    Bench bench({});
    // Nobody in the LAN has it, so the LAN sends it out and the core sends it in again.
    bench.outside6.send(endpoint("[2001:db8:1::99]:5000"));
    bench.run();
    QCOMPARE(bench.internet.trace().count(Fate::NoRoute), 1U);
    QVERIFY(bench.internet.schedule().isIdle());
}

void tst_SimulatedGateway::aNatNeedsAnAddress()
{
    Internet internet(1);
    Network &lan = internet.addNetwork("lan");
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument,
                             internet.addGateway("gateway", lan, internet.core(),
                                                 {ip("2001:db8::7")}, {NatBehavior{}, {}}));
}

QTEST_APPLESS_MAIN(tst_SimulatedGateway)
#include "tst_simulatedgateway.moc"
