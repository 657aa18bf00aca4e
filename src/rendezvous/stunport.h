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

/// The STUN server at the rendezvous' port number, and at the next one if that is free, by which
/// clients find out how their NAT maps (RFC 5780). A source address can be forged, so what it costs
/// is bounded by a rate for each address and by reading a limited batch a turn of the event loop.
class StunPort : public QObject
{
    Q_OBJECT

public:
    /// counters is borrowed.
    StunPort(const PeerRendezvousLimits &limits, std::size_t seed, Counters &counters,
             QObject *parent = nullptr);

    bool bind(const QHostAddress &address, quint16 port);
    QString errorString() const { return m_main.errorString(); }

private:
    void readBatch();
    bool hasPending() const;
    void readOne(QUdpSocket &socket, QUdpSocket &other);

    stun::Responder m_responder;
    AddressRates m_rates;
    Counters &m_counters;
    QUdpSocket m_main;
    /// Not bound where the port was taken.
    QUdpSocket m_second;
    bool m_isBatchScheduled = false;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_STUNPORT_H
