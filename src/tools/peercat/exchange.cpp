// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "exchange.h"

using namespace Qt::StringLiterals;

namespace {

/// Reading goes on when this much is left, so that the transport never runs dry.
constexpr qint64 ResumeBelow = PeerChannel::SendBufferSize / 2;

} // namespace

Exchange::Exchange(PeerChannel *channel, QObject *parent)
    : QObject(parent)
    , m_channel(channel)
{
    channel->setBufferedAmountLowThreshold(ResumeBelow);
    connect(&m_input, &StandardInput::chunkRead, this, &Exchange::send);
    connect(&m_input, &StandardInput::ended, this, [this] {
        m_inputEnded = true;
        send({});
    });
    connect(&m_input, &StandardInput::failed, this, [this](const QString &reason) {
        Q_EMIT failed(u"cannot read standard input: %1"_s.arg(reason));
    });
    connect(channel, &PeerChannel::bufferedAmountLow, this, &Exchange::sendWaiting);
    connect(channel, &PeerChannel::messageReceived, this, &Exchange::receive);
    connect(&m_output, &StandardOutput::drained, this, [this] {
        if (m_channel)
            m_channel->setReceivingPaused(false);
        finishIfBothEnded();
    });
    connect(&m_output, &StandardOutput::failed, this, [this](const QString &reason) {
        // Nobody reads any more: what still comes is not to hold up the end.
        if (m_channel)
            m_channel->setReceivingPaused(false);
        Q_EMIT failed(u"cannot write standard output: %1"_s.arg(reason));
    });
    m_input.setReading(true);
}

void Exchange::send(const QByteArray &chunk)
{
    if (!m_channel)
        return;
    if (m_channel->sendMessage(chunk)) {
        finishIfBothEnded();
        return;
    }
    m_waiting = chunk;
    m_isWaiting = true;
    m_input.setReading(false);
}

void Exchange::sendWaiting()
{
    if (!m_isWaiting)
        return;
    m_isWaiting = false;
    send(m_waiting);
    if (!m_isWaiting && !m_inputEnded)
        m_input.setReading(true);
}

void Exchange::receive(const QByteArray &message)
{
    if (message.isEmpty()) {
        m_outputEnded = true;
        finishIfBothEnded();
        return;
    }
    m_output.write(message);
    if (m_output.isFull())
        m_channel->setReceivingPaused(true);
}

void Exchange::finishIfBothEnded()
{
    if (m_isFinished || !bothHaveEnded() || !m_output.isEmpty())
        return;
    m_isFinished = true;
    Q_EMIT finished();
}

Echo::Echo(PeerChannel *channel)
    : QObject(channel)
    , m_channel(channel)
{
    channel->setBufferedAmountLowThreshold(ResumeBelow);
    connect(channel, &PeerChannel::bufferedAmountLow, this, &Echo::resume);
    connect(channel, &PeerChannel::messageReceived, this, [this](const QByteArray &message) {
        if (m_channel->sendMessage(message))
            return;
        m_waiting = message;
        m_isWaiting = true;
        m_channel->setReceivingPaused(true);
    });
}

void Echo::resume()
{
    if (!m_isWaiting || !m_channel->sendMessage(m_waiting))
        return;
    m_isWaiting = false;
    m_channel->setReceivingPaused(false);
}
