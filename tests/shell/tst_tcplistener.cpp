// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/portset.h"
#include "shell/sharedports.h"
#include "shell/tcplistener.h"
#include "stunmessages.h"

#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;
using Family = IpAddress::Family;

namespace {

QByteArray framed(const Bytes &datagram)
{
    const auto header = DatagramFramer::header(datagram.size());
    return QByteArray(reinterpret_cast<const char *>(header.data()), qsizetype(header.size()))
        + QByteArray(reinterpret_cast<const char *>(datagram.data()), qsizetype(datagram.size()));
}

QByteArray hello(std::string_view username)
{
    return framed(binding(stun::Class::Request, 1, username));
}

std::unique_ptr<QTcpSocket> dial(const TcpListener &listener,
                                 const QHostAddress &from = QHostAddress::LocalHost)
{
    auto socket = std::make_unique<QTcpSocket>();
    socket->bind(from);
    socket->connectToHost(listener.family() == Family::V6 ? QHostAddress::LocalHostIPv6
                                                          : QHostAddress::LocalHost,
                          listener.localPort());
    return socket;
}

/// Keeps what connections it gets.
class Client final : public PortClient
{
public:
    Client(PortSet &set, const std::string &fragment)
        : ports(set)
        , id(set.attach(this))
    {
        set.setUsernameFragment(id, fragment);
    }
    ~Client() { ports.detach(id); }

    void receive(std::span<const Datagram>) override { }
    void addLocalAddress(const ice::LocalAddress &) override { }
    void removeLocalAddress(TransportId, const IpAddress &) override { }
    void handleWritable() override { }
    void handleSendFailed(const Route &) override { }
    void acceptConnection(std::unique_ptr<DatagramStream> stream, const Datagram &request) override
    {
        streams.push_back(std::move(stream));
        requests.push_back(toBytes(request.payload));
    }

    PortSet &ports;
    SenderId id;
    std::vector<std::unique_ptr<DatagramStream>> streams;
    std::vector<Bytes> requests;
};

} // namespace

class tst_TcpListener : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void handsOverWhoNamesSomebody_data();
    void handsOverWhoNamesSomebody();
    void whatComesBehindTheRequestIsNotLost();
    void closesWhatNamesNobody_data();
    void closesWhatNamesNobody();
    void silentConnectionsAreBoundedByAddress();
    void silentConnectionsAreBounded();
    void silentConnectionsAreClosedAfterAWhile();
    void mayBeDeletedInItsHandler();
    void portsListenWhereTheyAreAskedTo();
    void portsTellConnectionsApart_data();
    void portsTellConnectionsApart();
};

void tst_TcpListener::handsOverWhoNamesSomebody_data()
{
    QTest::addColumn<int>("family");
    QTest::newRow("IPv4") << int(Family::V4);
    QTest::newRow("IPv6") << int(Family::V6);
}

void tst_TcpListener::handsOverWhoNamesSomebody()
{
    QFETCH(int, family);
    QString error;
    const auto listener = TcpListener::open({Family(family)}, &error);
    if (!listener && Family(family) == Family::V6)
        QSKIP(qPrintable(u"there is no IPv6 here: "_s + error));
    QVERIFY2(listener, qPrintable(error));
    std::string named;
    Route route;
    std::unique_ptr<DatagramStream> taken;
    listener->setHandler([&](std::string_view fragment, std::unique_ptr<DatagramStream> stream,
                             const Datagram &request) {
        named = fragment;
        route = request.route;
        taken = std::move(stream);
    });
    const auto socket = dial(*listener,
                             Family(family) == Family::V6 ? QHostAddress::LocalHostIPv6
                                                          : QHostAddress::LocalHost);
    socket->write(hello("ours:theirs"));
    QTRY_VERIFY(taken);
    QCOMPARE(named, std::string("ours"));
    QCOMPARE(route, taken->route());
    QCOMPARE(route.local.port, listener->localPort());
    QCOMPARE(route.remote.port, socket->localPort());
    QVERIFY(route.local.ip.isLoopback());
    QCOMPARE(listener->pending(), std::size_t(0));
}

void tst_TcpListener::whatComesBehindTheRequestIsNotLost()
{
    const auto listener = TcpListener::open({});
    QVERIFY(listener);
    std::unique_ptr<DatagramStream> taken;
    QByteArrayList received;
    listener->setHandler(
        [&](std::string_view, std::unique_ptr<DatagramStream> stream, const Datagram &) {
            taken = std::move(stream);
            DatagramStream::Handlers handlers;
            handlers.received = [&](const Datagram &datagram) {
                received << QByteArray(reinterpret_cast<const char *>(datagram.payload.data()),
                                       qsizetype(datagram.payload.size()));
            };
            taken->setHandlers(std::move(handlers));
        });
    const auto socket = dial(*listener);
    socket->write(hello("ours:theirs") + QByteArray::fromHex("0003616263") + "\0\2d"_ba);
    QTRY_COMPARE(received, QByteArrayList{"abc"});
    socket->write("e");
    QTRY_COMPARE(received, (QByteArrayList{"abc", "de"}));
}

void tst_TcpListener::closesWhatNamesNobody_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("no user name") << framed(binding(stun::Class::Request, 1));
    QTest::newRow("an empty one") << framed(binding(stun::Class::Request, 1, ":theirs"));
    QTest::newRow("an answer") << framed(binding(stun::Class::SuccessResponse, 1, "ours:theirs"));
    QTest::newRow("an indication") << framed(binding(stun::Class::Indication, 1, "ours:theirs"));
    QTest::newRow("not STUN") << QByteArray::fromHex("0003616263");
    QTest::newRow("DTLS") << QByteArray::fromHex("000416fefd00");
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\n\r\n");
    QTest::newRow("STUN without framing")
        << QByteArray::fromHex("000100002112a442000102030405060708090a0b");
    QTest::newRow("too long a frame") << QByteArray::fromHex("ffff");
}

void tst_TcpListener::closesWhatNamesNobody()
{
    QFETCH(QByteArray, octets);
    const auto listener = TcpListener::open({});
    QVERIFY(listener);
    int calls = 0;
    listener->setHandler(
        [&](std::string_view, std::unique_ptr<DatagramStream>, const Datagram &) { ++calls; });
    const auto socket = dial(*listener);
    QTRY_COMPARE(listener->pending(), std::size_t(1));
    socket->write(octets);
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(listener->pending(), std::size_t(0));
    QCOMPARE(calls, 0);
    QCOMPARE(socket->bytesAvailable(), qint64(0));
}

void tst_TcpListener::silentConnectionsAreBoundedByAddress()
{
    const auto listener = TcpListener::open({});
    QVERIFY(listener);
    int calls = 0;
    listener->setHandler(
        [&](std::string_view, std::unique_ptr<DatagramStream>, const Datagram &) { ++calls; });
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    for (std::size_t i = 0; i < TcpListener::MaxPendingOfAddress + 2; ++i)
        sockets.push_back(dial(*listener));
    QTRY_COMPARE(sockets.back()->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(listener->pending(), TcpListener::MaxPendingOfAddress);
    // Others are let in still.
    const auto other = dial(*listener, QHostAddress(u"127.0.0.2"_s));
    other->write(hello("ours:theirs"));
    QTRY_COMPARE(calls, 1);
    // And so is one more, once one has gone.
    sockets.front()->abort();
    QTRY_COMPARE(listener->pending(), TcpListener::MaxPendingOfAddress - 1);
    const auto next = dial(*listener);
    next->write(hello("ours:theirs"));
    QTRY_COMPARE(calls, 2);
}

void tst_TcpListener::silentConnectionsAreBounded()
{
    const auto listener = TcpListener::open({});
    QVERIFY(listener);
    std::vector<std::unique_ptr<QTcpSocket>> sockets;
    for (std::size_t i = 0; i < TcpListener::MaxPending; ++i) {
        sockets.push_back(dial(*listener, QHostAddress(0x7f000002u + quint32(i / 4))));
        QTRY_COMPARE(listener->pending(), i + 1);
    }
    sockets.push_back(dial(*listener));
    QTRY_COMPARE(sockets.back()->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(listener->pending(), TcpListener::MaxPending);
}

void tst_TcpListener::silentConnectionsAreClosedAfterAWhile()
{
    const auto listener = TcpListener::open({Family::V4, 0, std::chrono::milliseconds(200)});
    QVERIFY(listener);
    const auto socket = dial(*listener);
    const QSignalSpy connected(socket.get(), &QTcpSocket::connected);
    // Half a frame is as good as nothing.
    socket->write(hello("ours:theirs").first(7));
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(connected.count(), 1);
    QCOMPARE(listener->pending(), std::size_t(0));
}

void tst_TcpListener::mayBeDeletedInItsHandler()
{
    auto listener = TcpListener::open({});
    QVERIFY(listener);
    listener->setHandler([&](std::string_view, std::unique_ptr<DatagramStream>, const Datagram &) {
        listener.reset();
    });
    const auto silent = dial(*listener);
    const auto socket = dial(*listener);
    QTRY_COMPARE(listener->pending(), std::size_t(2));
    socket->write(hello("ours:theirs"));
    QTRY_VERIFY(!listener);
    QTRY_COMPARE(silent->state(), QAbstractSocket::UnconnectedState);
}

void tst_TcpListener::portsListenWhereTheyAreAskedTo()
{
    OwnedPorts deaf({{true, 8}, 0, false});
    QVERIFY(deaf.open());
    QVERIFY(!deaf.listener(Family::V4));
    for (const ice::LocalAddress &address : deaf.localAddresses())
        QCOMPARE(address.protocol, CandidateProtocol::Udp);

    OwnedPorts ports({{true, 8}, 0, true});
    QVERIFY(ports.open());
    const TcpListener *const listener = ports.listener(Family::V4);
    QVERIFY(listener);
    int udp = 0, active = 0, passive = 0, simultaneous = 0;
    for (const ice::LocalAddress &address : ports.localAddresses()) {
        if (!address.address.ip.isV4())
            continue;
        switch (address.protocol) {
        case CandidateProtocol::Udp:
            ++udp;
            break;
        case CandidateProtocol::TcpActive:
            ++active;
            QCOMPARE(address.address.port, std::uint16_t(9));
            QCOMPARE(address.transport, listener->id());
            break;
        case CandidateProtocol::TcpPassive:
            ++passive;
            QCOMPARE(address.address.port, listener->localPort());
            QCOMPARE(address.transport, listener->id());
            break;
        case CandidateProtocol::TcpSimultaneousOpen:
            ++simultaneous;
            QCOMPARE(address.address.port, listener->localPort());
            QCOMPARE(address.transport, listener->simultaneousOpenId());
            QVERIFY(address.transport != listener->id());
            break;
        }
    }
    QVERIFY(udp > 0);
    QCOMPARE(active, udp);
    QCOMPARE(passive, udp);
    const bool canDial = listener->simultaneousOpenId() != TransportId::None;
    QCOMPARE(simultaneous, canDial ? udp : 0);
}

void tst_TcpListener::portsTellConnectionsApart_data()
{
    QTest::addColumn<bool>("isShared");
    QTest::newRow("of one session") << false;
    QTest::newRow("of a listener's") << true;
}

void tst_TcpListener::portsTellConnectionsApart()
{
    QFETCH(bool, isShared);
    const PortSetOptions options{{true, 8}, 0, true};
    std::unique_ptr<PortSet> ports;
    if (isShared)
        ports = std::make_unique<SharedPorts>(options);
    else
        ports = std::make_unique<OwnedPorts>(options);
    QVERIFY(ports->open());
    Client first(*ports, "first");
    std::unique_ptr<Client> second;
    if (isShared)
        second = std::make_unique<Client>(*ports, "second");
    const TcpListener &listener = *ports->listener(Family::V4);

    const auto toFirst = dial(listener);
    toFirst->write(hello("first:theirs"));
    QTRY_COMPARE(first.streams.size(), std::size_t(1));
    QCOMPARE(first.requests[0], binding(stun::Class::Request, 1, "first:theirs"));
    if (isShared) {
        const auto toSecond = dial(listener);
        toSecond->write(hello("second:theirs"));
        QTRY_COMPARE(second->streams.size(), std::size_t(1));
        QCOMPARE(first.streams.size(), std::size_t(1));
    }
    const auto stranger = dial(listener);
    stranger->write(hello("nobody:theirs"));
    QTRY_COMPARE(stranger->state(), QAbstractSocket::UnconnectedState);
    // After a restart the fragment before counts still, but not the one before that.
    ports->setUsernameFragment(first.id, "renamed");
    const auto toOld = dial(listener);
    toOld->write(hello("first:theirs"));
    QTRY_COMPARE(first.streams.size(), std::size_t(2));
    ports->setUsernameFragment(first.id, "again");
    const auto toOlder = dial(listener);
    toOlder->write(hello("first:theirs"));
    QTRY_COMPARE(toOlder->state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(tst_TcpListener)
#include "tst_tcplistener.moc"
