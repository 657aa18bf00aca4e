// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/nat.h"
#include "support/simulation/prefix.h"

#include <QtTest/qtest.h>

#include <set>

using namespace std::chrono_literals;
using namespace peer;
using namespace peer::sim;

namespace {

constexpr TimePoint Start{1000s};
const TransportAddress Inside = endpoint("192.168.1.2:5000");
const TransportAddress Neighbour = endpoint("192.168.1.3:5000");
const TransportAddress A1 = endpoint("198.51.100.1:1000");
const TransportAddress A2 = endpoint("198.51.100.1:2000");
const TransportAddress B1 = endpoint("198.51.100.2:1000");

Nat makeNat(const NatBehavior &behavior)
{
    return Nat(behavior, ip("203.0.113.7"), SeededRandom(1));
}

/// Where a packet from source seems to come from outside; null if it does not get out.
TransportAddress send(Nat &nat, const TransportAddress &source, const TransportAddress &destination,
                      TimePoint now = Start)
{
    const auto packet = nat.outbound(now, {source, destination, {}});
    return packet ? packet->source : TransportAddress();
}

/// Whom inside a packet from source to that external address reaches; null for nobody.
TransportAddress reach(Nat &nat, const TransportAddress &source, const TransportAddress &external,
                       TimePoint now = Start)
{
    const auto packet = nat.inbound(now, {source, external, {}});
    return packet ? packet->destination : TransportAddress();
}

constexpr Dependence Kinds[] = {Dependence::EndpointIndependent, Dependence::AddressDependent,
                                Dependence::AddressAndPortDependent};

} // namespace

class tst_SimulatedNat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mapsAndFilters_data();
    void mapsAndFilters();
    void letsNothingInBeforeSomethingWentOut();
    void filtersByTheEndpointInsideAndNotByTheMapping();
    void unsolicitedPacketsLeaveNoTrace();
    void preservesPortsWhereTheyAreFree();
    void givesNoPortTwice();
    void hairpins_data();
    void hairpins();
    void forgetsAMappingAfterItsTimeout();
    void outboundKeepsAMapping();
    void inboundKeepsAMappingIfItMay_data();
    void inboundKeepsAMappingIfItMay();
    void theFilterTimesOutToo();
    void forgetsAllAtARestart();
    void runsOutOfPorts();
};

void tst_SimulatedNat::mapsAndFilters_data()
{
    QTest::addColumn<Dependence>("mapping");
    QTest::addColumn<Dependence>("filtering");
    for (const Dependence mapping : Kinds) {
        for (const Dependence filtering : Kinds) {
            QTest::addRow("mapping %d, filtering %d", static_cast<int>(mapping),
                          static_cast<int>(filtering))
                << mapping << filtering;
        }
    }
}

// RFC 4787 section 4.1 and section 5, all nine
void tst_SimulatedNat::mapsAndFilters()
{
    QFETCH(Dependence, mapping);
    QFETCH(Dependence, filtering);
    Nat nat = makeNat({.mapping = mapping, .filtering = filtering});
    const TransportAddress toA1 = send(nat, Inside, A1);
    QCOMPARE(toA1.ip, ip("203.0.113.7"));

    QCOMPARE(reach(nat, A1, toA1), Inside);
    QCOMPARE(!reach(nat, A2, toA1).isNull(), filtering != Dependence::AddressAndPortDependent);
    QCOMPARE(!reach(nat, B1, toA1).isNull(), filtering == Dependence::EndpointIndependent);
    QVERIFY(reach(nat, A1, {toA1.ip, static_cast<std::uint16_t>(toA1.port ^ 1)}).isNull());
    QVERIFY(reach(nat, A1, {ip("203.0.113.8"), toA1.port}).isNull());

    QCOMPARE(send(nat, Inside, A1), toA1);
    QCOMPARE(send(nat, Inside, A2) == toA1, mapping != Dependence::AddressAndPortDependent);
    QCOMPARE(send(nat, Inside, B1) == toA1, mapping == Dependence::EndpointIndependent);
}

void tst_SimulatedNat::letsNothingInBeforeSomethingWentOut()
{
    for (const Dependence filtering : Kinds) {
        Nat nat = makeNat({.filtering = filtering, .preservesPorts = true});
        QVERIFY(reach(nat, A1, {nat.external(), Inside.port}).isNull());
    }
}

// "if X:x has not sent packets to Y": by whichever of its mappings
void tst_SimulatedNat::filtersByTheEndpointInsideAndNotByTheMapping()
{
    Nat nat = makeNat({.mapping = Dependence::AddressAndPortDependent,
                       .filtering = Dependence::AddressAndPortDependent});
    const TransportAddress toA1 = send(nat, Inside, A1);
    QVERIFY(reach(nat, B1, toA1).isNull());
    send(nat, Inside, B1);
    QCOMPARE(reach(nat, B1, toA1), Inside);
}

void tst_SimulatedNat::unsolicitedPacketsLeaveNoTrace()
{
    Nat nat = makeNat({.preservesPorts = true});
    for (int i = 0; i < 10; ++i)
        QVERIFY(reach(nat, A1, {nat.external(), Inside.port}).isNull());
    QCOMPARE(send(nat, Inside, A1).port, Inside.port);
}

void tst_SimulatedNat::preservesPortsWhereTheyAreFree()
{
    Nat preserving = makeNat({.preservesPorts = true});
    QCOMPARE(send(preserving, Inside, A1).port, Inside.port);
    QVERIFY(send(preserving, Neighbour, A1).port != Inside.port);
    // Free again: by the time that the first has expired
    QCOMPARE(send(preserving, Neighbour, A1, Start + 1h).port, Neighbour.port);

    Nat other = makeNat({.preservesPorts = false});
    QVERIFY(send(other, Inside, A1).port != Inside.port);
}

void tst_SimulatedNat::givesNoPortTwice()
{
    for (const bool preserves : {false, true}) {
        Nat nat = makeNat(
            {.mapping = Dependence::AddressAndPortDependent, .preservesPorts = preserves});
        std::set<TransportAddress> seen;
        for (std::uint32_t host = 0; host < 20; ++host) {
            for (std::uint16_t port = 1000; port < 1020; ++port) {
                const IpAddress source = IpPrefix::fromString("192.168.1.0/24").host(host);
                QVERIFY(seen.insert(send(nat, {source, 5000}, {A1.ip, port})).second);
            }
        }
    }
}

void tst_SimulatedNat::hairpins_data()
{
    QTest::addColumn<bool>("does");
    QTest::newRow("on") << true;
    QTest::newRow("off") << false;
}

void tst_SimulatedNat::hairpins()
{
    QFETCH(bool, does);
    Nat nat = makeNat({.filtering = Dependence::AddressDependent, .hairpins = does});
    const TransportAddress one = send(nat, Inside, A1);
    const TransportAddress other = send(nat, Neighbour, A1);
    // Filtered until the neighbour has sent to where the packet seems to come from.
    QVERIFY(!nat.hairpin(Start, {Inside, other, {}}));
    const auto packet = nat.hairpin(Start, {Neighbour, one, {}});
    QCOMPARE(packet.has_value(), does);
    if (!does)
        return;
    QCOMPARE(packet->destination, Inside);
    QCOMPARE(packet->source, other);
}

void tst_SimulatedNat::forgetsAMappingAfterItsTimeout()
{
    Nat nat = makeNat({.filtering = Dependence::EndpointIndependent, .mappingTimeout = 60s});
    const TransportAddress external = send(nat, Inside, A1);
    QCOMPARE(reach(nat, A1, external, Start + 60s), Inside);
    QVERIFY(nat.externalPort(Start + 60s, Inside, B1).has_value());
    QVERIFY(reach(nat, A1, external, Start + 61s).isNull());
    QVERIFY(!nat.externalPort(Start + 61s, Inside, B1));
    QVERIFY(send(nat, Inside, A1, Start + 61s) != external);
}

void tst_SimulatedNat::outboundKeepsAMapping()
{
    Nat nat = makeNat({.mappingTimeout = 60s});
    const TransportAddress external = send(nat, Inside, A1);
    for (Duration time = 0s; time < 600s; time += 50s)
        QCOMPARE(send(nat, Inside, A1, Start + time), external);
}

void tst_SimulatedNat::inboundKeepsAMappingIfItMay_data()
{
    QTest::addColumn<bool>("may");
    QTest::newRow("may") << true;
    QTest::newRow("may not") << false;
}

void tst_SimulatedNat::inboundKeepsAMappingIfItMay()
{
    QFETCH(bool, may);
    Nat nat = makeNat({.mappingTimeout = 60s, .isRefreshedByInbound = may});
    const TransportAddress external = send(nat, Inside, A1);
    QCOMPARE(reach(nat, A1, external, Start + 50s), Inside);
    QCOMPARE(reach(nat, A1, external, Start + 100s).isNull(), !may);
}

void tst_SimulatedNat::theFilterTimesOutToo()
{
    Nat nat = makeNat({.mappingTimeout = 60s});
    const TransportAddress external = send(nat, Inside, A1);
    send(nat, Inside, B1, Start + 50s);
    QCOMPARE(reach(nat, B1, external, Start + 70s), Inside);
    QVERIFY(reach(nat, A1, external, Start + 70s).isNull());
}

void tst_SimulatedNat::forgetsAllAtARestart()
{
    Nat nat = makeNat({.filtering = Dependence::EndpointIndependent});
    const TransportAddress external = send(nat, Inside, A1);
    nat.reset();
    QVERIFY(reach(nat, A1, external).isNull());
    QVERIFY(send(nat, Inside, A1) != external);
}

void tst_SimulatedNat::runsOutOfPorts()
{
    Nat nat = makeNat({.preservesPorts = true, .mappingTimeout = 60s});
    for (int port = 1024; port <= 65535; ++port)
        send(nat, {Inside.ip, static_cast<std::uint16_t>(port)}, A1);
    QVERIFY(send(nat, Neighbour, A1).isNull());
    QVERIFY(!send(nat, Neighbour, A1, Start + 61s).isNull());
}

QTEST_APPLESS_MAIN(tst_SimulatedNat)
#include "tst_simulatednat.moc"
