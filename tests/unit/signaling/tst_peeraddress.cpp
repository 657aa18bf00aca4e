// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include <QtCore/qset.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using Format = PeerAddress::Format;

namespace {

const QString firstId = u"abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrsa"_s;
const QString secondId = u"234567abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrsq"_s;

PeerAddress parsed(const QString &text)
{
    PeerAddressError error;
    const PeerAddress address = PeerAddress::fromString(text, &error);
    if (error)
        QTest::qFail(qPrintable(error.message()), __FILE__, __LINE__);
    return address;
}

} // namespace

class tst_PeerAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPartIsTaken();
    void defaultsHoldWhereNothingIsSaid();
    void canonicalForm_data();
    void canonicalForm();
    void canonicalFormParsesToTheSame_data();
    void canonicalFormParsesToTheSame();
    void urlRoundTrips_data();
    void urlRoundTrips();
    void equalityIsThatOfTheCanonicalForm_data();
    void equalityIsThatOfTheCanonicalForm();
    void tokenIsShownOnlyWhenAskedFor();
    void urlsAreReadFromTheirEncodedForm_data();
    void urlsAreReadFromTheirEncodedForm();
    void invalidUrlsAreRefused();
    void boundsAreInclusive_data();
    void boundsAreInclusive();
    void loopbackIsToldByForm_data();
    void loopbackIsToldByForm();
    void isAValueForMetaTypesAndHashes();
};

void tst_PeerAddress::everyPartIsTaken()
{
    const PeerAddress address = parsed(
        u"peer://alice@rendezvous.example.org:8443/chat?id="_s + firstId + u"&id="_s + secondId
        + u"&rv=b.example.org&rv=[2001:db8::2]:9443&paths=relay&stun=stun:s.example.org"
          "&turn=turns:t.example.org:443?transport=tcp&tls="_s
        + secondId + u"&x-colour=blue#To%2Fken%23"_s);
    QVERIFY(address.isValid());
    QCOMPARE(address.name(), u"alice"_s);
    QCOMPARE(address.host(), u"rendezvous.example.org"_s);
    QCOMPARE(address.port(), quint16(8443));
    QCOMPARE(address.service(), u"chat"_s);
    QCOMPARE(address.ids(), QStringList({firstId, secondId}));
    const QList<PeerAddress::RendezvousHost> hosts{
        {u"rendezvous.example.org"_s, 8443}, {u"b.example.org"_s, 443}, {u"2001:db8::2"_s, 9443}};
    QVERIFY(address.rendezvousHosts() == hosts);
    QCOMPARE(address.paths(), PeerAddress::Paths::Relay);
    QCOMPARE(address.stunUris(), QStringList({u"stun:s.example.org"_s}));
    QCOMPARE(address.turnUris(), QStringList({u"turns:t.example.org:443?transport=tcp"_s}));
    QCOMPARE(address.tls(), PeerAddress::Tls::Pinned);
    QCOMPARE(address.tlsPin().size(), 32);
    QCOMPARE(address.token(), u"To/ken#"_s);
}

void tst_PeerAddress::defaultsHoldWhereNothingIsSaid()
{
    const PeerAddress address = parsed(u"peer://example.org"_s);
    QVERIFY(address.isValid());
    QVERIFY(address.name().isEmpty() && address.service().isEmpty() && address.token().isEmpty());
    QCOMPARE(address.port(), quint16(443));
    QVERIFY(address.ids().isEmpty() && address.stunUris().isEmpty()
            && address.turnUris().isEmpty());
    QCOMPARE(address.rendezvousHosts().size(), 1);
    QCOMPARE(address.paths(), PeerAddress::Paths::All);
    QCOMPARE(address.tls(), PeerAddress::Tls::Verified);
    QVERIFY(address.tlsPin().isEmpty());

    const PeerAddress none;
    QVERIFY(!none.isValid());
    QVERIFY(none.toString().isEmpty() && none.toUrl().isEmpty());
    QVERIFY(none.rendezvousHosts().isEmpty());
    QVERIFY(!none.isLoopback());
}

void tst_PeerAddress::canonicalForm_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("canonical"); // empty: as the text is

    const auto row = [](const char *name, const QString &text, const QString &canonical = {}) {
        QTest::newRow(name) << text << canonical;
    };
    row("host alone", u"peer://example.org"_s);
    row("name", u"peer://alice@example.org"_s);
    row("name of all kinds of characters", u"peer://aZ09-._~@example.org"_s);
    row("scheme in upper case", u"PEER://alice@example.org"_s, u"peer://alice@example.org"_s);
    row("host in upper case", u"peer://Alice@Example.ORG"_s, u"peer://Alice@example.org"_s);
    row("host of one label", u"peer://localhost"_s);
    row("host with an underscore", u"peer://my_server.lan"_s);
    row("host with digits before the last label", u"peer://1.2.3.4.example"_s);
    row("host that is an IPv4 address", u"peer://192.0.2.1"_s);
    row("host that is an IPv6 address", u"peer://[2001:DB8:0:0:0:0:0:1]"_s,
        u"peer://[2001:db8::1]"_s);
    row("IPv6 address and port", u"peer://[::1]:8443"_s);
    row("U-labels", u"peer://b\u00fccher.example"_s, u"peer://xn--bcher-kva.example"_s);
    row("U-labels in upper case", u"peer://B\u00dcCHER.example"_s,
        u"peer://xn--bcher-kva.example"_s);
    row("A-labels", u"peer://xn--bcher-kva.example"_s);
    row("a name beyond the basic plane", u"peer://\U00010400.example"_s,
        u"peer://xn--hj8c.example"_s);
    row("default port", u"peer://example.org:443"_s, u"peer://example.org"_s);
    row("another port", u"peer://example.org:1"_s);
    row("slash without a service", u"peer://example.org/"_s, u"peer://example.org"_s);
    row("service", u"peer://example.org/aZ09-._~"_s);
    row("slash before the parameters", u"peer://example.org/?paths=direct"_s,
        u"peer://example.org?paths=direct"_s);
    row("id", u"peer://example.org?id="_s + firstId);
    row("one id twice", u"peer://example.org?id="_s + firstId + u"&id="_s + firstId,
        u"peer://example.org?id="_s + firstId);
    row("order of parameters",
        u"peer://h?tls=off&turn=turn:t&stun=stun:s&paths=tunnel&rv=r&id="_s + firstId,
        u"peer://h?id="_s + firstId + u"&rv=r&paths=tunnel&stun=stun:s&turn=turn:t&tls=off"_s);
    row("order of ids is kept", u"peer://h?id="_s + secondId + u"&id="_s + firstId);
    row("all paths", u"peer://h?paths=all"_s, u"peer://h"_s);
    row("pinned key", u"peer://h?tls="_s + firstId);
    row("rv with the default port", u"peer://h?rv=B.example:443"_s, u"peer://h?rv=b.example"_s);
    row("rv that is the host", u"peer://h:443?rv=H"_s, u"peer://h"_s);
    row("rv that is the host at another port", u"peer://h?rv=h:444"_s);
    row("rv with encoded brackets", u"peer://h?rv=%5B::1%5d:8443"_s, u"peer://h?rv=[::1]:8443"_s);
    row("rv with encoded U-labels", u"peer://h?rv=b%c3%bccher.example"_s,
        u"peer://h?rv=xn--bcher-kva.example"_s);
    row("rv with plain U-labels", u"peer://h?rv=b\u00fccher.example"_s,
        u"peer://h?rv=xn--bcher-kva.example"_s);
    row("STUN with its default port", u"peer://h?stun=STUN:S.example:3478"_s,
        u"peer://h?stun=stun:s.example"_s);
    row("TURN with an encoded question mark", u"peer://h?turn=turn:t%3Ftransport=UDP"_s,
        u"peer://h?turn=turn:t?transport=udp"_s);
    row("TURN over IPv6", u"peer://h?turn=turns:[2001:db8::1]:5349"_s,
        u"peer://h?turn=turns:[2001:db8::1]"_s);
    row("extensions", u"peer://h?x-a=1&paths=relay&x-a=2&x-&x-b"_s, u"peer://h?paths=relay"_s);
}

void tst_PeerAddress::canonicalForm()
{
    QFETCH(QString, text);
    QFETCH(QString, canonical);
    QCOMPARE(parsed(text).toString(), canonical.isEmpty() ? text : canonical);
}

void tst_PeerAddress::canonicalFormParsesToTheSame_data()
{
    canonicalForm_data();
    QTest::newRow("token") << u"peer://h#!$&'()*+,;=:@/?%22%23%25[]a"_s << QString();
}

void tst_PeerAddress::canonicalFormParsesToTheSame()
{
    QFETCH(QString, text);
    const PeerAddress address = parsed(text);
    const QString canonical = address.toString(Format::WithToken);
    const PeerAddress again = parsed(canonical);
    QCOMPARE(again, address);
    QCOMPARE(again.token(), address.token());
    QCOMPARE(again.toString(Format::WithToken), canonical);
}

void tst_PeerAddress::urlRoundTrips_data()
{
    canonicalFormParsesToTheSame_data();
}

void tst_PeerAddress::urlRoundTrips()
{
    QFETCH(QString, text);
    const PeerAddress address = parsed(text);
    const QUrl url = address.toUrl(Format::WithToken);
    QVERIFY2(url.isValid(), qPrintable(url.errorString()));
    PeerAddressError error;
    QCOMPARE(PeerAddress::fromUrl(url, &error), address);
    QVERIFY(!error);
    // Also after QUrl has read the text in its own way.
    QCOMPARE(PeerAddress::fromUrl(QUrl(text)), address);
}

void tst_PeerAddress::equalityIsThatOfTheCanonicalForm_data()
{
    QTest::addColumn<QString>("left");
    QTest::addColumn<QString>("right");
    QTest::addColumn<bool>("isEqual");

    const auto row = [](const char *name, const QString &left, const QString &right, bool isEqual) {
        QTest::newRow(name) << left << right << isEqual;
    };
    row("case of the host", u"peer://a@H.org"_s, u"peer://a@h.org"_s, true);
    row("case of the name", u"peer://A@h.org"_s, u"peer://a@h.org"_s, false);
    row("case of the service", u"peer://h/S"_s, u"peer://h/s"_s, false);
    row("default port", u"peer://h:443"_s, u"peer://h"_s, true);
    row("forms of an IPv6 address", u"peer://[0::1]"_s, u"peer://[::1]"_s, true);
    row("A- and U-labels", u"peer://b\u00fccher.de"_s, u"peer://xn--bcher-kva.de"_s, true);
    row("order of different parameters", u"peer://h?tls=off&paths=relay"_s,
        u"peer://h?paths=relay&tls=off"_s, true);
    row("extensions", u"peer://h?x-a=1"_s, u"peer://h"_s, true);
    row("token", u"peer://h#a"_s, u"peer://h#b"_s, false);
    row("token or none", u"peer://h#a"_s, u"peer://h"_s, false);
    row("encoding of the token", u"peer://h#%61/"_s, u"peer://h#a%2f"_s, true);
    row("name or none", u"peer://a@h"_s, u"peer://h"_s, false);
    row("paths", u"peer://h?paths=relay"_s, u"peer://h?paths=direct"_s, false);
    row("id or none", u"peer://h?id="_s + firstId, u"peer://h"_s, false);
    row("pin or none", u"peer://h?tls="_s + firstId, u"peer://h"_s, false);
    row("plain or not", u"peer://h?tls=off"_s, u"peer://h"_s, false);
}

void tst_PeerAddress::equalityIsThatOfTheCanonicalForm()
{
    QFETCH(QString, left);
    QFETCH(QString, right);
    QFETCH(bool, isEqual);
    const PeerAddress one = parsed(left);
    const PeerAddress other = parsed(right);
    QCOMPARE(one == other, isEqual);
    QCOMPARE(one != other, !isEqual);
    if (isEqual)
        QCOMPARE(qHash(one), qHash(other));
}

void tst_PeerAddress::tokenIsShownOnlyWhenAskedFor()
{
    const PeerAddress address = parsed(u"peer://alice@h#hunter2"_s);
    QCOMPARE(address.toString(), u"peer://alice@h"_s);
    QCOMPARE(address.toString(Format::WithToken), u"peer://alice@h#hunter2"_s);
    QCOMPARE(address.toUrl().toString(), u"peer://alice@h"_s);
    QCOMPARE(address.toUrl(Format::WithToken).fragment(), u"hunter2"_s);
    QString text;
    QDebug(&text) << address << PeerAddress();
    QCOMPARE(text, u"PeerAddress(peer://alice@h#\u2026) PeerAddress() "_s);
}

void tst_PeerAddress::urlsAreReadFromTheirEncodedForm_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<PeerAddressError::Fault>("fault");

    using Fault = PeerAddressError::Fault;
    const auto row = [](const char *name, const QString &text, Fault fault) {
        QTest::newRow(name) << text << fault;
    };
    row("good", u"peer://alice@example.org/chat?paths=relay#t"_s, Fault::None);
    row("empty", u""_s, Fault::BadScheme);
    row("another scheme", u"https://example.org"_s, Fault::BadScheme);
    row("a password", u"peer://alice:b@example.org"_s, Fault::PasswordGiven);
    row("a space that QUrl encodes", u"peer://al ice@example.org"_s, Fault::BadName);
    row("an unknown parameter", u"peer://example.org?a=b"_s, Fault::UnknownParameter);
    row("port 0", u"peer://example.org:0"_s, Fault::BadPort);
    row("a token with a space", u"peer://example.org#a b"_s, Fault::BadToken);
}

void tst_PeerAddress::urlsAreReadFromTheirEncodedForm()
{
    QFETCH(QString, text);
    QFETCH(PeerAddressError::Fault, fault);
    PeerAddressError error;
    const PeerAddress address = PeerAddress::fromUrl(QUrl(text), &error);
    QCOMPARE(error.fault(), fault);
    QCOMPARE(address.isValid(), fault == PeerAddressError::Fault::None);
}

void tst_PeerAddress::invalidUrlsAreRefused()
{
    PeerAddressError error;
    QVERIFY(!PeerAddress::fromUrl(QUrl(u"peer://a b"_s), &error).isValid());
    QCOMPARE(error.fault(), PeerAddressError::Fault::InvalidUrl);
    QCOMPARE(error.column(), 0);
    QVERIFY(!error.message().isEmpty());
    QVERIFY(!PeerAddress::fromUrl(QUrl(u"peer://a b"_s)).isValid());
}

void tst_PeerAddress::boundsAreInclusive_data()
{
    QTest::addColumn<QString>("text");

    const auto row = [](const char *name, const QString &text) { QTest::newRow(name) << text; };
    row("512 bytes", u"peer://alice@example.org?x-a="_s + QString(512 - 29, u'b'));
    row("512 bytes in fewer characters",
        u"peer://alice@example.org?x-ab="_s + QString(241, u'\u00fc'));
    row("name of 64", u"peer://"_s + QString(64, u'a') + u"@h"_s);
    row("service of 64", u"peer://h/"_s + QString(64, u'a'));
    row("token of 256", u"peer://h#"_s + QString(256, u'a'));
    row("host of 253", u"peer://"_s + u"a123456789."_s.repeated(22) + u"a1234567890"_s);
    row("label of 63", u"peer://"_s + QString(63, u'a'));
    row("port 65535", u"peer://h:65535"_s);
}

void tst_PeerAddress::boundsAreInclusive()
{
    QFETCH(QString, text);
    const PeerAddress address = parsed(text);
    QVERIFY(address.isValid());
    QCOMPARE(parsed(address.toString(Format::WithToken)), address);
}

void tst_PeerAddress::loopbackIsToldByForm_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isLoopback");

    QTest::newRow("localhost") << u"peer://LOCALHOST"_s << true;
    QTest::newRow("below localhost") << u"peer://a.localhost:8080"_s << true;
    QTest::newRow("127/8") << u"peer://127.9.9.9"_s << true;
    QTest::newRow("::1") << u"peer://[::1]"_s << true;
    QTest::newRow("a name") << u"peer://localhost.example.org"_s << false;
    QTest::newRow("an ending alike") << u"peer://notlocalhost"_s << false;
    QTest::newRow("a LAN address") << u"peer://192.168.1.1"_s << false;
    QTest::newRow("one of two elsewhere") << u"peer://localhost?rv=example.org"_s << false;
    QTest::newRow("both here") << u"peer://localhost?rv=[::1]"_s << true;
}

void tst_PeerAddress::loopbackIsToldByForm()
{
    QFETCH(QString, text);
    QFETCH(bool, isLoopback);
    QCOMPARE(parsed(text).isLoopback(), isLoopback);
}

void tst_PeerAddress::isAValueForMetaTypesAndHashes()
{
    const PeerAddress address = parsed(u"peer://alice@h"_s);
    const QVariant variant = QVariant::fromValue(address);
    QCOMPARE(variant.value<PeerAddress>(), address);
    QVERIFY(variant == QVariant::fromValue(parsed(u"peer://alice@H"_s)));
    QCOMPARE(QMetaType::fromType<PeerAddress>().name(), "PeerAddress");
    const QMetaObject &meta = PeerAddress::staticMetaObject;
    QCOMPARE(meta.property(meta.indexOfProperty("name")).readOnGadget(&address).toString(),
             u"alice"_s);
    QSet<PeerAddress> set{address, parsed(u"peer://alice@H"_s)};
    QCOMPARE(set.size(), 1);
}

QTEST_APPLESS_MAIN(tst_PeerAddress)

#include "tst_peeraddress.moc"
