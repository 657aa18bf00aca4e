// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/relaycheck.h"

#include "shell/boottime.h"

#include <algorithm>
#include <chrono>

using namespace Qt::StringLiterals;

namespace peer {

RelayCheck::RelayCheck(const PeerNetworkReport::Relay &relay, const TurnServer &server,
                       RandomSource &random, QObject *parent)
    : QObject(parent)
    , m_relay(relay)
    , m_server(server)
    , m_random(random)
    , m_startedAt(bootTimeNow())
{
    m_relay.isTested = true;
    m_relay.problem = u"it does not answer"_s;
    connect(&m_timer, &DeadlineTimer::expired, this, &RelayCheck::drive);
    m_timer.setDeadline(m_startedAt + MaxTime);
}

void RelayCheck::askByUdp(const IpAddress &address)
{
    m_port = openUdpPort({.family = address.family()});
    if (!m_port) {
        fail(u"there is no UDP socket to be had"_s);
        return;
    }
    m_port->setReceiver([this](std::span<const Datagram> datagrams) {
        for (const Datagram &datagram : datagrams)
            receive(datagram);
    });
    allocate({m_port->id(), {IpAddress(), m_port->localPort()}, {address, m_server.port}});
}

void RelayCheck::askByStream(TcpPortOptions options, std::shared_ptr<SystemProxies> proxies)
{
    options.host = m_server.host;
    options.port = m_server.port;
    options.isTls = m_server.transport == turn::Transport::Tls;
    options.tlsName = m_server.host;
    m_relay.problem = u"there is no connection to it"_s;
    m_stream = std::make_unique<RelayStream>(options, std::move(proxies));
    m_stream->open({[this](const Route &route) { allocate(route); },
                    [this](const QString &reason) { fail(reason); },
                    [this](const Datagram &datagram) { receive(datagram); }});
}

void RelayCheck::fail(const QString &problem)
{
    if (!m_hasAnswer)
        m_relay.problem = problem;
    m_isOver = true;
    m_timer.setDeadline(bootTimeNow());
}

void RelayCheck::allocate(const Route &route)
{
    m_relay.problem = u"it does not answer"_s;
    turn::AllocationConfig config;
    config.route = route;
    config.transport = m_server.transport;
    config.username = m_server.username.toStdString();
    config.password = m_server.password.toStdString();
    m_allocation.emplace(config, m_random);
    m_allocation->start(bootTimeNow());
    m_timer.setDeadline(bootTimeNow());
}

void RelayCheck::receive(Datagram datagram)
{
    // The allocation knows its route as the socket's, whichever address that had.
    datagram.route.local = m_allocation->config().route.local;
    m_allocation->receive(bootTimeNow(), datagram);
    m_timer.setDeadline(bootTimeNow());
}

void RelayCheck::drive()
{
    const TimePoint now = bootTimeNow();
    TimePoint next = m_startedAt + MaxTime;
    if (m_allocation) {
        m_allocation->advance(now);
        while (const auto event = m_allocation->nextEvent())
            take(*event);
        if (m_allocation->state() == turn::Allocation::State::Allocated)
            m_allocation->release(now);
        while (const auto request = m_allocation->nextTransmit())
            send(*request);
        if (m_port)
            m_port->flush();
        m_isOver = m_isOver || m_allocation->state() == turn::Allocation::State::Over;
        next = std::min<TimePoint>(next, m_allocation->nextDeadline());
    }
    if (m_isOver || now - m_startedAt >= MaxTime)
        Q_EMIT finished();
    else
        m_timer.setDeadline(next);
}

void RelayCheck::send(const Transmit &transmit)
{
    if (m_port)
        m_port->send(transmit.route, transmit.payload);
    else
        m_stream->send(transmit.payload);
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
