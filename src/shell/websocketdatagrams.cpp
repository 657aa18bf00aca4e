// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketdatagrams.h"

#include "shell/boottime.h"

#include <QtNetwork/qsslsocket.h>
#include <QtWebSockets/qwebsocket.h>

#ifdef Q_OS_LINUX
#    include <netinet/in.h>
#    include <netinet/tcp.h>
#    include <sys/socket.h>
#endif

namespace peer {

namespace {

/// SO_SNDBUF: bounds what is on its way unacknowledged, and so the queue before a slow link. At
/// 50 ms of round trip it is good for 20 Mbit/s.
constexpr int SendBuffer = 128 * 1024;
/// TCP_NOTSENT_LOWAT: what waits in the system behind that.
constexpr int UnsentBuffer = 16 * 1024;
/// What Qt holds, encrypted or not, before more is given to it.
constexpr qint64 QtBuffer = 8 * 1024;

} // namespace

WebSocketDatagrams::WebSocketDatagrams(QWebSocket *socket, const Options &options, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_transport(socket->findChild<QAbstractSocket *>())
    , m_options(options)
{
    if (!m_transport)
        return;
    limitBuffers();
    connect(m_transport.data(), &QAbstractSocket::bytesWritten, this, &WebSocketDatagrams::drain);
    if (auto *tls = qobject_cast<QSslSocket *>(m_transport.data()))
        connect(tls, &QSslSocket::encryptedBytesWritten, this, &WebSocketDatagrams::drain);
}

WebSocketDatagrams::~WebSocketDatagrams() = default;

void WebSocketDatagrams::limitBuffers()
{
    m_transport->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_transport->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, SendBuffer);
#ifdef Q_OS_LINUX
    const qintptr descriptor = m_transport->socketDescriptor();
    if (descriptor >= 0) {
        // Without it the queue is longer, that is all.
        ::setsockopt(int(descriptor), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &UnsentBuffer,
                     sizeof UnsentBuffer);
    }
#endif
}

bool WebSocketDatagrams::hasRoom() const
{
    qint64 waiting = m_transport->bytesToWrite();
    if (const auto *tls = qobject_cast<const QSslSocket *>(m_transport.data()))
        waiting += tls->encryptedBytesToWrite();
    return waiting < QtBuffer;
}

int WebSocketDatagrams::send(const QByteArray &datagram)
{
    const quint64 before = m_dropped;
    if (!m_transport) {
        ++m_dropped;
        return 1;
    }
    m_queue.push_back({datagram, bootTimeNow()});
    m_queuedOctets += datagram.size();
    drain();
    while (m_queuedOctets > m_options.queue && !m_queue.empty()) {
        m_queuedOctets -= m_queue.front().datagram.size();
        m_queue.pop_front();
        ++m_dropped;
    }
    return int(m_dropped - before);
}

void WebSocketDatagrams::drain()
{
    if (m_isDraining)
        return;
    m_isDraining = true;
    while (m_transport && !m_queue.empty() && hasRoom()) {
        const Waiting next = std::move(m_queue.front());
        m_queue.pop_front();
        m_queuedOctets -= next.datagram.size();
        if (bootTimeNow() - next.since > m_options.patience)
            ++m_dropped;
        else
            m_socket->sendBinaryMessage(next.datagram);
    }
    m_isDraining = false;
}

} // namespace peer
