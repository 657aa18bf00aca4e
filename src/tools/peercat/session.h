// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCAT_SESSION_H
#define PEERCAT_SESSION_H

#include "eventlog.h"
#include "options.h"

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

/// Exit codes, as the help tells them.
enum class ExitCode { Done = 0, Usage = 1, NotConnected = 2, ConnectionLost = 3, Refused = 4 };

/// One run of peercat. Ends by finished(), once.
class Session : public QObject
{
    Q_OBJECT

public:
    explicit Session(const Options &options);

    virtual void start() = 0;
    /// The user wants out: hangs up and finishes.
    virtual void interrupt() = 0;

Q_SIGNALS:
    void finished(ExitCode code);

protected:
    static ExitCode exitCodeOf(PeerConnection::Error error, bool wasConnected);
    static QString codeOf(PeerConnection::Error error);
    /// And what was tried, where it is about paths.
    void tellError(const PeerConnection &connection, PeerConnection::Error error);

    /// Of the channel that carries standard input and output.
    static const QString ChannelLabel;

    const Options m_options;
    EventLog m_log;
};

class Exchange;

/// peercat connect.
class ConnectSession : public Session
{
    Q_OBJECT

public:
    explicit ConnectSession(const Options &options);
    void start() override;
    void interrupt() override;

private:
    void handleClosed();

    PeerConnection m_connection;
    QTimer m_timeout;
    bool m_wasConnected = false;
    bool m_isDone = false;
    ExitCode m_exitCode = ExitCode::Done;
};

/// peercat listen.
class ListenSession : public Session
{
    Q_OBJECT

public:
    explicit ListenSession(const Options &options);
    void start() override;
    void interrupt() override;

private:
    void handleListenerError(PeerConnection::Error error);
    void handleIncoming(PeerConnection *connection);
    void handleChannel(PeerConnection *connection, PeerChannel *channel);
    void handleClosed(PeerConnection *connection);

    PeerListener m_listener;
    /// The call that has standard input and output; null with --echo.
    PeerConnection *m_current = nullptr;
    Exchange *m_exchange = nullptr;
    bool m_isDone = false;
};

#endif // PEERCAT_SESSION_H
