// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_UDPCHECK_H
#define PEER_API_UDPCHECK_H

#include "core/stun/natprobe.h"
#include "shell/deadlinetimer.h"
#include "shell/udpport.h"

#include <QtCore/qobject.h>

#include <memory>

namespace peer {

/// Runs a NatProbe on a socket of its own: what UDP of one address family gets through to a STUN
/// server and back.
class UdpCheck : public QObject
{
    Q_OBJECT

public:
    /// random: borrowed. finished() comes from the event loop, also where there is no socket.
    UdpCheck(const TransportAddress &server, RandomSource &random, QObject *parent);

    const stun::NatFindings &findings() const { return m_findings; }

Q_SIGNALS:
    void finished();

private:
    void drive();

    std::unique_ptr<UdpPort> m_port;
    std::unique_ptr<stun::NatProbe> m_probe;
    stun::NatFindings m_findings;
    DeadlineTimer m_timer;
};

} // namespace peer

#endif // PEER_API_UDPCHECK_H
