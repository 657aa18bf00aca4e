// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_FIREWALL_H
#define PEER_SIMULATION_FIREWALL_H

#include "core/base/time.h"
#include "support/simulation/packet.h"
#include "support/simulation/prefix.h"

#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace peer::sim {

struct FirewallRules
{
    /// Only TCP passes.
    bool blocksUdp = false;
    /// From outside comes only what answers: from an address and port that the same address and
    /// port inside has sent to within stateTimeout.
    bool blocksUnsolicited = false;
    Duration stateTimeout = std::chrono::minutes(2);
    /// Nothing passes to or from these addresses outside.
    std::vector<IpPrefix> blockedPrefixes = {};

    bool isOpen() const { return !blocksUdp && !blocksUnsolicited && blockedPrefixes.empty(); }
    std::string toString() const;
};

/// Decides what passes between inside and outside; sees addresses as they are inside.
class Firewall
{
public:
    explicit Firewall(const FirewallRules &rules)
        : m_rules(rules)
    { }

    const FirewallRules &rules() const { return m_rules; }
    void setRules(const FirewallRules &rules) { m_rules = rules; }

    bool letsOut(TimePoint now, const Packet &packet);
    bool letsIn(TimePoint now, const Packet &packet);

private:
    bool isBlocked(const Packet &packet, const IpAddress &outside) const;

    FirewallRules m_rules;
    /// When each pair of inside and outside was last seen, of TCP or of UDP.
    std::map<std::tuple<bool, TransportAddress, TransportAddress>, TimePoint> m_flows;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_FIREWALL_H
