// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/nat.h"

#include <algorithm>
#include <utility>

namespace peer::sim {

namespace {

std::string toString(Dependence dependence)
{
    switch (dependence) {
    case Dependence::EndpointIndependent:
        return "endpoint-independent";
    case Dependence::AddressDependent:
        return "address-dependent";
    case Dependence::AddressAndPortDependent:
        return "address-and-port-dependent";
    }
    return {};
}

/// Ports that a NAT gives away; RFC 4787 section 4.2.2 keeps the well-known ones apart.
constexpr int FirstPort = 1024;
constexpr int LastPort = 65535;

} // namespace

std::string NatBehavior::toString() const
{
    std::string text = "mapping " + sim::toString(mapping) + ", filtering "
        + sim::toString(filtering);
    if (preservesPorts)
        text += ", preserves ports";
    if (hairpins)
        text += ", hairpins";
    if (isRefreshedByInbound)
        text += ", refreshed by inbound";
    const auto timeout = std::chrono::duration_cast<std::chrono::seconds>(mappingTimeout);
    return text + ", timeout " + std::to_string(timeout.count()) + " s";
}

Nat::Nat(const NatBehavior &behavior, const IpAddress &external, SeededRandom random)
    : m_behavior(behavior)
    , m_external(external)
    , m_random(std::move(random))
{ }

Nat::Key Nat::keyFor(const TransportAddress &inside, const TransportAddress &destination) const
{
    switch (m_behavior.mapping) {
    case Dependence::EndpointIndependent:
        return {inside, {}};
    case Dependence::AddressDependent:
        return {inside, {destination.ip, 0}};
    case Dependence::AddressAndPortDependent:
        return {inside, destination};
    }
    return {};
}

bool Nat::isExpired(TimePoint now, TimePoint lastUsed) const
{
    return now - lastUsed > m_behavior.mappingTimeout;
}

/// Not at every packet: what has expired is not believed anyway.
void Nat::removeExpired(TimePoint now)
{
    if (now < m_nextCleaning)
        return;
    m_nextCleaning = now + m_behavior.mappingTimeout;
    std::erase_if(m_ports, [&](const auto &entry) {
        return isExpired(now, m_mappings.at(entry.second).lastUsed);
    });
    std::erase_if(m_mappings,
                  [&](const auto &entry) { return isExpired(now, entry.second.lastUsed); });
    for (auto &[inside, contacts] : m_contacts) {
        std::erase_if(contacts, [&](const auto &entry) { return isExpired(now, entry.second); });
    }
    std::erase_if(m_contacts, [](const auto &entry) { return entry.second.empty(); });
}

std::optional<std::uint16_t> Nat::choosePort(TimePoint now, std::uint16_t wanted)
{
    const auto isFree = [&](std::uint16_t port) {
        const auto found = m_mappings.find(port);
        if (found == m_mappings.end())
            return true;
        if (!isExpired(now, found->second.lastUsed))
            return false;
        m_ports.erase(found->second.key);
        m_mappings.erase(found);
        return true;
    };
    if (m_behavior.preservesPorts && wanted >= FirstPort && isFree(wanted))
        return wanted;
    // The first free one from a random place on.
    const int count = LastPort - FirstPort + 1;
    const int start = m_random.between(0, count - 1);
    for (int i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(FirstPort + (start + i) % count);
        if (isFree(port))
            return port;
    }
    return std::nullopt;
}

std::optional<Packet> Nat::outbound(TimePoint now, Packet packet)
{
    removeExpired(now);
    const Key key = keyFor(packet.source, packet.destination);
    auto port = m_ports.find(key);
    if (port != m_ports.end() && isExpired(now, m_mappings.at(port->second).lastUsed)) {
        m_mappings.erase(port->second);
        m_ports.erase(port);
        port = m_ports.end();
    }
    if (port == m_ports.end()) {
        const std::optional<std::uint16_t> chosen = choosePort(now, packet.source.port);
        if (!chosen)
            return std::nullopt;
        port = m_ports.emplace(key, *chosen).first;
    }
    m_mappings[port->second] = {key, now};
    m_contacts[packet.source][packet.destination] = now;
    packet.source = {m_external, port->second};
    return packet;
}

/// RFC 4787 section 5 speaks of what the endpoint inside has sent, by whichever mapping.
bool Nat::isLetIn(TimePoint now, const TransportAddress &inside,
                  const TransportAddress &source) const
{
    if (m_behavior.filtering == Dependence::EndpointIndependent)
        return true;
    const auto contacts = m_contacts.find(inside);
    if (contacts == m_contacts.end())
        return false;
    return std::any_of(contacts->second.begin(), contacts->second.end(), [&](const auto &contact) {
        const bool isSame = m_behavior.filtering == Dependence::AddressDependent
            ? contact.first.ip == source.ip
            : contact.first == source;
        return isSame && !isExpired(now, contact.second);
    });
}

std::optional<Packet> Nat::inbound(TimePoint now, Packet packet)
{
    if (packet.destination.ip != m_external)
        return std::nullopt;
    const auto mapping = m_mappings.find(packet.destination.port);
    if (mapping == m_mappings.end() || isExpired(now, mapping->second.lastUsed))
        return std::nullopt;
    const TransportAddress inside = mapping->second.key.inside;
    if (!isLetIn(now, inside, packet.source))
        return std::nullopt;
    if (m_behavior.isRefreshedByInbound) {
        mapping->second.lastUsed = now;
        m_contacts[inside][packet.source] = now;
    }
    packet.destination = inside;
    return packet;
}

std::optional<Packet> Nat::hairpin(TimePoint now, Packet packet)
{
    if (!m_behavior.hairpins)
        return std::nullopt;
    std::optional<Packet> outside = outbound(now, std::move(packet));
    return outside ? inbound(now, std::move(*outside)) : std::nullopt;
}

void Nat::reset()
{
    m_ports.clear();
    m_mappings.clear();
    m_contacts.clear();
}

std::optional<std::uint16_t> Nat::externalPort(TimePoint now, const TransportAddress &inside,
                                               const TransportAddress &destination) const
{
    const auto port = m_ports.find(keyFor(inside, destination));
    if (port == m_ports.end() || isExpired(now, m_mappings.at(port->second).lastUsed))
        return std::nullopt;
    return port->second;
}

} // namespace peer::sim
