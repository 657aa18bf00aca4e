// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/tunnelticket.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::TunnelTicket;

namespace {

const QString Pin52 = QString(52, u'a');

} // namespace

class tst_TunnelTicket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatItWrites_data();
    void readsWhatItWrites();
    void refusesWhatIsNone_data();
    void refusesWhatIsNone();
};

void tst_TunnelTicket::readsWhatItWrites_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("token");
    QTest::addColumn<QByteArray>("pin");
    const QByteArray pin(32, '\x5a');
    QTest::newRow("with TLS") << u"wss://rv.example/tunnel"_s << u"AAbb-_09"_s << QByteArray();
    QTest::newRow("with a pin") << u"wss://192.0.2.1:4443/tunnel"_s << u"secret"_s << pin;
    QTest::newRow("plain") << u"ws://[::1]:8080/tunnel"_s << u"secret"_s << QByteArray();
    QTest::newRow("a query") << u"wss://rv.example/t?a=b&c"_s << u"secret"_s << pin;
    QTest::newRow("a token with a meaning in queries")
        << u"wss://rv.example/t"_s << u"a+b&c=d%25#e;f"_s << pin;
    QTest::newRow("the longest token")
        << u"wss://rv.example/t"_s << QString(256, u't') << QByteArray();
}

void tst_TunnelTicket::readsWhatItWrites()
{
    QFETCH(QString, url);
    QFETCH(QString, token);
    QFETCH(QByteArray, pin);
    const QUrl written = TunnelTicket{QUrl(url), token, pin}.toUrl();
    // What is secret stands behind the hash, which no server is sent.
    QVERIFY(!written.toString(QUrl::RemoveFragment).contains(token));
    const auto read = TunnelTicket::fromUrl(
        QUrl(QString::fromLatin1(written.toEncoded()), QUrl::StrictMode));
    QVERIFY(read);
    QCOMPARE(read->url, QUrl(url));
    QCOMPARE(read->token, token);
    QCOMPARE(read->pin, pin);
}

void tst_TunnelTicket::refusesWhatIsNone_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << QString();
    QTest::newRow("no token") << u"wss://rv.example/t"_s;
    QTest::newRow("an empty token") << u"wss://rv.example/t#token="_s;
    QTest::newRow("another member") << u"wss://rv.example/t#tokens=a"_s;
    QTest::newRow("a token too long") << u"wss://rv.example/t#token="_s + QString(257, u't');
    QTest::newRow("a token with a space") << u"wss://rv.example/t#token=a%20b"_s;
    QTest::newRow("a token with a NUL") << u"wss://rv.example/t#token=a%00b"_s;
    QTest::newRow("a token of another script") << u"wss://rv.example/t#token=%D0%BF"_s;
    QTest::newRow("no host") << u"wss:///t#token=a"_s;
    QTest::newRow("another scheme") << u"https://rv.example/t#token=a"_s;
    QTest::newRow("a user") << u"wss://user@rv.example/t#token=a"_s;
    QTest::newRow("a port that is none") << u"wss://rv.example:65536/t#token=a"_s;
    QTest::newRow("a pin without TLS") << u"ws://rv.example/t#token=a&pin="_s + Pin52;
    QTest::newRow("an empty pin") << u"wss://rv.example/t#token=a&pin="_s;
    QTest::newRow("a short pin") << u"wss://rv.example/t#token=a&pin=aaaa"_s;
    QTest::newRow("a pin that is no base32")
        << u"wss://rv.example/t#token=a&pin="_s + QString(52, u'1');
    QTest::newRow("too long") << u"wss://rv.example/"_s + QString(1100, u'a') + u"#token=a"_s;
}

void tst_TunnelTicket::refusesWhatIsNone()
{
    QFETCH(QString, text);
    QVERIFY(!TunnelTicket::fromUrl(QUrl(text)));
}

QTEST_APPLESS_MAIN(tst_TunnelTicket)

#include "tst_tunnelticket.moc"
