// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "ticks.h"

#include <QtCore/qendian.h>

#include <chrono>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto Pace = 20ms;
constexpr qsizetype MessageSize = 160;
/// What waits beyond is of no use any more when it arrives.
constexpr qint64 BufferedAtMost = 4 * MessageSize;
/// A silence of note, in ms: three datagrams did not come.
constexpr double SilenceOfNote = 70;
/// An hour's: what has a higher number is not believed.
constexpr quint64 NumbersAtMost = 3600 * 50;

} // namespace

double machineTime()
{
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Ticks::Ticks(PeerChannel *channel)
    : QObject(channel)
    , m_channel(channel)
{
    connect(channel, &PeerChannel::messageReceived, this, &Ticks::receive);
    connect(&m_pace, &QTimer::timeout, this, &Ticks::sendNext);
    m_pace.setTimerType(Qt::PreciseTimer);
    m_pace.start(Pace);
}

void Ticks::stop()
{
    m_pace.stop();
    countSilence(machineTime());
    m_lastArrival = 0;
}

void Ticks::sendNext()
{
    QByteArray message(MessageSize, '\0');
    qToBigEndian(m_sent, message.data());
    qToBigEndian(qint64(machineTime() * 1000), message.data() + 8);
    if (m_channel->bufferedAmount() <= BufferedAtMost && m_channel->sendMessage(message))
        ++m_sent;
    if (!m_isSilent && m_lastArrival > 0 && machineTime() - m_lastArrival > SilenceOfNote) {
        m_isSilent = true;
        Q_EMIT silent();
    }
}

void Ticks::receive(const QByteArray &message)
{
    if (message.size() != MessageSize)
        return;
    const double now = machineTime();
    const auto number = qFromBigEndian<quint64>(message.constData());
    const double sentAt = double(qFromBigEndian<qint64>(message.constData() + 8)) / 1000;
    m_longestWay = std::max(m_longestWay, now - sentAt);
    if (number >= NumbersAtMost)
        return;
    if (number >= m_seen.size())
        m_seen.resize(number + 1);
    if (m_seen[number]) {
        ++m_doubled;
        return;
    }
    m_seen[number] = true;
    ++m_received;
    if (!m_pace.isActive())
        return; // the peer is about to stop as well
    countSilence(now);
    m_lastArrival = now;
    if (m_isSilent) {
        m_isSilent = false;
        Q_EMIT heard();
    }
}

void Ticks::countSilence(double until)
{
    if (m_lastArrival > 0 && until - m_lastArrival > SilenceOfNote)
        m_silences.append(QJsonArray{m_lastArrival, until});
}

QJsonObject Ticks::result() const
{
    return {{u"sent"_s, double(m_sent)},
            {u"received"_s, double(m_received)},
            {u"expected"_s, double(m_seen.size())},
            {u"doubled"_s, double(m_doubled)},
            {u"longestWay"_s, m_longestWay},
            {u"silences"_s, m_silences}};
}
