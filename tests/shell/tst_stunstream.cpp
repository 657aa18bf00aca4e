// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/stunstream.h"
#include "shell/tcplistener.h"
#include "stunmessages.h"
#include "support/ports/quietport.h"

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace peer;

namespace {

const IpAddress Loopback = IpAddress::fromV4(0x7f000001);

/// A STUN server that answers by the test's hand.
struct Server
{
    Server()
    {
        server.setProxy(QNetworkProxy::NoProxy);
        server.listen(QHostAddress::LocalHost);
    }
    TransportAddress address() const { return {Loopback, server.serverPort()}; }
    QTcpSocket *accept() { return server.nextPendingConnection(); }

    QTcpServer server;
};

/// A session's connections, and what they told.
struct Links
{
    Links()
    {
        links.setHandlers(
            {[this](std::uint32_t id, const Route &route) {
                 opened.push_back(id);
                 routes.push_back(route);
             },
             [this](std::uint32_t id) { failed.push_back(id); },
             [this](const Datagram &datagram) { received.push_back(toBytes(datagram.payload)); }});
    }

    StunLinks links;
    std::vector<std::uint32_t> opened, failed;
    std::vector<Route> routes;
    std::vector<Bytes> received;
};

void write(QTcpSocket *socket, const Bytes &octets)
{
    socket->write(reinterpret_cast<const char *>(octets.data()), qint64(octets.size()));
}

} // namespace

class tst_StunStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void asksFromTheListeningPort();
    void messagesMayComeInPieces();
    void sessionsShareAConnection();
    void theLastWhoLeavesClosesIt();
    void anotherFollowsAtOnce();
    void refusalIsTold();
    void endIsToldToAll();
    void whatIsNotStunEndsIt();
    void mayBeClosedInItsHandlers();

private:
    std::unique_ptr<TcpListener> m_listener;
    TransportAddress m_local;
    StunStreamPool m_pool;
};

void tst_StunStream::initTestCase()
{
    if (TcpListener::open({IpAddress::Family::V4})->simultaneousOpenId() == TransportId::None)
        QSKIP("this system cannot connect from a port that it listens on");
}

void tst_StunStream::init()
{
    m_listener = TcpListener::open({IpAddress::Family::V4});
    m_local = {Loopback, m_listener->localPort()};
}

void tst_StunStream::asksFromTheListeningPort()
{
    Server server;
    Links session;
    session.links.open({7, m_local, server.address()}, m_pool);
    QTRY_COMPARE(session.opened, std::vector<std::uint32_t>{7});
    QCOMPARE(session.routes[0].local, m_local);
    QCOMPARE(session.routes[0].remote, server.address());
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    QCOMPARE(socket->peerPort(), m_local.port);
    const Bytes request = binding(stun::Class::Request, 1, {});
    QVERIFY(session.links.send({session.routes[0], request}));
    QTRY_COMPARE(socket->bytesAvailable(), qint64(request.size()));
    write(socket, binding(stun::Class::SuccessResponse, 1, {}));
    QTRY_COMPARE(session.received.size(), std::size_t(1));
    QCOMPARE(session.received[0], binding(stun::Class::SuccessResponse, 1, {}));
    QVERIFY(!session.links.send({{TransportId{1}, {}, {}}, request}));
}

void tst_StunStream::messagesMayComeInPieces()
{
    Server server;
    Links session;
    session.links.open({7, m_local, server.address()}, m_pool);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    Bytes two = binding(stun::Class::SuccessResponse, 1, {});
    const Bytes second = binding(stun::Class::SuccessResponse, 2, {});
    two.insert(two.end(), second.begin(), second.end());
    for (const std::uint8_t octet : two) {
        write(socket, Bytes{octet});
        socket->flush();
        QCoreApplication::processEvents();
    }
    QTRY_COMPARE(session.received.size(), std::size_t(2));
    QCOMPARE(session.received[1], second);
}

void tst_StunStream::sessionsShareAConnection()
{
    Server server;
    Links first, second, late;
    first.links.open({1, m_local, server.address()}, m_pool);
    second.links.open({2, m_local, server.address()}, m_pool);
    QTRY_COMPARE(first.opened.size(), std::size_t(1));
    QTRY_COMPARE(second.opened.size(), std::size_t(1));
    late.links.open({3, m_local, server.address()}, m_pool);
    QVERIFY(late.opened.empty());
    QTRY_COMPARE(late.opened, std::vector<std::uint32_t>{3});
    QCOMPARE(late.routes[0], first.routes[0]);
    QCOMPARE(m_pool.size(), std::size_t(1));
    QTRY_VERIFY(server.server.hasPendingConnections());
    write(server.accept(), binding(stun::Class::SuccessResponse, 1, {}));
    // Each knows its own by the transaction id.
    QTRY_COMPARE(first.received.size(), std::size_t(1));
    QTRY_COMPARE(second.received.size(), std::size_t(1));
    QVERIFY(!server.server.hasPendingConnections());
}

void tst_StunStream::theLastWhoLeavesClosesIt()
{
    Server server;
    Links first, second;
    first.links.open({1, m_local, server.address()}, m_pool);
    second.links.open({2, m_local, server.address()}, m_pool);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    QTRY_COMPARE(second.opened.size(), std::size_t(1));
    first.links.close(1);
    write(socket, binding(stun::Class::SuccessResponse, 1, {}));
    QTRY_COMPARE(second.received.size(), std::size_t(1));
    QCOMPARE(first.received.size(), std::size_t(0));
    QCOMPARE(socket->state(), QAbstractSocket::ConnectedState);
    second.links.close(2);
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(first.failed.size() + second.failed.size(), std::size_t(0));
}

/// As after an ICE restart: nothing of the one before is in its way.
void tst_StunStream::anotherFollowsAtOnce()
{
    Server server;
    Links session;
    for (std::uint32_t id = 1; id <= 3; ++id) {
        session.links.open({id, m_local, server.address()}, m_pool);
        QTRY_COMPARE(session.opened.size(), std::size_t(id));
        session.links.close(id);
    }
    QVERIFY(session.failed.empty());
}

void tst_StunStream::refusalIsTold()
{
    Links session;
    session.links.open({1, m_local, {Loopback, test::quietPort()}}, m_pool);
    QVERIFY(session.failed.empty());
    QTRY_COMPARE(session.failed, std::vector<std::uint32_t>{1});
    QCOMPARE(session.links.size(), std::size_t(0));
}

void tst_StunStream::endIsToldToAll()
{
    Server server;
    Links first, second;
    first.links.open({1, m_local, server.address()}, m_pool);
    second.links.open({2, m_local, server.address()}, m_pool);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTRY_COMPARE(second.opened.size(), std::size_t(1));
    server.accept()->abort();
    QTRY_COMPARE(first.failed, std::vector<std::uint32_t>{1});
    QTRY_COMPARE(second.failed, std::vector<std::uint32_t>{2});
}

void tst_StunStream::whatIsNotStunEndsIt()
{
    Server server;
    Links session;
    session.links.open({1, m_local, server.address()}, m_pool);
    QTRY_VERIFY(server.server.hasPendingConnections());
    server.accept()->write("HTTP/1.1 400 Bad Request\r\n\r\n");
    QTRY_COMPARE(session.failed, std::vector<std::uint32_t>{1});
    QVERIFY(session.received.empty());
}

void tst_StunStream::mayBeClosedInItsHandlers()
{
    Server server;
    for (const bool inReceived : {false, true}) {
        auto links = std::make_unique<StunLinks>();
        links->setHandlers({[&](std::uint32_t, const Route &) {
                                if (!inReceived)
                                    links.reset();
                            },
                            [](std::uint32_t) {}, [&](const Datagram &) { links.reset(); }});
        links->open({1, m_local, server.address()}, m_pool);
        QTRY_VERIFY(server.server.hasPendingConnections());
        write(server.accept(), binding(stun::Class::SuccessResponse, 1, {}));
        QTRY_VERIFY(!links);
    }
}

QTEST_GUILESS_MAIN(tst_StunStream)
#include "tst_stunstream.moc"
