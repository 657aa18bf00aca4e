// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/sessiontunnel.h"
#include "support/ports/quietport.h"

#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

#include <memory>

using namespace Qt::StringLiterals;
using namespace peer;
using peer::test::quietPort;

namespace {

constexpr quint16 Final = 4001;

ByteView bytes(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.constData()), std::size_t(octets.size())};
}

/// Takes the tunnel's WebSockets and keeps what they say.
class Server : public QObject
{
public:
    Server()
        : m_server(u"test"_s, QWebSocketServer::NonSecureMode)
    {
        connect(&m_server, &QWebSocketServer::newConnection, this, [this] {
            socket.reset(m_server.nextPendingConnection());
            ++connections;
            connect(socket.get(), &QWebSocket::textMessageReceived, this,
                    [this](const QString &text) { texts.append(text); });
            connect(socket.get(), &QWebSocket::binaryMessageReceived, this,
                    [this](const QByteArray &datagram) { datagrams.append(datagram); });
        });
    }
    bool listen(quint16 port) { return m_server.listen(QHostAddress::LocalHost, port); }
    void stop()
    {
        m_server.close();
        socket.reset();
    }
    QUrl url() const { return m_server.serverUrl(); }
    quint16 port() const { return m_server.serverPort(); }

    std::unique_ptr<QWebSocket> socket;
    int connections = 0;
    QStringList texts;
    QList<QByteArray> datagrams;

private:
    QWebSocketServer m_server;
};

} // namespace

class tst_SessionTunnel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void joinsAndCarriesDatagrams();
    void isDialledAgainWhenItIsLost();
    void isDialledUntilTheServerIsThere();
    void isNotDialledAgainWhereThatIsOfNoUse();
    void waitsForTheCredentialsThatAProxyWants();
    void mayBeDeletedInItsSlots();

private:
    void makeTunnel(const QNetworkProxy &proxy = QNetworkProxy(QNetworkProxy::NoProxy));

    std::unique_ptr<Server> m_server;
    std::unique_ptr<SessionTunnel> m_tunnel;
    QList<QByteArray> m_received;
    QList<TransportId> m_transports;
    QList<TransportId> m_ended;
    int m_refused = 0;
};

void tst_SessionTunnel::init()
{
    m_server = std::make_unique<Server>();
    QVERIFY(m_server->listen(quietPort()));
    makeTunnel();
}

void tst_SessionTunnel::makeTunnel(const QNetworkProxy &proxy)
{
    SessionTunnelOptions options;
    options.socket.url = m_server->url();
    options.socket.proxy = proxy;
    options.join = u"join"_s;
    options.finalCodes = {Final};
    options.whenRefused = [this] { ++m_refused; };
    m_tunnel = std::make_unique<SessionTunnel>(options);
    connect(m_tunnel.get(), &SessionTunnel::received, this,
            [this](const QByteArray &datagram) { m_received.append(datagram); });
    connect(m_tunnel.get(), &SessionTunnel::opened, this,
            [this] { m_transports.append(m_tunnel->transport()); });
    connect(m_tunnel.get(), &SessionTunnel::closed, this,
            [this](TransportId transport) { m_ended.append(transport); });
}

void tst_SessionTunnel::cleanup()
{
    m_tunnel.reset();
    m_server.reset();
    m_received.clear();
    m_transports.clear();
    m_ended.clear();
}

void tst_SessionTunnel::joinsAndCarriesDatagrams()
{
    m_tunnel->send(bytes("too early"_ba));
    m_tunnel->open();
    QTRY_COMPARE(m_transports.size(), 1);
    m_tunnel->send(bytes("there"_ba));
    QTRY_COMPARE(m_server->datagrams, QList{"there"_ba});
    QCOMPARE(m_server->texts, QStringList{u"join"_s});
    m_server->socket->sendBinaryMessage("back");
    QTRY_COMPARE(m_received, QList{"back"_ba});
}

void tst_SessionTunnel::isDialledAgainWhenItIsLost()
{
    m_tunnel->open();
    QTRY_VERIFY(m_server->texts.size() == 1 && m_transports.size() == 1);
    m_server->socket->abort();
    QTRY_COMPARE(m_ended, QList{m_transports[0]});
    QTRY_VERIFY(m_server->texts.size() == 2 && m_transports.size() == 2);
    // A connection that is another one is another transport.
    QVERIFY(m_transports[1] != m_transports[0]);
    m_tunnel->send(bytes("again"_ba));
    QTRY_COMPARE(m_server->datagrams, QList{"again"_ba});
}

void tst_SessionTunnel::isDialledUntilTheServerIsThere()
{
    const quint16 port = m_server->port();
    m_server->stop();
    m_tunnel->open();
    auto other = std::make_unique<Server>();
    QVERIFY(other->listen(port));
    QTRY_COMPARE_WITH_TIMEOUT(other->texts.size(), 1, 10'000);
    m_tunnel.reset();
}

void tst_SessionTunnel::isNotDialledAgainWhereThatIsOfNoUse()
{
    m_tunnel->open();
    QTRY_COMPARE(m_server->texts.size(), 1);
    m_server->socket->close(QWebSocketProtocol::CloseCode(Final));
    QTRY_COMPARE(m_ended.size(), 1);
    QVERIFY(!m_tunnel->isActive());
    QCOMPARE(m_refused, 1);
}

void tst_SessionTunnel::waitsForTheCredentialsThatAProxyWants()
{
    QTcpServer proxy; // wants some, and never the ones that it gets
    QVERIFY(proxy.listen(QHostAddress::LocalHost));
    connect(&proxy, &QTcpServer::newConnection, &proxy, [&proxy] {
        QTcpSocket *const client = proxy.nextPendingConnection();
        connect(client, &QIODevice::readyRead, client, [client] {
            client->readAll();
            client->write("HTTP/1.1 407 Proxy Authentication Required\r\n"
                          "Proxy-Authenticate: Basic realm=\"test\"\r\n"
                          "Content-Length: 0\r\nConnection: close\r\n\r\n");
            client->disconnectFromHost();
        });
    });
    const QNetworkProxy name(QNetworkProxy::HttpProxy, u"127.0.0.1"_s, proxy.serverPort());
    makeTunnel(name);
    int asked = 0;
    m_tunnel->setProxyAsker([&](const QNetworkProxy &about) {
        ++asked;
        return about.port() == proxy.serverPort() && asked < 3;
    });
    m_tunnel->open();
    for (const int questions : {1, 2}) {
        QTRY_COMPARE(asked, questions);
        QTRY_VERIFY(m_tunnel->isWaiting());
        QVERIFY(m_tunnel->isActive());
        m_tunnel->continueByProxy();
        QVERIFY(!m_tunnel->isWaiting());
    }
    // Nobody is asked any more: it goes on as with any other trouble.
    QTRY_COMPARE(asked, 3);
    QTRY_VERIFY(m_tunnel->isActive() && !m_tunnel->isWaiting());
    QVERIFY(!m_tunnel->problem().isEmpty());
    QTRY_VERIFY(asked > 3);
}

void tst_SessionTunnel::mayBeDeletedInItsSlots()
{
    connect(m_tunnel.get(), &SessionTunnel::opened, this, [this] { m_tunnel.reset(); });
    m_tunnel->open();
    QTRY_VERIFY(!m_tunnel);
    m_transports.clear();
    makeTunnel();
    connect(m_tunnel.get(), &SessionTunnel::closed, this, [this] { m_tunnel.reset(); });
    m_tunnel->open();
    QTRY_COMPARE(m_transports.size(), 1);
    QTRY_VERIFY(m_server->connections >= 2);
    m_server->socket->abort();
    QTRY_VERIFY(!m_tunnel);
}

QTEST_GUILESS_MAIN(tst_SessionTunnel)

#include "tst_sessiontunnel.moc"
