// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/datagramstream.h"
#include "shell/peerstreams.h"

#include "shell/qtaddress.h"
#include "support/ports/quietport.h"

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

const IpAddress Loopback = IpAddress::fromV4(0x7f000001);

ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.data()), std::size_t(octets.size())};
}

QByteArray octetsOf(ByteView view)
{
    return {reinterpret_cast<const char *>(view.data()), qsizetype(view.size())};
}

/// A stream and what it told.
struct End
{
    explicit End(std::unique_ptr<DatagramStream> of)
        : stream(std::move(of))
    {
        DatagramStream::Handlers handlers;
        handlers.opened = [this](const Route &route) {
            ++opened;
            openedRoute = route;
        };
        handlers.failed = [this](const QString &text) {
            ++failed;
            reason = text;
        };
        handlers.received = [this](const Datagram &datagram) {
            received << octetsOf(datagram.payload);
            if (deletesItself)
                stream.reset();
        };
        stream->setHandlers(std::move(handlers));
    }

    std::unique_ptr<DatagramStream> stream;
    Route openedRoute;
    int opened = 0;
    int failed = 0;
    QString reason;
    QByteArrayList received;
    bool deletesItself = false;
};

/// What accepts them: as a stream, or raw.
struct Server
{
    Server() { server.listen(QHostAddress::LocalHost); }

    TransportAddress address() const { return {Loopback, server.serverPort()}; }
    QTcpSocket *accept()
    {
        if (!server.hasPendingConnections())
            return nullptr;
        return server.nextPendingConnection();
    }

    QTcpServer server;
};

} // namespace

class tst_DatagramStream : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void datagramsGoBothWays();
    void opensFromTheAddressAskedFor();
    void neverGoesByAProxy();
    void tellsWhatCannotBeOpened_data();
    void tellsWhatCannotBeOpened();
    void tellsWhenTheOtherEndGoes();
    void partialFramesAreCompleted();
    void tooLongAFrameClosesIt();
    void mayBeDeletedWhileReceiving();
    void lastWordsAreSent();
    void oldDatagramsAreDroppedWhenTheOtherEndStalls();
    void oddDatagramsAreNotSent();
    void streamsAreKnownByTheirIds();
};

void tst_DatagramStream::datagramsGoBothWays()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_COMPARE(client.opened, 1);
    QTRY_VERIFY(server.server.hasPendingConnections());
    std::unique_ptr<QTcpSocket> socket(server.accept());
    socket->setParent(nullptr);
    End accepted(std::make_unique<DatagramStream>(std::move(socket)));
    QCOMPARE(accepted.stream->route().remote, client.openedRoute.local);
    QCOMPARE(accepted.stream->route().local, client.openedRoute.remote);
    QVERIFY(accepted.stream->route().transport != client.openedRoute.transport);

    const QByteArray small("hello");
    const QByteArray large(DatagramFramer::MaxDatagram, 'x');
    client.stream->send(view(small));
    client.stream->send(view(large));
    accepted.stream->send(view(large));
    accepted.stream->send(view(small));
    QTRY_COMPARE(accepted.received, (QByteArrayList{small, large}));
    QTRY_COMPARE(client.received, (QByteArrayList{large, small}));
}

void tst_DatagramStream::opensFromTheAddressAskedFor()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    const IpAddress second = IpAddress::fromV4(0x7f000002);
    client.stream->open(second, server.address());
    QTRY_COMPARE(client.opened, 1);
    QCOMPARE(client.openedRoute.local.ip, second);
    QCOMPARE(client.openedRoute.remote, server.address());
}

void tst_DatagramStream::neverGoesByAProxy()
{
    // Nobody is there.
    QNetworkProxy::setApplicationProxy({QNetworkProxy::HttpProxy, u"127.0.0.1"_s, 9});
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_COMPARE(client.opened, 1);
    QNetworkProxy::setApplicationProxy(QNetworkProxy(QNetworkProxy::NoProxy));
}

void tst_DatagramStream::tellsWhatCannotBeOpened_data()
{
    QTest::addColumn<QString>("local");
    QTest::newRow("refused") << u"127.0.0.1"_s;
    QTest::newRow("not an address of ours") << u"192.0.2.77"_s;
}

void tst_DatagramStream::tellsWhatCannotBeOpened()
{
    QFETCH(QString, local);
    End client(std::make_unique<DatagramStream>());
    client.stream->open(*IpAddress::fromString(local.toStdString()), {Loopback, test::quietPort()});
    QCOMPARE(client.failed, 0);
    QTRY_COMPARE(client.failed, 1);
    QCOMPARE(client.opened, 0);
    QVERIFY(!client.reason.isEmpty());
}

void tst_DatagramStream::tellsWhenTheOtherEndGoes()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTRY_COMPARE(client.opened, 1);
    delete server.accept();
    QTRY_COMPARE(client.failed, 1);
    const QByteArray late("too late");
    client.stream->send(view(late));
    QCOMPARE(client.failed, 1);
}

void tst_DatagramStream::partialFramesAreCompleted()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    for (const char octet : QByteArray::fromHex("0003616263000000026465")) {
        socket->write(&octet, 1);
        QVERIFY(socket->waitForBytesWritten());
        QCoreApplication::processEvents();
    }
    QTRY_COMPARE(client.received, (QByteArrayList{"abc", "de"}));
}

void tst_DatagramStream::tooLongAFrameClosesIt()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    socket->write(QByteArray::fromHex("0001610801"));
    QTRY_COMPARE(client.failed, 1);
    QCOMPARE(client.received, QByteArrayList{"a"});
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
}

void tst_DatagramStream::mayBeDeletedWhileReceiving()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.deletesItself = true;
    client.stream->open(Loopback, server.address());
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    socket->write(QByteArray::fromHex("000161000162"));
    QTRY_VERIFY(!client.stream);
    QCOMPARE(client.received, QByteArrayList{"a"});
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
}

void tst_DatagramStream::lastWordsAreSent()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_COMPARE(client.opened, 1);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    // More than is given to the socket at once.
    const QByteArray datagram(1200, 'x');
    for (int times = 0; times < 20; ++times)
        client.stream->send(view(datagram));
    client.stream.reset();
    QTRY_COMPARE(socket->bytesAvailable(), qint64(20 * 1202));
    QTRY_COMPARE(socket->state(), QAbstractSocket::UnconnectedState);
}

void tst_DatagramStream::oldDatagramsAreDroppedWhenTheOtherEndStalls()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    client.stream->open(Loopback, server.address());
    QTRY_COMPARE(client.opened, 1);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    socket->setReadBufferSize(1);
    constexpr int Count = 20000;
    for (int number = 0; number < Count; ++number) {
        QByteArray datagram(1200, 'x');
        datagram.replace(0, 8, QByteArray::number(number).rightJustified(8, '0'));
        client.stream->send(view(datagram));
        if (number % 50 == 0)
            QCoreApplication::processEvents();
    }
    // What waits is bounded, and the newest of all is there still.
    QVERIFY(client.stream->dropped() > Count / 2);
    QByteArray all;
    socket->setReadBufferSize(0);
    const QByteArray newest = QByteArray::number(Count - 1).rightJustified(8, '0');
    QTRY_VERIFY2((all += socket->readAll()).contains(newest) || client.stream->dropped() == Count,
                 qPrintable(QString::number(all.size())));
}

void tst_DatagramStream::oddDatagramsAreNotSent()
{
    Server server;
    End client(std::make_unique<DatagramStream>());
    const QByteArray early("before it is open");
    client.stream->send(view(early));
    client.stream->open(Loopback, server.address());
    QTRY_COMPARE(client.opened, 1);
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const socket = server.accept();
    client.stream->send({});
    const QByteArray tooLong(DatagramFramer::MaxDatagram + 1, 'x');
    client.stream->send(view(tooLong));
    const QByteArray right("right");
    client.stream->send(view(right));
    QTRY_COMPARE(socket->bytesAvailable(), qint64(2 + right.size()));
}

void tst_DatagramStream::streamsAreKnownByTheirIds()
{
    Server server;
    PeerStreams streams;
    std::vector<std::pair<std::uint32_t, Route>> opened;
    std::vector<std::uint32_t> failed;
    streams.setHandlers({[&](std::uint32_t id, const Route &route) {
                             opened.push_back({id, route});
                         },
                         [&](std::uint32_t id) { failed.push_back(id); }, [](const Datagram &) {}});
    streams.open({1, Loopback, server.address()});
    streams.open({2, Loopback, server.address()});
    streams.open({3, IpAddress::fromV4(0xC000024D), server.address()});
    QTRY_COMPARE(opened.size(), std::size_t(2));
    QTRY_COMPARE(failed, std::vector<std::uint32_t>{3});
    QCOMPARE(streams.size(), std::size_t(2));
    const QByteArray text("x");
    QVERIFY(streams.send({opened[0].second, view(text)}));
    Route foreign = opened[0].second;
    foreign.transport = TransportId{0xFFFFFF};
    QVERIFY(!streams.send({foreign, view(text)}));
    // Nothing is told of what we close ourselves.
    streams.close(1);
    QCOMPARE(streams.size(), std::size_t(1));
    QTRY_VERIFY(server.server.hasPendingConnections());
    QTcpSocket *const first = server.accept();
    QTRY_COMPARE(first->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(failed.size(), std::size_t(1));
    streams.close(77);
    delete server.accept();
    QTRY_COMPARE(failed.size(), std::size_t(2));
    QCOMPARE(streams.size(), std::size_t(0));
}

QTEST_GUILESS_MAIN(tst_DatagramStream)
#include "tst_datagramstream.moc"
