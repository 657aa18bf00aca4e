// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "support/ports/quietport.h"

#include <PeerConnection/PeerIceServer>
#include <PeerConnection/PeerTunnel>

#include <QtCore/qfile.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstandardpaths.h>
#include <QtCore/qtemporarydir.h>
#include <QtNetwork/qauthenticator.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;
using peer::test::quietPort;

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

    /// Nobody needs credentials to get there.
    quint16 freePort = 0;
    /// What those get whose credentials are wrong: 407 (RFC 9110 section 15.5.8), or what some
    /// proxies say instead.
    QByteArray wrong = "407 Proxy Authentication Required";
    int refused = 0;
    int connected = 0;

private:
    void readHead(QTcpSocket *client)
    {
        const QByteArray head = client->peek(8192);
        if (!head.contains("\r\n\r\n"))
            return;
        client->readAll();
        const QByteArray target = head.split(' ').value(1);
        const bool isFree = target.endsWith(':' + QByteArray::number(freePort));
        if (!isFree && !head.contains("Basic " + QByteArray("someone:password").toBase64())) {
            ++refused;
            const bool hasNone = !head.contains("Basic ");
            client->write("HTTP/1.1 " + (hasNone ? "407 Proxy Authentication Required"_ba : wrong)
                          + "\r\nProxy-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n"
                            "Connection: close\r\n\r\n");
            client->disconnectFromHost();
            return;
        }
        ++connected;
        disconnect(client, &QTcpSocket::readyRead, this, nullptr);
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

/// A program that listens on loopback, of a configuration file.
class Program
{
public:
    Program(const QString &name, const QStringList &options, const QByteArray &configuration,
            quint16 port)
        : m_port(port)
    {
        QFile file(m_folder.filePath(u"configuration"_s));
        if (!file.open(QIODevice::WriteOnly) || file.write(configuration) < 0)
            return;
        file.close();
        m_process.setStandardOutputFile(QProcess::nullDevice());
        m_process.setStandardErrorFile(QProcess::nullDevice());
        m_process.setWorkingDirectory(m_folder.path());
        // Servers are found where the administrator looks for them.
        const QString path = QStandardPaths::findExecutable(name);
        const QString known = path.isEmpty()
            ? QStandardPaths::findExecutable(name, {u"/usr/sbin"_s, u"/usr/bin"_s})
            : path;
        m_process.start(known, options + QStringList{file.fileName()});
    }
    ~Program()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    static bool isInstalled(const QString &name)
    {
        return !QStandardPaths::findExecutable(name).isEmpty()
            || !QStandardPaths::findExecutable(name, {u"/usr/sbin"_s, u"/usr/bin"_s}).isEmpty();
    }

    bool listens()
    {
        return eventually([this] {
            QTcpSocket socket;
            socket.setProxy(QNetworkProxy::NoProxy);
            socket.connectToHost(QHostAddress::LocalHost, m_port);
            return socket.waitForConnected(100);
        });
    }

private:
    QTemporaryDir m_folder;
    QProcess m_process;
    quint16 m_port;
};

/// A TURN server by TCP, and what it takes.
struct Relay
{
    bool listens() { return server.listens(); }
    PeerIceServer iceServer() const
    {
        PeerIceServer ice;
        ice.urls = QStringList{u"turn:127.0.0.1:%1?transport=tcp"_s.arg(port)};
        ice.username = u"bob"_s;
        ice.credential = u"relayed"_s;
        return ice;
    }

    quint16 port = quietPort();
    Program server{u"turnserver"_s,
                   {u"-c"_s},
                   "listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nlistening-port="
                       + QByteArray::number(port)
                       + "\nrealm=test\nlt-cred-mech\nuser=bob:relayed\nallow-loopback-peers\n"
                         "no-cli\nno-tls\nno-dtls\nno-rfc5780\nuserdb=turndb\npidfile=pid\n"
                         "log-file=log\nsimple-log\n",
                   port};
};

/// Has a relay, and answers questions about proxies.
struct RelayedCaller
{
    RelayedCaller(const QUrl &listener, const Relay &relay, const QNetworkProxy &proxy)
    {
        connection.setDestination(listener);
        connection.setProxy(proxy);
        connection.setIceServers({relay.iceServer()});
        QObject::connect(&connection, &PeerConnection::proxyAuthenticationRequired, &connection,
                         [this](const QNetworkProxy &, QAuthenticator *authenticator) {
                             ++questions;
                             authenticator->setUser(user);
                             authenticator->setPassword(
                                 password.contains(u'%') ? password.arg(questions) : password);
                         });
    }

    bool connects()
    {
        connection.open();
        return eventually(
            [this] { return connection.state() == PeerConnection::State::Connected; });
    }
    /// By the relay alone.
    bool connectsByRelay()
    {
        QUrl address = connection.destination();
        address.setQuery(address.query() + u"&paths=relay"_s);
        connection.setDestination(address);
        return connects() && connection.path().kind == PeerPath::Kind::Relay;
    }

    PeerConnection connection;
    QString user = u"someone"_s;
    QString password = u"password"_s;
    int questions = 0;
};

/// The rendezvous of a meeting.
QUrl rendezvousOf(const Meeting &meeting)
{
    QUrl address = meeting.newName();
    address.setUserName(QString());
    return address;
}

/// Answers the questions of a tunnel.
struct AskedTunnel
{
    explicit AskedTunnel(const QNetworkProxy &proxy)
    {
        tunnel.setProxy(proxy);
        QObject::connect(&tunnel, &PeerTunnel::proxyAuthenticationRequired, &tunnel,
                         [this](const QNetworkProxy &, QAuthenticator *authenticator) {
                             ++questions;
                             authenticator->setUser(user);
                             authenticator->setPassword(password);
                         });
    }

    PeerTunnel tunnel;
    QString user = u"someone"_s;
    QString password = u"password"_s;
    int questions = 0;
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
    void oneAnswerServesOtherConnectionsToo();
    void wrongCredentialsAreAskedForAgain();
    void aListenerAsksForCredentials();
    void aListenerAsksAFewTimes();
    void aTunnelAsksForCredentials();
    void aTicketIsJoinedByAProxyThatWantsCredentials();
    void aTunnelAsksThoughAnotherHasBeenRefused();
    void aTunnelAsksAFewTimes_data();
    void aTunnelAsksAFewTimes();
    void oneAnswerServesTheRelayToo();
    void aRelayAloneAsks();
    void wrongCredentialsForARelayAreReported_data();
    void wrongCredentialsForARelayAreReported();

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

void PeerProxyTest::oneAnswerServesOtherConnectionsToo()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection knowing;
    PeerConnection other; // has nobody who answers
    connect(&knowing, &PeerConnection::proxyAuthenticationRequired, this,
            [](const QNetworkProxy &, QAuthenticator *authenticator) {
                authenticator->setUser(u"someone"_s);
                authenticator->setPassword(u"password"_s);
            });
    for (PeerConnection *caller : {&knowing, &other}) {
        caller->setDestination(meeting.listener->address());
        caller->setProxy(m_proxy->proxy());
        caller->open();
    }
    for (const PeerConnection *caller : {&knowing, &other}) {
        QVERIFY(eventually([&] { return caller->state() >= PeerConnection::State::Connected; }));
        QCOMPARE(caller->errorString(), QString());
        QCOMPARE(caller->state(), PeerConnection::State::Connected);
    }
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

void PeerProxyTest::aListenerAsksAFewTimes()
{
    Meeting meeting;
    PeerListener listener;
    listener.setListenAddress(meeting.newName());
    listener.setProxy(m_proxy->proxy());
    int questions = 0;
    connect(&listener, &PeerListener::proxyAuthenticationRequired, this,
            [&](const QNetworkProxy &, QAuthenticator *authenticator) {
                ++questions;
                authenticator->setUser(u"someone"_s);
                authenticator->setPassword(u"wrong"_s);
            });
    listener.listen();
    QVERIFY(eventually([&] { return listener.error() != PeerConnection::Error::None; }));
    QCOMPARE(questions, 3);
    QCOMPARE(listener.error(), PeerConnection::Error::RendezvousUnreachable);
}

void PeerProxyTest::aTunnelAsksForCredentials()
{
    const Meeting meeting;
    AskedTunnel asked(m_proxy->proxy());
    asked.tunnel.mint(rendezvousOf(meeting));
    QVERIFY(eventually([&] { return asked.tunnel.state() >= PeerTunnel::State::Joined; }));
    QCOMPARE(asked.tunnel.errorString(), QString());
    QCOMPARE(asked.questions, 1);
    QCOMPARE(m_proxy->connected, 2);
}

void PeerProxyTest::aTicketIsJoinedByAProxyThatWantsCredentials()
{
    const Meeting meeting;
    PeerTunnel minted;
    AskedTunnel asked(m_proxy->proxy());
    connect(&minted, &PeerTunnel::ticketChanged, &asked.tunnel, &PeerTunnel::join);
    minted.mint(rendezvousOf(meeting));
    QVERIFY(eventually([&] { return asked.tunnel.state() >= PeerTunnel::State::Joined; }));
    QCOMPARE(asked.tunnel.errorString(), QString());
    QCOMPARE(asked.questions, 1);
    QCOMPARE(m_proxy->connected, 1);
}

/// They share a connection, which is not tried again for long.
void PeerProxyTest::aTunnelAsksThoughAnotherHasBeenRefused()
{
    const Meeting meeting;
    AskedTunnel first(m_proxy->proxy());
    first.user.clear();
    first.tunnel.mint(rendezvousOf(meeting));
    QVERIFY(eventually([&] { return first.tunnel.state() == PeerTunnel::State::Closed; }));
    AskedTunnel second(m_proxy->proxy());
    second.tunnel.setPatience(1000);
    second.tunnel.mint(rendezvousOf(meeting));
    QVERIFY(eventually([&] { return second.tunnel.state() >= PeerTunnel::State::Joined; }));
    QCOMPARE(second.tunnel.errorString(), QString());
    QCOMPARE(second.questions, 1);
}

void PeerProxyTest::aTunnelAsksAFewTimes_data()
{
    QTest::addColumn<bool>("isMinted");
    QTest::addColumn<QString>("user");
    QTest::addColumn<int>("questions");
    QTest::newRow("minted, wrong credentials") << true << u"someone"_s << 3;
    QTest::newRow("minted, nobody knows any") << true << QString() << 1;
    QTest::newRow("joined, wrong credentials") << false << u"someone"_s << 3;
    QTest::newRow("joined, nobody knows any") << false << QString() << 1;
}

void PeerProxyTest::aTunnelAsksAFewTimes()
{
    QFETCH(bool, isMinted);
    QFETCH(QString, user);
    QFETCH(int, questions);
    const Meeting meeting;
    AskedTunnel asked(m_proxy->proxy());
    asked.user = user;
    asked.password = u"wrong"_s;
    if (isMinted)
        asked.tunnel.mint(rendezvousOf(meeting));
    else
        asked.tunnel.join(
            QUrl(u"ws://127.0.0.1:%1/tunnel#token=abc"_s.arg(rendezvousOf(meeting).port())));
    QVERIFY(eventually([&] { return asked.tunnel.state() == PeerTunnel::State::Closed; }));
    QCOMPARE(asked.tunnel.error(), PeerConnection::Error::RendezvousUnreachable);
    QVERIFY2(asked.tunnel.errorString().contains(u"user name"_s),
             qPrintable(asked.tunnel.errorString()));
    QCOMPARE(asked.questions, questions);
    QCOMPARE(m_proxy->connected, 0);
}

void PeerProxyTest::oneAnswerServesTheRelayToo()
{
    if (!Program::isInstalled(u"turnserver"_s) || !Program::isInstalled(u"tinyproxy"_s))
        QSKIP("coturn or tinyproxy is not installed");
    Meeting meeting;
    QVERIFY(meeting.listen());
    Relay relay;
    const quint16 port = quietPort();
    Program proxy(u"tinyproxy"_s, {u"-d"_s, u"-c"_s},
                  "Port " + QByteArray::number(port)
                      + "\nListen 127.0.0.1\nTimeout 60\nBasicAuth someone password\n",
                  port);
    QVERIFY(relay.listens() && proxy.listens());
    // The connections to the rendezvous and to the relay begin at once, and both are refused.
    RelayedCaller caller(meeting.listener->address(), relay,
                         {QNetworkProxy::HttpProxy, u"127.0.0.1"_s, port});
    QVERIFY(caller.connectsByRelay());
    QCOMPARE(caller.questions, 1);
}

void PeerProxyTest::aRelayAloneAsks()
{
    if (!Program::isInstalled(u"turnserver"_s))
        QSKIP("coturn is not installed");
    Meeting meeting;
    QVERIFY(meeting.listen());
    m_proxy->freePort = quint16(meeting.listener->address().port());
    Relay relay;
    QVERIFY(relay.listens());
    RelayedCaller caller(meeting.listener->address(), relay, m_proxy->proxy());
    QVERIFY(caller.connectsByRelay());
    QCOMPARE(caller.questions, 1);
}

void PeerProxyTest::wrongCredentialsForARelayAreReported_data()
{
    QTest::addColumn<QString>("user");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<int>("questions");
    QTest::addColumn<QString>("words");
    QTest::newRow("asked for again")
        << u"someone"_s << "407 Proxy Authentication Required"_ba << 3 << u"authentication"_s;
    QTest::newRow("refused without asking")
        << u"someone"_s << "401 Unauthorized"_ba << 1 << u"user name and password"_s;
    QTest::newRow("nobody knows any")
        << QString() << "407 Proxy Authentication Required"_ba << 1 << u"authentication"_s;
}

void PeerProxyTest::wrongCredentialsForARelayAreReported()
{
    QFETCH(QString, user);
    QFETCH(QByteArray, answer);
    QFETCH(int, questions);
    QFETCH(QString, words);
    Meeting meeting;
    QVERIFY(meeting.listen());
    m_proxy->freePort = quint16(meeting.listener->address().port());
    m_proxy->wrong = answer;
    const Relay relay; // is never reached
    RelayedCaller caller(meeting.listener->address(), relay, m_proxy->proxy());
    caller.user = user;
    caller.password = u"wrong %1"_s; // another one each time
    QVERIFY(caller.connects());      // without it
    QString report;
    const auto isReported = [&] {
        report = caller.connection.report().toString();
        return report.contains(u"a relay is not reached: 127.0.0.1"_s)
            && report.contains(u"by the proxy 127.0.0.1"_s)
            && report.contains(words, Qt::CaseInsensitive);
    };
    QVERIFY2(eventually(isReported), qPrintable(report));
    QCOMPARE(caller.questions, questions);
    QVERIFY(!report.contains(u"wrong"_s));
}

QTEST_GUILESS_MAIN(PeerProxyTest)

#include "tst_peerproxy.moc"
