// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_SIGNALSESSION_H
#define PEERCAT_SIGNALSESSION_H

#include "session.h"
#include "standardstreams.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qtimer.h>

/// peercat connect or listen --signal-fd: a call whose signals go by two descriptors, a line each,
/// so that the peer can be any WebRTC stack. One call, then it ends.
class SignalSession : public Session
{
    Q_OBJECT

public:
    explicit SignalSession(const Options &options);
    void start() override;
    void interrupt() override;

private:
    void readSignals(const QByteArray &octets);
    void useChannel(PeerChannel *channel);
    void fail(const QString &code, const QString &reason);
    void failSignaling(const QString &reason);
    /// Whatever becomes of the signals does not matter any more.
    bool isOver() const;
    void handleClosed();

    bool isCaller() const { return m_options.mode == Options::Mode::Connect; }

    PeerConnection m_connection;
    StandardInput m_signalsIn;
    StandardOutput m_signalsOut;
    /// A line that has not ended.
    QByteArray m_line;
    Exchange *m_exchange = nullptr;
    QTimer m_timeout;
    bool m_wasConnected = false;
    bool m_isDone = false;
    ExitCode m_exitCode = ExitCode::Done;
};

#endif // PEERCAT_SIGNALSESSION_H
