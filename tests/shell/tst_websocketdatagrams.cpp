// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketdatagrams.h"

#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

#include <memory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer;

namespace {

constexpr int DatagramSize = 1000;

/// Starts with its number, of eight digits.
QByteArray datagram(int number)
{
    return QByteArray::number(number).rightJustified(8, '0').leftJustified(DatagramSize, '.');
}

/// A WebSocket to a reader that reads only when told: its frames come unmasked, so that it needs no
/// more than a look at the octets.
class SlowReader : public QObject
{
public:
    SlowReader()
        : m_server(u"test"_s, QWebSocketServer::NonSecureMode)
    {
        // What the reader's system takes in without being asked is to be little.
        m_reader.setReadBufferSize(1024);
    }

    bool open()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            return false;
        m_reader.connectToHost(QHostAddress::LocalHost, m_server.serverPort());
        m_reader.write("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                       "Sec-WebSocket-Version: 13\r\n\r\n");
        if (!QTest::qWaitFor([this] { return m_server.hasPendingConnections(); }))
            return false;
        socket.reset(m_server.nextPendingConnection());
        // QWebSocketServer leaves it with itself.
        auto *const transport = m_server.findChild<QTcpSocket *>();
        if (transport)
            transport->setParent(socket.get());
        return transport != nullptr;
    }

    /// From now on everything is read.
    void resume()
    {
        m_reader.setReadBufferSize(0);
        connect(&m_reader, &QTcpSocket::readyRead, this, [this] { take(); });
        take();
    }

    /// The numbers of the datagrams that have come.
    QList<int> numbers() const
    {
        QList<int> found;
        for (qsizetype at = m_octets.indexOf("......"); at >= 0;) {
            found.append(m_octets.sliced(at - 8, 8).toInt());
            at = m_octets.indexOf("......", at + DatagramSize - 8);
        }
        return found;
    }

    std::unique_ptr<QWebSocket> socket;

private:
    void take() { m_octets += m_reader.readAll(); }

    QWebSocketServer m_server;
    QTcpSocket m_reader;
    QByteArray m_octets;
};

} // namespace

class tst_WebSocketDatagrams : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aReaderThatKeepsUpGetsAll();
    void theOldestGiveWay();
    void whatHasWaitedTooLongIsNotSent();
    void theSocketMayGoFirst();
};

void tst_WebSocketDatagrams::aReaderThatKeepsUpGetsAll()
{
    SlowReader reader;
    QVERIFY(reader.open());
    reader.resume();
    WebSocketDatagrams datagrams(reader.socket.get(), {1'000'000, 1h});
    for (int i = 0; i < 500; ++i)
        datagrams.send(datagram(i));
    QTRY_COMPARE(reader.numbers().size(), 500);
    QCOMPARE(reader.numbers().last(), 499);
    QCOMPARE(datagrams.dropped(), quint64(0));
}

void tst_WebSocketDatagrams::theOldestGiveWay()
{
    constexpr int count = 20'000; // more than any buffer of the system
    SlowReader reader;
    QVERIFY(reader.open());
    WebSocketDatagrams datagrams(reader.socket.get(), {10 * DatagramSize, 1h});
    int dropped = 0;
    for (int i = 0; i < count; ++i) {
        dropped += datagrams.send(datagram(i));
        if (i % 100 == 0)
            QCoreApplication::processEvents();
    }
    QVERIFY(dropped > 0);
    QCOMPARE(datagrams.dropped(), quint64(dropped));
    reader.resume();
    QTRY_COMPARE(reader.numbers().size(), count - dropped);
    const QList<int> numbers = reader.numbers();
    QVERIFY(std::is_sorted(numbers.begin(), numbers.end()));
    // The last ten that waited have come.
    for (int i = count - 10; i < count; ++i)
        QVERIFY(numbers.contains(i));
}

void tst_WebSocketDatagrams::whatHasWaitedTooLongIsNotSent()
{
    SlowReader reader;
    QVERIFY(reader.open());
    // Whatever waits at all has waited too long.
    WebSocketDatagrams datagrams(reader.socket.get(), {100 * DatagramSize, -1ms});
    datagrams.send(datagram(1));
    QCOMPARE(datagrams.dropped(), quint64(1));
    WebSocketDatagrams patient(reader.socket.get(), {100 * DatagramSize, 1h});
    patient.send(datagram(2));
    reader.resume();
    QTRY_COMPARE(reader.numbers(), QList{2});
}

void tst_WebSocketDatagrams::theSocketMayGoFirst()
{
    SlowReader reader;
    QVERIFY(reader.open());
    WebSocketDatagrams datagrams(reader.socket.get(), {});
    reader.socket.reset();
    QCOMPARE(datagrams.send(datagram(1)), 1);
}

QTEST_GUILESS_MAIN(tst_WebSocketDatagrams)

#include "tst_websocketdatagrams.moc"
