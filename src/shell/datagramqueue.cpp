// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/datagramqueue.h"

#include "shell/boottime.h"

#include <QtCore/qvariant.h>
#include <QtNetwork/qabstractsocket.h>

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

} // namespace

DatagramQueue::DatagramQueue(const Options &options)
    : m_options(options)
{ }

void DatagramQueue::push(const QByteArray &datagram)
{
    m_waiting.push_back({datagram, bootTimeNow()});
    m_octets += datagram.size();
}

QByteArray DatagramQueue::take()
{
    const QByteArray datagram = m_waiting.front().datagram;
    m_waiting.pop_front();
    m_octets -= datagram.size();
    return datagram;
}

std::optional<QByteArray> DatagramQueue::next()
{
    while (!m_waiting.empty()) {
        const bool isStale = bootTimeNow() - m_waiting.front().since > m_options.patience;
        const QByteArray datagram = take();
        if (!isStale)
            return datagram;
        ++m_dropped;
    }
    return std::nullopt;
}

void DatagramQueue::trim()
{
    while (m_octets > m_options.octets && !m_waiting.empty()) {
        take();
        ++m_dropped;
    }
}

void DatagramQueue::limitBuffers(QAbstractSocket &socket)
{
    socket.setSocketOption(QAbstractSocket::LowDelayOption, 1);
    socket.setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, SendBuffer);
#ifdef Q_OS_LINUX
    const qintptr descriptor = socket.socketDescriptor();
    if (descriptor >= 0) {
        // Without it the queue is longer, that is all.
        ::setsockopt(int(descriptor), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &UnsentBuffer,
                     sizeof UnsentBuffer);
    }
#endif
}

} // namespace peer
