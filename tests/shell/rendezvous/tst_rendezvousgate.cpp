// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/message.h"
#include "core/stun/messagewriter.h"
#include "rawclient.h"
#include "support/ports/quietport.h"

#include <QtCore/qfile.h>
#include <QtNetwork/qnetworkdatagram.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qudpsocket.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::test::quietPort;

namespace {

QByteArray bindingRequest()
{
    std::array<std::uint8_t, 128> buffer;
    peer::stun::MessageWriter writer(buffer);
    writer.begin(peer::stun::Class::Request, peer::stun::Method::Binding, {1, 2, 3});
    const peer::ByteView written = writer.finish();
    return QByteArray(reinterpret_cast<const char *>(written.data()), qsizetype(written.size()));
}

} // namespace

/// What the server does before a WebSocket stands, and beside it.
class tst_RendezvousGate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_server = std::make_unique<PeerRendezvousServer>(); }
    void cleanup() { m_server.reset(); }

    void answersToRequests_data();
    void answersToRequests();
    void showsMetrics();
    void servesTheCallPage_data();
    void servesTheCallPage();
    void servesNothingElse_data();
    void servesNothingElse();
    void aHeadMayComeInPieces();
    void aHeadThatDoesNotEndIsCutOff_data();
    void aHeadThatDoesNotEndIsCutOff();
    void aHeadThatIsTooLongIsRefused();
    void aHeadOfTheGreatestSizeIsTaken();
    void connectionsOfAnAddressAreLimited();
    void connectionsAreLimited();
    void newConnectionsAreLimitedInRate();
    void aBrokenUpgradeLeavesNothingBehind();

    void answersToStunOnTheSamePort();
    void answersToStunOnTheNextPortToo();
    void stunAnswersAreLimitedInRate();
    void aStunRequestThatIsTooLongIsDropped();
    void stunDropsGarbage();
    void answersToStunOverTcp_data();
    void answersToStunOverTcp();
    void stunOverTcpIsBounded();
    void stunOverTcpGivesWayToSignaling();
    void stunOverTcpRefusesGarbage_data();
    void stunOverTcpRefusesGarbage();

    void tellsWhenThePortIsTaken();
    void tellsWhenTheUdpPortIsTaken();
    void choosesTlsByTheAddress_data();
    void choosesTlsByTheAddress();
    void listensAgainAfterClose();

private:
    void listen(const PeerRendezvousServer::Limits &limits = {})
    {
        m_server->setLimits(limits);
        QVERIFY2(m_server->listen(QHostAddress::LocalHost, quietPort()),
                 qPrintable(m_server->errorString()));
    }

    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousGate::answersToRequests_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<QByteArray>("status");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("health") << "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"_ba
                            << "200 OK"_ba
                            << "ok\n"_ba;
    QTest::newRow("health with a query") << "GET /healthz?x HTTP/1.1\r\n\r\n"_ba
                                         << "200 OK"_ba
                                         << "ok\n"_ba;
    QTest::newRow("root") << "GET / HTTP/1.1\r\n\r\n"_ba
                          << "404 Not Found"_ba
                          << "Not found.\n"_ba;
    QTest::newRow("a file") << "GET /../etc/passwd HTTP/1.1\r\n\r\n"_ba
                            << "404 Not Found"_ba
                            << "Not found.\n"_ba;
    QTest::newRow("a post") << "POST /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"_ba
                            << "405 Method Not Allowed"_ba
                            << ""_ba;
    QTest::newRow("the socket's path by a browser") << "GET /rendezvous HTTP/1.1\r\n\r\n"_ba
                                                    << "426 Upgrade Required"_ba
                                                    << "This is a PeerConnection rendezvous.\n"_ba;
    QTest::newRow("a WebSocket elsewhere")
        << "GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"_ba
        << "404 Not Found"_ba
        << "Not found.\n"_ba;
    QTest::newRow("garbage") << "hello there\r\n\r\n"_ba
                             << "400 Bad Request"_ba
                             << ""_ba;
    QTest::newRow("binary garbage")
        << QByteArray("\x16\x03\x01\0\xff\r\n\r\n", 9) << "400 Bad Request"_ba
        << ""_ba;
}

void tst_RendezvousGate::answersToRequests()
{
    QFETCH(QByteArray, request);
    QFETCH(QByteArray, status);
    QFETCH(QByteArray, body);
    listen();
    RawSocket client(*m_server, request);
    QTRY_VERIFY(client.isClosed());
    QVERIFY2(client.received.startsWith("HTTP/1.1 " + status + "\r\n"),
             client.received.constData());
    QVERIFY2(client.received.endsWith("\r\n\r\n" + body), client.received.constData());
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void tst_RendezvousGate::servesTheCallPage_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QString>("file");
    QTest::newRow("page") << "/"_ba
                          << "text/html"_ba << u"index.html"_s;
    QTest::newRow("page with a query") << "/?x=/call.js"_ba
                                       << "text/html"_ba << u"index.html"_s;
    QTest::newRow("its script") << "/call.js"_ba
                                << "text/javascript"_ba << u"call.js"_s;
    QTest::newRow("its other script") << "/talk.js"_ba
                                      << "text/javascript"_ba << u"talk.js"_s;
    QTest::newRow("its style") << "/call.css"_ba
                               << "text/css"_ba << u"call.css"_s;
    QTest::newRow("library") << "/peerconnection.js"_ba
                             << "text/javascript"_ba << u"peerconnection.js"_s;
}

void tst_RendezvousGate::servesTheCallPage()
{
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, type);
    QFETCH(QString, file);
    m_server->setCallPageEnabled(true);
    listen();
    RawSocket client(*m_server, "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    QTRY_VERIFY(client.isClosed());
    const qsizetype end = client.received.indexOf("\r\n\r\n");
    const QByteArray head = client.received.left(end + 2);
    QVERIFY2(head.startsWith("HTTP/1.1 200 OK\r\n"), head.constData());
    QVERIFY(head.contains("\r\nContent-Type: " + type + "; charset=utf-8\r\n"));
    QVERIFY(head.contains("\r\nContent-Security-Policy: default-src 'none'; script-src 'self';"));
    QVERIFY(head.contains("\r\nX-Content-Type-Options: nosniff\r\n"));
    QFile source(QStringLiteral(PEER_WEB_DIRECTORY) + u'/' + file);
    QVERIFY(source.open(QIODevice::ReadOnly));
    QVERIFY(client.received.sliced(end + 4) == source.readAll());
}

void tst_RendezvousGate::servesNothingElse_data()
{
    QTest::addColumn<bool>("isEnabled");
    QTest::addColumn<QByteArray>("path");
    for (const char *path :
         {"/index.html", "/README.md", "/../web/call.js", "//call.js", "/./call.js", "/%63all.js",
          "/call.js/", "/CALL.JS", "/favicon.ico", "/:/peer-rendezvous/call.js"})
        QTest::newRow(path) << true << QByteArray(path);
    for (const char *path : {"/", "/call.js", "/peerconnection.js"})
        QTest::addRow("unless enabled: %s", path) << false << QByteArray(path);
}

void tst_RendezvousGate::servesNothingElse()
{
    QFETCH(bool, isEnabled);
    QFETCH(QByteArray, path);
    m_server->setCallPageEnabled(isEnabled);
    listen();
    RawSocket client(*m_server, "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
    QTRY_VERIFY(client.isClosed());
    QVERIFY2(client.received.startsWith("HTTP/1.1 404 Not Found\r\n"), client.received.constData());
}

void tst_RendezvousGate::showsMetrics()
{
    listen();
    RawSocket client(*m_server, "GET /metrics HTTP/1.1\r\n\r\n"_ba);
    QTRY_VERIFY(client.isClosed());
    QVERIFY(client.received.contains("\npeer_rendezvous_connections 1\n"));
    QVERIFY(client.received.contains("\npeer_rendezvous_connections_accepted_total 1\n"));
    QVERIFY(client.received.contains("# TYPE peer_rendezvous_calls gauge\n"));
    QVERIFY(m_server->metrics().contains("\npeer_rendezvous_static_answers_total 1\n"));
}

void tst_RendezvousGate::aHeadMayComeInPieces()
{
    listen();
    RawSocket client(*m_server);
    QTRY_COMPARE(client.socket.state(), QAbstractSocket::ConnectedState);
    const QByteArray head = upgradeHead(*m_server);
    for (qsizetype i = 0; i < head.size(); i += 40) {
        client.socket.write(head.sliced(i, std::min<qsizetype>(40, head.size() - i)));
        client.socket.flush();
        QCoreApplication::processEvents();
    }
    QTRY_VERIFY(client.received.startsWith("HTTP/1.1 101 "));
    QTRY_VERIFY(client.received.contains("\"welcome\""));
}

void tst_RendezvousGate::aHeadThatDoesNotEndIsCutOff_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("nothing") << false << ""_ba;
    QTest::newRow("a part") << false << "GET /rendezvous HTTP/1.1\r\nX-Slow: "_ba;
    QTest::newRow("nothing, with TLS") << true << ""_ba;
    QTest::newRow("plain to TLS") << true << "GET /rendezvous HTTP/1.1\r\n"_ba;
    QTest::newRow("half a TLS record") << true << "\x16\x03\x01\x02"_ba;
}

void tst_RendezvousGate::aHeadThatDoesNotEndIsCutOff()
{
    QFETCH(bool, tls);
    QFETCH(QByteArray, octets);
    if (tls)
        m_server->setTlsMode(PeerRendezvousServer::TlsMode::SelfMade);
    PeerRendezvousServer::Limits limits;
    limits.headTime = 50ms;
    listen(limits);
    RawSocket client(*m_server, octets);
    QTRY_VERIFY(client.isClosed());
    QTRY_COMPARE(m_server->connectionCount(), 0);
    QVERIFY(m_server->metrics().contains("heads_refused_total 1\n"));
}

void tst_RendezvousGate::aHeadThatIsTooLongIsRefused()
{
    listen();
    RawSocket client(*m_server, "GET /healthz HTTP/1.1\r\nX: " + QByteArray(100'000, 'x'));
    QTRY_VERIFY(client.isClosed());
    QVERIFY(client.received.startsWith("HTTP/1.1 431 "));
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void tst_RendezvousGate::aHeadOfTheGreatestSizeIsTaken()
{
    PeerRendezvousServer::Limits limits;
    limits.headSize = 1000;
    listen(limits);
    const QByteArray start = "GET /healthz HTTP/1.1\r\nX: ";
    const auto headOf = [&](qsizetype size) {
        return start + QByteArray(size - start.size() - 4, 'x') + "\r\n\r\n";
    };
    RawSocket fits(*m_server, headOf(1000));
    RawSocket tooLong(*m_server, headOf(1001));
    QTRY_VERIFY(fits.isClosed() && tooLong.isClosed());
    QVERIFY(fits.received.startsWith("HTTP/1.1 200 "));
    QVERIFY(tooLong.received.startsWith("HTTP/1.1 431 "));
}

void tst_RendezvousGate::connectionsOfAnAddressAreLimited()
{
    PeerRendezvousServer::Limits limits;
    limits.connectionsPerAddress = 2;
    listen(limits);
    RawClient one(*m_server);
    auto other = std::make_unique<RawClient>(*m_server);
    QTRY_VERIFY(one.welcome() && other->welcome());
    RawSocket third(*m_server);
    QTRY_VERIFY(third.isClosed());
    QVERIFY(third.received.isEmpty());
    other.reset();
    QTRY_COMPARE(m_server->connectionCount(), 1);
    RawClient fourth(*m_server);
    QTRY_VERIFY(fourth.welcome());
}

void tst_RendezvousGate::connectionsAreLimited()
{
    PeerRendezvousServer::Limits limits;
    limits.connections = 1;
    listen(limits);
    RawClient one(*m_server);
    QTRY_VERIFY(one.welcome());
    RawSocket other(*m_server);
    QTRY_VERIFY(other.isClosed());
    QVERIFY(one.isOpen());
    QVERIFY(m_server->metrics().contains("connections_refused_total 1\n"));
}

void tst_RendezvousGate::newConnectionsAreLimitedInRate()
{
    PeerRendezvousServer::Limits limits;
    limits.connectionRate = {0.001, 3};
    listen(limits);
    for (int i = 0; i < 3; ++i) {
        RawSocket client(*m_server, "GET /healthz HTTP/1.1\r\n\r\n"_ba);
        QTRY_VERIFY(client.isClosed());
        QVERIFY(!client.received.isEmpty());
    }
    RawSocket client(*m_server, "GET /healthz HTTP/1.1\r\n\r\n"_ba);
    QTRY_VERIFY(client.isClosed());
    QVERIFY(client.received.isEmpty());
}

void tst_RendezvousGate::aBrokenUpgradeLeavesNothingBehind()
{
    listen();
    // Good enough for the gate, but not for the WebSocket behind it.
    RawSocket client(*m_server,
                     "GET /rendezvous HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"_ba);
    QTRY_VERIFY(client.isClosed());
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void tst_RendezvousGate::answersToStunOnTheSamePort()
{
    listen();
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost));
    socket.writeDatagram(bindingRequest(), QHostAddress::LocalHost, m_server->serverPort());
    QTRY_VERIFY(socket.hasPendingDatagrams());
    const QNetworkDatagram datagram = socket.receiveDatagram();
    QCOMPARE(datagram.senderPort(), int(m_server->serverPort()));
    const QByteArray answer = datagram.data();
    const auto message = peer::stun::Message::parse(
        {reinterpret_cast<const std::uint8_t *>(answer.constData()), std::size_t(answer.size())});
    QVERIFY(message);
    const auto address = message->address(peer::stun::Attribute::XorMappedAddress);
    QVERIFY(address);
    QCOMPARE(address->toString(), "127.0.0.1:" + std::to_string(socket.localPort()));
    QVERIFY(m_server->metrics().contains("stun_answers_total 1\n"));
}

void tst_RendezvousGate::answersToStunOnTheNextPortToo()
{
    using peer::stun::Attribute;
    listen();
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost));
    for (const quint16 step : {0, 1}) {
        const auto port = quint16(m_server->serverPort() + step);
        socket.writeDatagram(bindingRequest(), QHostAddress::LocalHost, port);
        QTRY_VERIFY(socket.hasPendingDatagrams());
        const QNetworkDatagram datagram = socket.receiveDatagram();
        QCOMPARE(datagram.senderPort(), int(port));
        const QByteArray answer = datagram.data();
        const auto message = peer::stun::Message::parse(
            {reinterpret_cast<const std::uint8_t *>(answer.constData()),
             std::size_t(answer.size())});
        QVERIFY(message);
        const auto other = message->address(Attribute::OtherAddress);
        QVERIFY(other);
        const int otherPort = m_server->serverPort() + (step == 0 ? 1 : 0);
        QCOMPARE(other->toString(), "127.0.0.1:" + std::to_string(otherPort));
    }
}

void tst_RendezvousGate::aStunRequestThatIsTooLongIsDropped()
{
    listen();
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost));
    // With an attribute that need not be understood (RFC 8489 section 14): of 1500 octets in all,
    // and of four more.
    for (const int size : {1500, 1504}) {
        QByteArray request = bindingRequest();
        const auto addUint16 = [&request](int value) {
            request += char(value >> 8);
            request += char(value);
        };
        request = request.first(20);
        addUint16(0xc123);
        addUint16(size - 24);
        request += QByteArray(size - 24, 'x');
        request[2] = char((size - 20) >> 8);
        request[3] = char(size - 20);
        socket.writeDatagram(request, QHostAddress::LocalHost, m_server->serverPort());
    }
    QTRY_VERIFY(m_server->metrics().contains("stun_dropped_total 1\n"));
    QVERIFY(m_server->metrics().contains("stun_answers_total 1\n"));
}

void tst_RendezvousGate::stunAnswersAreLimitedInRate()
{
    PeerRendezvousServer::Limits limits;
    limits.stunRate = {0.001, 5};
    listen(limits);
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost));
    for (int i = 0; i < 20; ++i)
        socket.writeDatagram(bindingRequest(), QHostAddress::LocalHost, m_server->serverPort());
    QTRY_VERIFY(m_server->metrics().contains("stun_dropped_total 15\n"));
    QVERIFY(m_server->metrics().contains("stun_answers_total 5\n"));
}

void tst_RendezvousGate::stunDropsGarbage()
{
    listen();
    QUdpSocket socket;
    QVERIFY(socket.bind(QHostAddress::LocalHost));
    for (const QByteArray &garbage : {"hello"_ba, QByteArray(1400, '\0'), QByteArray(5000, 'x'),
                                      bindingRequest().chopped(1), ""_ba}) {
        socket.writeDatagram(garbage, QHostAddress::LocalHost, m_server->serverPort());
    }
    QTRY_VERIFY(m_server->metrics().contains("stun_dropped_total 5\n"));
    QVERIFY(m_server->metrics().contains("stun_answers_total 0\n"));
}

void tst_RendezvousGate::answersToStunOverTcp_data()
{
    using Mode = PeerRendezvousServer::TlsMode;
    QTest::addColumn<Mode>("mode");
    QTest::newRow("beside HTTP") << Mode::Off;
    QTest::newRow("beside TLS") << Mode::SelfMade;
}

void tst_RendezvousGate::answersToStunOverTcp()
{
    QFETCH(PeerRendezvousServer::TlsMode, mode);
    m_server->setTlsMode(mode);
    listen();
    QTcpSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, m_server->serverPort());
    QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
    // In pieces, and two at once.
    const QByteArray request = bindingRequest();
    for (const QByteArray &piece :
         {request.first(1), request.sliced(1, 5), request.sliced(6), request + request}) {
        socket.write(piece);
        socket.flush();
        QTest::qWait(0);
    }
    QTRY_VERIFY(m_server->metrics().contains("stun_answers_total 3\n"));
    QTRY_VERIFY(socket.bytesAvailable() >= 3 * 32);
    const QByteArray answer = socket.read(socket.bytesAvailable() / 3);
    const auto message = peer::stun::Message::parse(
        {reinterpret_cast<const std::uint8_t *>(answer.constData()), std::size_t(answer.size())});
    QVERIFY(message);
    const auto address = message->address(peer::stun::Attribute::XorMappedAddress);
    QVERIFY(address);
    QCOMPARE(address->toString(), "127.0.0.1:" + std::to_string(socket.localPort()));
    // It stays open, and everybody else is served.
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
}

void tst_RendezvousGate::stunOverTcpIsBounded()
{
    listen();
    QTcpSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, m_server->serverPort());
    for (int i = 0; i < 17; ++i)
        socket.write(bindingRequest());
    QTRY_VERIFY(m_server->metrics().contains("stun_dropped_total 1\n"));
    QVERIFY(m_server->metrics().contains("stun_answers_total 16\n"));
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

void tst_RendezvousGate::stunOverTcpGivesWayToSignaling()
{
    PeerRendezvousServer::Limits limits;
    limits.connectionsPerAddress = 4;
    listen(limits);
    QTcpSocket sockets[3];
    for (QTcpSocket &socket : sockets) {
        socket.connectToHost(QHostAddress::LocalHost, m_server->serverPort());
        QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
    }
    // The third of four.
    sockets[2].write(bindingRequest());
    QTRY_COMPARE(sockets[2].state(), QAbstractSocket::UnconnectedState);
    QVERIFY(m_server->metrics().contains("stun_dropped_total 1\n"));
    sockets[1].write(bindingRequest());
    QTRY_VERIFY(m_server->metrics().contains("stun_answers_total 1\n"));
}

void tst_RendezvousGate::stunOverTcpRefusesGarbage_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("zeros") << QByteArray(20, '\0');
    QByteArray tooLong = bindingRequest();
    tooLong[2] = char(1484 >> 8);
    tooLong[3] = char(1484 & 0xff);
    QTest::newRow("too long") << tooLong;
    QByteArray answer = bindingRequest();
    answer[0] = 1;
    QTest::newRow("an answer") << answer;
}

void tst_RendezvousGate::stunOverTcpRefusesGarbage()
{
    QFETCH(QByteArray, octets);
    listen();
    QTcpSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, m_server->serverPort());
    socket.write(octets);
    QTRY_VERIFY(m_server->metrics().contains("stun_dropped_total 1\n"));
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

void tst_RendezvousGate::tellsWhenThePortIsTaken()
{
    QTcpServer other;
    QVERIFY(other.listen(QHostAddress::LocalHost));
    QVERIFY(!m_server->listen(QHostAddress::LocalHost, other.serverPort()));
    QVERIFY2(m_server->errorString().startsWith("Cannot listen on 127.0.0.1:"_L1),
             qPrintable(m_server->errorString()));
    QVERIFY(!m_server->isListening());
    QVERIFY(m_server->listen());
    QVERIFY(!m_server->listen());
    QVERIFY(m_server->isListening());
}

void tst_RendezvousGate::tellsWhenTheUdpPortIsTaken()
{
    QUdpSocket other;
    QVERIFY(other.bind(QHostAddress::LocalHost, quietPort())); // by TCP nobody is there
    QVERIFY(!m_server->listen(QHostAddress::LocalHost, other.localPort()));
    QVERIFY2(m_server->errorString().startsWith("Cannot bind UDP 127.0.0.1:"_L1),
             qPrintable(m_server->errorString()));
}

void tst_RendezvousGate::choosesTlsByTheAddress_data()
{
    QTest::addColumn<QHostAddress>("address");
    QTest::addColumn<PeerRendezvousServer::TlsMode>("mode");
    QTest::addColumn<bool>("isTls");
    using Mode = PeerRendezvousServer::TlsMode;
    const QHostAddress loopback(QHostAddress::LocalHost);
    const QHostAddress any(QHostAddress::AnyIPv4);
    QTest::newRow("automatic on loopback") << loopback << Mode::Automatic << false;
    QTest::newRow("automatic elsewhere") << any << Mode::Automatic << true;
    QTest::newRow("self-made on loopback") << loopback << Mode::SelfMade << true;
    QTest::newRow("off elsewhere") << any << Mode::Off << false;
}

void tst_RendezvousGate::choosesTlsByTheAddress()
{
    QFETCH(QHostAddress, address);
    QFETCH(PeerRendezvousServer::TlsMode, mode);
    QFETCH(bool, isTls);
    m_server->setTlsMode(mode);
    QVERIFY2(m_server->listen(address), qPrintable(m_server->errorString()));
    QCOMPARE(m_server->url().scheme(), isTls ? u"wss"_s : u"ws"_s);
    QCOMPARE(m_server->url().host(), u"127.0.0.1"_s);
    const QString pin = m_server->publicKeyPin();
    QCOMPARE(!pin.isEmpty(), isTls);
    QCOMPARE(m_server->peerUrl(u"alice"_s),
             QUrl(u"peer://alice@127.0.0.1:%1?tls=%2"_s.arg(m_server->serverPort())
                      .arg(isTls ? pin : u"off"_s)));
    QVERIFY(m_server->peerUrl(u"not a name"_s).isEmpty());
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
}

void tst_RendezvousGate::listensAgainAfterClose()
{
    m_server->setTlsMode(PeerRendezvousServer::TlsMode::SelfMade);
    listen();
    const QString pin = m_server->publicKeyPin();
    const quint16 port = m_server->serverPort();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    m_server->close();
    QVERIFY(!m_server->isListening());
    QVERIFY(m_server->url().isEmpty());
    QTRY_VERIFY(client.isClosed());
    QCOMPARE(client.socket.closeCode(), QWebSocketProtocol::CloseCodeGoingAway);
    QVERIFY(m_server->listen(QHostAddress::LocalHost, port));
    QCOMPARE(m_server->publicKeyPin(), pin);
}

QTEST_GUILESS_MAIN(tst_RendezvousGate)

#include "tst_rendezvousgate.moc"
