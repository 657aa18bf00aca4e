// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_GATEWAY_H
#define PEER_SIMULATION_GATEWAY_H

#include "support/simulation/firewall.h"
#include "support/simulation/interface.h"
#include "support/simulation/nat.h"
#include "support/simulation/node.h"

#include <optional>

namespace peer::sim {

struct GatewayConfig
{
    /// Without it IPv4 is routed as it is; IPv6 always is.
    std::optional<NatBehavior> nat;
    /// For both families.
    FirewallRules firewall;
};

/// Joins an inner network to an outer one: a home router, a provider's NAT, a firewall. For NATs
/// one behind the other its outer network is another gateway's inner one.
class Gateway : public Node
{
public:
    Gateway(std::string name, Network &inner, Network &outer, std::vector<IpAddress> outerAddresses,
            const GatewayConfig &config, Schedule &schedule, Trace &trace,
            const SeededRandom &random);

    Interface &inner() { return m_inner; }
    Interface &outer() { return m_outer; }
    const Interface &inner() const { return m_inner; }
    const Interface &outer() const { return m_outer; }
    /// Of UDP; null if there is none for that family.
    Nat *nat(IpAddress::Family family);
    const Nat *nat(IpAddress::Family family) const;
    /// As by a restart: it forgets all mappings.
    void resetNat();
    Firewall &firewall() { return m_firewall; }
    const Firewall &firewall() const { return m_firewall; }

    void receive(Interface &from, Packet packet) override;

private:
    void receiveFromInside(Packet packet);
    void receiveFromOutside(Packet packet);
    /// UDP and TCP have tables of their own.
    Nat *natFor(const Packet &packet);
    void drop(Fate fate, const Packet &packet);

    Schedule &m_schedule;
    Trace &m_trace;
    Interface m_inner;
    Interface m_outer;
    std::optional<Nat> m_nat;
    std::optional<Nat> m_tcpNat;
    Firewall m_firewall;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_GATEWAY_H
