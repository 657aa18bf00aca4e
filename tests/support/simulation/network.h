// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_NETWORK_H
#define PEER_SIMULATION_NETWORK_H

#include "support/simulation/packet.h"
#include "support/simulation/prefix.h"
#include "support/simulation/schedule.h"
#include "support/simulation/trace.h"

#include <string>
#include <utility>
#include <vector>

namespace peer::sim {

class Gateway;
class Interface;

/// A piece of the internet within which all reach each other: a LAN, a provider's network, or the
/// public core. It hands a packet to the interface that has its destination, else by the most
/// special route, else to its gateway. It takes no time; the wires do.
class Network
{
public:
    Network(std::string name, Schedule &schedule, Trace &trace);
    Network(const Network &) = delete;
    Network &operator=(const Network &) = delete;

    const std::string &name() const { return m_name; }
    /// The way out; null for the public core.
    Gateway *gateway() const { return m_gateway; }
    const std::vector<Interface *> &interfaces() const { return m_interfaces; }

    void attach(Interface &interface) { m_interfaces.push_back(&interface); }
    void setGateway(Gateway &gateway) { m_gateway = &gateway; }
    void addRoute(const IpPrefix &prefix, Interface &via) { m_routes.emplace_back(prefix, &via); }

    void forward(const Interface &from, Packet packet);
    /// Where a packet to that address goes; null for nowhere.
    Interface *nextHop(const IpAddress &destination) const;

private:
    std::string m_name;
    Schedule &m_schedule;
    Trace &m_trace;
    Gateway *m_gateway = nullptr;
    std::vector<Interface *> m_interfaces;
    std::vector<std::pair<IpPrefix, Interface *>> m_routes;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_NETWORK_H
