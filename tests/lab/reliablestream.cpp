// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "reliablestream.h"

#include <QtCore/qendian.h>

#include <chrono>
#include <random>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// With messages of 4.5 kB on average that is 90 kB/s, far below what the lines carry: a call, not
/// a test of throughput.
constexpr auto Pace = 50ms;
/// While a connection is away the transfer waits for it with this much under way.
constexpr qint64 BufferedAtMost = 256 * 1024;

} // namespace

ReliableStream::ReliableStream(PeerChannel *channel)
    : QObject(channel)
    , m_channel(channel)
{
    connect(channel, &PeerChannel::messageReceived, this, &ReliableStream::receive);
    connect(&m_pace, &QTimer::timeout, this, &ReliableStream::sendNext);
    m_pace.start(Pace);
}

void ReliableStream::finish()
{
    m_isFinishing = true;
}

QByteArray ReliableStream::message(quint64 number)
{
    std::mt19937_64 generator(number);
    const auto words = qsizetype(1 + generator() % 1125);
    QByteArray message(8 * (1 + words), Qt::Uninitialized);
    qToBigEndian(number, message.data());
    for (qsizetype i = 1; i <= words; ++i)
        qToBigEndian(quint64(generator()), message.data() + 8 * i);
    return message;
}

void ReliableStream::sendNext()
{
    if (m_hasEnded || m_channel->bufferedAmount() > BufferedAtMost)
        return;
    if (!m_isFinishing) {
        if (m_channel->sendMessage(message(m_sent)))
            ++m_sent;
        return;
    }
    m_hasEnded = m_channel->sendMessage({});
    if (isDone())
        Q_EMIT done();
}

void ReliableStream::receive(const QByteArray &received)
{
    if (received.isEmpty()) {
        m_peerHasEnded = true;
        if (isDone())
            Q_EMIT done();
        return;
    }
    if (received != message(m_received))
        ++m_wrong;
    ++m_received;
}

QJsonObject ReliableStream::result() const
{
    return {{u"sent"_s, double(m_sent)},
            {u"received"_s, double(m_received)},
            {u"wrong"_s, double(m_wrong)},
            {u"done"_s, isDone()}};
}
