// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/httphead.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;

namespace {

// RFC 6455 section 1.2
const QByteArray Upgrade = "GET /chat HTTP/1.1\r\n"
                           "Host: server.example.com\r\n"
                           "Upgrade: websocket\r\n"
                           "Connection: Upgrade\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                           "Origin: http://example.com\r\n"
                           "Sec-WebSocket-Protocol: chat, superchat\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "\r\n"_ba;

QByteArray without(QByteArray head, const QByteArray &line)
{
    return head.replace(line + "\r\n", "");
}

} // namespace

class tst_HttpHead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheEnd();
    void knowsAnUpgrade();
    void readsUpgrades_data();
    void readsUpgrades();
    void readsPathAndHost_data();
    void readsPathAndHost();
    void refusesWhatIsNoHead_data();
    void refusesWhatIsNoHead();
    void writesAnswers();
};

void tst_HttpHead::findsTheEnd()
{
    QCOMPARE(endOfHead(Upgrade), Upgrade.size());
    QCOMPARE(endOfHead(QByteArray(Upgrade + "body")), Upgrade.size());
    QCOMPARE(endOfHead(QByteArrayView(Upgrade).chopped(1)), -1);
    QCOMPARE(endOfHead("GET / HTTP/1.1\n\n"), -1);
    QCOMPARE(endOfHead({}), -1);
}

void tst_HttpHead::knowsAnUpgrade()
{
    const auto head = parseHttpHead(Upgrade);
    QVERIFY(head);
    QCOMPARE(head->method, "GET"_ba);
    QCOMPARE(head->path, "/chat"_ba);
    QCOMPARE(head->host, "server.example.com"_ba);
    QVERIFY(head->isWebSocketUpgrade);
}

void tst_HttpHead::readsUpgrades_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isUpgrade");
    QByteArray changed = Upgrade;
    QTest::newRow("as it is") << Upgrade << true;
    QTest::newRow("other cases") << QByteArray(Upgrade).replace(
        "Connection: Upgrade", "CONNECTION:  keep-alive , upgrade ")
                                 << true;
    QTest::newRow("no Upgrade") << without(Upgrade, "Upgrade: websocket") << false;
    QTest::newRow("another Upgrade")
        << QByteArray(Upgrade).replace("Upgrade: websocket", "Upgrade: h2c") << false;
    QTest::newRow("no Connection") << without(Upgrade, "Connection: Upgrade") << false;
    QTest::newRow("a part of the word")
        << QByteArray(Upgrade).replace("Connection: Upgrade", "Connection: Upgraded") << false;
    QTest::newRow("no key") << without(Upgrade, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
                            << false;
    QTest::newRow("no version") << without(Upgrade, "Sec-WebSocket-Version: 13") << false;
    QTest::newRow("another version") << QByteArray(Upgrade).replace("13", "8") << false;
}

void tst_HttpHead::readsUpgrades()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, isUpgrade);
    const auto head = parseHttpHead(text);
    QVERIFY(head);
    QCOMPARE(head->isWebSocketUpgrade, isUpgrade);
}

void tst_HttpHead::readsPathAndHost_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("hostField");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("host");
    QTest::newRow("plain") << "/"_ba
                           << "rv.example"_ba
                           << "/"_ba
                           << "rv.example"_ba;
    QTest::newRow("with a port") << "/a/b"_ba
                                 << "rv.example:443"_ba
                                 << "/a/b"_ba
                                 << "rv.example"_ba;
    QTest::newRow("with a query") << "/a?token=x"_ba
                                  << "192.0.2.1:1"_ba
                                  << "/a"_ba
                                  << "192.0.2.1"_ba;
    QTest::newRow("IPv6") << "/"_ba
                          << "[2001:db8::1]:443"_ba
                          << "/"_ba
                          << "2001:db8::1"_ba;
    QTest::newRow("IPv6 without a port") << "/"_ba
                                         << "[::1]"_ba
                                         << "/"_ba
                                         << "::1"_ba;
    QTest::newRow("IPv6 as QWebSocket writes it") << "/"_ba
                                                  << "::1:443"_ba
                                                  << "/"_ba
                                                  << "::1"_ba;
    QTest::newRow("open bracket") << "/"_ba
                                  << "[::1"_ba
                                  << "/"_ba
                                  << ""_ba;
    QTest::newRow("empty") << "/"_ba
                           << ""_ba
                           << "/"_ba
                           << ""_ba;
}

void tst_HttpHead::readsPathAndHost()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, hostField);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, host);
    const auto head = parseHttpHead(
        QByteArray("GET " + target + " HTTP/1.1\r\nHost: " + hostField + "\r\n\r\n"));
    QVERIFY(head);
    QCOMPARE(head->path, path);
    QCOMPARE(head->host, host);
    QVERIFY(!head->isWebSocketUpgrade);
}

void tst_HttpHead::refusesWhatIsNoHead_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << ""_ba;
    QTest::newRow("an empty line") << "\r\n\r\n"_ba;
    QTest::newRow("no end") << "GET / HTTP/1.1\r\nHost: a\r\n"_ba;
    QTest::newRow("no version") << "GET /\r\n\r\n"_ba;
    QTest::newRow("HTTP/1.0") << "GET / HTTP/1.0\r\n\r\n"_ba;
    QTest::newRow("HTTP/2 preface") << "PRI * HTTP/2.0\r\n\r\n"_ba;
    QTest::newRow("two blanks") << "GET  / HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("blank in the target") << "GET /a b HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("absolute target") << "GET http://a/ HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("no target") << "GET HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("control in the target") << "GET /\x01 HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("method with a slash") << "G/T / HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("no method") << " / HTTP/1.1\r\n\r\n"_ba;
    QTest::newRow("field without a colon") << "GET / HTTP/1.1\r\nHost\r\n\r\n"_ba;
    QTest::newRow("field without a name") << "GET / HTTP/1.1\r\n: a\r\n\r\n"_ba;
    QTest::newRow("blank before the colon") << "GET / HTTP/1.1\r\nHost : a\r\n\r\n"_ba;
    QTest::newRow("folded field") << "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"_ba;
    QTest::newRow("bare CR") << "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"_ba;
    QTest::newRow("bare LF") << "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"_ba;
    QTest::newRow("NUL") << QByteArray("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29);
    QTest::newRow("TLS") << QByteArray("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
}

void tst_HttpHead::refusesWhatIsNoHead()
{
    QFETCH(QByteArray, text);
    QVERIFY(!parseHttpHead(text));
}

void tst_HttpHead::writesAnswers()
{
    QCOMPARE(
        httpAnswer("405 Method Not Allowed", {.body = "no\n", .extraFields = "Allow: GET\r\n"}),
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 3\r\nCache-Control: no-store\r\nConnection: close\r\n"
        "Allow: GET\r\n\r\nno\n"_ba);
}

QTEST_APPLESS_MAIN(tst_HttpHead)

#include "tst_httphead.moc"
