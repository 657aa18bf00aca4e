// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_TCPPORT_H
#define PEER_SHELL_TCPPORT_H

#include "core/base/address.h"
#include "core/turn/streamframer.h"

#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslerror.h>
#include <QtNetwork/qtcpsocket.h>

#include <chrono>
#include <functional>
#include <memory>

namespace peer {

struct TcpPortOptions
{
    /// Name or address. Through a proxy the proxy resolves it.
    QString host;
    quint16 port = 0;
    bool isTls = false;
    /// The name that the certificate must be of, and that the server is told (SNI).
    QString tlsName;
    /// Trusted besides those of the system.
    QList<QSslCertificate> authorities;
    QNetworkProxy proxy{QNetworkProxy::NoProxy};
};

/// A TCP or TLS connection to a TURN server: whole messages in and out, by turn::StreamFramer.
///
/// Lives in one thread with an event loop. Its handlers are called from the event loop and may
/// delete the port. What it is given to send while MaxQueued octets wait is dropped, as a network
/// would: what waits longer than that in a stream comes too late.
class TcpPort final : public QObject
{
    Q_OBJECT

public:
    /// Until the connection stands, TLS and proxy included.
    static constexpr std::chrono::milliseconds ConnectDeadline{10000};
    /// 50 ms at 20 Mbit/s and a second at 1 Mbit/s.
    static constexpr qint64 MaxQueued = 128 * 1024;
    /// Read at a time; more stays in the system's buffer, and slows the sender.
    static constexpr qint64 ReadBuffer = 256 * 1024;

    struct Handlers
    {
        std::function<void(const Route &)> opened;
        /// It could not be opened, or has come to its end. The last call.
        std::function<void(const QString &reason)> failed;
        std::function<void(const Datagram &)> received;
    };

    explicit TcpPort(const TcpPortOptions &options, QObject *parent = nullptr);
    ~TcpPort() override;

    void open(Handlers handlers);
    /// Its transport is this port alone; addresses are null where a proxy hides them.
    const Route &route() const { return m_route; }
    void send(ByteView message);
    /// Within failed(): what the socket says; UnknownSocketError if it is not the socket's fault.
    QAbstractSocket::SocketError error() const { return m_error; }

private:
    void handleOpened();
    void handleSslErrors(const QList<QSslError> &errors);
    void read();
    void fail(const QString &reason);

    const TcpPortOptions m_options;
    std::unique_ptr<QTcpSocket> m_socket;
    std::shared_ptr<Handlers> m_handlers;
    QTimer m_deadline;
    turn::StreamFramer m_framer;
    Route m_route;
    bool m_isOpen = false;
    QAbstractSocket::SocketError m_error = QAbstractSocket::UnknownSocketError;
};

} // namespace peer

#endif // PEER_SHELL_TCPPORT_H
