// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "filetransfer.h"

#include "fileoffer.h"

#include <PeerConnection/PeerChannel>

using namespace Qt::StringLiterals;

namespace demo {

namespace {
constexpr int TellEvery = 100; // milliseconds
}

FileTransfer::FileTransfer(PeerChannel *channel, QObject *parent)
    : QObject(parent)
    , m_channel(channel)
{
    connect(channel, &PeerChannel::textReceived, this, &FileTransfer::takeText);
    connect(channel, &PeerChannel::closed, this, &FileTransfer::cutOff);
    connect(channel, &QObject::destroyed, this, &FileTransfer::cutOff);
}

FileTransfer::~FileTransfer()
{
    if (m_channel) {
        disconnect(m_channel, nullptr, this, nullptr);
        m_channel->close();
    }
}

void FileTransfer::cancel()
{
    finish(State::Cancelled, tr("Cancelled"));
}

void FileTransfer::setName(const QString &name, qint64 size)
{
    m_name = name;
    m_size = size;
    Q_EMIT nameChanged();
}

void FileTransfer::setDone(qint64 done)
{
    if (m_done == done)
        return;
    m_done = done;
    if (!m_sinceTold.isValid() || m_sinceTold.elapsed() >= TellEvery || done == m_size) {
        m_sinceTold.start();
        Q_EMIT doneChanged();
    }
}

void FileTransfer::start()
{
    if (m_state != State::Waiting)
        return;
    m_state = State::Running;
    Q_EMIT stateChanged();
}

void FileTransfer::finish(State state, const QString &words)
{
    if (!isRunning())
        return;
    m_state = state;
    m_words = words;
    end();
    if (m_channel && state != State::Done && !m_wasCutOff)
        m_channel->sendText(FileOffer::cancellation());
    if (m_channel)
        m_channel->close();
    Q_EMIT doneChanged();
    Q_EMIT stateChanged();
}

void FileTransfer::takeText(const QString &message)
{
    if (FileOffer::isCancellation(message))
        finish(State::Cancelled, tr("Ended by the other side"));
}

void FileTransfer::cutOff()
{
    if (!isRunning())
        return;
    m_wasCutOff = true;
    finish(State::Failed, tr("Cut off before it was whole"));
}

} // namespace demo
