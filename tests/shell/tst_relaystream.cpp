// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/relaystream.h"

#include <QtNetwork/qtcpserver.h>
#include <QtTest/qtest.h>

#include <memory>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

const QString Server = u"turn.example.org"_s;

const QByteArray Yes = "HTTP/1.1 200 OK\r\n\r\n";
const QByteArray No = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const QByteArray WantsCredentials =
    "HTTP/1.1 407 Proxy Authentication Required\r\n"
    "Proxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n\r\n";

/// An HTTP proxy that gives each who asks the same answer.
struct Proxy
{
    explicit Proxy(QByteArray answerToAll)
        : answer(std::move(answerToAll))
    {
        server.listen(QHostAddress::LocalHost);
        QObject::connect(&server, &QTcpServer::newConnection, &server, [this] {
            QTcpSocket *const socket = server.nextPendingConnection();
            QObject::connect(socket, &QIODevice::readyRead, socket, [this, socket] {
                heard += socket->readAll();
                const bool isLetIn = !asksForCredentials
                    || heard.contains("Proxy-Authorization: Basic ");
                if (heard.endsWith("\r\n\r\n"))
                    socket->write(isLetIn ? answer : WantsCredentials);
            });
        });
    }

    QNetworkProxy name() const
    {
        return {QNetworkProxy::HttpProxy, u"127.0.0.1"_s, server.serverPort()};
    }

    QTcpServer server;
    QByteArray answer;
    QByteArray heard;
    bool asksForCredentials = false;
};

/// Nobody listens there any more.
QNetworkProxy absentProxy()
{
    return Proxy(Yes).name();
}

struct Client
{
    Client(const std::shared_ptr<SystemProxies> &proxies, const QNetworkProxy &proxy,
           const RelayStream::Asker &asker = {})
    {
        TcpPortOptions options;
        options.host = Server;
        options.port = 3478;
        options.proxy = proxy;
        stream = std::make_unique<RelayStream>(options, proxies);
        stream->setAsker(asker);
        stream->open({[this](const Route &) { ++opened; },
                      [this](const QString &why) {
                          ++failed;
                          reason = why;
                          stream.reset();
                      },
                      [](const Datagram &) {}});
    }

    std::unique_ptr<RelayStream> stream;
    int opened = 0;
    int failed = 0;
    QString reason;
};

std::shared_ptr<SystemProxies> systemWith(const QList<QNetworkProxy> &proxies)
{
    return std::make_shared<SystemProxies>(
        [proxies](const QNetworkProxyQuery &) { return proxies; });
}

} // namespace

class tst_RelayStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QNetworkProxyFactory::setUseSystemConfiguration(true); }
    void triesTheSystemsProxiesInTheirOrder();
    void staysWithTheFirstThatOpens();
    void failsOnceWhenNoneIsLeft();
    void doesNotTryAnotherOnceOpen();
    void takesTheGivenProxyAndNoOther();
    void givesTheCredentialsThatAreKnown();
    void failsWhereCredentialsAreWanted();
    void asksForCredentialsAndWaits();
    void triesTheOtherProxiesBeforeItAsks();
    void failsWhenNobodyKnowsAny();
    void mayBeDeletedWhileTheSystemIsAsked();
};

void tst_RelayStream::triesTheSystemsProxiesInTheirOrder()
{
    Proxy refusing(No), good(Yes);
    Client client(systemWith({absentProxy(), refusing.name(), good.name()}),
                  QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.opened, 1);
    QVERIFY(refusing.heard.startsWith("CONNECT turn.example.org:3478 HTTP/1."));
    QVERIFY(good.heard.startsWith("CONNECT turn.example.org:3478 HTTP/1."));
    QVERIFY(client.stream->transport() != TransportId::None);
    QCOMPARE(client.failed, 0);
}

void tst_RelayStream::staysWithTheFirstThatOpens()
{
    Proxy first(Yes), second(Yes);
    Client client(systemWith({first.name(), second.name()}),
                  QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.opened, 1);
    QVERIFY(second.heard.isEmpty());
}

void tst_RelayStream::failsOnceWhenNoneIsLeft()
{
    Proxy refusing(No);
    Client client(systemWith({refusing.name(), absentProxy()}),
                  QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.failed, 1);
    QCOMPARE(client.opened, 0);
    QVERIFY2(client.reason.startsWith("by the proxy 127.0.0.1:"_L1), qPrintable(client.reason));
}

void tst_RelayStream::doesNotTryAnotherOnceOpen()
{
    Proxy first(Yes), second(Yes);
    Client client(systemWith({first.name(), second.name()}),
                  QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.opened, 1);
    const auto sockets = first.server.findChildren<QTcpSocket *>();
    QCOMPARE(sockets.size(), 1);
    sockets.first()->close();
    QTRY_COMPARE(client.failed, 1);
    QVERIFY(second.heard.isEmpty());
}

void tst_RelayStream::takesTheGivenProxyAndNoOther()
{
    Proxy given(No), systems(Yes);
    Client client(systemWith({systems.name()}), given.name());
    QTRY_COMPARE(client.failed, 1);
    QVERIFY(!given.heard.isEmpty());
    QVERIFY(systems.heard.isEmpty());
}

void tst_RelayStream::givesTheCredentialsThatAreKnown()
{
    Proxy proxy(Yes);
    proxy.asksForCredentials = true;
    const auto proxies = systemWith({proxy.name()});
    proxies->setCredentials(proxy.name(), u"someone"_s, u"secret"_s);
    Client client(proxies, QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.opened, 1);
    QVERIFY(proxy.heard.contains("Proxy-Authorization: Basic "
                                 + QByteArray("someone:secret").toBase64()));
}

void tst_RelayStream::failsWhereCredentialsAreWanted()
{
    Proxy proxy(Yes);
    proxy.asksForCredentials = true;
    Client client(systemWith({proxy.name()}), QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(client.failed, 1);
    QVERIFY2(client.reason.contains("authentication"_L1, Qt::CaseInsensitive),
             qPrintable(client.reason));
}

void tst_RelayStream::asksForCredentialsAndWaits()
{
    Proxy proxy(Yes);
    proxy.asksForCredentials = true;
    const auto proxies = systemWith({proxy.name()});
    QList<QNetworkProxy> asked;
    Client client(proxies, QNetworkProxy(QNetworkProxy::DefaultProxy),
                  [&asked](const QNetworkProxy &about) {
                      asked.append(about);
                      return true;
                  });
    QTRY_COMPARE(asked.size(), 1);
    QCOMPARE(asked.first().port(), proxy.name().port());
    QCOMPARE(client.failed, 0);
    // An answer about another is none.
    client.stream->continueByProxy(QNetworkProxy(QNetworkProxy::HttpProxy, u"127.0.0.1"_s, 1));
    QCOMPARE(client.failed, 0);
    proxies->setCredentials(asked.first(), u"someone"_s, u"secret"_s);
    client.stream->continueByProxy(asked.first());
    QTRY_COMPARE(client.opened, 1);
    QCOMPARE(asked.size(), 1);
    client.stream->continueByProxy(asked.first()); // which changes nothing any more
    QCOMPARE(client.opened + client.failed, 1);
}

void tst_RelayStream::triesTheOtherProxiesBeforeItAsks()
{
    Proxy wanting(Yes), refusing(No), good(Yes);
    wanting.asksForCredentials = true;
    int asked = 0;
    const auto asker = [&asked](const QNetworkProxy &) {
        ++asked;
        return true;
    };
    const QNetworkProxy bySystem(QNetworkProxy::DefaultProxy);
    Client lucky(systemWith({wanting.name(), good.name()}), bySystem, asker);
    QTRY_COMPARE(lucky.opened, 1);
    QCOMPARE(asked, 0);
    Client client(systemWith({wanting.name(), refusing.name()}), bySystem, asker);
    QTRY_COMPARE(asked, 1);
    QVERIFY(!refusing.heard.isEmpty());
    QCOMPARE(client.failed, 0);
}

void tst_RelayStream::failsWhenNobodyKnowsAny()
{
    Proxy proxy(Yes);
    proxy.asksForCredentials = true;
    int asked = 0;
    Client client(systemWith({proxy.name()}), QNetworkProxy(QNetworkProxy::DefaultProxy),
                  [&asked](const QNetworkProxy &) { return ++asked == 1; });
    QTRY_COMPARE(asked, 1);
    client.stream->continueByProxy(proxy.name());
    QCOMPARE(client.failed, 1);
    QVERIFY2(client.reason.contains("authentication"_L1, Qt::CaseInsensitive),
             qPrintable(client.reason));
}

void tst_RelayStream::mayBeDeletedWhileTheSystemIsAsked()
{
    Proxy proxy(Yes);
    const auto proxies = systemWith({proxy.name()});
    Client client(proxies, QNetworkProxy(QNetworkProxy::DefaultProxy));
    client.stream.reset();
    Client another(proxies, QNetworkProxy(QNetworkProxy::DefaultProxy));
    QTRY_COMPARE(another.opened, 1);
    QCOMPARE(client.opened, 0);
}

QTEST_GUILESS_MAIN(tst_RelayStream)
#include "tst_relaystream.moc"
