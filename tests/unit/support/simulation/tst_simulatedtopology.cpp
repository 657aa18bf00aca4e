// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/holepuncher.h"
#include "support/simulation/oracle.h"
#include "support/simulation/topology.h"

#include <QtTest/qtest.h>

#include <set>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

using enum Dependence;

/// Both ends punch holes, once they know each other's candidates, until both are connected.
bool punch(Internet &internet, Host &left, Host &right, const StunServer &server)
{
    HolePuncher one(left, internet.fork("left"));
    HolePuncher other(right, internet.fork("right"));
    for (HolePuncher *puncher : {&one, &other}) {
        puncher->open(server.address(IpAddress::Family::V4), server.address(IpAddress::Family::V6));
    }
    internet.schedule().runFor(2s);
    one.setRemote(other.candidates());
    other.setRemote(one.candidates());
    const bool connected = internet.schedule().runUntil(
        internet.now() + 15s, [&] { return one.isConnected() && other.isConnected(); });
    left.removeProcess(one);
    right.removeProcess(other);
    return connected;
}

bool punch(const Topology &topology)
{
    return punch(*topology.internet, *topology.left, *topology.right, *topology.stunServer);
}

/// Two homes behind a NAT each.
class TwoHomes
{
public:
    TwoHomes(const NatBehavior &leftNat, const NatBehavior &rightNat)
        : server(internet.addStunServer())
        , left(addHome("left", ip("203.0.113.7"), ip("192.168.1.2"), leftNat))
        , right(addHome("right", ip("203.0.113.8"), ip("192.168.2.2"), rightNat))
    { }

    bool oracle() const { return directPathExists(left, right, &server); }
    bool connects() { return punch(internet, left, right, server); }

    Internet internet{1};
    StunServer &server;
    Host &left;
    Host &right;

private:
    Host &addHome(const std::string &name, const IpAddress &external, const IpAddress &inside,
                  const NatBehavior &nat)
    {
        Network &network = internet.addNetwork(name + " home");
        internet.addGateway(name + " router", network, internet.core(), {external}, {nat, {}});
        Host &host = internet.addHost(name);
        host.connect(network, {inside}).setConditions({.delay = 10ms});
        return host;
    }
};

} // namespace

class tst_SimulatedTopology : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theOracleKnowsTheNats_data();
    void theOracleKnowsTheNats();
    void whatTheOracleSaysOfTwoNatsHolds();
    void theOracleKnowsHairpins_data();
    void theOracleKnowsHairpins();
    void theOracleKnowsOtherObstacles();
    void whatTheOracleSaysHolds_data();
    void whatTheOracleSaysHolds();
    void topologiesAreOfManyKinds();
    void theSameSeedMakesTheSameRun();
};

void tst_SimulatedTopology::theOracleKnowsTheNats_data()
{
    QTest::addColumn<NatBehavior>("left");
    QTest::addColumn<NatBehavior>("right");
    QTest::addColumn<bool>("exists");
    const NatBehavior fullCone{EndpointIndependent, EndpointIndependent};
    const NatBehavior restricted{EndpointIndependent, AddressDependent};
    const NatBehavior portRestricted{EndpointIndependent, AddressAndPortDependent};
    const NatBehavior symmetric{AddressAndPortDependent, AddressAndPortDependent};
    // The classic table of who can punch through whom
    QTest::newRow("full cone, full cone") << fullCone << fullCone << true;
    QTest::newRow("full cone, symmetric") << fullCone << symmetric << true;
    QTest::newRow("restricted, restricted") << restricted << restricted << true;
    QTest::newRow("restricted, symmetric") << restricted << symmetric << true;
    QTest::newRow("port-restricted, port-restricted") << portRestricted << portRestricted << true;
    QTest::newRow("port-restricted, symmetric") << portRestricted << symmetric << false;
    QTest::newRow("symmetric, symmetric") << symmetric << symmetric << false;
}

void tst_SimulatedTopology::theOracleKnowsTheNats()
{
    QFETCH(NatBehavior, left);
    QFETCH(NatBehavior, right);
    QFETCH(bool, exists);
    TwoHomes homes(left, right);
    QCOMPARE(homes.oracle(), exists);
    QCOMPARE(homes.connects(), exists);
    TwoHomes reversed(right, left);
    QCOMPARE(reversed.oracle(), exists);
    QCOMPARE(reversed.connects(), exists);
}

void tst_SimulatedTopology::whatTheOracleSaysOfTwoNatsHolds()
{
    std::vector<NatBehavior> kinds;
    for (const Dependence mapping :
         {EndpointIndependent, AddressDependent, AddressAndPortDependent}) {
        for (const Dependence filtering :
             {EndpointIndependent, AddressDependent, AddressAndPortDependent})
            kinds.push_back({mapping, filtering});
    }
    int sure = 0;
    for (const NatBehavior &left : kinds) {
        for (const NatBehavior &right : kinds) {
            TwoHomes homes(left, right);
            if (!homes.oracle())
                continue;
            ++sure;
            QVERIFY2(homes.connects(), (left.toString() + " and " + right.toString()).c_str());
        }
    }
    // Both of the first kind of mapping: 9. One of them: 6 x 2 filters, both ways round: 24.
    QCOMPARE(sure, 33);
}

void tst_SimulatedTopology::theOracleKnowsHairpins_data()
{
    QTest::addColumn<bool>("hairpins");
    QTest::newRow("on") << true;
    QTest::newRow("off") << false;
}

// Two homes of one provider see each other's homes only by the provider's NAT.
void tst_SimulatedTopology::theOracleKnowsHairpins()
{
    QFETCH(bool, hairpins);
    Internet internet(1);
    StunServer &server = internet.addStunServer();
    Network &provider = internet.addNetwork("provider");
    internet.addGateway("carrier", provider, internet.core(), {ip("203.0.113.7")},
                        {NatBehavior{.hairpins = hairpins}, {}});
    std::vector<Host *> hosts;
    for (const char *number : {"2", "3"}) {
        const std::string name = std::string("home ") + number;
        Network &home = internet.addNetwork(name);
        internet.addGateway(name + " router", home, provider,
                            {ip(std::string("100.64.0.") + number)}, {NatBehavior{}, {}});
        hosts.push_back(&internet.addHost(name + " host"));
        hosts.back()->connect(home, {ip(std::string("192.168.1.") + number)});
    }
    QCOMPARE(directPathExists(*hosts[0], *hosts[1], &server), hairpins);
    QCOMPARE(punch(internet, *hosts[0], *hosts[1], server), hairpins);
}

void tst_SimulatedTopology::theOracleKnowsOtherObstacles()
{
    const NatBehavior good{EndpointIndependent, EndpointIndependent};
    {
        TwoHomes homes(good, good);
        QVERIFY(homes.oracle());
        QVERIFY(!directPathExists(homes.left, homes.right, nullptr));
        homes.left.interfaces().front()->setUp(false);
        QVERIFY(!homes.oracle());
        homes.left.interfaces().front()->setUp(true);

        Firewall &firewall = homes.left.interfaces().front()->network().gateway()->firewall();
        firewall.setRules({.blocksUdp = true});
        QVERIFY(!homes.oracle() && !homes.connects());
        // The other home, then the STUN server
        firewall.setRules({.blockedPrefixes = {IpPrefix::fromString("203.0.113.8/32")}});
        QVERIFY(!homes.oracle() && !homes.connects());
        firewall.setRules({.blockedPrefixes = {IpPrefix::fromString("203.0.113.1/32")}});
        QVERIFY(homes.oracle() && homes.connects());
        firewall.setRules({.blockedPrefixes = {IpPrefix::fromString("203.0.113.64/26")}});
        QVERIFY(homes.oracle() && homes.connects());
        firewall.setRules({.blocksUnsolicited = true});
        QVERIFY(homes.oracle() && homes.connects());
    }
    {
        // In the other's home the address is somebody else's.
        Internet internet(1);
        Network &lan = internet.addNetwork("lan");
        Host &left = internet.addHost("left");
        Host &right = internet.addHost("right");
        Host &twin = internet.addHost("twin");
        left.connect(lan, {ip("198.51.100.2")});
        twin.connect(lan, {ip("203.0.113.9")});
        right.connect(internet.core(), {ip("203.0.113.9")});
        internet.addGateway("gateway", lan, internet.core(), {ip("203.0.113.7")}, {});
        internet.announce(IpPrefix::fromString("198.51.100.0/24"), lan);
        QVERIFY(!directPathExists(left, right, nullptr));
        QVERIFY(!directPathExists(right, left, nullptr));
        QVERIFY(directPathExists(left, twin, nullptr));
    }
}

void tst_SimulatedTopology::whatTheOracleSaysHolds_data()
{
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("loss");
    QTest::newRow("without loss") << 1 << 300 << 0.0;
    QTest::newRow("with loss") << 10001 << 150 << 0.2;
}

void tst_SimulatedTopology::whatTheOracleSaysHolds()
{
    QFETCH(int, first);
    QFETCH(int, count);
    QFETCH(double, loss);
    for (int seed = first; seed < first + count; ++seed) {
        const Topology topology = makeTopology(static_cast<std::uint64_t>(seed), {.maxLoss = loss});
        if (topology.directPathExists)
            QVERIFY2(punch(topology), topology.describe().c_str());
    }
}

void tst_SimulatedTopology::topologiesAreOfManyKinds()
{
    int sure = 0;
    int dual = 0;
    int several = 0;
    int shared = 0;
    int provider = 0;
    std::set<std::string> descriptions;
    const int count = 500;
    for (std::uint64_t seed = 0; seed < count; ++seed) {
        const Topology topology = makeTopology(seed);
        const auto &interfaces = topology.left->interfaces();
        QVERIFY(!interfaces.empty() && interfaces.size() <= 3);
        sure += topology.directPathExists ? 1 : 0;
        several += interfaces.size() > 1 ? 1 : 0;
        dual += interfaces[0]->addresses().size() > 1 ? 1 : 0;
        shared += &interfaces[0]->network() == &topology.right->interfaces()[0]->network();
        const std::string description = topology.describe();
        provider += description.find("carrier") != std::string::npos ? 1 : 0;
        descriptions.insert(description.substr(description.find('\n')));
    }
    QVERIFY(sure > count / 2 && sure < count);
    QVERIFY(dual > count / 10 && several > count / 10 && shared > count / 10);
    QVERIFY(provider > count / 10);
    QVERIFY(descriptions.size() > std::size_t(count) * 9 / 10);
}

void tst_SimulatedTopology::theSameSeedMakesTheSameRun()
{
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Topology one = makeTopology(seed);
        const Topology again = makeTopology(seed);
        QCOMPARE(one.describe(), again.describe());
        QCOMPARE(punch(one), punch(again));
        QCOMPARE(one.internet->now(), again.internet->now());
        QCOMPARE(one.internet->trace().hash(), again.internet->trace().hash());
        hashes.insert(one.internet->trace().hash());
    }
    QCOMPARE(hashes.size(), 20U);
}

QTEST_APPLESS_MAIN(tst_SimulatedTopology)
#include "tst_simulatedtopology.moc"
