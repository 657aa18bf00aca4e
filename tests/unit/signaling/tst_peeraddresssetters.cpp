// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

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

class tst_PeerAddressSetters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void settersBuildAnAddress();
    void settersRefuseAndChangeNothing();
    void furtherRendezvousNeverRepeatsTheFirst();
    void addressTooLongForItsTextIsInvalid();
    void copiesAreIndependent();
};

void tst_PeerAddressSetters::settersBuildAnAddress()
{
    PeerAddress address;
    QVERIFY(address.setName(u"alice"_s));
    QVERIFY(!address.isValid());
    QVERIFY(address.setHost(u"[2001:DB8::1]"_s));
    QVERIFY(address.isValid());
    QCOMPARE(address.host(), u"2001:db8::1"_s);
    QVERIFY(address.setHost(u"2001:db8::2"_s));
    QVERIFY(address.setPort(8443));
    QVERIFY(address.setService(u"chat"_s));
    QVERIFY(address.setIds({firstId, firstId, secondId}));
    QVERIFY(address.setFurtherRendezvousHosts(
        {{u"B\u00dcCHER.example"_s, 443}, {u"[::1]"_s, 1}, {u"::1"_s, 1}}));
    address.setPaths(PeerAddress::Paths::Tunnel);
    QVERIFY(address.setStunUris({u"STUN:s"_s, u"stun:s:3478"_s}));
    QVERIFY(address.setTurnUris({u"turn:t?transport=udp"_s}));
    QVERIFY(address.setTlsPin(QByteArray(32, '\0')));
    QVERIFY(address.setToken(u"#1"_s));
    const QString text = address.toString(Format::WithToken);
    QCOMPARE(text,
             u"peer://alice@[2001:db8::2]:8443/chat?id="_s + firstId + u"&id="_s + secondId
                 + u"&rv=xn--bcher-kva.example&rv=[::1]:1&paths=tunnel&stun=stun:s"
                   "&turn=turn:t?transport=udp&tls="_s
                 + QString(52, u'a') + u"#%231"_s);
    QCOMPARE(parsed(text), address);

    address.setTlsOff();
    QVERIFY(address.tlsPin().isEmpty());
    QVERIFY(address.toString().endsWith(u"&tls=off"_s));
    address.setTlsVerified();
    QVERIFY(!address.toString().contains(u"tls"_s));
    QVERIFY(address.setName({}) && address.setService({}) && address.setToken({})
            && address.setIds({}) && address.setFurtherRendezvousHosts({})
            && address.setStunUris({}) && address.setTurnUris({}) && address.setPort(443));
    address.setPaths(PeerAddress::Paths::All);
    QCOMPARE(address.toString(Format::WithToken), u"peer://[2001:db8::2]"_s);
}

void tst_PeerAddressSetters::settersRefuseAndChangeNothing()
{
    PeerAddress address = parsed(u"peer://alice@h:1/chat?id="_s + firstId
                                 + u"&rv=r&stun=stun:s&turn=turn:t&tls="_s + firstId + u"#t"_s);
    const PeerAddress before = address;
    QVERIFY(!address.setName(u"a b"_s));
    QVERIFY(!address.setName(QString(65, u'a')));
    QVERIFY(!address.setHost({}));
    QVERIFY(!address.setHost(u"127.1"_s));
    QVERIFY(!address.setHost(u"h:443"_s));
    QVERIFY(!address.setHost(u"a/b"_s));
    QVERIFY(!address.setPort(0));
    QVERIFY(!address.setService(u".."_s));
    QVERIFY(!address.setService(u"a/b"_s));
    QVERIFY(!address.setIds({secondId, u"abc"_s}));
    QVERIFY(!address.setFurtherRendezvousHosts({{u"b"_s, 443}, {u"c"_s, 0}}));
    QVERIFY(!address.setFurtherRendezvousHosts({{u"b,c"_s, 443}}));
    QVERIFY(!address.setStunUris({u"turn:t"_s}));
    QVERIFY(!address.setTurnUris({u"stun:t"_s}));
    QVERIFY(!address.setTlsPin(QByteArray(31, 'x')));
    QVERIFY(!address.setToken(u"a b"_s));
    QVERIFY(!address.setToken(QString(257, u'a')));
    QCOMPARE(address, before);
}

void tst_PeerAddressSetters::furtherRendezvousNeverRepeatsTheFirst()
{
    PeerAddress address = parsed(u"peer://a?rv=b&rv=c:1"_s);
    QVERIFY(address.setHost(u"b"_s));
    QCOMPARE(address.toString(), u"peer://b?rv=c:1"_s);
    QVERIFY(address.setHost(u"c"_s));
    QCOMPARE(address.toString(), u"peer://c?rv=c:1"_s);
    QVERIFY(address.setPort(1));
    QCOMPARE(address.toString(), u"peer://c:1"_s);
    QVERIFY(address.setFurtherRendezvousHosts({{u"C"_s, 1}, {u"d"_s, 443}}));
    QCOMPARE(address.toString(), u"peer://c:1?rv=d"_s);
}

void tst_PeerAddressSetters::addressTooLongForItsTextIsInvalid()
{
    PeerAddress address;
    QVERIFY(address.setHost(u"h"_s) && address.setToken(QString(256, u'#')));
    QVERIFY(!address.isValid()); // each "#" takes three octets
    QVERIFY(address.setToken(QString(100, u'#')));
    QVERIFY(address.isValid());
}

void tst_PeerAddressSetters::copiesAreIndependent()
{
    PeerAddress one = parsed(u"peer://alice@h"_s);
    PeerAddress other = one;
    QVERIFY(other.setName(u"bob"_s));
    QCOMPARE(one.name(), u"alice"_s);
    one.swap(other);
    QCOMPARE(one.name(), u"bob"_s);
    const PeerAddress moved = std::move(one);
    QCOMPARE(moved.name(), u"bob"_s);
    one = moved;
    QCOMPARE(one.name(), u"bob"_s);
}

QTEST_APPLESS_MAIN(tst_PeerAddressSetters)

#include "tst_peeraddresssetters.moc"
