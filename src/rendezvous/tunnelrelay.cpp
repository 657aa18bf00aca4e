// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/tunnelrelay.h"

#include "shell/boottime.h"

#include <algorithm>
#include <chrono>

namespace peer::rendezvous {

namespace {

/// An idle tunnel is noticed that much of the limit later.
constexpr int IdleChecks = 4;

} // namespace

TunnelRelay::TunnelRelay(const PeerRendezvousLimits &limits, RandomSource &random,
                         Counters &counters, QObject *parent)
    : QObject(parent)
    , m_limits(limits)
    , m_counters(counters)
    , m_tokens(random, limits.tunnelTokenLife)
{
    connect(&m_idleTimer, &QTimer::timeout, this, &TunnelRelay::closeIdle);
    m_idleTimer.start(std::max(limits.tunnelIdle / IdleChecks, std::chrono::milliseconds(1)));
}

TunnelRelay::~TunnelRelay()
{
    const auto ends = findChildren<TunnelEnd *>();
    for (TunnelEnd *end : ends) {
        end->disconnect(this);
        end->close(QWebSocketProtocol::CloseCodeGoingAway);
    }
}

void TunnelRelay::take(const AcceptedSocket &accepted)
{
    auto *end = new TunnelEnd(accepted, m_limits, m_counters, this);
    connect(end, &TunnelEnd::joined, this,
            [this, end](const TunnelJoin &request) { join(end, request); });
    connect(end, &TunnelEnd::ended, end, &QObject::deleteLater);
}

void TunnelRelay::join(TunnelEnd *end, const TunnelJoin &request)
{
    const TimePoint now = bootTimeNow();
    const auto id = m_tokens.check(now, request.token);
    if (!id) {
        refuse(end, TunnelClose::BadToken);
        return;
    }
    const bool isFull = !m_tunnels.contains(*id) && m_tunnels.size() >= m_limits.tunnels;
    if (isFull || m_endsOfAddress.value(end->address()) >= m_limits.tunnelEndsPerAddress) {
        refuse(end, TunnelClose::Limit);
        return;
    }
    const CallSide side = request.side;
    Tunnel &tunnel = m_tunnels[*id];
    TunnelEnd *const before = std::exchange(tunnel.ends[std::size_t(side)], end);
    tunnel.lastDatagram = now;
    ++m_endsOfAddress[end->address()];
    connect(end, &TunnelEnd::received, this,
            [this, id = *id, side](const QByteArray &datagram) { relay(id, side, datagram); });
    connect(end, &QObject::destroyed, this, [this, id = *id, end, address = end->address()] {
        if (--m_endsOfAddress[address] == 0)
            m_endsOfAddress.remove(address);
        leave(id, end);
    });
    if (before)
        before->close(TunnelClose::Replaced);
}

void TunnelRelay::refuse(TunnelEnd *end, TunnelClose why)
{
    ++m_counters.tunnelsRefused;
    end->close(why);
}

void TunnelRelay::relay(const QByteArray &id, CallSide from, const QByteArray &datagram)
{
    const auto tunnel = m_tunnels.find(id);
    if (tunnel == m_tunnels.end())
        return;
    tunnel->lastDatagram = bootTimeNow();
    tunnel->octets += datagram.size();
    if (tunnel->octets > m_limits.tunnelOctets) {
        for (TunnelEnd *end : tunnel->ends) {
            if (end)
                end->close(TunnelClose::Limit);
        }
        return;
    }
    TunnelEnd *const to = tunnel->ends[from == CallSide::Caller ? 1 : 0];
    if (to)
        to->send(datagram);
    else
        ++m_counters.datagramsDropped;
}

void TunnelRelay::leave(const QByteArray &id, const TunnelEnd *end)
{
    const auto tunnel = m_tunnels.find(id);
    if (tunnel == m_tunnels.end())
        return;
    bool isEmpty = true;
    for (TunnelEnd *&each : tunnel->ends) {
        if (each == end)
            each = nullptr;
        isEmpty = isEmpty && !each;
    }
    if (isEmpty)
        m_tunnels.erase(tunnel);
}

void TunnelRelay::closeIdle()
{
    const TimePoint now = bootTimeNow();
    for (const Tunnel &tunnel : std::as_const(m_tunnels)) {
        if (now - tunnel.lastDatagram < m_limits.tunnelIdle)
            continue;
        for (TunnelEnd *end : tunnel.ends) {
            if (end)
                end->close(TunnelClose::Idle);
        }
    }
}

} // namespace peer::rendezvous
