// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/websocketdatagrams.h"

#include <QtNetwork/qsslsocket.h>
#include <QtWebSockets/qwebsocket.h>

namespace peer {

WebSocketDatagrams::WebSocketDatagrams(QWebSocket *socket, const Options &options, QObject *parent)
    : QObject(parent)
    , m_socket(socket)
    , m_transport(socket->findChild<QAbstractSocket *>())
    , m_queue(options)
{
    if (!m_transport)
        return;
    DatagramQueue::limitBuffers(*m_transport);
    connect(m_transport.data(), &QAbstractSocket::bytesWritten, this, &WebSocketDatagrams::drain);
    if (auto *tls = qobject_cast<QSslSocket *>(m_transport.data()))
        connect(tls, &QSslSocket::encryptedBytesWritten, this, &WebSocketDatagrams::drain);
}

WebSocketDatagrams::~WebSocketDatagrams() = default;

bool WebSocketDatagrams::hasRoom() const
{
    qint64 waiting = m_transport->bytesToWrite();
    if (const auto *tls = qobject_cast<const QSslSocket *>(m_transport.data()))
        waiting += tls->encryptedBytesToWrite();
    return waiting < DatagramQueue::QtBuffer;
}

int WebSocketDatagrams::send(const QByteArray &datagram)
{
    const quint64 before = m_queue.dropped();
    if (!m_transport) {
        m_queue.noteDropped();
        return 1;
    }
    m_queue.push(datagram);
    drain();
    m_queue.trim();
    return int(m_queue.dropped() - before);
}

void WebSocketDatagrams::drain()
{
    if (m_isDraining)
        return;
    m_isDraining = true;
    while (m_transport && !m_queue.isEmpty() && hasRoom()) {
        if (const auto datagram = m_queue.next())
            m_socket->sendBinaryMessage(*datagram);
    }
    m_isDraining = false;
}

} // namespace peer
