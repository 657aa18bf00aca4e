// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/publickeyinfo.h"
#include "shell/websocketport.h"
#include "support/ports/quietport.h"
#include "testcertificate.h"

#include <QtCore/qcryptographichash.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

#include <memory>

using namespace Qt::StringLiterals;
using peer::WebSocketOptions;
using peer::WebSocketPort;
using peer::test::quietPort;
using Error = WebSocketPort::Error;
using State = WebSocketPort::State;

/// A WebSocket server on loopback that keeps its sockets.
class Server : public QObject
{
public:
    explicit Server(const TestCertificate *certificate = nullptr,
                    const QHostAddress &address = QHostAddress::LocalHost)
        : m_server(u"test"_s,
                   certificate ? QWebSocketServer::SecureMode : QWebSocketServer::NonSecureMode)
    {
        if (certificate) {
            QSslConfiguration configuration;
            configuration.setLocalCertificate(certificate->certificate);
            configuration.setPrivateKey(certificate->key);
            m_server.setSslConfiguration(configuration);
        }
        connect(&m_server, &QWebSocketServer::newConnection, this, [this] {
            sockets.emplace_back(m_server.nextPendingConnection());
            if (!greeting.isEmpty())
                sockets.back()->sendTextMessage(greeting);
            requests.append(sockets.back()->request());
        });
        // At the other addresses of this machine nobody is there.
        isListening = m_server.listen(address, quietPort());
    }

    WebSocketOptions options(const QString &host = u"127.0.0.1"_s) const
    {
        WebSocketOptions options;
        options.url.setScheme(m_server.secureMode() == QWebSocketServer::SecureMode ? u"wss"_s
                                                                                    : u"ws"_s);
        options.url.setHost(host);
        options.url.setPort(m_server.serverPort());
        options.url.setPath(u"/signal"_s);
        return options;
    }

    bool isListening = false;
    QString greeting; ///< sent in the segment of the 101 answer
    std::vector<std::unique_ptr<QWebSocket>> sockets;
    QList<QNetworkRequest> requests;

private:
    QWebSocketServer m_server;
};

class tst_WebSocketPort : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesMessagesBothWays();
    void aMessageInTheSegmentOfTheUpgradeIsNotLost();
    void theServerSeesTheNameAndTheHeaders();
    void racesTheAddressesOfAName_data();
    void racesTheAddressesOfAName();
    void tlsProof_data();
    void tlsProof();
    void findsThePublicKey();
    void findsNoPublicKeyInGarbage();
    void refusesBadUrls_data();
    void refusesBadUrls();
    void tellsWhyItCannotOpen();
    void tellsAnHttpServerFromAWebSocket();
    void givesUpAServerThatDoesNotAnswer();
    void endsOnAMessageThatIsTooLarge();
    void refusesToSendBeyondTheBuffer();
    void givesUpAPeerThatAnswersNoPing();
    void aPeerThatAnswersPingsIsKept();
    void closesCleanly_data();
    void closesCleanly();
    void abortsInAnyState_data();
    void abortsInAnyState();
    void noticesALostConnection();
    void mayBeDeletedInItsSlots_data();
    void mayBeDeletedInItsSlots();
};

void tst_WebSocketPort::carriesMessagesBothWays()
{
    Server server;
    QVERIFY(server.isListening);
    WebSocketPort port(server.options());
    QSignalSpy opened(&port, &WebSocketPort::opened);
    QSignalSpy texts(&port, &WebSocketPort::textReceived);
    QSignalSpy binaries(&port, &WebSocketPort::binaryReceived);
    QVERIFY(!port.sendText(u"too early"_s));
    port.open();
    QCOMPARE(port.state(), State::Connecting);
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(port.state(), State::Open);
    QTRY_COMPARE(server.sockets.size(), std::size_t(1));

    QWebSocket &socket = *server.sockets.front();
    QSignalSpy serverTexts(&socket, &QWebSocket::textMessageReceived);
    QSignalSpy serverBinaries(&socket, &QWebSocket::binaryMessageReceived);
    QVERIFY(port.sendText(u"grüß dich"_s));
    QVERIFY(port.sendBinary(QByteArray(1200, 'x')));
    socket.sendTextMessage(u"hallo"_s);
    socket.sendBinaryMessage("\0\1"_ba);
    QTRY_COMPARE(serverTexts.count(), 1);
    QTRY_COMPARE(serverBinaries.count(), 1);
    QTRY_COMPARE(texts.count(), 1);
    QTRY_COMPARE(binaries.count(), 1);
    QCOMPARE(serverTexts[0][0].toString(), u"grüß dich"_s);
    QCOMPARE(serverBinaries[0][0].toByteArray(), QByteArray(1200, 'x'));
    QCOMPARE(texts[0][0].toString(), u"hallo"_s);
    QCOMPARE(binaries[0][0].toByteArray(), "\0\1"_ba);
}

void tst_WebSocketPort::aMessageInTheSegmentOfTheUpgradeIsNotLost()
{
    Server server;
    server.greeting = u"welcome"_s;
    WebSocketPort port(server.options());
    QSignalSpy texts(&port, &WebSocketPort::textReceived);
    port.open();
    QTRY_COMPARE(texts.count(), 1);
    QCOMPARE(texts[0][0].toString(), u"welcome"_s);
}

void tst_WebSocketPort::theServerSeesTheNameAndTheHeaders()
{
    Server server;
    WebSocketOptions options = server.options(u"localhost"_s);
    options.headers.append({"X-Test"_ba, "yes"_ba});
    options.userAgent = u"tester"_s;
    WebSocketPort port(options);
    port.open();
    QTRY_COMPARE(port.state(), State::Open);
    QTRY_COMPARE(server.requests.size(), 1);
    QCOMPARE(server.requests[0].rawHeader("X-Test"_ba), "yes"_ba);
    QCOMPARE(server.requests[0].rawHeader("User-Agent"_ba), "tester"_ba);
    QVERIFY(server.requests[0].rawHeader("Host"_ba).startsWith("localhost:"_ba));
    QCOMPARE(server.requests[0].url().path(), u"/signal"_s);
}

void tst_WebSocketPort::racesTheAddressesOfAName_data()
{
    QTest::addColumn<QStringList>("addresses"); // the server is at 127.0.0.1
    QTest::addColumn<bool>("isOpened");
    const QString here = u"127.0.0.1"_s;
    const QString refused = u"127.0.0.2"_s;
    const QString silent = u"127.0.0.3"_s;
    QTest::newRow("the first") << QStringList{here, silent} << true;
    QTest::newRow("one that refuses before") << QStringList{refused, here} << true;
    QTest::newRow("one that is silent before") << QStringList{silent, here} << true;
    QTest::newRow("several") << QStringList{refused, silent, refused, u"::1"_s, here} << true;
    QTest::newRow("none") << QStringList{refused, refused} << false;
    QStringList many;
    for (int i = 11; i < 18; ++i)
        many.append(u"127.0.0.%1"_s.arg(i));
    QTest::newRow("the last of those that are tried") << many + QStringList{here} << true;
    QTest::newRow("one too many") << many + QStringList{refused, here} << false;
}

void tst_WebSocketPort::racesTheAddressesOfAName()
{
    QFETCH(QStringList, addresses);
    QFETCH(bool, isOpened);
    for (const bool isTls : {false, true}) {
        const TestCertificate certificate = makeTestCertificate("DNS:rendezvous.example"_ba);
        Server server(isTls ? &certificate : nullptr);
        WebSocketOptions options = server.options(u"rendezvous.example"_s);
        options.trust.extraAuthorities = {certificate.certificate};
        for (const QString &text : addresses)
            options.addresses.push_back(*peer::IpAddress::fromString(text.toStdString()));
        QTcpServer silent; // takes the connection and says nothing
        QVERIFY(silent.listen(QHostAddress(u"127.0.0.3"_s), quint16(options.url.port())));
        WebSocketPort port(options);
        QSignalSpy opened(&port, &WebSocketPort::opened);
        QSignalSpy closed(&port, &WebSocketPort::closed);
        port.open();
        if (isOpened) {
            QTRY_COMPARE(opened.count(), 1);
            QTRY_COMPARE(server.requests.size(), 1);
            QVERIFY(server.requests[0].rawHeader("Host"_ba).startsWith("rendezvous.example:"_ba));
        } else {
            QTRY_COMPARE(closed.count(), 1);
            QCOMPARE(port.error(), Error::Unreachable);
        }
    }
}

void tst_WebSocketPort::tlsProof_data()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<bool>("signedByAuthority");
    QTest::addColumn<bool>("trustAuthority");
    QTest::addColumn<QByteArray>("pin"); // "right", "wrong" or empty
    QTest::addColumn<Error>("error");

    const QByteArray both = "DNS:localhost,IP:127.0.0.1"_ba;
    const QByteArray other = "DNS:other.example"_ba;
    QTest::newRow("self-made, verified")
        << u"127.0.0.1"_s << both << false << false << ""_ba << Error::CertificateRefused;
    QTest::newRow("self-made, right pin")
        << u"127.0.0.1"_s << both << false << false << "right"_ba << Error::None;
    QTest::newRow("self-made for another name, right pin")
        << u"127.0.0.1"_s << other << false << false << "right"_ba << Error::None;
    QTest::newRow("self-made, wrong pin")
        << u"127.0.0.1"_s << both << false << false << "wrong"_ba << Error::PinMismatch;
    QTest::newRow("private authority, trusted")
        << u"127.0.0.1"_s << both << true << true << ""_ba << Error::None;
    QTest::newRow("private authority, trusted, by name")
        << u"localhost"_s << both << true << true << ""_ba << Error::None;
    QTest::newRow("private authority, trusted, another name")
        << u"localhost"_s << other << true << true << ""_ba << Error::CertificateRefused;
    QTest::newRow("private authority, unknown")
        << u"127.0.0.1"_s << both << true << false << ""_ba << Error::CertificateRefused;
    QTest::newRow("private authority, trusted, wrong pin")
        << u"127.0.0.1"_s << both << true << true << "wrong"_ba << Error::PinMismatch;
}

void tst_WebSocketPort::tlsProof()
{
    QFETCH(QString, host);
    QFETCH(QByteArray, names);
    QFETCH(bool, signedByAuthority);
    QFETCH(bool, trustAuthority);
    QFETCH(QByteArray, pin);
    QFETCH(Error, error);

    const TestCertificate authority = makeTestCertificate({});
    const TestCertificate certificate = makeTestCertificate(
        names, signedByAuthority ? &authority : nullptr);
    Server server(&certificate);
    WebSocketOptions options = server.options(host);
    if (trustAuthority)
        options.trust.extraAuthorities = {authority.certificate};
    if (pin == "right"_ba)
        options.trust.pinnedKey = certificate.publicKeyHash;
    else if (pin == "wrong"_ba)
        options.trust.pinnedKey = authority.publicKeyHash;

    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    QSignalSpy opened(&port, &WebSocketPort::opened);
    port.open();
    if (error == Error::None) {
        QTRY_VERIFY2(port.state() == State::Open || !closed.isEmpty(),
                     qPrintable(port.errorString()));
        QVERIFY2(port.state() == State::Open, qPrintable(port.errorString()));
        QVERIFY(port.sendText(u"secret"_s));
    } else {
        QTRY_COMPARE(closed.count(), 1);
        QCOMPARE(port.error(), error);
        QVERIFY(!port.errorString().isEmpty());
        QVERIFY(opened.isEmpty());
        QVERIFY(server.requests.isEmpty());
    }
    QCOMPARE(port.peerKey(), certificate.publicKeyHash);
}

void tst_WebSocketPort::findsThePublicKey()
{
    const TestCertificate made = makeTestCertificate("DNS:localhost"_ba);
    const QByteArray info = peer::subjectPublicKeyInfo(made.certificate);
    QCOMPARE(QCryptographicHash::hash(info, QCryptographicHash::Sha256), made.publicKeyHash);
}

void tst_WebSocketPort::findsNoPublicKeyInGarbage()
{
    const QByteArray der = makeTestCertificate("DNS:localhost"_ba).certificate.toDer();
    QVERIFY(peer::subjectPublicKeyInfo(QSslCertificate()).isEmpty());
    // Cut short anywhere, it is refused: the outer length no longer holds.
    for (qsizetype size = 0; size < der.size(); ++size)
        QVERIFY(peer::subjectPublicKeyInfo(der.first(size)).isEmpty());
    // Changed anywhere, it gives whatever it gives, within its octets.
    for (qsizetype at = 0; at < der.size(); ++at) {
        for (const char octet : {'\x00', '\x80', '\x84', '\xff'}) {
            QByteArray changed = der;
            changed[at] = octet;
            QVERIFY(peer::subjectPublicKeyInfo(changed).size() <= der.size());
        }
    }
}

void tst_WebSocketPort::refusesBadUrls_data()
{
    QTest::addColumn<QUrl>("url");
    QTest::newRow("empty") << QUrl();
    QTest::newRow("http") << QUrl(u"http://127.0.0.1/"_s);
    QTest::newRow("no host") << QUrl(u"ws:///path"_s);
    QTest::newRow("user") << QUrl(u"ws://user@127.0.0.1/"_s);
    QTest::newRow("fragment") << QUrl(u"ws://127.0.0.1/#token"_s);
}

void tst_WebSocketPort::refusesBadUrls()
{
    QFETCH(QUrl, url);
    WebSocketOptions options;
    options.url = url;
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QCOMPARE(closed.count(), 0);
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::BadUrl);
}

void tst_WebSocketPort::tellsWhyItCannotOpen()
{
    WebSocketOptions options;
    options.url = QUrl(u"ws://127.0.0.1:%1/"_s.arg(quietPort()));
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::Unreachable);
    QVERIFY(port.errorString().contains(u"127.0.0.1"_s));
}

void tst_WebSocketPort::tellsAnHttpServerFromAWebSocket()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, &server, [&server] {
        QTcpSocket *const socket = server.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            if (socket->readAll().endsWith("\r\n\r\n"_ba))
                socket->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"_ba);
        });
    });
    WebSocketOptions options;
    options.url = QUrl(u"ws://127.0.0.1:%1/"_s.arg(server.serverPort()));
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::UpgradeRefused);
    QVERIFY2(port.errorString().contains(u"404"_s), qPrintable(port.errorString()));
    QVERIFY2(!port.errorString().contains(u"Private"_s), qPrintable(port.errorString()));
}

void tst_WebSocketPort::givesUpAServerThatDoesNotAnswer()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    WebSocketOptions options;
    options.url = QUrl(u"ws://127.0.0.1:%1/"_s.arg(server.serverPort()));
    options.connectTimeout = std::chrono::milliseconds(50);
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::ConnectTimeout);
}

void tst_WebSocketPort::endsOnAMessageThatIsTooLarge()
{
    Server server;
    WebSocketOptions options = server.options();
    options.maxMessageSize = 1000;
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    QSignalSpy received(&port, &WebSocketPort::binaryReceived);
    port.open();
    QTRY_COMPARE(server.sockets.size(), std::size_t(1));
    QTRY_COMPARE(port.state(), State::Open);
    server.sockets.front()->sendBinaryMessage(QByteArray(1000, 'x'));
    server.sockets.front()->sendBinaryMessage(QByteArray(1001, 'x'));
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(received.count(), 1);
    QCOMPARE(port.error(), Error::MessageTooLarge);
}

void tst_WebSocketPort::refusesToSendBeyondTheBuffer()
{
    Server server;
    WebSocketOptions options = server.options();
    options.maxSendBuffer = 100000;
    WebSocketPort port(options);
    QSignalSpy writable(&port, &WebSocketPort::writable);
    port.open();
    QTRY_COMPARE(port.state(), State::Open);
    QTRY_COMPARE(server.sockets.size(), std::size_t(1));
    QSignalSpy received(server.sockets.front().get(), &QWebSocket::binaryMessageReceived);

    QVERIFY(!port.sendBinary(QByteArray(100001, 'x')));
    int sent = 0;
    while (port.sendBinary(QByteArray(10000, 'x')))
        ++sent;
    QVERIFY(sent >= 9);
    QVERIFY(port.bytesToWrite() <= options.maxSendBuffer + 1000); // frame headers
    QTRY_VERIFY(!writable.isEmpty());
    QTRY_COMPARE(received.count(), sent);
    QVERIFY(port.sendBinary(QByteArray(10000, 'x')));
}

/// Takes WebSockets and then sends nothing but answers to pings, or not even those.
class PingServer : public QTcpServer
{
public:
    bool answers = false;
    int pings = 0;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        auto *const socket = new QTcpSocket(this);
        socket->setSocketDescriptor(descriptor);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
    }

private:
    void read(QTcpSocket *socket)
    {
        const QByteArray read = socket->readAll();
        const qsizetype at = read.indexOf("Sec-WebSocket-Key: "_ba);
        if (at >= 0) {
            const QByteArray accept = QCryptographicHash::hash(
                read.mid(at + 19, 24) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"_ba,
                QCryptographicHash::Sha1);
            socket->write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: "_ba
                          + accept.toBase64() + "\r\n\r\n"_ba);
            return;
        }
        const int frames = int(read.count('\x89'));
        pings += frames;
        for (int frame = 0; answers && frame < frames; ++frame)
            socket->write("\x8a\0"_ba); // an empty pong
    }
};

void tst_WebSocketPort::givesUpAPeerThatAnswersNoPing()
{
    PingServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    WebSocketOptions options;
    options.url = QUrl(u"ws://127.0.0.1:%1/"_s.arg(server.serverPort()));
    options.pingInterval = std::chrono::milliseconds(20);
    options.pongTimeout = std::chrono::milliseconds(20);
    WebSocketPort port(options);
    QSignalSpy opened(&port, &WebSocketPort::opened);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(opened.count(), 1);
    QCOMPARE(port.error(), Error::IdleTimeout);
}

void tst_WebSocketPort::aPeerThatAnswersPingsIsKept()
{
    PingServer server;
    server.answers = true;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    WebSocketOptions options;
    options.url = QUrl(u"ws://127.0.0.1:%1/"_s.arg(server.serverPort()));
    options.pingInterval = std::chrono::milliseconds(5);
    options.pongTimeout = std::chrono::milliseconds(5000);
    WebSocketPort port(options);
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_VERIFY(server.pings > 4);
    QVERIFY(closed.isEmpty());
    QCOMPARE(port.state(), State::Open);
}

void tst_WebSocketPort::closesCleanly_data()
{
    QTest::addColumn<bool>("byPeer");
    QTest::addColumn<int>("code");
    QTest::addColumn<Error>("error");
    QTest::newRow("by us") << false << 1000 << Error::None;
    QTest::newRow("by us with a code") << false << 4000 << Error::None;
    QTest::newRow("by the peer") << true << 1000 << Error::None;
    QTest::newRow("the peer goes away") << true << 1001 << Error::None;
    QTest::newRow("the peer refuses") << true << 4001 << Error::ClosedByPeer;
    QTest::newRow("the peer finds us wrong") << true << 1002 << Error::ProtocolError;
}

void tst_WebSocketPort::closesCleanly()
{
    QFETCH(bool, byPeer);
    QFETCH(int, code);
    QFETCH(Error, error);
    Server server;
    WebSocketPort port(server.options());
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(port.state(), State::Open);
    QTRY_COMPARE(server.sockets.size(), std::size_t(1));
    QWebSocket &socket = *server.sockets.front();
    QSignalSpy serverTexts(&socket, &QWebSocket::textMessageReceived);
    QSignalSpy serverDisconnected(&socket, &QWebSocket::disconnected);
    if (byPeer) {
        socket.close(QWebSocketProtocol::CloseCode(code), u"because"_s);
    } else {
        QVERIFY(port.sendText(u"last words"_s));
        port.close(quint16(code), u"because"_s);
        QVERIFY(closed.isEmpty());
        QVERIFY(!port.sendText(u"too late"_s));
    }
    QTRY_COMPARE(closed.count(), 1);
    QTRY_COMPARE(serverDisconnected.count(), 1);
    QCOMPARE(port.state(), State::Closed);
    QCOMPARE(port.error(), error);
    if (byPeer) {
        QCOMPARE(int(port.closeCode()), code);
        QCOMPARE(port.closeReason(), u"because"_s);
    } else {
        QCOMPARE(serverTexts.count(), 1);
        QCOMPARE(int(socket.closeCode()), code);
    }
}

void tst_WebSocketPort::abortsInAnyState_data()
{
    QTest::addColumn<State>("state");
    QTest::newRow("at once") << State::Idle;
    QTest::newRow("connecting") << State::Connecting;
    QTest::newRow("open") << State::Open;
}

void tst_WebSocketPort::abortsInAnyState()
{
    QFETCH(State, state);
    Server server;
    WebSocketPort port(server.options());
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    if (state == State::Connecting)
        QCoreApplication::processEvents();
    if (state == State::Open)
        QTRY_COMPARE(port.state(), State::Open);
    port.abort();
    QCOMPARE(closed.count(), 0);
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::None);
    QCOMPARE(port.state(), State::Closed);
    port.abort();
    port.close();
    QCoreApplication::processEvents();
    QCOMPARE(closed.count(), 1);
}

void tst_WebSocketPort::noticesALostConnection()
{
    Server server;
    WebSocketPort port(server.options());
    QSignalSpy closed(&port, &WebSocketPort::closed);
    port.open();
    QTRY_COMPARE(port.state(), State::Open);
    QTRY_COMPARE(server.sockets.size(), std::size_t(1));
    server.sockets.front()->abort();
    QTRY_COMPARE(closed.count(), 1);
    QCOMPARE(port.error(), Error::ConnectionLost);
    QVERIFY(!port.errorString().isEmpty());
}

void tst_WebSocketPort::mayBeDeletedInItsSlots_data()
{
    QTest::addColumn<QByteArray>("when");
    QTest::newRow("opened") << "opened"_ba;
    QTest::newRow("text") << "text"_ba;
    QTest::newRow("binary") << "binary"_ba;
    QTest::newRow("closed by us") << "closed"_ba;
    QTest::newRow("closed by the peer") << "peer"_ba;
    QTest::newRow("failed") << "failed"_ba;
    QTest::newRow("never opened") << "never"_ba;
}

void tst_WebSocketPort::mayBeDeletedInItsSlots()
{
    QFETCH(QByteArray, when);
    Server server;
    WebSocketOptions options = server.options();
    if (when == "failed"_ba)
        options.url.setScheme(u"nonsense"_s);
    auto *const port = new WebSocketPort(options);
    QPointer<WebSocketPort> guard(port);
    const auto destroy = [port] { delete port; };
    if (when == "opened"_ba)
        connect(port, &WebSocketPort::opened, this, destroy);
    connect(port, &WebSocketPort::textReceived, this, destroy);
    connect(port, &WebSocketPort::binaryReceived, this, destroy);
    connect(port, &WebSocketPort::closed, this, destroy);
    port->open();
    if (when == "never"_ba) {
        delete port;
    } else if (when != "failed"_ba) {
        QTRY_COMPARE(server.sockets.size(), std::size_t(1));
        QWebSocket &socket = *server.sockets.front();
        QTRY_VERIFY(!guard || guard->state() == State::Open);
        if (when == "text"_ba) {
            socket.sendTextMessage(u"one"_s);
            socket.sendTextMessage(u"two"_s);
        } else if (when == "binary"_ba) {
            socket.sendBinaryMessage("one"_ba);
            socket.sendBinaryMessage("two"_ba);
        } else if (when == "closed"_ba) {
            guard->close();
        } else if (when == "peer"_ba) {
            socket.close();
        }
    }
    QTRY_VERIFY(!guard);
    QCoreApplication::processEvents();
}

QTEST_GUILESS_MAIN(tst_WebSocketPort)

#include "tst_websocketport.moc"
