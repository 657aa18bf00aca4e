// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/tunnel.h"
#include "loneagent.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;
using ice::PathKind;
using ice::State;
using ice::TunnelEnd;

namespace {

constexpr TransportId Tunnel{9};

bool isTunnel(const std::optional<Route> &route)
{
    return route && route->transport == Tunnel;
}

/// Both ends of a tunnel, and nothing else.
void connectByTunnel(TwoAgents &pair)
{
    pair.addTunnel(0);
    pair.addTunnel(1);
    pair.exchangeParameters();
}

} // namespace

class tst_IceTunnel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsAreOppositeAndLeadNowhere();
    void connectsWithoutAnyCandidate();
    void isNoCandidate();
    void anotherMappedAddressMakesItNothingElse();
    void checksBeforeTheParametersCount();
    void givesWayToADirectPair();
    void takesOverWhenTheDirectPairDies();
    void isKeptFreshBesideManyDirectPairs();
    void tunnelsAreFew();
    void survivesARestart();
    void aLostOneIsReplaced();
    void endsWithItsConnection();
    void areFew();
};

void tst_IceTunnel::endsAreOppositeAndLeadNowhere()
{
    const Route caller = ice::tunnelRoute(Tunnel, TunnelEnd::Caller);
    const Route callee = ice::tunnelRoute(Tunnel, TunnelEnd::Callee);
    QCOMPARE(caller.local.toString(), std::string("[100::1]:9"));
    QCOMPARE(caller.remote.toString(), std::string("[100::2]:9"));
    QVERIFY(callee == reversed(caller, Tunnel));
}

void tst_IceTunnel::connectsWithoutAnyCandidate()
{
    TwoAgents pair;
    connectByTunnel(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    QVERIFY(isTunnel(pair[0].route()));
    for (int side = 0; side < 2; ++side) {
        QVERIFY(pair[side].state() == State::Completed || pair[side].state() == State::Connected);
        const auto pairs = pair[side].validPairs();
        QCOMPARE(pairs.size(), std::size_t(1));
        QVERIFY(pairs[0].kind == PathKind::Tunnel);
    }
    QVERIFY(pair[0].roundTripTime() == 20ms);
}

void tst_IceTunnel::isNoCandidate()
{
    TwoAgents pair;
    connectByTunnel(pair);
    pair.endCandidates();
    pair.runFor(1s);
    pair[0].restart(pair.now);
    pair.drain();
    QVERIFY(pair.sides[0].candidates.empty());
    QVERIFY(pair.sides[1].candidates.empty());
}

void tst_IceTunnel::anotherMappedAddressMakesItNothingElse()
{
    LoneAgent lone;
    lone.setPeer();
    const Route route = ice::tunnelRoute(Tunnel, TunnelEnd::Caller);
    lone.agent.addTunnel(lone.now, route);
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(lone.answer(requests[0], address("203.0.113.9", 4000)));
    const auto pairs = lone.agent.validPairs();
    QCOMPARE(pairs.size(), std::size_t(1));
    QVERIFY(pairs[0].kind == PathKind::Tunnel);
    QVERIFY(lone.candidates.empty());
}

void tst_IceTunnel::checksBeforeTheParametersCount()
{
    LoneAgent lone(TwoAgents::controlled());
    const Route route = ice::tunnelRoute(Tunnel, TunnelEnd::Callee);
    lone.agent.addTunnel(lone.now, route);
    LoneAgent::Check check;
    check.role = ice::Role::Controlling;
    QVERIFY(lone.check(route, check));
    lone.newSent();
    lone.setPeer();
    lone.drain();
    const auto requests = lone.newRequests();
    QCOMPARE(requests.size(), std::size_t(1));
    QVERIFY(requests[0].route == route);
}

void tst_IceTunnel::givesWayToADirectPair()
{
    TwoAgents pair;
    connectByTunnel(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    pair.addAddress(0, "192.0.2.1");
    pair.addAddress(1, "198.51.100.1");
    QVERIFY(pair.runUntil([&] { return pair.agree() && !isTunnel(pair[0].route()); }, 1s));
    QVERIFY(!isTunnel(pair[1].route()));
}

void tst_IceTunnel::takesOverWhenTheDirectPairDies()
{
    TwoAgents pair;
    connectByTunnel(pair);
    pair.addAddress(0, "192.0.2.1");
    pair.addAddress(1, "198.51.100.1");
    pair.runFor(60s);
    QVERIFY(!isTunnel(pair[0].route()));
    pair.carry = [](int, const Route &route) {
        return route.transport == Tunnel ? std::optional(reversed(route, Tunnel)) : std::nullopt;
    };
    QVERIFY(
        pair.runUntil([&] { return isTunnel(pair[0].route()) && isTunnel(pair[1].route()); }, 15s));
}

void tst_IceTunnel::isKeptFreshBesideManyDirectPairs()
{
    TwoAgents pair;
    for (int i = 1; i <= 8; ++i)
        pair.addAddress(0, qPrintable(QStringLiteral("192.0.2.%1").arg(i)),
                        static_cast<std::uint16_t>(1000 * i));
    pair.addAddress(1, "198.51.100.1");
    connectByTunnel(pair);
    pair.runFor(120s);
    for (int side = 0; side < 2; ++side) {
        const auto pairs = pair[side].validPairs();
        QCOMPARE(std::count_if(pairs.begin(), pairs.end(),
                               [](const auto &info) { return info.kind == PathKind::Tunnel; }),
                 std::ptrdiff_t(1));
        QVERIFY(pairs.size() <= std::size_t(6));
    }
}

void tst_IceTunnel::tunnelsAreFew()
{
    TwoAgents pair;
    pair.exchangeParameters();
    for (std::uint32_t transport = 20; transport < 30; ++transport)
        pair.addTunnel(0, transport);
    QCOMPARE(pair[0].trials().size(), std::size_t(4));
}

void tst_IceTunnel::survivesARestart()
{
    TwoAgents pair;
    connectByTunnel(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    for (int side = 0; side < 2; ++side)
        pair[side].restart(pair.now);
    for (int side = 0; side < 2; ++side)
        pair[1 - side].setRemoteParameters(pair.now, pair[side].localParameters());
    QVERIFY(isTunnel(pair[0].route()));
    // Consent of the session before is over by then.
    pair.runFor(60s);
    QVERIFY(pair.agree());
    QVERIFY(isTunnel(pair[0].route()));
}

void tst_IceTunnel::aLostOneIsReplaced()
{
    TwoAgents pair;
    connectByTunnel(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    pair.removeTunnel(0);
    QVERIFY(!pair[0].route());
    QVERIFY(pair[0].state() == State::Disconnected);
    // The other end stands, as its server has not noticed anything.
    pair.addTunnel(0, 10);
    QVERIFY(pair.runUntil([&] { return pair[0].route().has_value(); }, 5s));
    QVERIFY(pair[0].route()->transport == TransportId{10});
    QVERIFY(pair.agree());
}

void tst_IceTunnel::endsWithItsConnection()
{
    TwoAgents pair;
    connectByTunnel(pair);
    QVERIFY(pair.runUntil([&] { return pair.agree(); }, 1s));
    pair.removeTunnel(0);
    pair[0].restart(pair.now);
    pair.drain();
    QVERIFY(pair[0].validPairs().empty());
    const int before = pair.sides[0].sent[ice::tunnelRoute(Tunnel, TunnelEnd::Caller)];
    pair.runFor(30s);
    QCOMPARE(pair.sides[0].sent[ice::tunnelRoute(Tunnel, TunnelEnd::Caller)], before);
}

void tst_IceTunnel::areFew()
{
    LoneAgent lone;
    lone.setPeer();
    for (std::uint32_t i = 1; i <= 20; ++i)
        lone.agent.addTunnel(lone.now, ice::tunnelRoute(TransportId{i}, TunnelEnd::Caller));
    lone.runFor(90ms);
    QCOMPARE(lone.newRequests().size(), std::size_t(4));
}

QTEST_APPLESS_MAIN(tst_IceTunnel)

#include "tst_icetunnel.moc"
