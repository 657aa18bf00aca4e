// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_INTERFACE_H
#define PEER_SIMULATION_INTERFACE_H

#include "support/simulation/link.h"
#include "support/simulation/node.h"

#include <vector>

namespace peer::sim {

class Network;

/// Joins a node to a network by a wire, which has a link each way.
class Interface
{
public:
    Interface(Node &node, Network &network, std::vector<IpAddress> addresses, Schedule &schedule,
              Trace &trace, const SeededRandom &random);
    Interface(const Interface &) = delete;
    Interface &operator=(const Interface &) = delete;

    const std::string &name() const { return m_name; }
    Node &node() const { return m_node; }
    Network &network() const { return m_network; }

    const std::vector<IpAddress> &addresses() const { return m_addresses; }
    bool hasAddress(const IpAddress &address) const;
    /// The first of that family; null if there is none.
    IpAddress address(IpAddress::Family family) const;
    void addAddress(const IpAddress &address) { m_addresses.push_back(address); }
    void removeAddress(const IpAddress &address);

    Link &outward() { return m_outward; }
    Link &inward() { return m_inward; }
    const Link &outward() const { return m_outward; }
    const Link &inward() const { return m_inward; }
    /// The same in both directions.
    void setConditions(const LinkConditions &conditions);
    /// Pulls the plug, or puts it back in.
    void setUp(bool isUp);
    bool isUp() const { return m_outward.conditions().isUp; }

    /// From the node to the network.
    void send(Packet packet) { m_outward.send(std::move(packet)); }
    /// From the network to the node.
    void deliver(Packet packet) { m_inward.send(std::move(packet)); }

private:
    Node &m_node;
    Network &m_network;
    std::vector<IpAddress> m_addresses;
    std::string m_name;
    Link m_outward;
    Link m_inward;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_INTERFACE_H
