// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rawclient.h"

#include <QtCore/qendian.h>

using namespace Qt::StringLiterals;
using namespace peer::rendezvous;

RawClient::RawClient(const PeerRendezvousServer &server)
{
    connect(&socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
        const auto message = parseServerMessage(text.toUtf8());
        if (message)
            messages.append(*message);
    });
    connect(&socket, &QWebSocket::disconnected, this, [this] { m_isClosed = true; });
    socket.setProxy(QNetworkProxy::NoProxy);
    connect(&socket, &QWebSocket::sslErrors, this, [this] { socket.ignoreSslErrors(); });
    socket.open(server.url());
}

void RawClient::send(const ClientMessage &message)
{
    sendText(toJson(message));
}

void RawClient::sendText(const QByteArray &text)
{
    socket.sendTextMessage(QString::fromUtf8(text));
}

std::optional<message::Welcome> RawClient::welcome() const
{
    const auto *welcome = messages.isEmpty() ? nullptr
                                             : std::get_if<message::Welcome>(&messages.first());
    return welcome ? std::optional(*welcome) : std::nullopt;
}

std::optional<FatalError> RawClient::fatalError() const
{
    const auto error = last<message::Error>();
    return error ? std::optional(error->cause) : std::nullopt;
}

RawSocket::RawSocket(const PeerRendezvousServer &server, const QByteArray &octets)
{
    connect(&socket, &QTcpSocket::connected, this, [this, octets] { socket.write(octets); });
    connect(&socket, &QTcpSocket::readyRead, this, [this] { received += socket.readAll(); });
    connect(&socket, &QTcpSocket::disconnected, this, [this] { m_isClosed = true; });
    socket.setProxy(QNetworkProxy::NoProxy);
    socket.connectToHost(QHostAddress(server.url().host()), server.serverPort());
}

QByteArray upgradeHead(const PeerRendezvousServer &server)
{
    return "GET /rendezvous HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(server.serverPort())
        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

QByteArray clientFrame(const QByteArray &text)
{
    QByteArray frame = "\x81"_ba;
    if (text.size() < 126) {
        frame += char(0x80 | text.size());
    } else {
        frame += char(0x80 | 126);
        QByteArray size(2, Qt::Uninitialized);
        qToBigEndian(quint16(text.size()), size.data());
        frame += size;
    }
    return frame + QByteArray(4, '\0') + text;
}
