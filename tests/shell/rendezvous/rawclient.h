// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef RAWCLIENT_H
#define RAWCLIENT_H

#include "signaling/protocolmessages.h"

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qlist.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtWebSockets/qwebsocket.h>

#include <memory>
#include <optional>

/// A WebSocket to a server, for what a RendezvousClient would not say. It understands the server's
/// messages but does nothing by itself.
class RawClient : public QObject
{
public:
    explicit RawClient(const PeerRendezvousServer &server);

    void send(const peer::rendezvous::ClientMessage &message);
    void sendText(const QByteArray &text);
    bool isOpen() const { return socket.state() == QAbstractSocket::ConnectedState; }
    bool isClosed() const { return m_isClosed; }
    /// The welcome, once it is here.
    std::optional<peer::rendezvous::message::Welcome> welcome() const;
    /// The last message, if it is of that kind.
    template<typename Message>
    std::optional<Message> last() const
    {
        if (messages.isEmpty())
            return std::nullopt;
        const auto *message = std::get_if<Message>(&messages.last());
        return message ? std::optional(*message) : std::nullopt;
    }
    /// The fatal error that the server named, if any.
    std::optional<peer::rendezvous::FatalError> fatalError() const;

    QWebSocket socket;
    QList<peer::rendezvous::ServerMessage> messages;

private:
    bool m_isClosed = false;
};

/// A TCP connection to a server, to which octets are written as they are.
class RawSocket : public QObject
{
public:
    explicit RawSocket(const PeerRendezvousServer &server, const QByteArray &octets = {});

    bool isClosed() const { return m_isClosed; }

    QTcpSocket socket;
    QByteArray received;

private:
    bool m_isClosed = false;
};

/// The head that opens a WebSocket at the server.
QByteArray upgradeHead(const PeerRendezvousServer &server);
/// One text message as a client's frame (RFC 6455 section 5.2), masked with zeros.
QByteArray clientFrame(const QByteArray &text);

#endif // RAWCLIENT_H
