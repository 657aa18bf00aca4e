// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_EXCHANGE_H
#define PEERCAT_EXCHANGE_H

#include "standardstreams.h"

#include <PeerConnection/PeerChannel>

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>

/// Joins standard input and output to one channel. Each direction ends with an empty message;
/// finished() comes when both have, and all is written.
class Exchange : public QObject
{
    Q_OBJECT

public:
    explicit Exchange(PeerChannel *channel, QObject *parent = nullptr);

    /// Both directions have ended, and what came is on its way to standard output: finished() will
    /// come, even if the channel is no more.
    bool isWritingOut() const { return bothHaveEnded() && !m_isFinished; }

Q_SIGNALS:
    void finished();
    void failed(const QString &reason);

private:
    void send(const QByteArray &chunk);
    void sendWaiting();
    void receive(const QByteArray &message);
    bool bothHaveEnded() const { return m_inputEnded && !m_isWaiting && m_outputEnded; }
    void finishIfBothEnded();

    QPointer<PeerChannel> m_channel;
    StandardInput m_input;
    StandardOutput m_output;
    QByteArray m_waiting;
    bool m_isWaiting = false;
    bool m_inputEnded = false;
    bool m_outputEnded = false;
    bool m_isFinished = false;
};

/// Sends back on the channel whatever arrives, its end included.
class Echo : public QObject
{
    Q_OBJECT

public:
    explicit Echo(PeerChannel *channel);

private:
    void resume();

    PeerChannel *m_channel;
    QByteArray m_waiting;
    bool m_isWaiting = false;
};

#endif // PEERCAT_EXCHANGE_H
