// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/tunnelend.h"

#include "shell/boottime.h"

#include <chrono>

namespace peer::rendezvous {

namespace {

/// For the close frame and what is queued before it; then the socket is dropped.
constexpr std::chrono::milliseconds CloseTime{3'000};
/// Of the join message, and so of any frame.
constexpr int MaxJoinSize = 1024;

} // namespace

TunnelEnd::TunnelEnd(const AcceptedSocket &accepted, const PeerRendezvousLimits &limits,
                     Counters &counters, QObject *parent)
    : QObject(parent)
    , m_socket(accepted.socket)
    , m_outgoing(accepted.socket, {limits.tunnelQueue})
    , m_limits(limits)
    , m_counters(counters)
    , m_address(accepted.address)
    , m_silence(bootTimeNow())
{
    m_socket->setParent(nullptr);
    const quint64 largest = quint64(std::max(MaxJoinSize, limits.datagramSize));
    m_socket->setMaxAllowedIncomingMessageSize(largest);
    m_socket->setMaxAllowedIncomingFrameSize(largest);
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, &TunnelEnd::takeText);
    connect(m_socket.get(), &QWebSocket::binaryMessageReceived, this, &TunnelEnd::takeDatagram);
    connect(m_socket.get(), &QWebSocket::pong, this, [this] { m_silence.heard(bootTimeNow()); });
    connect(m_socket.get(), &QWebSocket::disconnected, this, &TunnelEnd::ended,
            Qt::QueuedConnection);

    m_joinTimer.setSingleShot(true);
    connect(&m_joinTimer, &QTimer::timeout, this,
            [this] { close(QWebSocketProtocol::CloseCodePolicyViolated); });
    m_joinTimer.start(limits.helloTime);
    connect(&m_pingTimer, &QTimer::timeout, this, &TunnelEnd::checkSilence);
    m_pingTimer.start(limits.pingInterval);
}

TunnelEnd::~TunnelEnd()
{
    // Otherwise its destruction would still call us.
    m_socket->disconnect(this);
}

void TunnelEnd::takeText(const QString &text)
{
    m_silence.heard(bootTimeNow());
    if (m_isClosing)
        return;
    const auto join = parseTunnelJoin(text.toUtf8());
    if (m_hasJoined || !join) {
        ++m_counters.messagesMalformed;
        close(QWebSocketProtocol::CloseCodePolicyViolated);
        return;
    }
    m_hasJoined = true;
    m_joinTimer.stop();
    Q_EMIT joined(*join);
}

void TunnelEnd::takeDatagram(const QByteArray &datagram)
{
    const TimePoint now = bootTimeNow();
    m_silence.heard(now);
    if (m_isClosing)
        return;
    if (!m_hasJoined) {
        ++m_counters.messagesMalformed;
        close(QWebSocketProtocol::CloseCodePolicyViolated);
    } else if (datagram.size() > m_limits.datagramSize) {
        close(QWebSocketProtocol::CloseCodeTooMuchData);
    } else if (!m_datagrams.take(now, m_limits.datagramRate)
               || !m_octets.take(now, m_limits.tunnelRate, double(datagram.size()))) {
        ++m_counters.datagramsDropped;
    } else {
        Q_EMIT received(datagram);
    }
}

void TunnelEnd::send(const QByteArray &datagram)
{
    if (m_isClosing)
        return;
    m_counters.datagramsDropped += m_outgoing.send(datagram);
    ++m_counters.datagramsRelayed;
}

void TunnelEnd::close(TunnelClose why)
{
    closeWith(int(why));
}

void TunnelEnd::close(QWebSocketProtocol::CloseCode code)
{
    closeWith(code);
}

/// By number: codes of our own (4000 to 4999) are none of Qt's enumeration.
void TunnelEnd::closeWith(int code)
{
    if (m_isClosing)
        return;
    m_isClosing = true;
    m_joinTimer.stop();
    m_socket->close(QWebSocketProtocol::CloseCode(code));
    QTimer::singleShot(CloseTime, m_socket.get(), &QWebSocket::abort);
}

void TunnelEnd::checkSilence()
{
    if (m_silence.asks(bootTimeNow(), m_limits))
        m_socket->ping();
    else
        m_socket->abort();
}

} // namespace peer::rendezvous
