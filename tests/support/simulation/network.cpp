// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/network.h"

#include "support/simulation/gateway.h"
#include "support/simulation/interface.h"

namespace peer::sim {

Network::Network(std::string name, Schedule &schedule, Trace &trace)
    : m_name(std::move(name))
    , m_schedule(schedule)
    , m_trace(trace)
{ }

Interface *Network::nextHop(const IpAddress &destination) const
{
    for (Interface *interface : m_interfaces) {
        if (interface->hasAddress(destination))
            return interface;
    }
    const std::pair<IpPrefix, Interface *> *best = nullptr;
    for (const auto &route : m_routes) {
        if (route.first.contains(destination) && (!best || route.first.length > best->first.length))
            best = &route;
    }
    if (best)
        return best->second;
    return m_gateway ? &m_gateway->inner() : nullptr;
}

void Network::forward(const Interface &from, Packet packet)
{
    Interface *next = nextHop(packet.destination.ip);
    // A gateway does not get back what it has sent.
    const bool isBouncing = next == &from && !from.hasAddress(packet.destination.ip);
    if (!next || isBouncing || --packet.hopLimit <= 0) {
        m_trace.note(m_schedule.now(), m_name, Fate::NoRoute, packet);
        return;
    }
    next->deliver(std::move(packet));
}

} // namespace peer::sim
