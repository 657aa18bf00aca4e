// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/interface.h"

#include "support/simulation/network.h"

#include <algorithm>

namespace peer::sim {

Interface::Interface(Node &node, Network &network, std::vector<IpAddress> addresses,
                     Schedule &schedule, Trace &trace, const SeededRandom &random)
    : m_node(node)
    , m_network(network)
    , m_addresses(std::move(addresses))
    , m_name(node.name() + "@" + network.name())
    , m_outward(schedule, trace, random.fork(m_name + " out"), m_name + " out",
                [this](Packet packet) { m_network.forward(*this, std::move(packet)); })
    , m_inward(schedule, trace, random.fork(m_name + " in"), m_name + " in",
               [this](Packet packet) { m_node.receive(*this, std::move(packet)); })
{
    network.attach(*this);
}

bool Interface::hasAddress(const IpAddress &address) const
{
    return std::find(m_addresses.begin(), m_addresses.end(), address) != m_addresses.end();
}

IpAddress Interface::address(IpAddress::Family family) const
{
    const auto found = std::find_if(
        m_addresses.begin(), m_addresses.end(),
        [family](const IpAddress &ip) { return ip.family() == family; });
    return found == m_addresses.end() ? IpAddress() : *found;
}

void Interface::removeAddress(const IpAddress &address)
{
    std::erase(m_addresses, address);
}

void Interface::setConditions(const LinkConditions &conditions)
{
    m_outward.setConditions(conditions);
    m_inward.setConditions(conditions);
}

void Interface::setUp(bool isUp)
{
    for (Link *link : {&m_outward, &m_inward}) {
        LinkConditions conditions = link->conditions();
        conditions.isUp = isUp;
        link->setConditions(conditions);
    }
}

} // namespace peer::sim
