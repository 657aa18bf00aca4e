// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/candidatepair.h"
#include "core/ice/foundation.h"
#include "core/ice/localcandidates.h"
#include "core/ice/priority.h"
#include "twoagents.h"

#include <QtTest/qtest.h>

#include <set>

using namespace peer;
using namespace peer::ice;

Q_DECLARE_METATYPE(peer::CandidateType)

class tst_IcePriority : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void candidatePriorityFollowsTheFormula_data();
    void candidatePriorityFollowsTheFormula();
    void pairPriorityFollowsTheFormula_data();
    void pairPriorityFollowsTheFormula();
    void relaysRankAboveTheTunnelOnly();
    void priorityTellsTheWayToTheRelay();
    void relaysOfOtherAgentsTellNothing();
    void foundationsGroupByTypeBaseAndServer_data();
    void foundationsGroupByTypeBaseAndServer();
    void foundationTextIsOfIceCharacters();
    void oneAgentsFoundationsTellNothingToAnother();
    void addressesReachWhatTheyCan_data();
    void addressesReachWhatTheyCan();
    void unusableAddressesMakeNoCandidate_data();
    void unusableAddressesMakeNoCandidate();
};

void tst_IcePriority::candidatePriorityFollowsTheFormula_data()
{
    QTest::addColumn<CandidateType>("type");
    QTest::addColumn<unsigned>("localPreference");
    QTest::addColumn<unsigned>("priority");
    // RFC 8445 section 5.1.2.1, worked out by hand; the first is the 2130706431 of RFC 8839's
    // examples.
    QTest::newRow("the best host") << CandidateType::Host << 65535u << 2130706431u;
    QTest::newRow("a host of no preference") << CandidateType::Host << 0u << 2113929471u;
    QTest::newRow("peer-reflexive") << CandidateType::PeerReflexive << 65535u << 1862270975u;
    QTest::newRow("server-reflexive") << CandidateType::ServerReflexive << 65535u << 1694498815u;
    QTest::newRow("relayed") << CandidateType::Relayed << 65535u << 184549375u;
}

void tst_IcePriority::candidatePriorityFollowsTheFormula()
{
    QFETCH(CandidateType, type);
    QFETCH(unsigned, localPreference);
    QFETCH(unsigned, priority);
    QCOMPARE(candidatePriority(type, static_cast<std::uint16_t>(localPreference)), priority);
}

void tst_IcePriority::pairPriorityFollowsTheFormula_data()
{
    QTest::addColumn<unsigned>("controlling");
    QTest::addColumn<unsigned>("controlled");
    QTest::addColumn<quint64>("priority");
    QTest::newRow("equal") << 7u << 7u << quint64((quint64(7) << 32) + 14);
    QTest::newRow("the controlling one greater") << 9u << 7u << quint64((quint64(7) << 32) + 19);
    QTest::newRow("the controlled one greater") << 7u << 9u << quint64((quint64(7) << 32) + 18);
    QTest::newRow("no overflow") << 0x7fffffffu << 0x7fffffffu << quint64(0x7ffffffffffffffe);
    QTest::newRow("no overflow out of range")
        << 0xffffffffu << 0xfffffffeu << quint64(0xffffffffffffffff);
}

void tst_IcePriority::pairPriorityFollowsTheFormula()
{
    QFETCH(unsigned, controlling);
    QFETCH(unsigned, controlled);
    QFETCH(quint64, priority);
    QCOMPARE(quint64(pairPriority(controlling, controlled)), priority);
}

void tst_IcePriority::relaysRankAboveTheTunnelOnly()
{
    QVERIFY(typePreference(CandidateType::Relayed) > 5);
    QVERIFY(pathKind(CandidateType::Host, CandidateType::PeerReflexive) == PathKind::Direct);
    QVERIFY(pathKind(CandidateType::Host, CandidateType::Relayed) == PathKind::Relayed);
    QVERIFY(pathKind(CandidateType::Relayed, CandidateType::Host) == PathKind::Relayed);
    QVERIFY(PathKind::Direct > PathKind::Relayed);
}

void tst_IcePriority::priorityTellsTheWayToTheRelay()
{
    using turn::Transport;
    for (const Transport protocol : {Transport::Udp, Transport::Tcp, Transport::Tls})
        QCOMPARE(relayProtocol(relayedPriority(protocol, 300)), protocol);
    // What is none of ours.
    QCOMPARE(relayProtocol(candidatePriority(CandidateType::Host, 300)), Transport::Udp);
    QCOMPARE(relayProtocol(tunnelPriority()), Transport::Udp);
    QCOMPARE(relayProtocol(0), Transport::Udp);
}

void tst_IcePriority::relaysOfOtherAgentsTellNothing()
{
    // libwebrtc gives relays 2, 1 and 0 for UDP, TCP and TLS; our 2 is for TLS.
    CandidatePair pair;
    pair.remoteType = CandidateType::Relayed;
    pair.remotePriority = 2U << 24 | 0xffffff;
    QCOMPARE(pair.remoteProtocol(), turn::Transport::Udp);
    QVERIFY(pair.arrivesByUdp());
    CandidatePair other = pair;
    other.remotePriority = 1U << 24 | 0xffffff;
    QCOMPARE(comparePaths(pair, other), 0);
    pair.tellsRelay = true;
    QCOMPARE(pair.remoteProtocol(), turn::Transport::Tls);
    QVERIFY(comparePaths(pair, other) < 0);
}

void tst_IcePriority::foundationsGroupByTypeBaseAndServer_data()
{
    QTest::addColumn<CandidateType>("type");
    QTest::addColumn<QByteArray>("base");
    QTest::addColumn<QByteArray>("server");
    QTest::addColumn<bool>("isSame");
    const auto host = CandidateType::Host;
    const auto reflexive = CandidateType::ServerReflexive;
    QTest::newRow("the same") << reflexive << QByteArray("10.0.0.1") << QByteArray("192.0.2.9")
                              << true;
    QTest::newRow("another type") << host << QByteArray("10.0.0.1") << QByteArray("192.0.2.9")
                                  << false;
    QTest::newRow("another base") << reflexive << QByteArray("10.0.0.2") << QByteArray("192.0.2.9")
                                  << false;
    QTest::newRow("another server")
        << reflexive << QByteArray("10.0.0.1") << QByteArray("192.0.2.8") << false;
    QTest::newRow("no server") << reflexive << QByteArray("10.0.0.1") << QByteArray() << false;
}

void tst_IcePriority::foundationsGroupByTypeBaseAndServer()
{
    QFETCH(CandidateType, type);
    QFETCH(QByteArray, base);
    QFETCH(QByteArray, server);
    QFETCH(bool, isSame);
    const Foundation first = localFoundation(5, CandidateType::ServerReflexive,
                                             ipAddress("10.0.0.1"), ipAddress("192.0.2.9"));
    const Foundation second = localFoundation(5, type, ipAddress(base.constData()),
                                              server.isEmpty() ? IpAddress()
                                                               : ipAddress(server.constData()));
    QCOMPARE(first == second, isSame);
    QCOMPARE(foundationText(first) == foundationText(second), isSame);
    QCOMPARE(pairFoundation(first, remoteFoundation("x"))
                 == pairFoundation(second, remoteFoundation("x")),
             isSame);
    QVERIFY(pairFoundation(first, remoteFoundation("x"))
            != pairFoundation(first, remoteFoundation("y")));
}

void tst_IcePriority::foundationTextIsOfIceCharacters()
{
    for (const std::uint64_t value : {std::uint64_t(0), std::uint64_t(1), ~std::uint64_t(0)}) {
        const std::string text = foundationText(Foundation{value});
        QVERIFY(!text.empty() && text.size() <= 32);
        for (const char c : text)
            QVERIFY(std::isalnum(static_cast<unsigned char>(c)));
    }
    std::set<Foundation> distinct;
    for (std::uint64_t count = 0; count < 100; ++count)
        distinct.insert(arbitraryFoundation(3, count));
    QCOMPARE(distinct.size(), std::size_t(100));
}

void tst_IcePriority::oneAgentsFoundationsTellNothingToAnother()
{
    const IpAddress base = ipAddress("10.0.0.1");
    QVERIFY(localFoundation(1, CandidateType::Host, base, {})
            != localFoundation(2, CandidateType::Host, base, {}));
}

void tst_IcePriority::addressesReachWhatTheyCan_data()
{
    QTest::addColumn<QByteArray>("local");
    QTest::addColumn<QByteArray>("remote");
    QTest::addColumn<bool>("isReachable");
    QTest::newRow("v4 to v4") << QByteArray("10.0.0.1") << QByteArray("192.0.2.1") << true;
    QTest::newRow("v6 to v6") << QByteArray("2001:db8::1") << QByteArray("fd00::1") << true;
    QTest::newRow("v4 to v6") << QByteArray("10.0.0.1") << QByteArray("2001:db8::1") << false;
    QTest::newRow("link-local to its like")
        << QByteArray("fe80::1") << QByteArray("fe80::2") << true;
    QTest::newRow("link-local to global")
        << QByteArray("fe80::1") << QByteArray("2001:db8::1") << false;
    QTest::newRow("global to link-local")
        << QByteArray("2001:db8::1") << QByteArray("fe80::1") << false;
    QTest::newRow("v4 link-local to v4")
        << QByteArray("169.254.1.1") << QByteArray("10.0.0.1") << true;
    QTest::newRow("loopback to loopback")
        << QByteArray("127.0.0.1") << QByteArray("127.0.0.1") << true;
    QTest::newRow("loopback to a network")
        << QByteArray("127.0.0.1") << QByteArray("10.0.0.1") << false;
    QTest::newRow("a network to loopback")
        << QByteArray("10.0.0.1") << QByteArray("127.0.0.1") << false;
}

void tst_IcePriority::addressesReachWhatTheyCan()
{
    QFETCH(QByteArray, local);
    QFETCH(QByteArray, remote);
    QFETCH(bool, isReachable);
    QCOMPARE(canReach(ipAddress(local.constData()), ipAddress(remote.constData())), isReachable);
}

void tst_IcePriority::unusableAddressesMakeNoCandidate_data()
{
    QTest::addColumn<QByteArray>("ip");
    QTest::addColumn<int>("port");
    QTest::addColumn<bool>("isUsable");
    QTest::newRow("good") << QByteArray("192.0.2.1") << 5000 << true;
    QTest::newRow("port 0") << QByteArray("192.0.2.1") << 0 << false;
    QTest::newRow("unspecified") << QByteArray("0.0.0.0") << 5000 << false;
    QTest::newRow("multicast") << QByteArray("224.0.0.1") << 5000 << false;
    QTest::newRow("v6 multicast") << QByteArray("ff02::1") << 5000 << false;
    QTest::newRow("mapped") << QByteArray("::ffff:192.0.2.1") << 5000 << false;
}

void tst_IcePriority::unusableAddressesMakeNoCandidate()
{
    QFETCH(QByteArray, ip);
    QFETCH(int, port);
    QFETCH(bool, isUsable);
    QCOMPARE(isUsableAddress(address(ip.constData(), static_cast<std::uint16_t>(port))), isUsable);
}

QTEST_APPLESS_MAIN(tst_IcePriority)

#include "tst_icepriority.moc"
