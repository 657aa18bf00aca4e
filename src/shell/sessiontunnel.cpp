// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/sessiontunnel.h"

#include "shell/udpport.h"

#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// Of the server's messages there are only datagrams.
constexpr qint64 MaxMessage = 2048;

SessionTunnelOptions forDatagrams(SessionTunnelOptions options)
{
    options.socket.carriesDatagrams = true;
    options.socket.maxMessageSize = MaxMessage;
    return options;
}

} // namespace

SessionTunnel::SessionTunnel(const SessionTunnelOptions &options, QObject *parent)
    : QObject(parent)
    , m_options(forDatagrams(options))
{
    m_redialTimer.setSingleShot(true);
    connect(&m_redialTimer, &QTimer::timeout, this, &SessionTunnel::dial);
}

SessionTunnel::~SessionTunnel() = default;

void SessionTunnel::open()
{
    if (!isActive())
        dial();
}

void SessionTunnel::dial()
{
    m_socket = std::make_unique<WebSocketPort>(m_options.socket);
    connect(m_socket.get(), &WebSocketPort::opened, this, &SessionTunnel::handleOpened);
    connect(m_socket.get(), &WebSocketPort::closed, this, &SessionTunnel::handleClosed);
    connect(m_socket.get(), &WebSocketPort::binaryReceived, this, &SessionTunnel::received);
    m_socket->open();
}

void SessionTunnel::continueByProxy()
{
    if (std::exchange(m_isWaiting, false))
        dial();
}

void SessionTunnel::send(ByteView datagram)
{
    if (m_transport == TransportId::None)
        return;
    m_socket->sendDatagram(
        QByteArray(reinterpret_cast<const char *>(datagram.data()), qsizetype(datagram.size())));
}

void SessionTunnel::handleOpened()
{
    m_socket->sendText(m_options.join);
    m_transport = newTransportId();
    m_problem.clear();
    Q_EMIT opened();
}

void SessionTunnel::handleClosed()
{
    const quint16 code = m_socket->closeCode();
    const bool isFinal = std::find(m_options.finalCodes.begin(), m_options.finalCodes.end(), code)
        != m_options.finalCodes.end();
    const bool isTold = m_socket->error() == WebSocketPort::Error::ClosedByPeer;
    m_problem = m_socket->errorString();
    m_isWaiting = m_socket->error() == WebSocketPort::Error::ProxyAuthentication && m_proxyAsker
        && m_proxyAsker(m_socket->proxy());
    m_socket.release()->deleteLater(); // it is calling
    const TransportId ended = std::exchange(m_transport, TransportId::None);
    // A connection that is merely lost may be back at once; what the server says of its own accord
    // (a limit, nothing to do) will not change soon.
    if (ended != TransportId::None) {
        m_redialDelay = FirstRedial;
        m_redials = 0;
    }
    if (isTold)
        m_redialDelay = LongestRedial;
    if (!isFinal && !m_isWaiting)
        m_redialTimer.start(m_redialDelay);
    const bool isEager = ++m_redials < EagerRedials;
    m_redialDelay = std::min(2 * m_redialDelay, isEager ? EagerRedial : LongestRedial);
    const QPointer<SessionTunnel> guard(this);
    if (ended != TransportId::None)
        Q_EMIT closed(ended);
    if (guard && isFinal && m_options.whenRefused) {
        const auto refused = m_options.whenRefused; // it may delete us
        refused();
    }
}

} // namespace peer
