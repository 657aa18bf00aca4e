// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_RELAYCHECK_H
#define PEER_API_RELAYCHECK_H

#include "core/turn/allocation.h"
#include "shell/deadlinetimer.h"
#include "shell/udpport.h"

#include <PeerConnection/peernetworkreport.h>

#include <QtCore/qobject.h>

#include <memory>

namespace peer {

/// Makes an allocation at a TURN server over UDP, and gives it back: whether the server is reached
/// and takes the credentials.
class RelayCheck : public QObject
{
    Q_OBJECT

public:
    /// relay: what is known of it; the rest is filled in. random: borrowed. finished() comes from
    /// the event loop, within MaxTime.
    RelayCheck(const PeerNetworkReport::Relay &relay, const TransportAddress &server,
               const QString &password, RandomSource &random, QObject *parent);

    const PeerNetworkReport::Relay &result() const { return m_relay; }

    static constexpr std::chrono::seconds MaxTime{8};

Q_SIGNALS:
    void finished();

private:
    void drive();
    void take(const turn::Event &event);

    PeerNetworkReport::Relay m_relay;
    std::unique_ptr<UdpPort> m_port;
    std::optional<turn::Allocation> m_allocation;
    DeadlineTimer m_timer;
    TimePoint m_startedAt;
    bool m_hasAnswer = false;
};

} // namespace peer

#endif // PEER_API_RELAYCHECK_H
