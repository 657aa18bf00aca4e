// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/connectiongate.h"

#include "rendezvous/stunconnection.h"
#include "shell/boottime.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslsocket.h>

#include <chrono>
#include <limits>

namespace peer::rendezvous {

using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

namespace {

/// For the other side to read a static answer and close: one of a file of the call page takes a
/// slow line longer.
constexpr std::chrono::milliseconds AnswerTime = 3s;
constexpr std::chrono::milliseconds LongAnswerTime = 20s;
constexpr qsizetype LongAnswer = 8 * 1024;

/// Sits below a TCP socket for as long as that lives, in whosever hands it is: counts it, and keeps
/// what the gate knows of it. Deletes the socket after its end while no QWebSocket owns it.
class SocketRecord : public QObject
{
public:
    SocketRecord(QTcpSocket *socket, AddressBudgets *budgets, const QByteArray &address)
        : QObject(socket)
        , m_budgets(budgets)
        , m_socket(socket)
        , m_address(address)
    {
        m_timer.setSingleShot(true);
        connect(socket, &QTcpSocket::disconnected, this, [this] {
            if (!qobject_cast<QWebSocket *>(m_socket->parent()))
                m_socket->deleteLater();
        });
    }
    ~SocketRecord() override { m_budgets->closeConnection(m_address); }

    static SocketRecord *of(const QObject *socket)
    {
        return dynamic_cast<SocketRecord *>(
            socket->findChild<QObject *>("peer-socket-record"_L1, Qt::FindDirectChildrenOnly));
    }

    QTimer *timer() { return &m_timer; }
    const QByteArray &address() const { return m_address; }
    QByteArray host;
    QByteArray path;

private:
    AddressBudgets *m_budgets;
    QTcpSocket *m_socket;
    QByteArray m_address;
    QTimer m_timer;
};

QString addressText(QHostAddress address, quint16 port)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    if (isV4)
        address.setAddress(v4);
    address.setScopeId({});
    const QString text = address.toString();
    return (isV4 ? text : u'[' + text + u']') + u':' + QString::number(port);
}

} // namespace

ConnectionGate::ConnectionGate(const PeerRendezvousLimits &limits, AddressBudgets &budgets,
                               Counters &counters, QObject *parent)
    : QTcpServer(parent)
    , m_limits(limits)
    , m_budgets(budgets)
    , m_counters(counters)
    , m_upgrader("peer-rendezvous"_L1, QWebSocketServer::NonSecureMode)
{
    // Otherwise listen() asks the system for a proxy to listen through, which may take its time.
    setProxy(QNetworkProxy::NoProxy);
    m_upgrader.setProxy(QNetworkProxy::NoProxy);
    m_upgrader.setMaxPendingConnections(std::numeric_limits<int>::max());
    connect(&m_upgrader, &QWebSocketServer::newConnection, this, &ConnectionGate::takeWebSocket);
}

void ConnectionGate::incomingConnection(qintptr descriptor)
{
    QTcpSocket *socket = makeSocket();
    if (!socket->setSocketDescriptor(descriptor)) {
        delete socket;
        return;
    }
    const QByteArray address = addressKey(socket->peerAddress());
    if (!m_budgets.openConnection(bootTimeNow(), address)) {
        ++m_counters.connectionsRefused;
        socket->abort();
        delete socket;
        return;
    }
    ++m_counters.connectionsAccepted;
    auto *record = new SocketRecord(socket, &m_budgets, address);
    record->setObjectName("peer-socket-record"_L1);
    connect(record->timer(), &QTimer::timeout, this, [this, socket] {
        ++m_counters.headsRefused;
        socket->abort();
    });
    record->timer()->start(m_limits.headTime);
    // One octet more than is allowed, to see that it is too much.
    socket->setReadBufferSize(m_limits.headSize + 1);
    socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(socket, &QTcpSocket::readyRead, this, [this, socket] { greet(socket); });
}

/// The first octet tells STUN from TLS and from HTTP (RFC 7983).
void ConnectionGate::greet(QTcpSocket *socket)
{
    char first = 0;
    if (socket->peek(&first, 1) != 1)
        return;
    disconnect(socket, &QTcpSocket::readyRead, this, nullptr);
    if (StunConnection::isStun(first)) {
        takeStun(socket);
        return;
    }
    connect(socket, &QTcpSocket::readyRead, this, [this, socket] { readHead(socket); });
    if (auto *tls = qobject_cast<QSslSocket *>(socket)) {
        connect(tls, &QSslSocket::errorOccurred, this, [this, tls] {
            if (!tls->isEncrypted())
                ++m_counters.headsRefused;
        });
        tls->startServerEncryption();
    } else {
        readHead(socket);
    }
}

void ConnectionGate::takeStun(QTcpSocket *socket)
{
    SocketRecord *record = SocketRecord::of(socket);
    // A call can do without it, and not without its signaling.
    if (m_budgets.isHalfFull(record->address())) {
        ++m_counters.stunDropped;
        socket->abort();
        return;
    }
    QTimer *timer = record->timer();
    timer->disconnect(this);
    connect(timer, &QTimer::timeout, socket, &QTcpSocket::abort);
    timer->start(StunConnection::Lifetime);
    auto *connection = new StunConnection(socket, m_responder, m_counters);
    connection->read();
}

QTcpSocket *ConnectionGate::makeSocket()
{
    if (!m_tls)
        return new QTcpSocket(this);
    auto *socket = new QSslSocket(this);
    socket->setSslConfiguration(*m_tls);
    return socket;
}

void ConnectionGate::readHead(QTcpSocket *socket)
{
    const QByteArray octets = socket->peek(m_limits.headSize + 1);
    const qsizetype end = endOfHead(octets);
    if (end < 0 || end > m_limits.headSize) {
        if (octets.size() > m_limits.headSize) {
            ++m_counters.headsRefused;
            answer(socket, httpAnswer("431 Request Header Fields Too Large", {}));
        }
        return;
    }
    const std::optional<HttpHead> head = parseHttpHead(QByteArrayView(octets).first(end));
    if (!head) {
        ++m_counters.headsRefused;
        answer(socket, httpAnswer("400 Bad Request", {}));
    } else if (head->path == SocketPath.toUtf8() || head->path == TunnelPath.toUtf8()) {
        if (head->isWebSocketUpgrade && head->method == "GET")
            upgrade(socket, *head);
        else
            answer(socket,
                   httpAnswer("426 Upgrade Required",
                              {.body = "This is a PeerConnection rendezvous.\n",
                               .extraFields = "Upgrade: websocket\r\n"}));
    } else if (const auto page = m_pages ? m_pages(head->path) : std::nullopt; !page) {
        answer(socket, httpAnswer("404 Not Found", {.body = "Not found.\n"}));
    } else if (head->method != "GET") {
        answer(socket, httpAnswer("405 Method Not Allowed", {.extraFields = "Allow: GET\r\n"}));
    } else {
        answer(socket, httpAnswer("200 OK", *page));
    }
}

void ConnectionGate::answer(QTcpSocket *socket, const QByteArray &octets)
{
    ++m_counters.staticAnswers;
    disconnect(socket, &QTcpSocket::readyRead, this, nullptr);
    // Unread octets would turn the close into a reset, which may overtake the answer.
    socket->setReadBufferSize(m_limits.headSize);
    connect(socket, &QTcpSocket::readyRead, socket,
            [socket] { socket->skip(socket->bytesAvailable()); });
    socket->skip(socket->bytesAvailable());
    QTimer *timer = SocketRecord::of(socket)->timer();
    timer->disconnect(this);
    connect(timer, &QTimer::timeout, socket, &QTcpSocket::abort);
    timer->start(octets.size() > LongAnswer ? LongAnswerTime : AnswerTime);
    socket->write(octets);
    socket->disconnectFromHost();
}

void ConnectionGate::upgrade(QTcpSocket *socket, const HttpHead &head)
{
    disconnect(socket, &QTcpSocket::readyRead, this, nullptr);
    socket->setReadBufferSize(0);
    SocketRecord::of(socket)->host = head.host;
    SocketRecord::of(socket)->path = head.path;
    // QWebSocketServer does not tell of which socket it made a QWebSocket; but of two connections
    // that are there at a time, no two have the same peer.
    const QString peer = addressText(socket->peerAddress(), socket->peerPort());
    m_upgrading.insert(peer, socket);
    connect(socket, &QTcpSocket::disconnected, this, [this, peer] { m_upgrading.remove(peer); });
    m_upgrader.handleConnection(socket);
}

void ConnectionGate::takeWebSocket()
{
    while (QWebSocket *socket = m_upgrader.nextPendingConnection()) {
        const QString peer = addressText(socket->peerAddress(), socket->peerPort());
        QTcpSocket *tcp = m_upgrading.take(peer);
        if (!tcp) {
            delete socket;
            continue;
        }
        // QWebSocket uses the TCP socket but does not own it.
        tcp->setParent(socket);
        SocketRecord *record = SocketRecord::of(tcp);
        record->timer()->stop();
        ++m_counters.socketsOpened;
        Q_EMIT socketAccepted({socket, record->address(), record->host, peer, record->path});
    }
}

} // namespace peer::rendezvous
