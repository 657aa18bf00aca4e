// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/relaycheck.h"

#include "shell/boottime.h"

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;

namespace peer {

RelayCheck::RelayCheck(const PeerNetworkReport::Relay &relay, const TransportAddress &server,
                       const QString &password, RandomSource &random, QObject *parent)
    : QObject(parent)
    , m_relay(relay)
    , m_port(openUdpPort({.family = server.ip.family()}))
    , m_startedAt(bootTimeNow())
{
    m_relay.isTested = true;
    connect(&m_timer, &DeadlineTimer::expired, this, &RelayCheck::drive);
    m_timer.setDeadline(m_startedAt);
    m_relay.problem = u"it does not answer"_s;
    if (!m_port)
        return;
    turn::AllocationConfig config;
    config.route = {m_port->id(), {IpAddress(), m_port->localPort()}, server};
    config.username = m_relay.username.toStdString();
    config.password = password.toStdString();
    m_allocation.emplace(config, random);
    m_allocation->start(m_startedAt);
    m_port->setReceiver([this](std::span<const Datagram> datagrams) {
        for (Datagram datagram : datagrams) {
            // The allocation knows its route as the socket's, whichever address that had.
            datagram.route.local = m_allocation->config().route.local;
            m_allocation->receive(bootTimeNow(), datagram);
        }
        m_timer.setDeadline(bootTimeNow());
    });
}

void RelayCheck::drive()
{
    const TimePoint now = bootTimeNow();
    if (m_allocation) {
        m_allocation->advance(now);
        while (const auto event = m_allocation->nextEvent())
            take(*event);
        if (m_allocation->state() == turn::Allocation::State::Allocated)
            m_allocation->release(now);
        while (const auto request = m_allocation->nextTransmit())
            m_port->send(request->route, request->payload);
        m_port->flush();
    }
    const bool isOver = !m_allocation || m_allocation->state() == turn::Allocation::State::Over;
    if (isOver || now - m_startedAt >= MaxTime) {
        Q_EMIT finished();
        return;
    }
    m_timer.setDeadline(std::min<TimePoint>(m_allocation->nextDeadline(), m_startedAt + MaxTime));
}

void RelayCheck::take(const turn::Event &event)
{
    if (const auto *allocated = std::get_if<turn::Allocated>(&event)) {
        const bool isV4 = !allocated->relayedV4.isNull();
        const TransportAddress &relayed = isV4 ? allocated->relayedV4 : allocated->relayedV6;
        m_hasAnswer = true;
        m_relay.isUsable = true;
        m_relay.problem.clear();
        m_relay.relayedAddress = QString::fromStdString(relayed.toString());
        m_relay.allocationTime =
            std::chrono::duration<double, std::milli>(bootTimeNow() - m_startedAt).count();
    } else if (const auto *ended = std::get_if<turn::Ended>(&event)) {
        if (!m_hasAnswer && !ended->text.empty())
            m_relay.problem = QString::fromStdString(ended->text);
    }
}

} // namespace peer
