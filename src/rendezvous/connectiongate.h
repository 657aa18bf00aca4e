// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_CONNECTIONGATE_H
#define PEER_RENDEZVOUS_CONNECTIONGATE_H

#include "core/stun/responder.h"
#include "rendezvous/addressbudgets.h"
#include "rendezvous/counters.h"
#include "rendezvous/httphead.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qbytearray.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qtcpserver.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

#include <functional>
#include <optional>

namespace peer::rendezvous {

/// A WebSocket that stands, and what was known before.
struct AcceptedSocket
{
    QWebSocket *socket; ///< the receiver's to delete
    QByteArray address; ///< as of addressKey()
    /// Host that the client dialled, without port; empty if it did not tell.
    QByteArray host;
    /// IP address and port as the gate sees them.
    QString peer;
    QByteArray path; ///< SocketPath or TunnelPath
};

/// Takes TCP connections. One that begins with STUN, with or without TLS elsewhere, is answered as
/// such (StunConnection). Of others it looks at the head of their HTTP request without consuming
/// it, and either hands them to QWebSocketServer or gives a small static answer. What a stranger
/// costs before the WebSocket stands is bounded here: connections and their rate for each address,
/// the head's size, and the time from accept to the end of the head, TLS included.
class ConnectionGate : public QTcpServer
{
    Q_OBJECT

public:
    /// budgets and counters are borrowed.
    ConnectionGate(const PeerRendezvousLimits &limits, AddressBudgets &budgets, Counters &counters,
                   QObject *parent = nullptr);

    /// With TLS; set before listen().
    void setTls(const QSslConfiguration &configuration) { m_tls = configuration; }
    /// The answer to GET of a path; null means 404.
    using Pages = std::function<std::optional<HttpPage>(const QByteArray &path)>;
    void setPages(Pages pages) { m_pages = std::move(pages); }

Q_SIGNALS:
    void socketAccepted(const peer::rendezvous::AcceptedSocket &accepted);

protected:
    void incomingConnection(qintptr descriptor) override;

private:
    QTcpSocket *makeSocket();
    void greet(QTcpSocket *socket);
    void takeStun(QTcpSocket *socket);
    void readHead(QTcpSocket *socket);
    void answer(QTcpSocket *socket, const QByteArray &octets);
    void refuse(QTcpSocket *socket);
    void upgrade(QTcpSocket *socket, const HttpHead &head);
    void takeWebSocket();

    PeerRendezvousLimits m_limits;
    AddressBudgets &m_budgets;
    Counters &m_counters;
    std::optional<QSslConfiguration> m_tls;
    Pages m_pages;
    stun::Responder m_responder;
    QWebSocketServer m_upgrader;
    /// By their peer, while m_upgrader reads the head.
    QHash<QString, QTcpSocket *> m_upgrading;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_CONNECTIONGATE_H
