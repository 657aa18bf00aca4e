// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_RELAYCHECK_H
#define PEER_API_RELAYCHECK_H

#include "core/turn/allocation.h"
#include "shell/deadlinetimer.h"
#include "shell/relaystream.h"
#include "shell/sessiondriver.h"
#include "shell/udpport.h"

#include <PeerConnection/peernetworkreport.h>

#include <QtCore/qobject.h>

#include <memory>

namespace peer {

/// Makes an allocation at a TURN server over UDP, TCP or TLS, and gives it back: whether the server
/// is reached and takes the credentials.
class RelayCheck : public QObject
{
    Q_OBJECT

public:
    /// relay: what is known of it; the rest is filled in. random: borrowed. finished() comes from
    /// the event loop, within MaxTime of one of the functions below.
    RelayCheck(const PeerNetworkReport::Relay &relay, const TurnServer &server,
               RandomSource &random, QObject *parent);

    void askByUdp(const IpAddress &address);
    /// By the proxy and trusting the authorities of options; the rest of it is filled in.
    void askByStream(TcpPortOptions options, std::shared_ptr<SystemProxies> proxies);

    /// There is nobody to ask.
    void fail(const QString &problem);

    const PeerNetworkReport::Relay &result() const { return m_relay; }

    static constexpr std::chrono::seconds MaxTime{8};

Q_SIGNALS:
    void finished();

private:
    void allocate(const Route &route);
    void receive(Datagram datagram);
    void drive();
    void take(const turn::Event &event);
    void send(const Transmit &transmit);

    PeerNetworkReport::Relay m_relay;
    const TurnServer m_server;
    RandomSource &m_random;
    std::unique_ptr<UdpPort> m_port;
    std::unique_ptr<RelayStream> m_stream;
    std::optional<turn::Allocation> m_allocation;
    DeadlineTimer m_timer;
    TimePoint m_startedAt;
    bool m_hasAnswer = false;
    bool m_isOver = false;
};

} // namespace peer

#endif // PEER_API_RELAYCHECK_H
