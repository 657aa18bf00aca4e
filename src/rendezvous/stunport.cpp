// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/stunport.h"

#include "shell/boottime.h"
#include "shell/qtaddress.h"

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
    , m_socket(this)
{
    m_socket.setProxy(QNetworkProxy::NoProxy);
    connect(&m_socket, &QUdpSocket::readyRead, this, &StunPort::readBatch);
}

bool StunPort::bind(const QHostAddress &address, quint16 port)
{
    return m_socket.bind(address, port, QAbstractSocket::DontShareAddress);
}

void StunPort::readBatch()
{
    for (int i = 0; i < BatchSize && m_socket.hasPendingDatagrams(); ++i)
        readOne();
    if (m_socket.hasPendingDatagrams() && !m_isBatchScheduled) {
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

void StunPort::readOne()
{
    std::array<std::uint8_t, MaxRequestSize> request;
    std::array<std::uint8_t, stun::Responder::MaxAnswerSize> out;
    QHostAddress sender;
    quint16 port = 0;
    const qint64 size = m_socket.readDatagram(reinterpret_cast<char *>(request.data()),
                                              qint64(request.size()), &sender, &port);
    if (size <= 0 || port == 0) {
        ++m_counters.stunDropped;
        return;
    }
    const TransportAddress source{toIpAddress(sender), port};
    const ByteView answer = m_responder.answer(ByteView(request.data(), std::size_t(size)), source,
                                               out);
    if (answer.empty() || !m_rates.take(bootTimeNow(), addressKey(sender))) {
        ++m_counters.stunDropped;
        return;
    }
    ++m_counters.stunAnswers;
    m_socket.writeDatagram(reinterpret_cast<const char *>(answer.data()), qint64(answer.size()),
                           sender, port);
}

} // namespace peer::rendezvous
