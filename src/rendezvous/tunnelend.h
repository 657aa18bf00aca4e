// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_TUNNELEND_H
#define PEER_RENDEZVOUS_TUNNELEND_H

#include "rendezvous/connectiongate.h"
#include "rendezvous/counters.h"
#include "rendezvous/silencewatch.h"
#include "rendezvous/tokenbucket.h"
#include "shell/websocketdatagrams.h"
#include "signaling/tunneljoin.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <memory>

namespace peer::rendezvous {

/// One peer's WebSocket of a tunnel: takes the join, then datagrams of a bounded size at a bounded
/// rate; sends those of the other end, the oldest dropped first; notices a dead socket.
class TunnelEnd : public QObject
{
    Q_OBJECT

public:
    /// Takes the socket; limits and counters are borrowed.
    TunnelEnd(const AcceptedSocket &accepted, const PeerRendezvousLimits &limits,
              Counters &counters, QObject *parent);
    ~TunnelEnd() override;

    const QByteArray &address() const { return m_address; }
    void send(const QByteArray &datagram);
    /// Ends it from our side; nothing is received any more, and ended() follows.
    void close(TunnelClose why);
    void close(QWebSocketProtocol::CloseCode code);

Q_SIGNALS:
    /// Once, before any datagram.
    void joined(const peer::rendezvous::TunnelJoin &join);
    void received(const QByteArray &datagram);
    /// Once, from the event loop; the owner deletes it.
    void ended();

private:
    void closeWith(int code);
    void takeText(const QString &text);
    void takeDatagram(const QByteArray &datagram);
    void checkSilence();

    std::unique_ptr<QWebSocket> m_socket;
    WebSocketDatagrams m_outgoing;
    const PeerRendezvousLimits &m_limits;
    Counters &m_counters;
    QByteArray m_address;
    bool m_hasJoined = false;
    bool m_isClosing = false;
    TokenBucket m_datagrams;
    TokenBucket m_octets;
    QTimer m_joinTimer;
    QTimer m_pingTimer;
    SilenceWatch m_silence;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_TUNNELEND_H
