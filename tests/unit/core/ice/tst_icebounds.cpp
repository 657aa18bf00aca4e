// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/localcandidates.h"
#include "core/ice/relays.h"
#include "core/ice/requestqueue.h"
#include "core/turn/permissions.h"
#include "loneagent.h"
#include "relayedagents.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

using namespace peer;
using namespace std::chrono_literals;

namespace {

IpAddress numbered(std::uint32_t i)
{
    return IpAddress::fromV4(0xC0000200 + i);
}

ice::LocalCandidates::Relay relay(std::uint32_t transport, std::uint16_t port)
{
    return {TransportId{transport}, {numbered(77), port},
            {numbered(1), 7000},    numbered(5),
            turn::Transport::Udp,   65535};
}

} // namespace

/// What an agent remembers, at most, where no other limit is met before.
class tst_IceBounds : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void relayedCandidatesAreFew();
    void reflexiveCandidatesOfAnAddressAreFew();
    void addressesToAllocateFromAreFew();
    void aNewAllocationIsToldOfAFewPeers();
    void candidatesOfTheNextSessionAreFew();
    void pairsKeptOverARestartAreFew();
};

void tst_IceBounds::relayedCandidatesAreFew()
{
    ice::LocalCandidates candidates(8, 1);
    for (std::uint32_t i = 1; i <= ice::LocalCandidates::MaxRelayed; ++i)
        QVERIFY(candidates.addRelayed(relay(i, std::uint16_t(i))));
    QVERIFY(!candidates.addRelayed(relay(100, 100)));
    QCOMPARE(candidates.all().size(), ice::LocalCandidates::MaxRelayed);
    candidates.removeRelayed(TransportId{1});
    QVERIFY(candidates.addRelayed(relay(100, 100)));
}

void tst_IceBounds::reflexiveCandidatesOfAnAddressAreFew()
{
    ice::LocalCandidates candidates(8, 1);
    const TransportAddress base{numbered(1), 5000};
    QVERIFY(candidates.addHost({TransportId{1}, base, 65535}));
    const auto add = [&](std::uint16_t port) {
        return candidates.addReflexive(CandidateType::ServerReflexive, TransportId{1}, base,
                                       {numbered(77), port}, numbered(5));
    };
    for (std::uint16_t port = 1; port <= ice::LocalCandidates::ReflexivePerHost; ++port)
        QVERIFY(add(port));
    QVERIFY(!add(100));
}

void tst_IceBounds::addressesToAllocateFromAreFew()
{
    SeededRandom random{3};
    ice::RequestQueue requests;
    ice::Relays relays(random, requests);
    const TimePoint now{1000s};
    // The later, the better: those that came first give way.
    constexpr std::uint32_t Count = ice::Relays::MaxBases + 4;
    for (std::uint32_t i = 1; i <= Count; ++i)
        relays.addBase(now, numbered(i), std::uint16_t(i));
    relays.addServer(now, RelayedAgents::udpServer());
    std::vector<IpAddress> tried;
    while (const auto request = requests.next()) {
        if (const auto *open = std::get_if<ice::request::OpenPort>(&*request)) {
            tried.push_back(open->local);
            relays.transportFailed(now, open->id);
        }
    }
    QCOMPARE(tried.size(), ice::Relays::MaxBases);
    QCOMPARE(tried.front(), numbered(Count));
    QCOMPARE(tried.back(), numbered(5));
}

void tst_IceBounds::aNewAllocationIsToldOfAFewPeers()
{
    RelayedAgents agents;
    SeededRandom random{3};
    ice::RequestQueue requests;
    ice::Relays relays(random, requests);
    for (std::uint32_t i = 1; i <= ice::Relays::MaxPeers + 6; ++i)
        relays.permit(agents.now, numbered(100 + i));
    relays.addBase(agents.now, numbered(1), 65535);
    relays.addServer(agents.now, RelayedAgents::udpServer());
    const auto open = std::get<ice::request::OpenPort>(*requests.next());
    const Route route{TransportId{1}, {open.local, 7000}, open.server};
    relays.transportOpened(agents.now, open.id, route);
    for (bool isMoving = true; isMoving;) {
        isMoving = false;
        while (const auto transmit = relays.nextTransmit()) {
            isMoving = true;
            agents.server.receive(agents.now,
                                  {{TransportId{1}, route.remote, route.local}, transmit->payload});
        }
        while (const auto transmit = agents.server.nextTransmit()) {
            isMoving = true;
            relays.unwrap(agents.now, {route, transmit->payload});
        }
    }
    QVERIFY(agents.server.faults.empty());
    QCOMPARE(agents.server.allocationCount(), std::size_t(1));
    QCOMPARE(std::size_t(agents.server.count(stun::Method::CreatePermission)),
             ice::Relays::MaxPeers / turn::Permissions::MaxBatch);
}

void tst_IceBounds::candidatesOfTheNextSessionAreFew()
{
    LoneAgent lone;
    lone.setUp();
    lone.newRequests();
    constexpr std::uint16_t Count = 500;
    for (std::uint16_t port = 1; port <= Count; ++port) {
        Candidate early = lone.candidate("198.51.100.1", port);
        early.usernameFragment = "another";
        lone.agent.addRemoteCandidate(lone.now, early);
    }
    lone.peerParameters.usernameFragment = "another";
    lone.setPeer();
    lone.runFor(20s);
    std::set<std::uint16_t> ports;
    for (const auto &request : lone.newRequests())
        ports.insert(request.route.remote.port);
    ports.erase(5001); // of the session before
    const std::size_t most = ice::Config().maxRemoteCandidates;
    QCOMPARE(ports.size(), most);
    QCOMPARE(*ports.begin(), std::uint16_t(Count - most + 1));
}

void tst_IceBounds::pairsKeptOverARestartAreFew()
{
    TwoAgents pair;
    for (int i = 1; i <= 4; ++i) {
        const auto port = static_cast<std::uint16_t>(1000 * i);
        pair.addAddress(0, qPrintable(QStringLiteral("192.0.2.%1").arg(i)), port);
        pair.addAddress(1, qPrintable(QStringLiteral("198.51.100.%1").arg(i)), port);
    }
    pair.exchangeParameters();
    pair.runFor(5s);
    QCOMPARE(pair[0].validPairs().size(), std::size_t(16));
    const auto route = pair[0].route();
    QVERIFY(route);
    pair[0].restart(pair.now);
    const auto kept = pair[0].validPairs();
    QCOMPARE(kept.size(), std::size_t(8));
    QVERIFY(pair[0].route() == route);
}

QTEST_APPLESS_MAIN(tst_IceBounds)
#include "tst_icebounds.moc"
