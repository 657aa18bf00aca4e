// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_WEBSOCKETPORT_H
#define PEER_SHELL_WEBSOCKETPORT_H

#include "core/base/address.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtCore/qpair.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <chrono>
#include <memory>
#include <vector>

namespace peer {

/// How the server of a wss: URL proves who it is. A ws: URL uses none of it.
struct TlsTrust
{
    /// 32 octets, the SHA-256 of the server's SubjectPublicKeyInfo. If given, it alone decides:
    /// neither the chain, nor the name, nor the dates of the certificate matter.
    QByteArray pinnedKey;
    /// Trusted in addition to the system's authorities, when there is no pin.
    QList<QSslCertificate> extraAuthorities;
};

struct WebSocketOptions
{
    /// ws: or wss:, without user information and fragment.
    QUrl url;
    TlsTrust trust;
    /// Dialled in place of what the host's name resolves to, for whoever knows them; in the order
    /// of preference. TLS and HTTP see the name all the same. Not with a proxy.
    std::vector<IpAddress> addresses;
    /// Without a proxy the addresses of the host are raced (RFC 8305); with one, it resolves.
    /// DefaultProxy: what SystemProxies says; if there are several, the next one when the one
    /// before led nowhere.
    QNetworkProxy proxy{QNetworkProxy::NoProxy};
    /// Sent in the opening handshake beside the standard ones.
    QList<QPair<QByteArray, QByteArray>> headers;
    QString userAgent;
    /// sendDatagram() will be used: the system's buffers are kept small for it.
    bool carriesDatagrams = false;

    /// From open() to opened(), name resolution included.
    std::chrono::milliseconds connectTimeout{10000};
    /// A longer incoming message closes the socket (MessageTooLarge).
    qint64 maxMessageSize = 256 * 1024;
    /// Octets accepted by send…() and not yet taken by the system; beyond it, send…() refuses.
    qint64 maxSendBuffer = 1024 * 1024;
    /// A ping goes out when nothing was heard for so long; 0 = never.
    std::chrono::milliseconds pingInterval{20000};
    /// And the socket is given up when the ping was not answered, by anything at all, for so long.
    std::chrono::milliseconds pongTimeout{10000};
};

/// A WebSocket client for signaling and tunnel: opens one URL, carries whole messages, ends once.
///
/// Lives in one thread with an event loop and blocks never. It may be deleted in any slot of its
/// signals. Reconnecting is the owner's business: make another one.
class WebSocketPort : public QObject
{
    Q_OBJECT

public:
    enum class State : quint8 { Idle, Connecting, Open, Closing, Closed };
    Q_ENUM(State)

    enum class Error : quint8 {
        None,               ///< we closed it, or the peer did with 1000 or 1001
        BadUrl,             ///< neither ws nor wss, no host, or with user information
        HostNotFound,       ///< the name has no address
        Unreachable,        ///< no address answered: refused, no route, or the proxy failed
        ConnectTimeout,     ///< connectTimeout is over
        CertificateRefused, ///< no trusted chain, another name, or out of its dates
        PinMismatch,        ///< the server's key is not the pinned one
        TlsFailed,          ///< any other failure of TLS
        UpgradeRefused,     ///< an HTTP answer, but no WebSocket there
        MessageTooLarge,
        ProtocolError, ///< the peer's frames break RFC 6455, or it says that ours do
        ClosedByPeer,  ///< a close frame with another code than 1000 and 1001; see closeCode()
        ConnectionLost,
        IdleTimeout,         ///< pongTimeout is over
        ProxyAuthentication, ///< the proxy wants other credentials, or some at all; see proxy()
    };
    Q_ENUM(Error)

    explicit WebSocketPort(const WebSocketOptions &options, QObject *parent = nullptr);
    /// Says 1001 to the peer, if it is still there, and waits for nothing.
    ~WebSocketPort() override;

    /// Once. Emits nothing before the event loop runs again.
    void open();
    /// Sends what is queued and a close frame; closed() follows within 3 s at the latest.
    void close(quint16 code = 1000, const QString &reason = {});
    /// Drops the connection at once; closed() follows from the event loop.
    void abort();

    /// One message each. False, and nothing is sent, if the state is not Open or the message does
    /// not fit into maxSendBuffer beside what waits there: wait for writable().
    bool sendText(const QString &message);
    bool sendBinary(const QByteArray &message);
    qint64 bytesToWrite() const;
    /// One binary message, which may be dropped for a newer one (WebSocketDatagrams); only with
    /// carriesDatagrams, and nothing happens if the state is not Open.
    void sendDatagram(const QByteArray &datagram);

    State state() const;
    /// Why it ended; None before that.
    Error error() const;
    /// One sentence for a user; empty if there is no error. Never tells the URL's query.
    QString errorString() const;
    /// Of the close frame that the peer sent, else 0.
    quint16 closeCode() const;
    QString closeReason() const;
    /// SHA-256 of the SubjectPublicKeyInfo that the server showed; empty without TLS. Kept after
    /// a PinMismatch, so that the owner can tell both.
    QByteArray peerKey() const;
    /// The one that was tried last.
    QNetworkProxy proxy() const;

Q_SIGNALS:
    void opened();
    void textReceived(const QString &message);
    void binaryReceived(const QByteArray &message);
    /// After a refused send…(): half of maxSendBuffer is free again.
    void writable();
    /// The end, exactly once, after open(); state() is Closed.
    void closed();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer

#endif // PEER_SHELL_WEBSOCKETPORT_H
