// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "holdingrelay.h"

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpsocket.h>

HoldingRelay::HoldingRelay(quint16 target, const QByteArray &from, const QByteArray &until)
    : m_target(target)
    , m_from(from)
    , m_until(until)
{
    setProxy(QNetworkProxy::NoProxy);
    connect(this, &QTcpServer::newConnection, this, &HoldingRelay::accept);
    listen(QHostAddress::LocalHost);
}

void HoldingRelay::accept()
{
    QTcpSocket *client = nextPendingConnection();
    auto *server = new QTcpSocket(client);
    server->setProxy(QNetworkProxy::NoProxy);
    const auto forward = [client, server] { server->write(client->readAll()); };
    connect(server, &QTcpSocket::connected, client, forward);
    connect(client, &QTcpSocket::readyRead, server, [server, forward] {
        if (server->state() == QTcpSocket::ConnectedState)
            forward();
    });
    connect(client, &QTcpSocket::disconnected, server, &QTcpSocket::disconnectFromHost);
    connect(server, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
    connect(server, &QTcpSocket::readyRead, client, [this, client, server] {
        const QByteArray waiting = server->peek(server->bytesAvailable());
        if (waiting.contains(m_from) && !waiting.contains(m_until))
            return;
        m_hasHeld = m_hasHeld || waiting.contains(m_from);
        client->write(server->readAll());
    });
    server->connectToHost(QHostAddress::LocalHost, m_target);
}
