// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_WEBSOCKETATTEMPT_H
#define PEER_SHELL_WEBSOCKETATTEMPT_H

#include "core/base/address.h"
#include "shell/websocketport.h"

#include <QtCore/qobject.h>
#include <QtNetwork/qabstractsocket.h>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QSslError;
class QSslSocket;
class QWebSocket;
QT_END_NAMESPACE

namespace peer {

/// Deletes a QWebSocket from the event loop, for it may stand on the call stack. Its connections
/// go at once; an open one says 1001.
struct WebSocketDeleter
{
    void operator()(QWebSocket *socket) const;
};
using WebSocketPointer = std::unique_ptr<QWebSocket, WebSocketDeleter>;

/// One try to open the URL of a WebSocketPort at one address of its host: TCP, TLS with the
/// server's proof, and the upgrade. The port runs several of them against each other.
class WebSocketAttempt : public QObject
{
    Q_OBJECT

public:
    /// address: dialled in place of the host's name, which TLS and HTTP still see; none = as the
    /// proxy or Qt resolves it.
    WebSocketAttempt(const WebSocketOptions &options, const std::optional<IpAddress> &address);
    ~WebSocketAttempt() override;

    void start();
    /// The open socket, after succeeded().
    WebSocketPointer takeSocket();

    WebSocketPort::Error error() const { return m_error; }
    QString errorString() const { return m_errorString; }
    QByteArray peerKey() const { return m_peerKey; }

Q_SIGNALS:
    /// One of the two, once.
    void succeeded();
    void failed();

private:
    void dialAddress(QAbstractSocket *transport);
    void checkProof(QSslSocket *transport, const QList<QSslError> &errors);
    void handleConnected();
    void handleError(QAbstractSocket::SocketError error);
    void fail(WebSocketPort::Error error, const QString &text);
    QString hostText() const;

    const WebSocketOptions &m_options;
    std::optional<IpAddress> m_address;
    WebSocketPointer m_socket;
    /// Owned by m_socket; null for a ws: URL.
    QSslSocket *m_tls = nullptr;
    /// TCP stands (and TLS, if any): what fails later is the upgrade.
    bool m_isTransportReady = false;
    bool m_isFinished = false;
    WebSocketPort::Error m_error = WebSocketPort::Error::None;
    QString m_errorString;
    QByteArray m_peerKey;
};

} // namespace peer

#endif // PEER_SHELL_WEBSOCKETATTEMPT_H
