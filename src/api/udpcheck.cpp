// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/udpcheck.h"

#include "shell/boottime.h"

namespace peer {

UdpCheck::UdpCheck(const TransportAddress &server, RandomSource &random, QObject *parent)
    : QObject(parent)
    , m_port(openUdpPort({.family = server.ip.family()}))
{
    connect(&m_timer, &DeadlineTimer::expired, this, &UdpCheck::drive);
    m_timer.setDeadline(bootTimeNow());
    if (!m_port)
        return;
    const TransportAddress local{IpAddress(), m_port->localPort()};
    m_probe = std::make_unique<stun::NatProbe>(Route{m_port->id(), local, server}, random);
    m_port->setReceiver([this](std::span<const Datagram> datagrams) {
        for (const Datagram &datagram : datagrams)
            m_probe->receive(bootTimeNow(), datagram);
        m_timer.setDeadline(bootTimeNow());
    });
}

void UdpCheck::drive()
{
    if (m_probe) {
        const TimePoint now = bootTimeNow();
        while (const auto request = m_probe->advance(now))
            m_port->send(request->route, request->payload);
        m_port->flush();
        if (!m_probe->isFinished()) {
            m_timer.setDeadline(m_probe->nextDeadline());
            return;
        }
        m_findings = m_probe->findings();
    }
    Q_EMIT finished();
}

} // namespace peer
