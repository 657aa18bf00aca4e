// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "networknamespace.h"
#include "shell/datagramstream.h"
#include "shell/peerstreams.h"
#include "shell/portdial.h"
#include "shell/tcplistener.h"
#include "support/ports/quietport.h"

#include <QtCore/qfile.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

#include <memory>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

const IpAddress Loopback = IpAddress::fromV4(0x7f000001);

ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(octets.size())};
}

/// A listening port, and what was opened from there.
struct End
{
    End()
        : listener(TcpListener::open({IpAddress::Family::V4}))
    { }

    TransportAddress address() const { return {Loopback, listener->localPort()}; }

    void open(const TransportAddress &remote)
    {
        failed = false;
        stream = std::make_unique<DatagramStream>();
        DatagramStream::Handlers handlers;
        handlers.opened = [this](const Route &with) { route = with; };
        handlers.failed = [this](const QString &) { failed = true; };
        handlers.received = [this](const Datagram &datagram) {
            received << QByteArray(reinterpret_cast<const char *>(datagram.payload.data()),
                                   qsizetype(datagram.payload.size()));
        };
        stream->setHandlers(std::move(handlers));
        stream->open(Loopback, remote, listener->localPort());
    }

    std::unique_ptr<TcpListener> listener;
    std::unique_ptr<DatagramStream> stream;
    Route route;
    bool failed = false;
    QByteArrayList received;
};

/// What a NAT or a firewall does at both ends: only what answers a packet is let in. what: what
/// becomes of the rest.
QByteArray filter(const char *what)
{
    return QByteArray("table inet edge { chain input { type filter hook input priority filter;"
                      " ct state established,related accept; meta l4proto tcp ")
        + what + "; }\n}\n";
}

/// As the system lists its connections: none from that port, in no state but that of a listener.
bool isForgotten(quint16 port)
{
    QFile list(u"/proc/thread-self/net/tcp"_s);
    if (!list.open(QIODevice::ReadOnly))
        return false;
    const QByteArray end = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    const QByteArray listening = "0A";
    for (const QByteArray &line : list.readAll().split('\n')) {
        const QByteArrayList columns = line.simplified().split(' ');
        if (columns.size() > 3 && columns[1].endsWith(end) && columns[3] != listening)
            return false;
    }
    return true;
}

} // namespace

/// Connections from ports that we listen on.
class tst_PortDial : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void connectsFromTheListeningPort();
    void theListenerStillListens();
    void nobodyElseCanListenThere();
    void severalGoOutFromOnePort();
    void twoBetweenTheSameEndsAreNone();
    void whoIsNotThereRefuses();
    void anotherFollowsAtOnceBetweenTheSameEnds();
    void anAcceptedOneLeavesNothingBehindEither();
    void mayBeDeletedInItsHandler();
    void streamMayBeDeletedWhileItConnects();
    void synsThatMeetOpenTheConnection();
    void aRefusedSynCanBeRepeated();

private:
    bool m_hasNamespace = false;
};

void tst_PortDial::initTestCase()
{
    m_hasNamespace = enterNetworkNamespace() && setLoopbackUp(true);
    const bool canDial = End().listener->simultaneousOpenId() != TransportId::None;
#ifdef Q_OS_LINUX
    QVERIFY(canDial);
#else
    if (!canDial)
        QSKIP("this system cannot connect from a port that it listens on");
#endif
}

void tst_PortDial::init()
{
    if (m_hasNamespace)
        setPacketFilter("flush ruleset\n");
}

void tst_PortDial::connectsFromTheListeningPort()
{
    End left, right;
    left.open(right.address());
    QTRY_VERIFY(!left.route.isNull());
    QCOMPARE(left.route.local, left.address());
    QCOMPARE(left.route.remote, right.address());
    QTRY_COMPARE(right.listener->pending(), std::size_t(1));
}

void tst_PortDial::theListenerStillListens()
{
    End left, right, third;
    left.open(right.address());
    QTRY_VERIFY(!left.route.isNull());
    third.open(left.address());
    QTRY_VERIFY(!third.route.isNull());
    QTRY_COMPARE(left.listener->pending(), std::size_t(1));
}

void tst_PortDial::nobodyElseCanListenThere()
{
    End left;
    TcpListenerOptions options;
    options.port = left.listener->localPort();
    QVERIFY(!TcpListener::open(options));
}

void tst_PortDial::severalGoOutFromOnePort()
{
    End left, right, third;
    left.open(right.address());
    std::unique_ptr<DatagramStream> other = std::move(left.stream);
    QTRY_COMPARE(right.listener->pending(), std::size_t(1));
    left.open(third.address());
    QTRY_COMPARE(third.listener->pending(), std::size_t(1));
    QVERIFY(!left.failed);
}

void tst_PortDial::twoBetweenTheSameEndsAreNone()
{
    End left, right;
    left.open(right.address());
    QTRY_VERIFY(!left.route.isNull());
    const auto first = std::move(left.stream);
    left.open(right.address());
    QTRY_VERIFY(left.failed);
}

void tst_PortDial::whoIsNotThereRefuses()
{
    End left;
    left.open({Loopback, test::quietPort()});
    QVERIFY(!left.failed); // from the event loop, not before
    QTRY_VERIFY(left.failed);
}

/// No TIME_WAIT is left at this side.
void tst_PortDial::anotherFollowsAtOnceBetweenTheSameEnds()
{
    End left, right;
    PeerStreams streams;
    int opened = 0, failed = 0;
    streams.setHandlers({[&](std::uint32_t, const Route &) { ++opened; },
                         [&](std::uint32_t) { ++failed; }, [](const Datagram &) {}});
    for (std::uint32_t id = 1; id <= 3; ++id) {
        streams.open({id, Loopback, right.address(), left.listener->localPort()});
        QTRY_COMPARE(opened, int(id));
        streams.close(id, true);
    }
    QCOMPARE(failed, 0);
    QTRY_COMPARE(right.listener->pending(), std::size_t(0));
}

/// The peer's connection may be that of a simultaneous open, which is opened anew from here.
void tst_PortDial::anAcceptedOneLeavesNothingBehindEither()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QTcpSocket peer;
    peer.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_VERIFY(server.hasPendingConnections());
    std::unique_ptr<QTcpSocket> accepted(server.nextPendingConnection());
    accepted->setParent(nullptr);
    PeerStreams streams;
    streams.setHandlers(
        {[](std::uint32_t, const Route &) {}, [](std::uint32_t) {}, [](const Datagram &) {}});
    streams.adopt(1, std::make_unique<DatagramStream>(std::move(accepted)));
    QVERIFY(!isForgotten(server.serverPort()));
    streams.close(1, true);
    QTRY_COMPARE(peer.state(), QAbstractSocket::UnconnectedState);
    QTRY_VERIFY(isForgotten(server.serverPort()));
}

void tst_PortDial::mayBeDeletedInItsHandler()
{
    End left, right;
    for (const TransportAddress &remote : {right.address(), TransportAddress{Loopback, 1}}) {
        auto dial = std::make_unique<PortDial>();
        int calls = 0;
        dial->open(left.address(), remote,
                   {[&](std::unique_ptr<QTcpSocket>) {
                        ++calls;
                        dial.reset();
                    },
                    [&](const QString &) {
                        ++calls;
                        dial.reset();
                    }});
        QTRY_COMPARE(calls, 1);
        QVERIFY(!dial);
    }
}

void tst_PortDial::streamMayBeDeletedWhileItConnects()
{
    End left, right;
    left.open(right.address());
    left.stream.reset();
    left.open(right.address());
    left.stream->abort();
    left.open(right.address());
    QTRY_VERIFY(!left.route.isNull());
}

/// The first SYN is dropped where it arrives, the other one passes, and neither side accepts: RFC
/// 9293 section 3.5, figure 8.
void tst_PortDial::synsThatMeetOpenTheConnection()
{
    if (!m_hasNamespace || !setPacketFilter(filter("drop").constData()))
        QSKIP("there is no network namespace with a packet filter to be had here");
    End left, right;
    left.open(right.address());
    QTest::qWait(0);
    QVERIFY(left.route.isNull());
    right.open(left.address());
    QTRY_VERIFY(!left.route.isNull() && !right.route.isNull());
    QCOMPARE(left.listener->pending() + right.listener->pending(), std::size_t(0));
    QCOMPARE(left.route.remote, right.route.local);
    QCOMPARE(right.route.remote, left.route.local);
    left.stream->send(view("from the left"));
    right.stream->send(view("from the right"));
    QTRY_COMPARE(right.received, QByteArrayList{"from the left"});
    QTRY_COMPARE(left.received, QByteArrayList{"from the right"});
}

void tst_PortDial::aRefusedSynCanBeRepeated()
{
    if (!m_hasNamespace || !setPacketFilter(filter("reject with tcp reset").constData()))
        QSKIP("there is no network namespace with a packet filter to be had here");
    End left, right;
    left.open(right.address());
    QTRY_VERIFY(left.failed);
    QVERIFY(setPacketFilter("flush ruleset\n"));
    left.open(right.address());
    QTRY_VERIFY(!left.route.isNull());
}

QTEST_GUILESS_MAIN(tst_PortDial)
#include "tst_portdial.moc"
