// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_STUNCONNECTION_H
#define PEER_RENDEZVOUS_STUNCONNECTION_H

#include "core/stun/responder.h"
#include "rendezvous/counters.h"

#include <QtCore/qobject.h>
#include <QtNetwork/qtcpsocket.h>

#include <chrono>

namespace peer::rendezvous {

/// Answers STUN over TCP (RFC 8489 section 6.2.2) on a connection whose first octet says that it is
/// STUN: how a client finds out where its listening port is seen from outside (RFC 6544 section
/// 5.2). It keeps the connection open meanwhile, so that its NAT keeps the mapping.
///
/// Child of the socket. Bounded: MaxRequests, of MaxRequestSize octets each, in Lifetime; then, and
/// at the first octets that are not a request, the connection is aborted.
class StunConnection : public QObject
{
    Q_OBJECT

public:
    static constexpr int MaxRequests = 16;
    static constexpr qsizetype MaxRequestSize = 1500;
    /// By then checks have come to an end (RFC 8863: 39.5 s).
    static constexpr std::chrono::milliseconds Lifetime{60000};

    static bool isStun(char firstOctet)
    {
        return (static_cast<unsigned char>(firstOctet) >> 2) == 0;
    }

    /// counters is borrowed.
    StunConnection(QTcpSocket *socket, const stun::Responder &responder, Counters &counters);

    void read();

private:
    bool answer(const QByteArray &request);
    void refuse();

    QTcpSocket *m_socket;
    const stun::Responder &m_responder;
    Counters &m_counters;
    int m_left = MaxRequests;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_STUNCONNECTION_H
