// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/internet.h"

#include <stdexcept>

namespace peer::sim {

namespace {

std::string milliseconds(Duration duration)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count())
        + " ms";
}

std::string percent(double probability)
{
    std::string text = std::to_string(probability * 100);
    return text.substr(0, text.find('.') + 2) + " %";
}

std::string describe(const LinkConditions &conditions)
{
    std::string text = milliseconds(conditions.delay);
    if (conditions.jitter > Duration::zero())
        text += ", jitter " + milliseconds(conditions.jitter);
    if (conditions.loss > 0)
        text += ", loss " + percent(conditions.loss);
    if (conditions.duplication > 0)
        text += ", duplication " + percent(conditions.duplication);
    if (conditions.reordering > 0)
        text += ", reordering " + percent(conditions.reordering);
    if (conditions.bitsPerSecond > 0)
        text += ", " + std::to_string(conditions.bitsPerSecond / 1000) + " kbit/s";
    if (conditions.udpBitsPerSecond > 0)
        text += ", UDP " + std::to_string(conditions.udpBitsPerSecond / 1000) + " kbit/s";
    if (!conditions.isUp)
        text += ", down";
    return text;
}

std::string describe(const Interface &interface)
{
    std::string text = "    " + interface.name() + ":";
    for (const IpAddress &address : interface.addresses())
        text += " " + address.toString();
    return text + "; out " + describe(interface.outward().conditions()) + "; in "
        + describe(interface.inward().conditions()) + "\n";
}

} // namespace

Internet::Internet(std::uint64_t seed)
    : m_seed(seed)
    , m_random(seed)
{
    addNetwork("core");
}

Network &Internet::addNetwork(std::string name)
{
    m_networks.push_back(std::make_unique<Network>(std::move(name), m_schedule, m_trace));
    return *m_networks.back();
}

Host &Internet::addHost(std::string name)
{
    m_hosts.push_back(
        std::make_unique<Host>(std::move(name), m_schedule, m_trace, m_random, m_nextTransport));
    return *m_hosts.back();
}

Gateway &Internet::addGateway(std::string name, Network &inner, Network &outer,
                              std::vector<IpAddress> outerAddresses, const GatewayConfig &config)
{
    if (inner.gateway() || &inner == &core())
        throw std::invalid_argument(inner.name() + " has its way out already");
    m_gateways.push_back(std::make_unique<Gateway>(std::move(name), inner, outer,
                                                   std::move(outerAddresses), config, m_schedule,
                                                   m_trace, m_random));
    return *m_gateways.back();
}

StunServer &Internet::addStunServer()
{
    Host &host = addHost("stun");
    host.connect(core(), {ip("203.0.113.1"), ip("2001:db8::1")});
    m_stunServer = std::make_unique<StunServer>(host);
    return *m_stunServer;
}

TurnServer &Internet::addTurnServer(const TurnBehavior &behavior)
{
    Host &host = addHost("turn");
    host.connect(core(), {ip("203.0.113.2"), ip("2001:db8::2")});
    m_turnServer = std::make_unique<TurnServer>(host, behavior);
    return *m_turnServer;
}

TunnelServer &Internet::addTunnelServer()
{
    Host &host = addHost("tunnel");
    host.connect(core(), {ip("203.0.113.3"), ip("2001:db8::3")});
    m_tunnelServer = std::make_unique<TunnelServer>(host);
    return *m_tunnelServer;
}

void Internet::announce(const IpPrefix &prefix, Network &network)
{
    for (Gateway *gateway = network.gateway(); gateway;
         gateway = gateway->outer().network().gateway()) {
        gateway->outer().network().addRoute(prefix, gateway->outer());
    }
}

std::string Internet::describe() const
{
    std::string text = "seed " + std::to_string(m_seed) + "\n";
    for (const auto &gateway : m_gateways) {
        const Nat *nat = gateway->nat(IpAddress::Family::V4);
        text += "  " + gateway->name() + " between " + gateway->inner().network().name() + " and "
            + gateway->outer().network().name()
            + "; NAT: " + (nat ? nat->behavior().toString() : "none") + "; firewall: "
            + gateway->firewall().rules().toString() + "\n" + sim::describe(gateway->outer());
    }
    for (const auto &host : m_hosts) {
        text += "  " + host->name() + "\n";
        for (const auto &interface : host->interfaces())
            text += sim::describe(*interface);
    }
    return text;
}

} // namespace peer::sim
