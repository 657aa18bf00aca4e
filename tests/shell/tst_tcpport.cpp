// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/tcpport.h"

#include "support/ports/quietport.h"
#include "testcertificate.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslserver.h>
#include <QtNetwork/qsslsocket.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

const QByteArray StunMessage = QByteArray::fromHex(
    "000100042112a442000102030405060708090a0b80220000");

ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(octets.size())};
}

/// A port and what it told.
struct Client
{
    explicit Client(const TcpPortOptions &options)
        : port(std::make_unique<TcpPort>(options))
    {
        port->open({[this](const Route &told) {
                        ++opened;
                        route = told;
                    },
                    [this](const QString &reason) {
                        ++failed;
                        text = reason;
                    },
                    [this](const Datagram &datagram) {
                        received << QByteArray(
                            reinterpret_cast<const char *>(datagram.payload.data()),
                            qsizetype(datagram.payload.size()));
                        if (deletesItself)
                            port.reset();
                    }});
    }

    std::unique_ptr<TcpPort> port;
    Route route;
    int opened = 0;
    int failed = 0;
    QString text;
    QByteArrayList received;
    bool deletesItself = false;
};

/// A server for one client; what it was told is in octets.
template<typename Server>
struct Listener
{
    Listener()
    {
        QObject::connect(&server, &QTcpServer::pendingConnectionAvailable, &server, [this] {
            socket = server.nextPendingConnection();
            QObject::connect(socket, &QIODevice::readyRead, socket,
                             [this] { octets += socket->readAll(); });
        });
    }

    TcpPortOptions options(const QString &host = u"127.0.0.1"_s) const
    {
        TcpPortOptions options;
        options.host = host;
        options.port = server.serverPort();
        return options;
    }

    Server server;
    QPointer<QTcpSocket> socket;
    QByteArray octets;
};

} // namespace

class tst_TcpPort : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void messagesGoBothWays();
    void refusedConnectionFails();
    void endOfTheStreamFails();
    void senselessStreamFails();
    void mayBeDeletedInItsHandlers();
    void lastMessageGoesOutBehindTheDeletion();
    void whatCannotBeSentIsBounded();
    void tlsProvesTheName_data();
    void tlsProvesTheName();
    void goesByAnHttpProxy();
};

void tst_TcpPort::messagesGoBothWays()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    QTRY_COMPARE(client.opened, 1);
    QCOMPARE(client.route.remote.toString(),
             "127.0.0.1:" + std::to_string(listener.server.serverPort()));
    QVERIFY(client.route.local.port != 0);
    QVERIFY(client.route.transport != TransportId::None);
    client.port->send(view(StunMessage));
    client.port->send(view(QByteArray::fromHex("4000000141")));
    const QByteArray stream = StunMessage + QByteArray::fromHex("4000000141000000");
    QTRY_COMPARE(listener.octets, stream);

    listener.socket->write(stream.first(30));
    listener.socket->flush();
    QTRY_COMPARE(client.received.size(), 1);
    listener.socket->write(stream.sliced(30));
    QTRY_COMPARE(client.received.size(), 2);
    QCOMPARE(client.received[0], StunMessage);
    QCOMPARE(client.received[1], QByteArray::fromHex("4000000141"));
    QCOMPARE(client.failed, 0);
}

void tst_TcpPort::refusedConnectionFails()
{
    TcpPortOptions options;
    options.host = u"127.0.0.1"_s;
    options.port = test::quietPort();
    Client client(options);
    QTRY_COMPARE(client.failed, 1);
    QCOMPARE(client.opened, 0);
    QVERIFY(!client.text.isEmpty());
    client.port->send(view(StunMessage)); // nothing happens
}

void tst_TcpPort::endOfTheStreamFails()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    QTRY_VERIFY(client.opened == 1 && listener.socket);
    listener.socket->close();
    QTRY_COMPARE(client.failed, 1);
}

void tst_TcpPort::senselessStreamFails()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    QTRY_VERIFY(client.opened == 1 && listener.socket);
    listener.socket->write("HTTP/1.1 400 Bad Request\r\n\r\n");
    QTRY_COMPARE(client.failed, 1);
    QVERIFY(client.received.isEmpty());
}

void tst_TcpPort::mayBeDeletedInItsHandlers()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    client.deletesItself = true;
    QTRY_VERIFY(client.opened == 1 && listener.socket);
    listener.socket->write(StunMessage + StunMessage);
    QTRY_VERIFY(!client.port);
    QCOMPARE(client.received.size(), 1);
}

void tst_TcpPort::lastMessageGoesOutBehindTheDeletion()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    QTRY_COMPARE(client.opened, 1);
    client.port->send(view(StunMessage));
    client.port.reset();
    QTRY_COMPARE(listener.octets, StunMessage);
    QTRY_VERIFY(!listener.socket || listener.socket->state() == QAbstractSocket::UnconnectedState);
    QCOMPARE(client.failed, 0);
}

void tst_TcpPort::whatCannotBeSentIsBounded()
{
    Listener<QTcpServer> listener;
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    Client client(listener.options());
    QTRY_VERIFY(client.opened == 1 && listener.socket);
    // Within one turn of the event loop nothing is written.
    QByteArray data(1204, '\0');
    data.replace(0, 4, QByteArray::fromHex("400004b0"));
    for (int i = 0; i < 1000; ++i)
        client.port->send(view(data));
    const qint64 most = TcpPort::MaxQueued + data.size();
    QTRY_VERIFY(listener.octets.size() >= TcpPort::MaxQueued);
    QVERIFY(listener.octets.size() <= most);
    QCOMPARE(listener.octets.size() % data.size(), 0);
}

void tst_TcpPort::tlsProvesTheName_data()
{
    QTest::addColumn<QByteArray>("certifiedName");
    QTest::addColumn<bool>("isTrusted");
    QTest::addColumn<bool>("opens");
    QTest::newRow("its name") << QByteArray("DNS:turn.example.org") << true << true;
    QTest::newRow("another name") << QByteArray("DNS:example.net") << true << false;
    QTest::newRow("nobody vouches for it") << QByteArray("DNS:turn.example.org") << false << false;
}

void tst_TcpPort::tlsProvesTheName()
{
    QFETCH(QByteArray, certifiedName);
    QFETCH(bool, isTrusted);
    QFETCH(bool, opens);
    const TestCertificate authority = makeTestCertificate({});
    const TestCertificate made = makeTestCertificate(certifiedName, &authority);
    Listener<QSslServer> listener;
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(made.certificate);
    configuration.setPrivateKey(made.key);
    listener.server.setSslConfiguration(configuration);
    QVERIFY(listener.server.listen(QHostAddress::LocalHost));
    TcpPortOptions options = listener.options();
    options.isTls = true;
    options.tlsName = u"turn.example.org"_s;
    if (isTrusted)
        options.authorities = {authority.certificate};
    Client client(options);
    QTRY_COMPARE(client.opened + client.failed, 1);
    QCOMPARE(client.opened == 1, opens);
    if (!opens)
        return;
    client.port->send(view(StunMessage));
    QTRY_COMPARE(listener.octets, StunMessage);
    listener.socket->write(StunMessage);
    QTRY_COMPARE(client.received, QByteArrayList{StunMessage});
}

/// CONNECT with the name, which the proxy and not we look up; then it is the server.
void tst_TcpPort::goesByAnHttpProxy()
{
    Listener<QTcpServer> proxy;
    QVERIFY(proxy.server.listen(QHostAddress::LocalHost));
    TcpPortOptions options;
    options.host = u"turn.example.org"_s;
    options.port = 3478;
    options.proxy = QNetworkProxy(QNetworkProxy::HttpProxy, u"127.0.0.1"_s,
                                  proxy.server.serverPort());
    Client client(options);
    QTRY_VERIFY(proxy.octets.contains("\r\n\r\n"));
    QVERIFY(proxy.octets.startsWith("CONNECT turn.example.org:3478 HTTP/1."));
    proxy.octets.clear();
    proxy.socket->write("HTTP/1.1 200 OK\r\n\r\n");
    QTRY_COMPARE(client.opened, 1);
    client.port->send(view(StunMessage));
    QTRY_COMPARE(proxy.octets, StunMessage);
}

QTEST_GUILESS_MAIN(tst_TcpPort)
#include "tst_tcpport.moc"
