// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_TUNNELRELAY_H
#define PEER_RENDEZVOUS_TUNNELRELAY_H

#include "rendezvous/tunnelend.h"
#include "rendezvous/tunneltokens.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qhash.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <array>

namespace peer::rendezvous {

/// The tunnels of the server (PROTOCOL.md): joins the WebSockets of two peers who bring the same
/// token, and passes every datagram from the one to the other without looking inside. A datagram
/// for an end that is not there is dropped, as a network would. An end that is dialled again takes
/// the place of the one before.
///
/// Its memory is bounded by the limits on tunnels and their queues; whoever has not joined counts
/// among the connections of the gate.
class TunnelRelay : public QObject
{
    Q_OBJECT

public:
    /// All are borrowed.
    TunnelRelay(const PeerRendezvousLimits &limits, RandomSource &random, Counters &counters,
                QObject *parent = nullptr);
    ~TunnelRelay() override;

    /// The token of a new tunnel, to be told to both sides.
    QString mint(TimePoint now) { return m_tokens.mint(now); }
    /// A WebSocket at TunnelPath.
    void take(const AcceptedSocket &accepted);
    /// Tunnels with an end that has joined.
    qsizetype count() const { return m_tunnels.size(); }

private:
    struct Tunnel
    {
        std::array<TunnelEnd *, 2> ends{}; ///< by CallSide; null if not there
        TimePoint lastDatagram;
        qint64 octets = 0;
    };

    void join(TunnelEnd *end, const TunnelJoin &request);
    void relay(const QByteArray &id, CallSide from, const QByteArray &datagram);
    void leave(const QByteArray &id, const TunnelEnd *end);
    void refuse(TunnelEnd *end, TunnelClose why);
    void closeIdle();

    PeerRendezvousLimits m_limits;
    Counters &m_counters;
    TunnelTokens m_tokens;
    QHash<QByteArray, Tunnel> m_tunnels;
    QHash<QByteArray, int> m_endsOfAddress; ///< only addresses that have some
    QTimer m_idleTimer;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_TUNNELRELAY_H
