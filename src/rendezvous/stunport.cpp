// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/stunport.h"

#include "shell/boottime.h"
#include "shell/qtaddress.h"

#include <QtNetwork/qnetworkdatagram.h>
#include <QtNetwork/qnetworkproxy.h>

#include <array>
#include <cstdint>

namespace peer::rendezvous {

namespace {

/// Datagrams a turn of the event loop, so that a flood of them does not starve the WebSockets.
constexpr int BatchSize = 64;
/// A Binding request with what clients put into it is far smaller.
constexpr qint64 MaxRequestSize = 1500;

} // namespace

StunPort::StunPort(const PeerRendezvousLimits &limits, std::size_t seed, Counters &counters,
                   QObject *parent)
    : QObject(parent)
    , m_rates(limits.stunRate, limits.rateBuckets, seed)
    , m_counters(counters)
{
    for (QUdpSocket *socket : {&m_main, &m_second}) {
        socket->setProxy(QNetworkProxy::NoProxy);
        connect(socket, &QUdpSocket::readyRead, this, &StunPort::readBatch);
    }
}

bool StunPort::bind(const QHostAddress &address, quint16 port)
{
    m_second.close();
    if (!m_main.bind(address, port, QAbstractSocket::DontShareAddress))
        return false;
    if (port < 65535)
        m_second.bind(address, port + 1, QAbstractSocket::DontShareAddress);
    return true;
}

bool StunPort::hasPending() const
{
    return m_main.hasPendingDatagrams() || m_second.hasPendingDatagrams();
}

void StunPort::readBatch()
{
    for (int i = 0; i < BatchSize && hasPending(); ++i) {
        if (m_main.hasPendingDatagrams())
            readOne(m_main, m_second);
        if (m_second.hasPendingDatagrams())
            readOne(m_second, m_main);
    }
    if (hasPending() && !m_isBatchScheduled) {
        m_isBatchScheduled = true;
        QMetaObject::invokeMethod(
            this,
            [this] {
                m_isBatchScheduled = false;
                readBatch();
            },
            Qt::QueuedConnection);
    }
}

void StunPort::readOne(QUdpSocket &socket, QUdpSocket &other)
{
    const QNetworkDatagram request = socket.receiveDatagram(MaxRequestSize);
    const QHostAddress sender = request.senderAddress();
    if (!request.isValid() || request.senderPort() <= 0) {
        ++m_counters.stunDropped;
        return;
    }
    const TransportAddress source{toIpAddress(sender), quint16(request.senderPort())};
    TransportAddress otherAddress;
    if (other.state() == QAbstractSocket::BoundState && !request.destinationAddress().isNull())
        otherAddress = {toIpAddress(request.destinationAddress()), other.localPort()};
    std::array<std::uint8_t, stun::Responder::MaxAnswerSize> out;
    const QByteArray octets = request.data();
    const auto answer = m_responder.answer(
        ByteView(reinterpret_cast<const std::uint8_t *>(octets.constData()),
                 std::size_t(octets.size())),
        source, otherAddress, out);
    if (answer.octets.empty() || !m_rates.take(bootTimeNow(), addressKey(sender))) {
        ++m_counters.stunDropped;
        return;
    }
    ++m_counters.stunAnswers;
    // From the address that was asked, which the system need not choose by itself.
    const QNetworkDatagram reply = request.makeReply(QByteArray(
        reinterpret_cast<const char *>(answer.octets.data()), qsizetype(answer.octets.size())));
    (answer.leavesByOtherPort ? other : socket).writeDatagram(reply);
}

} // namespace peer::rendezvous
