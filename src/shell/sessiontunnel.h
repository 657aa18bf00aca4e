// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_SESSIONTUNNEL_H
#define PEER_SHELL_SESSIONTUNNEL_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "shell/websocketport.h"

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace peer {

struct SessionTunnelOptions
{
    WebSocketOptions socket;
    /// The text message that says which tunnel and which end of it; goes first.
    QString join;
    /// Codes of a close frame after which dialling again is of no use.
    std::vector<quint16> finalCodes;
    /// Called when one of them came: the server is there, but knows nothing of the tunnel. It may
    /// delete the tunnel.
    std::function<void()> whenRefused;
};

/// A session's end of its tunnel: dials a WebSocket, says the join message, then carries a datagram
/// as one binary message. When it ends it is dialled again, at growing intervals, until it is
/// deleted or the server says that there is no such tunnel.
///
/// Every connection is a transport of its own. Lives in one thread with an event loop; may be
/// deleted in any slot of its signals.
class SessionTunnel : public QObject
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds FirstRedial{250};
    static constexpr std::chrono::milliseconds LongestRedial{30'000};
    /// So often no longer than this: a server that is restarted is back within half a minute, and
    /// calls wait for it.
    static constexpr std::chrono::milliseconds EagerRedial{1000};
    static constexpr int EagerRedials = 30;

    explicit SessionTunnel(const SessionTunnelOptions &options, QObject *parent = nullptr);
    ~SessionTunnel() override;

    /// The proxy, with the credentials that it was tried with, wants some, or other ones. True if
    /// somebody is asked: it is not dialled again before continueByProxy().
    using ProxyAsker = std::function<bool(const QNetworkProxy &proxy)>;
    void setProxyAsker(ProxyAsker asker) { m_proxyAsker = std::move(asker); }
    bool isWaiting() const { return m_isWaiting; }
    void continueByProxy();

    void open();
    /// None while there is no connection.
    TransportId transport() const { return m_transport; }
    /// Connected, connecting, or about to: not once the server has said that there is no such
    /// tunnel.
    bool isActive() const { return m_socket || m_isWaiting || m_redialTimer.isActive(); }
    /// Why there is no connection, as a sentence; empty as long as none has failed.
    const QString &problem() const { return m_problem; }
    /// Dropped while there is no connection, and when the server takes them too slowly.
    void send(ByteView datagram);

Q_SIGNALS:
    void opened();
    void received(const QByteArray &datagram);
    /// transport: that of the connection that has ended.
    void closed(peer::TransportId transport);

private:
    void dial();
    void handleOpened();
    void handleClosed();

    SessionTunnelOptions m_options;
    ProxyAsker m_proxyAsker;
    /// For continueByProxy().
    bool m_isWaiting = false;
    std::unique_ptr<WebSocketPort> m_socket;
    TransportId m_transport = TransportId::None;
    QString m_problem;
    QTimer m_redialTimer;
    std::chrono::milliseconds m_redialDelay = FirstRedial;
    /// Since a connection stood.
    int m_redials = 0;
};

} // namespace peer

#endif // PEER_SHELL_SESSIONTUNNEL_H
