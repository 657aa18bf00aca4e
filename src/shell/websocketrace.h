// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_WEBSOCKETRACE_H
#define PEER_SHELL_WEBSOCKETRACE_H

#include "shell/resolver.h"
#include "shell/websocketattempt.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <memory>
#include <optional>
#include <vector>

namespace peer {

/// Opens the URL of a WebSocketPort at whichever address of its host answers first (RFC 8305):
/// one attempt after the other, the next a moment later or at once when one fails.
class WebSocketRace : public QObject
{
    Q_OBJECT

public:
    /// options: to outlive the race.
    explicit WebSocketRace(const WebSocketOptions &options);

    /// Once. The result comes from the event loop.
    void start();
    /// The open socket, after succeeded().
    WebSocketPointer takeSocket() { return std::move(m_socket); }

    /// Of the most telling failure.
    WebSocketPort::Error error() const { return m_error; }
    QString errorString() const { return m_errorString; }
    QByteArray peerKey() const { return m_peerKey; }

Q_SIGNALS:
    /// One of the two, once. The race must outlive the call: deleteLater().
    void succeeded(); ///< messages may follow at once: takeSocket() and connect in the slot
    void failed();

private:
    void tryAll(const std::vector<IpAddress> &addresses);
    void startAttempt();
    void handleSucceeded(WebSocketAttempt *attempt);
    void handleFailed(WebSocketAttempt *attempt);
    void handleTimeout();
    void note(WebSocketPort::Error error, const QString &text);
    /// Stops everything. False if it has ended before.
    bool end();

    const WebSocketOptions &m_options;
    Resolver m_resolver;
    QTimer m_timeout;
    QTimer m_nextAttempt;
    /// Still to be tried; nullopt = by the host's name.
    std::vector<std::optional<IpAddress>> m_targets;
    std::vector<std::unique_ptr<WebSocketAttempt>> m_attempts;
    bool m_hasEnded = false;
    WebSocketPointer m_socket;
    WebSocketPort::Error m_error = WebSocketPort::Error::None;
    QString m_errorString;
    QByteArray m_peerKey;
};

} // namespace peer

#endif // PEER_SHELL_WEBSOCKETRACE_H
