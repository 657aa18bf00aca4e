// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "support/ports/quietport.h"

#include <PeerConnection/PeerNetworkCheck>
#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qjsondocument.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <memory>

using namespace Qt::StringLiterals;

/// On loopback nothing is between us and the server; what NATs do is for tests/lab.
class tst_PeerNetworkCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsThatNothingIsBetween();
    void tellsThatTheRendezvousIsNotThere();
    void refusesPlainElsewhere();
    void asksNobodyWithoutAnAddress();
    void mayBeDeleted_data();
    void mayBeDeleted();
    void checksOnce();
    void tellsWhatToExpect_data();
    void tellsWhatToExpect();

private:
    static PeerAddress addressOf(quint16 port)
    {
        return PeerAddress::fromString(u"peer://127.0.0.1:%1?tls=off"_s.arg(port));
    }
};

void tst_PeerNetworkCheck::tellsThatNothingIsBetween()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    PeerNetworkCheck check(addressOf(server.serverPort()));
    QSignalSpy finished(&check, &PeerNetworkCheck::finished);
    check.start();
    QVERIFY(!check.isFinished());
    QVERIFY(eventually([&] { return check.isFinished(); }));
    QCOMPARE(finished.count(), 1);
    const PeerNetworkReport report = check.report();
    QVERIFY2(report.rendezvous.isReachable, qPrintable(report.rendezvous.problem));
    QVERIFY(report.rendezvous.observedAddress.startsWith("127.0.0.1:"_L1));
    QVERIFY(report.ipv4.isOpen);
    QCOMPARE(report.ipv4.nat, PeerNetworkReport::Nat::None);
    QVERIFY(report.ipv4.publicAddress.startsWith("127.0.0.1:"_L1));
    QVERIFY(!report.ipv6.isTested);
    QCOMPARE(report.direct(), PeerNetworkReport::Direct::Mostly);
    const QJsonObject json = report.toJson();
    QCOMPARE(json["ipv4"_L1]["udp"_L1].toString(), u"open"_s);
    QCOMPARE(json["direct"_L1].toString(), u"mostly"_s);
    QVERIFY(report.toString().contains("UDP is open"_L1));
}

void tst_PeerNetworkCheck::tellsThatTheRendezvousIsNotThere()
{
    PeerNetworkCheck check(addressOf(peer::test::quietPort()));
    check.start();
    QVERIFY(eventually([&] { return check.isFinished(); }));
    QVERIFY(check.report().rendezvous.isTested);
    QVERIFY(!check.report().rendezvous.isReachable);
    QVERIFY(!check.report().rendezvous.problem.isEmpty());
    QVERIFY(check.report().ipv4.isTested);
    QVERIFY(!check.report().ipv4.isOpen);
    QCOMPARE(check.report().direct(), PeerNetworkReport::Direct::Impossible);
}

void tst_PeerNetworkCheck::refusesPlainElsewhere()
{
    PeerNetworkCheck check(PeerAddress::fromString(u"peer://192.0.2.1?tls=off"_s));
    check.start();
    QVERIFY(eventually([&] { return check.isFinished(); }));
    QVERIFY(!check.report().rendezvous.isReachable);
    QVERIFY(check.report().rendezvous.problem.contains("tls=off"_L1));
    QVERIFY(!check.report().ipv4.isTested);
}

void tst_PeerNetworkCheck::asksNobodyWithoutAnAddress()
{
    PeerNetworkCheck check;
    check.start();
    QVERIFY(eventually([&] { return check.isFinished(); }));
    QVERIFY(!check.report().rendezvous.isTested);
    QVERIFY(!check.report().ipv4.isTested);
    QCOMPARE(check.report().direct(), PeerNetworkReport::Direct::Unknown);
}

void tst_PeerNetworkCheck::mayBeDeleted_data()
{
    QTest::addColumn<bool>("isFinished");
    QTest::newRow("while it checks") << false;
    QTest::newRow("in a slot of finished()") << true;
}

void tst_PeerNetworkCheck::mayBeDeleted()
{
    QFETCH(bool, isFinished);
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    auto check = std::make_unique<PeerNetworkCheck>(addressOf(server.serverPort()));
    connect(check.get(), &PeerNetworkCheck::finished, this, [&check] { check.reset(); });
    check->start();
    if (!isFinished)
        check.reset();
    QVERIFY(eventually([&] { return !check; }));
    // The network thread has seen the end of it and goes on.
    PeerNetworkCheck another(addressOf(server.serverPort()));
    another.start();
    QVERIFY(eventually([&] { return another.isFinished(); }));
}

void tst_PeerNetworkCheck::checksOnce()
{
    PeerNetworkCheck check;
    QSignalSpy finished(&check, &PeerNetworkCheck::finished);
    check.start();
    check.start();
    QVERIFY(eventually([&] { return check.isFinished(); }));
    PeerNetworkCheck another;
    another.start();
    QVERIFY(eventually([&] { return another.isFinished(); }));
    QCOMPARE(finished.count(), 1);
}

void tst_PeerNetworkCheck::tellsWhatToExpect_data()
{
    using Nat = PeerNetworkReport::Nat;
    using Direct = PeerNetworkReport::Direct;
    QTest::addColumn<bool>("isTested");
    QTest::addColumn<bool>("isOpen");
    QTest::addColumn<Nat>("nat");
    QTest::addColumn<bool>("hasRelay");
    QTest::addColumn<Direct>("direct");
    QTest::addColumn<QString>("words");
    QTest::newRow("untested") << false << false << Nat::Unknown << false << Direct::Unknown
                              << u"could not be found out"_s;
    QTest::newRow("blocked") << true << false << Nat::Unknown << false << Direct::Impossible
                             << u"by the rendezvous' tunnel"_s;
    QTest::newRow("blocked, a relay")
        << true << false << Nat::Unknown << true << Direct::Impossible << u"by a TURN relay"_s;
    QTest::newRow("no NAT") << true << true << Nat::None << false << Direct::Mostly
                            << u"nearly all peers"_s;
    QTest::newRow("one port") << true << true << Nat::Constant << false << Direct::Mostly
                              << u"nearly all peers"_s;
    QTest::newRow("varying ports")
        << true << true << Nat::Varying << true << Direct::Sometimes << u"lets everybody in"_s;
    QTest::newRow("open, and no more known")
        << true << true << Nat::Unknown << true << Direct::Unknown << u"could not be found out"_s;
}

void tst_PeerNetworkCheck::tellsWhatToExpect()
{
    QFETCH(bool, isTested);
    QFETCH(bool, isOpen);
    QFETCH(PeerNetworkReport::Nat, nat);
    QFETCH(bool, hasRelay);
    QFETCH(QString, words);
    PeerNetworkReport report;
    report.rendezvous.isReachable = true;
    report.ipv4.isTested = isTested;
    report.ipv4.isOpen = isOpen;
    report.ipv4.nat = nat;
    if (hasRelay) {
        PeerNetworkReport::Relay relay;
        relay.isUsable = true;
        report.relays.append(relay);
    }
    QTEST(report.direct(), "direct");
    QVERIFY2(report.expectation().contains(words), qPrintable(report.expectation()));
    QVERIFY(report.toString().contains(report.expectation()));
}

QTEST_GUILESS_MAIN(tst_PeerNetworkCheck)

#include "tst_peernetworkcheck.moc"
