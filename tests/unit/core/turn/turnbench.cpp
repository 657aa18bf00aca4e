// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "turnbench.h"

#include <algorithm>

using namespace peer;
using namespace std::chrono_literals;

namespace {

constexpr Duration WireDelay = 10ms;
const TransportAddress ServerAddress{*IpAddress::fromString("203.0.113.5"), 3478};

} // namespace

turn::AllocationConfig TurnBench::defaultConfig()
{
    turn::AllocationConfig config;
    config.route = {TransportId{1}, {*IpAddress::fromString("192.0.2.1"), 5000}, ServerAddress};
    config.username = "alice";
    config.password = "secret";
    return config;
}

TurnBench::TurnBench(const sim::TurnBehavior &behavior, const turn::AllocationConfig &config)
    : server(behavior,
             {[this](IpAddress::Family family) { return openRelay(family); },
              [this](TransportId id) {
                  std::erase_if(m_relays, [&](const Route &each) { return each.transport == id; });
              }})
    , allocation(config, random)
{ }

Route TurnBench::openRelay(IpAddress::Family family)
{
    const char *ip = family == IpAddress::Family::V4 ? "203.0.113.77" : "2001:db8::77";
    const Route route{TransportId{++m_lastTransport},
                      {*IpAddress::fromString(ip), static_cast<std::uint16_t>(m_lastTransport)},
                      {}};
    m_relays.push_back(route);
    return route;
}

TransportAddress TurnBench::peerAddress(const char *ip, std::uint16_t port)
{
    return {*IpAddress::fromString(ip), port};
}

void TurnBench::drain()
{
    while (const auto transmit = allocation.nextTransmit()) {
        sent.push_back(toBytes(transmit->payload));
        if (!isLost || !isLost(true, transmit->payload))
            m_wire.push_back({now + WireDelay, true, sent.back()});
    }
    while (const auto event = allocation.nextEvent()) {
        if (const auto *success = std::get_if<turn::Allocated>(&*event))
            allocated.push_back(*success);
        else if (const auto *peer = std::get_if<turn::PeerRefused>(&*event))
            refused.push_back(peer->peer);
        else
            ended.push_back(std::get<turn::Ended>(*event));
    }
    while (const auto transmit = server.nextTransmit()) {
        if (transmit->route.transport != TransportId{2})
            atPeers.push_back(
                {transmit->route.local, transmit->route.remote, toBytes(transmit->payload)});
        else if (!isLost || !isLost(false, transmit->payload))
            m_wire.push_back({now + WireDelay, false, toBytes(transmit->payload)});
    }
}

void TurnBench::deliver(ByteView octets)
{
    const auto received = allocation.receive(now, {allocation.config().route, octets});
    if (received)
        atClient.push_back({received->peer, received->relayed, toBytes(received->payload)});
    drain();
}

void TurnBench::runFor(Duration duration)
{
    const TimePoint end = now + duration;
    drain();
    for (;;) {
        const auto next = std::min_element(
            m_wire.begin(), m_wire.end(), [](const auto &a, const auto &b) { return a.at < b.at; });
        const TimePoint arrival = next == m_wire.end() ? Never : next->at;
        const TimePoint deadline = allocation.nextDeadline();
        if (std::min(arrival, deadline) > end)
            break;
        now = std::max(now, std::min(arrival, deadline));
        if (arrival <= deadline) {
            const InFlight datagram = *next;
            m_wire.erase(next);
            if (datagram.isFromClient)
                server.receive(now, {{TransportId{2}, ServerAddress, mapped}, datagram.payload});
            else
                deliver(datagram.payload);
        } else {
            allocation.advance(now);
        }
        drain();
    }
    now = end;
}

void TurnBench::allocate()
{
    allocation.start(now);
    runFor(100ms);
}

bool TurnBench::send(const TransportAddress &to, std::string_view text)
{
    drain();
    const auto transmit = allocation.send(now, to, asBytes(text));
    if (!transmit)
        return false;
    sent.push_back(toBytes(transmit->payload));
    m_wire.push_back({now + WireDelay, true, sent.back()});
    return true;
}

void TurnBench::sendFromPeer(const TransportAddress &from, std::string_view text)
{
    for (const Route &relay : m_relays) {
        if (relay.local.ip.family() == from.ip.family())
            server.receive(now, {{relay.transport, relay.local, from}, asBytes(text)});
    }
    drain();
}

int TurnBench::count(stun::Method method) const
{
    return server.count(method);
}

TransportAddress TurnBench::relayed(const char *family) const
{
    return allocation.relayed(*family == '4' ? IpAddress::Family::V4 : IpAddress::Family::V6);
}
