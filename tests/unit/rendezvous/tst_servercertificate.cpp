// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "../../shell/testcertificate.h"
#include "rendezvous/certificatetools.h"
#include "rendezvous/servercertificate.h"
#include "signaling/rendezvousproof.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;

class tst_ServerCertificate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aSelfMadeOneIsUsableAndEachHasItsOwnKey();
    void thePinIsTheDigestOfTheKey();
    void knowsAKeyThatIsNotItsOwn();
    void knowsItsNames_data();
    void knowsItsNames();
    void isMeantByItsPinOrItsName();
};

void tst_ServerCertificate::aSelfMadeOneIsUsableAndEachHasItsOwnKey()
{
    const auto one = ServerCertificate::makeSelfSigned();
    const auto other = ServerCertificate::makeSelfSigned();
    QVERIFY(one && other);
    QVERIFY(one->isUsable());
    QVERIFY(one->isSelfSigned());
    QVERIFY(isIdentityName(one->pin()));
    QCOMPARE_NE(one->pin(), other->pin());
    const QSslCertificate certificate = one->configuration().localCertificate();
    QVERIFY(certificate.effectiveDate() < QDateTime::currentDateTime());
    QVERIFY(certificate.expiryDate() > QDateTime::currentDateTime().addYears(9));
}

void tst_ServerCertificate::thePinIsTheDigestOfTheKey()
{
    const TestCertificate made = makeTestCertificate("DNS:localhost");
    const ServerCertificate certificate({made.certificate}, made.key);
    QCOMPARE(certificate.pin(), pinText(made.publicKeyHash));
}

void tst_ServerCertificate::knowsAKeyThatIsNotItsOwn()
{
    const TestCertificate one = makeTestCertificate("DNS:localhost");
    const TestCertificate other = makeTestCertificate("DNS:localhost");
    QVERIFY(ServerCertificate({one.certificate}, one.key).isUsable());
    QVERIFY(!ServerCertificate({one.certificate}, other.key).isUsable());
    QVERIFY(!ServerCertificate({}, one.key).isUsable());
    QVERIFY(!ServerCertificate({one.certificate}, QSslKey()).isUsable());
    QVERIFY(!isKeyOfCertificate("garbage", "garbage"));
}

void tst_ServerCertificate::knowsItsNames_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<bool>("isItsOwn");
    QTest::newRow("name") << u"rv.example.org:443"_s << true;
    QTest::newRow("name in upper case") << u"RV.example.org:8443"_s << true;
    QTest::newRow("another name") << u"example.org:443"_s << false;
    QTest::newRow("suffix") << u"evil-rv.example.org:443"_s << false;
    QTest::newRow("wildcard") << u"a.peers.example.org:443"_s << true;
    QTest::newRow("wildcard for two labels") << u"a.b.peers.example.org:443"_s << false;
    QTest::newRow("wildcard for no label") << u"peers.example.org:443"_s << false;
    QTest::newRow("wildcard for an empty label") << u".peers.example.org:443"_s << false;
    QTest::newRow("IPv4") << u"192.0.2.7:443"_s << true;
    QTest::newRow("another IPv4") << u"192.0.2.8:443"_s << false;
    QTest::newRow("IPv6") << u"[2001:db8::7]:443"_s << true;
    QTest::newRow("IPv6 in another spelling") << u"[2001:DB8:0::7]:443"_s << true;
    QTest::newRow("no host") << u":443"_s << false;
    QTest::newRow("no port") << u"rv.example.org"_s << false;
}

void tst_ServerCertificate::knowsItsNames()
{
    QFETCH(QString, host);
    QFETCH(bool, isItsOwn);
    const TestCertificate made = makeTestCertificate(
        "DNS:rv.example.org,DNS:*.peers.example.org,IP:192.0.2.7,IP:2001:db8::7");
    const ServerCertificate certificate({made.certificate}, made.key);
    QCOMPARE(certificate.isFor(host), isItsOwn);
}

void tst_ServerCertificate::isMeantByItsPinOrItsName()
{
    const TestCertificate made = makeTestCertificate("DNS:rv.example.org");
    const ServerCertificate certificate({made.certificate}, made.key);
    const auto proof = [](const QString &host, const QString &pin) {
        return message::Identity{{}, {}, host, pin};
    };
    QVERIFY(certificate.isMeantBy(proof(u"10.0.0.1:443"_s, certificate.pin())));
    QVERIFY(certificate.isMeantBy(proof(u"rv.example.org:443"_s, QString(52, u'a'))));
    QVERIFY(!certificate.isMeantBy(proof(u"other.example.org:443"_s, QString(52, u'a'))));
    QVERIFY(!certificate.isMeantBy(proof(u"other.example.org:443"_s, u"-"_s)));
}

// Qt's TLS wants an application.
QTEST_GUILESS_MAIN(tst_ServerCertificate)

#include "tst_servercertificate.moc"
