// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/firewall.h"

#include <algorithm>

namespace peer::sim {

std::string FirewallRules::toString() const
{
    std::string text;
    if (blocksUdp)
        text += ", blocks UDP";
    if (blocksUnsolicited)
        text += ", blocks unsolicited";
    for (const IpPrefix &prefix : blockedPrefixes)
        text += ", blocks " + prefix.toString();
    return text.empty() ? "open" : text.substr(2);
}

bool Firewall::isBlocked(const Packet &packet, const IpAddress &outside) const
{
    return (m_rules.blocksUdp && !packet.isTcp())
        || std::any_of(m_rules.blockedPrefixes.begin(), m_rules.blockedPrefixes.end(),
                       [&](const IpPrefix &prefix) { return prefix.contains(outside); });
}

bool Firewall::letsOut(TimePoint now, const Packet &packet)
{
    if (isBlocked(packet, packet.destination.ip))
        return false;
    if (m_rules.blocksUnsolicited)
        m_flows[{packet.isTcp(), packet.source, packet.destination}] = now;
    return true;
}

bool Firewall::letsIn(TimePoint now, const Packet &packet)
{
    if (isBlocked(packet, packet.source.ip))
        return false;
    if (!m_rules.blocksUnsolicited)
        return true;
    const auto flow = m_flows.find({packet.isTcp(), packet.destination, packet.source});
    if (flow == m_flows.end())
        return false;
    if (now - flow->second > m_rules.stateTimeout) {
        m_flows.erase(flow);
        return false;
    }
    flow->second = now;
    return true;
}

} // namespace peer::sim
