// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/topology.h"

#include "support/simulation/oracle.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

/// A network that hosts can be plugged into, and the addresses that it has to give.
struct Place
{
    Network *network;
    /// Null prefix: none of that family.
    IpPrefix v4;
    IpPrefix v6;
    std::uint32_t nextHost = 10;
};

class Builder
{
public:
    Builder(std::uint64_t seed, const TopologyLimits &limits)
        : m_limits(limits)
        , m_internet(std::make_unique<Internet>(seed))
        , m_random(m_internet->fork("topology"))
    { }

    Topology build();

private:
    NatBehavior randomNat();
    FirewallRules randomFirewall();
    LinkConditions randomLink(double share);
    Gateway &addGateway(const std::string &name, Network &inner, Place &outer, bool hasNat);
    Place addLan(int number, Place &outer);
    Place *addProvider();
    Host &addHost(const std::string &name, std::vector<std::size_t> places);
    void plug(Host &host, Place &place);
    std::vector<std::size_t> choosePlaces();

    TopologyLimits m_limits;
    std::unique_ptr<Internet> m_internet;
    SeededRandom m_random;
    /// The first is the core.
    std::vector<Place> m_places;
    /// What lies between the core and some LANs.
    std::vector<Place> m_providers;
};

NatBehavior Builder::randomNat()
{
    NatBehavior behavior;
    // Endpoint-independent mapping is what RFC 4787 requires and what most NATs do.
    static constexpr Dependence Kinds[] = {
        Dependence::EndpointIndependent, Dependence::EndpointIndependent,
        Dependence::AddressDependent, Dependence::AddressAndPortDependent};
    behavior.mapping = Kinds[m_random.below(std::size(Kinds))];
    behavior.filtering = Kinds[1 + m_random.below(std::size(Kinds) - 1)];
    behavior.preservesPorts = m_random.chance(0.5);
    behavior.hairpins = m_random.chance(0.5);
    // RFC 4787 wants two minutes; 30 seconds have been seen.
    behavior.mappingTimeout = m_random.between(Duration(30s), Duration(5min));
    behavior.isRefreshedByInbound = m_random.chance(0.5);
    return behavior;
}

FirewallRules Builder::randomFirewall()
{
    FirewallRules rules;
    if (!m_limits.hasFirewalls)
        return rules;
    rules.blocksUdp = m_random.chance(0.06);
    rules.blocksUnsolicited = m_random.chance(0.5);
    if (m_random.chance(0.08))
        rules.blockedPrefixes.push_back(
            IpPrefix::fromString(m_random.chance(0.5) ? "203.0.113.0/25" : "2001:db8::/33"));
    return rules;
}

/// share: how much of the limits this wire may use up, so that all on a path stay within them.
LinkConditions Builder::randomLink(double share)
{
    LinkConditions conditions;
    const auto part = std::chrono::duration_cast<Duration>(m_limits.maxDelay * share);
    conditions.delay = m_random.between(Duration::zero(), part * 3 / 4);
    if (m_random.chance(0.5))
        conditions.jitter = m_random.between(Duration::zero(), part / 4);
    if (m_limits.maxLoss <= 0)
        return conditions;
    if (m_random.chance(0.5))
        conditions.loss = m_random.between(0.0, m_limits.maxLoss * share);
    if (m_random.chance(0.2))
        conditions.duplication = m_random.between(0.0, 0.05);
    if (m_random.chance(0.2)) {
        conditions.reordering = m_random.between(0.0, 0.05);
        conditions.reorderingDelay = part / 4;
    }
    return conditions;
}

Gateway &Builder::addGateway(const std::string &name, Network &inner, Place &outer, bool hasNat)
{
    GatewayConfig config;
    if (hasNat)
        config.nat = randomNat();
    config.firewall = randomFirewall();
    std::vector<IpAddress> addresses = {outer.v4.host(outer.nextHost)};
    if (!outer.v6.address.isNull())
        addresses.push_back(outer.v6.host(outer.nextHost));
    ++outer.nextHost;
    Gateway &gateway = m_internet->addGateway(name, inner, *outer.network, std::move(addresses),
                                              config);
    gateway.outer().setConditions(randomLink(0.1));
    return gateway;
}

/// A provider that gives its customers addresses of RFC 6598 and translates them once more.
Place *Builder::addProvider()
{
    Network &network = m_internet->addNetwork("provider");
    m_providers.push_back(
        {&network, IpPrefix::fromString("100.64.0.0/10"),
         m_limits.hasIpv6 ? IpPrefix::fromString("2001:db8:8000::/64") : IpPrefix()});
    Place &provider = m_providers.back();
    addGateway("carrier", network, m_places.front(), true);
    if (m_limits.hasIpv6)
        m_internet->announce(provider.v6, network);
    return &provider;
}

Place Builder::addLan(int number, Place &outer)
{
    const std::string text = std::to_string(number);
    Network &network = m_internet->addNetwork("lan " + text);
    Place lan{&network, {}, {}};
    const bool hasNat = m_limits.hasNats && (m_random.chance(0.85) || &outer != &m_places.front());
    addGateway("router " + text, network, outer, hasNat);
    if (hasNat) {
        // Every second home uses the addresses that its neighbour uses.
        const std::string third = m_random.chance(0.5) ? "1" : std::to_string(100 + number);
        lan.v4 = IpPrefix::fromString("192.168." + third + ".0/24");
        // Hosts in LANs with the same prefix mostly, but not always, have different numbers.
        lan.nextHost = static_cast<std::uint32_t>(m_random.between(10, 40));
    } else {
        lan.v4 = IpPrefix::fromString("198.51.100." + std::to_string(16 * number) + "/28");
        lan.nextHost = 2;
        m_internet->announce(lan.v4, network);
    }
    if (m_limits.hasIpv6 && m_random.chance(0.6)) {
        lan.v6 = IpPrefix::fromString("2001:db8:" + std::to_string(1000 + number) + "::/64");
        m_internet->announce(lan.v6, network);
    }
    return lan;
}

void Builder::plug(Host &host, Place &place)
{
    const bool hasV4 = !place.v4.address.isNull();
    const bool hasV6 = !place.v6.address.isNull();
    // Of a dual-stack network most hosts use both.
    const int families = m_random.between(0, 9);
    // Two LANs of one host may use the same addresses, but not give it the same one.
    const std::vector<IpAddress> taken = host.addresses();
    while (hasV4
           && std::find(taken.begin(), taken.end(), place.v4.host(place.nextHost)) != taken.end())
        ++place.nextHost;
    std::vector<IpAddress> addresses;
    if (hasV4 && (!hasV6 || families != 0))
        addresses.push_back(place.v4.host(place.nextHost));
    if (hasV6 && (!hasV4 || families != 1))
        addresses.push_back(place.v6.host(place.nextHost));
    ++place.nextHost;
    host.connect(*place.network, std::move(addresses)).setConditions(randomLink(0.4));
}

std::vector<std::size_t> Builder::choosePlaces()
{
    // One interface is what most hosts have.
    const int wanted = m_random.chance(0.6)
        ? 1
        : m_random.between(1, std::max(1, m_limits.maxInterfaces));
    std::vector<std::size_t> all(m_places.size());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = i;
    std::vector<std::size_t> chosen;
    for (int i = 0; i < wanted && !all.empty(); ++i) {
        // A host in the core is rare.
        std::size_t at = m_random.below(all.size());
        if (all[at] == 0 && m_random.chance(0.6))
            at = m_random.below(all.size());
        chosen.push_back(all[at]);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return chosen;
}

Host &Builder::addHost(const std::string &name, std::vector<std::size_t> places)
{
    Host &host = m_internet->addHost(name);
    for (const std::size_t place : places)
        plug(host, m_places[place]);
    return host;
}

Topology Builder::build()
{
    m_places.push_back({&m_internet->core(), IpPrefix::fromString("203.0.113.0/24"),
                        m_limits.hasIpv6 ? IpPrefix::fromString("2001:db8::/64") : IpPrefix()});
    StunServer &server = m_internet->addStunServer();
    // References into it are handed around while it grows.
    m_places.reserve(8);
    Place *provider = m_limits.hasNats && m_random.chance(0.4) ? addProvider() : nullptr;
    const int lans = m_random.between(1, 4);
    for (int i = 1; i <= lans; ++i) {
        Place &outer = provider && m_random.chance(0.6) ? *provider : m_places.front();
        m_places.push_back(addLan(i, outer));
    }
    // Some are customers of the provider without a router of their own.
    if (provider && m_random.chance(0.3))
        m_places.push_back({provider->network, provider->v4, provider->v6, 1000});

    const std::vector<std::size_t> leftPlaces = choosePlaces();
    std::vector<std::size_t> rightPlaces = choosePlaces();
    if (m_random.chance(0.15))
        rightPlaces = leftPlaces;
    Topology topology;
    topology.left = &addHost("left", leftPlaces);
    topology.right = &addHost("right", rightPlaces);
    topology.stunServer = &server;
    topology.directPathExists = sim::directPathExists(*topology.left, *topology.right, &server);
    // Its own randomness, so that all else is the same with and without it.
    if (m_internet->fork("turn").chance(m_limits.turnServers))
        topology.turnServer = &m_internet->addTurnServer();
    topology.relayPathExists = sim::relayPathExists(*topology.left, *topology.right,
                                                    topology.turnServer);
    if (m_internet->fork("tunnel").chance(m_limits.tunnels))
        topology.tunnelServer = &m_internet->addTunnelServer();
    topology.internet = std::move(m_internet);
    return topology;
}

} // namespace

Topology makeTopology(std::uint64_t seed, const TopologyLimits &limits)
{
    return Builder(seed, limits).build();
}

std::string Topology::describe() const
{
    return internet->describe() + "  direct path: " + (directPathExists ? "yes" : "not sure")
        + "; by a relay: " + (relayPathExists ? "yes" : "not sure") + "\n";
}

} // namespace peer::sim
