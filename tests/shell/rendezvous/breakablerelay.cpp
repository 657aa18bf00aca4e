// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "breakablerelay.h"

#include <QtNetwork/qnetworkproxy.h>

#include <algorithm>

namespace {

void carry(QTcpSocket *from, QTcpSocket *to)
{
    QObject::connect(from, &QTcpSocket::readyRead, to, [from, to] { to->write(from->readAll()); });
    QObject::connect(from, &QTcpSocket::disconnected, to, [to] { to->disconnectFromHost(); });
}

} // namespace

BreakableRelay::BreakableRelay(quint16 target)
    : m_target(target)
{
    setProxy(QNetworkProxy::NoProxy);
    connect(this, &QTcpServer::newConnection, this, &BreakableRelay::accept);
    listen(QHostAddress::LocalHost);
}

void BreakableRelay::accept()
{
    while (QTcpSocket *client = nextPendingConnection()) {
        ++m_accepted;
        auto *server = new QTcpSocket(this);
        server->setProxy(QNetworkProxy::NoProxy);
        connect(server, &QTcpSocket::connected, client, [client, server] {
            server->write(client->readAll());
            carry(client, server);
            carry(server, client);
        });
        connect(server, &QTcpSocket::errorOccurred, client, &QTcpSocket::abort);
        server->connectToHost(QHostAddress::LocalHost, m_target);
        m_pairs.append(Pair{client, server});
    }
}

int BreakableRelay::openCount() const
{
    const QList<Pair> pairs = m_pairs + m_frozen;
    return int(std::count_if(pairs.begin(), pairs.end(), [](const Pair &pair) {
        return pair.client->state() == QAbstractSocket::ConnectedState;
    }));
}

void BreakableRelay::breakConnections()
{
    const QList<Pair> pairs = std::exchange(m_pairs, {});
    for (const Pair &pair : pairs) {
        pair.client->abort();
        pair.server->abort();
    }
}

void BreakableRelay::freezeConnections()
{
    m_frozen.append(std::exchange(m_pairs, {}));
    for (const Pair &pair : std::as_const(m_frozen)) {
        pair.client->disconnect();
        pair.server->disconnect();
    }
}

void BreakableRelay::thawConnections()
{
    m_pairs.append(m_frozen);
    for (const auto &[client, server] : std::exchange(m_frozen, {})) {
        carry(client, server);
        carry(server, client);
        server->write(client->readAll());
        client->write(server->readAll());
        if (server->state() == QAbstractSocket::UnconnectedState)
            client->disconnectFromHost();
        if (client->state() == QAbstractSocket::UnconnectedState)
            server->disconnectFromHost();
    }
}
