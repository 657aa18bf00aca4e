// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_STUNPORT_H
#define PEER_RENDEZVOUS_STUNPORT_H

#include "core/stun/responder.h"
#include "rendezvous/addressbudgets.h"
#include "rendezvous/counters.h"

#include <QtCore/qobject.h>
#include <QtNetwork/qudpsocket.h>

namespace peer::rendezvous {

/// The STUN server at the rendezvous' port number. A source address can be forged, so what it costs
/// is bounded by a rate for each address and by reading a limited batch a turn of the event loop.
class StunPort : public QObject
{
    Q_OBJECT

public:
    /// counters is borrowed.
    StunPort(const PeerRendezvousLimits &limits, std::size_t seed, Counters &counters,
             QObject *parent = nullptr);

    bool bind(const QHostAddress &address, quint16 port);
    QString errorString() const { return m_socket.errorString(); }

private:
    void readBatch();
    void readOne();

    stun::Responder m_responder;
    AddressRates m_rates;
    Counters &m_counters;
    QUdpSocket m_socket;
    bool m_isBatchScheduled = false;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_STUNPORT_H
