// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <QtNetwork/qauthenticator.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;

namespace {

/// An HTTP proxy that knows CONNECT (RFC 9110 section 9.3.6) and one user.
class ConnectProxy : public QObject
{
public:
    ConnectProxy()
    {
        m_server.setProxy(QNetworkProxy::NoProxy);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *client = m_server.nextPendingConnection())
                connect(client, &QTcpSocket::readyRead, this, [this, client] { readHead(client); });
        });
        m_server.listen(QHostAddress::LocalHost);
    }

    QNetworkProxy proxy(const QString &user = {}, const QString &password = {}) const
    {
        return {QNetworkProxy::HttpProxy, u"127.0.0.1"_s, m_server.serverPort(), user, password};
    }

    int refused = 0;
    int connected = 0;

private:
    void readHead(QTcpSocket *client)
    {
        const QByteArray head = client->peek(8192);
        if (!head.contains("\r\n\r\n"))
            return;
        client->readAll();
        if (!head.contains("Basic " + QByteArray("someone:password").toBase64())) {
            ++refused;
            client->write("HTTP/1.1 407 Proxy Authentication Required\r\n"
                          "Proxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n"
                          "Connection: close\r\n\r\n");
            client->disconnectFromHost();
            return;
        }
        ++connected;
        disconnect(client, &QTcpSocket::readyRead, this, nullptr);
        const QByteArray target = head.split(' ').value(1);
        auto *const server = new QTcpSocket(client);
        server->setProxy(QNetworkProxy::NoProxy);
        connect(server, &QTcpSocket::connected, client,
                [client] { client->write("HTTP/1.1 200 OK\r\n\r\n"); });
        connect(server, &QTcpSocket::readyRead, client,
                [client, server] { client->write(server->readAll()); });
        connect(client, &QTcpSocket::readyRead, server,
                [client, server] { server->write(client->readAll()); });
        connect(client, &QTcpSocket::disconnected, server, &QTcpSocket::abort);
        connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
        const qsizetype colon = target.lastIndexOf(':');
        server->connectToHost(QString::fromLatin1(target.first(colon)),
                              target.sliced(colon + 1).toUShort());
    }

    QTcpServer m_server;
};

} // namespace

class PeerProxyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_proxies.push_back(std::make_unique<ConnectProxy>());
        m_proxy = m_proxies.back().get();
    }

    void aConnectionAsksForCredentials();
    void nobodyKnowsCredentials();
    void wrongCredentialsAreAskedForAgain();
    void aListenerAsksForCredentials();

private:
    /// All are kept, so that none has the port of one before, whose credentials are known.
    std::vector<std::unique_ptr<ConnectProxy>> m_proxies;
    ConnectProxy *m_proxy = nullptr;
};

void PeerProxyTest::aConnectionAsksForCredentials()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection caller;
    caller.setDestination(meeting.listener->address());
    caller.setProxy(m_proxy->proxy());
    QNetworkProxy asking;
    connect(&caller, &PeerConnection::proxyAuthenticationRequired, this,
            [&](const QNetworkProxy &proxy, QAuthenticator *authenticator) {
                asking = proxy;
                authenticator->setUser(u"someone"_s);
                authenticator->setPassword(u"password"_s);
            });
    caller.open();
    QVERIFY(eventually([&] { return caller.state() == PeerConnection::State::Connected; }));
    QCOMPARE(asking.port(), m_proxy->proxy().port());
    // The tunnel needs not to be asked for again.
    QVERIFY(eventually([&] { return m_proxy->connected == 2; }));
}

void PeerProxyTest::nobodyKnowsCredentials()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection caller;
    const ConnectionLog log(&caller);
    caller.setDestination(meeting.listener->address());
    caller.setProxy(m_proxy->proxy());
    caller.open();
    QVERIFY(eventually([&] { return log.closed == 1; }));
    QCOMPARE(log.errors,
             QList<PeerConnection::Error>{PeerConnection::Error::RendezvousUnreachable});
    QVERIFY(caller.errorString().contains(u"user name"_s));
    QCOMPARE(m_proxy->connected, 0);
}

void PeerProxyTest::wrongCredentialsAreAskedForAgain()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection caller;
    const ConnectionLog log(&caller);
    caller.setDestination(meeting.listener->address());
    caller.setProxy(m_proxy->proxy());
    int questions = 0;
    connect(&caller, &PeerConnection::proxyAuthenticationRequired, this,
            [&](const QNetworkProxy &, QAuthenticator *authenticator) {
                ++questions;
                authenticator->setUser(u"someone"_s);
                authenticator->setPassword(u"wrong"_s);
            });
    caller.open();
    QVERIFY(eventually([&] { return log.closed == 1; }));
    QCOMPARE(questions, 3);
    QCOMPARE(log.errors,
             QList<PeerConnection::Error>{PeerConnection::Error::RendezvousUnreachable});
}

void PeerProxyTest::aListenerAsksForCredentials()
{
    Meeting meeting;
    PeerListener listener;
    listener.setListenAddress(meeting.newName());
    listener.setProxy(m_proxy->proxy());
    connect(&listener, &PeerListener::proxyAuthenticationRequired, this,
            [](const QNetworkProxy &, QAuthenticator *authenticator) {
                authenticator->setUser(u"someone"_s);
                authenticator->setPassword(u"password"_s);
            });
    listener.listen();
    QVERIFY(eventually([&] { return listener.state() == PeerListener::State::Listening; }));
    QCOMPARE(m_proxy->connected, 1);
}

QTEST_GUILESS_MAIN(PeerProxyTest)

#include "tst_peerproxy.moc"
