// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/stunconnection.h"

#include "core/base/bytes.h"
#include "shell/qtaddress.h"

#include <array>

namespace peer::rendezvous {

namespace {

/// RFC 8489 section 5: of which octets 2 and 3 are the length of what follows.
constexpr qsizetype HeaderSize = 20;

ByteView view(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.constData()), std::size_t(octets.size())};
}

} // namespace

StunConnection::StunConnection(QTcpSocket *socket, const stun::Responder &responder,
                               Counters &counters)
    : QObject(socket)
    , m_socket(socket)
    , m_responder(responder)
    , m_counters(counters)
{
    connect(socket, &QTcpSocket::readyRead, this, &StunConnection::read);
}

void StunConnection::read()
{
    for (;;) {
        const QByteArray header = m_socket->peek(HeaderSize);
        if (header.size() < HeaderSize)
            return;
        const qsizetype size = HeaderSize + readUint16(view(header).data() + 2);
        if (size > MaxRequestSize) {
            refuse();
            return;
        }
        if (m_socket->bytesAvailable() < size)
            return;
        if (!answer(m_socket->read(size))) {
            refuse();
            return;
        }
    }
}

bool StunConnection::answer(const QByteArray &request)
{
    if (m_left == 0)
        return false;
    --m_left;
    const TransportAddress source{toIpAddress(m_socket->peerAddress()), m_socket->peerPort()};
    std::array<std::uint8_t, stun::Responder::MaxAnswerSize> out;
    const ByteView octets = m_responder.answer(view(request), source, out);
    if (octets.empty())
        return false;
    ++m_counters.stunAnswers;
    m_socket->write(reinterpret_cast<const char *>(octets.data()), qint64(octets.size()));
    return true;
}

void StunConnection::refuse()
{
    ++m_counters.stunDropped;
    m_socket->abort();
}

} // namespace peer::rendezvous
