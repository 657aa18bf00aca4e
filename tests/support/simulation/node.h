// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_NODE_H
#define PEER_SIMULATION_NODE_H

#include "support/simulation/packet.h"

#include <string>

namespace peer::sim {

class Interface;

/// Something with interfaces: a host or a gateway.
class Node
{
public:
    explicit Node(std::string name)
        : m_name(std::move(name))
    { }
    virtual ~Node() = default;
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    const std::string &name() const { return m_name; }
    /// A packet has come in by one of its interfaces.
    virtual void receive(Interface &from, Packet packet) = 0;

private:
    std::string m_name;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_NODE_H
