// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/serveruri.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::ServerUri;

class tst_ServerUri : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyPartIsTaken();
    void canonicalForm_data();
    void canonicalForm();
    void malformedUrisAreRefused_data();
    void malformedUrisAreRefused();
};

void tst_ServerUri::everyPartIsTaken()
{
    const auto turn = ServerUri::fromString(u"turns:[2001:db8::1]:443?transport=tcp");
    QVERIFY(turn.has_value());
    QVERIFY((*turn == ServerUri{ServerUri::Kind::Turn, true, u"2001:db8::1"_s, 443, u"tcp"_s}));
    const auto stun = ServerUri::fromString(u"stun:192.0.2.1");
    QVERIFY(stun.has_value());
    QVERIFY((*stun == ServerUri{ServerUri::Kind::Stun, false, u"192.0.2.1"_s, 3478, {}}));
}

void tst_ServerUri::canonicalForm_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("canonical");

    const auto row = [](const char *name, const QString &text, const QString &canonical) {
        QTest::newRow(name) << text << canonical;
    };
    // RFC 7064 appendix A and RFC 7065 appendix A
    row("stun", u"stun:example.org"_s, u"stun:example.org"_s);
    row("stuns", u"stuns:example.org"_s, u"stuns:example.org"_s);
    row("stun with a port", u"stun:example.org:8000"_s, u"stun:example.org:8000"_s);
    row("turn", u"turn:example.org"_s, u"turn:example.org"_s);
    row("turns", u"turns:example.org"_s, u"turns:example.org"_s);
    row("turn with a port", u"turn:example.org:8000"_s, u"turn:example.org:8000"_s);
    row("turn over UDP", u"turn:example.org?transport=udp"_s, u"turn:example.org?transport=udp"_s);
    row("turn over TCP", u"turn:example.org?transport=tcp"_s, u"turn:example.org?transport=tcp"_s);
    row("turns over TCP", u"turns:example.org?transport=tcp"_s,
        u"turns:example.org?transport=tcp"_s);
    row("an extension", u"turn:h?transport=X-1._~"_s, u"turn:h?transport=x-1._~"_s);
    row("upper case", u"TURN:Example.ORG:3478?transport=UDP"_s,
        u"turn:example.org?transport=udp"_s);
    row("the other default port", u"stun:h:5349"_s, u"stun:h:5349"_s);
    row("default port of TLS", u"stuns:h:5349"_s, u"stuns:h"_s);
    row("IPv6", u"stun:[2001:DB8:0::1]"_s, u"stun:[2001:db8::1]"_s);
    row("U-labels", u"stun:b\u00fccher.example"_s, u"stun:xn--bcher-kva.example"_s);
}

void tst_ServerUri::canonicalForm()
{
    QFETCH(QString, text);
    QFETCH(QString, canonical);
    const auto uri = ServerUri::fromString(text);
    QVERIFY(uri.has_value());
    QCOMPARE(uri->toString(), canonical);
    QVERIFY(ServerUri::fromString(canonical) == uri);
}

void tst_ServerUri::malformedUrisAreRefused_data()
{
    QTest::addColumn<QString>("text");

    for (const char16_t *text : {u"",
                                 u"stun",
                                 u"stun:",
                                 u":h",
                                 u"http:h",
                                 u"\u017ftun:h",
                                 u"stun://h",
                                 u"stun:h/",
                                 u"stun:h?",
                                 u"stun:h?transport=udp",
                                 u"stun:user@h",
                                 u"stun:h:",
                                 u"stun:h:0",
                                 u"stun:h:65536",
                                 u"stun:h:x",
                                 u"stun:127.1",
                                 u"stun:::1",
                                 u"stun:[::1",
                                 u"stun:a b",
                                 u" stun:h",
                                 u"stun:h ",
                                 u"turn:h?",
                                 u"turn:h?transport",
                                 u"turn:h?transport=",
                                 u"turn:h?transport=a/b",
                                 u"turn:h?Transport=udp",
                                 u"turn:h?ttl=1",
                                 u"turn:h?transport=udp&a=b",
                                 u"turn:h?transport=udp?",
                                 u"turn:user:password@h",
                                 u"turn:h#f"}) {
        const QString row = QString::fromUtf16(text);
        QTest::newRow(qPrintable(u'\'' + row + u'\'')) << row;
    }
    QTest::newRow("too long") << u"turn:h?transport="_s + QString(33, u'a');
    QTest::newRow("much too long") << u"stun:"_s + u"a."_s.repeated(300) + u'a';
}

void tst_ServerUri::malformedUrisAreRefused()
{
    QFETCH(QString, text);
    QVERIFY(!ServerUri::fromString(text));
}

QTEST_APPLESS_MAIN(tst_ServerUri)

#include "tst_serveruri.moc"
