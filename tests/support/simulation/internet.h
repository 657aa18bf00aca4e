// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_INTERNET_H
#define PEER_SIMULATION_INTERNET_H

#include "support/simulation/gateway.h"
#include "support/simulation/host.h"
#include "support/simulation/network.h"
#include "support/simulation/schedule.h"
#include "support/simulation/seededrandom.h"
#include "support/simulation/stunserver.h"
#include "support/simulation/trace.h"
#include "support/simulation/tunnelserver.h"
#include "support/simulation/turnserver.h"

#include <memory>
#include <string>
#include <vector>

namespace peer::sim {

/// The simulated internet: owns its networks, hosts and gateways, the virtual clock, the randomness
/// and the trace. The same seed and the same calls make the same run.
///
///     Internet internet(seed);
///     Network &home = internet.addNetwork("home");
///     internet.addGateway("router", home, internet.core(), {ip("203.0.113.7")},
///                         {NatBehavior{}, {}});
///     Host &alice = internet.addHost("alice");
///     alice.connect(home, {ip("192.168.1.2")}).setConditions({.delay = 10ms});
///     StunServer &server = internet.addStunServer();
///     alice.openSocket(process, {ip("192.168.1.2"), 0});
///     alice.command(process, [&](TimePoint now) { … });
///     internet.schedule().runFor(10s);
class Internet
{
public:
    explicit Internet(std::uint64_t seed);
    Internet(const Internet &) = delete;
    Internet &operator=(const Internet &) = delete;

    std::uint64_t seed() const { return m_seed; }
    Schedule &schedule() { return m_schedule; }
    TimePoint now() const { return m_schedule.now(); }
    Trace &trace() { return m_trace; }
    /// Randomness for the part of that name, such as one machine.
    SeededRandom fork(std::string_view name) const { return m_random.fork(name); }

    /// The public internet, that all else hangs on.
    Network &core() { return *m_networks.front(); }
    const Network &core() const { return *m_networks.front(); }
    Network &addNetwork(std::string name);
    Host &addHost(std::string name);
    Gateway &addGateway(std::string name, Network &inner, Network &outer,
                        std::vector<IpAddress> outerAddresses, const GatewayConfig &config);
    const std::vector<std::unique_ptr<Gateway>> &gateways() const { return m_gateways; }
    /// A host in the core that answers at 203.0.113.1 and 2001:db8::1, port 3478, without delay or
    /// loss of its own. At most one.
    StunServer &addStunServer();
    /// Likewise a TURN server, at 203.0.113.2 and 2001:db8::2.
    TurnServer &addTurnServer(const TurnBehavior &behavior = {});
    /// Likewise a tunnel for one call, at 203.0.113.3 and 2001:db8::3.
    TunnelServer &addTunnelServer();

    /// Makes a prefix that lives in that network known to all networks further out, so that packets
    /// find their way in. For addresses that no NAT translates.
    void announce(const IpPrefix &prefix, Network &network);

    /// All there is, in words; for a test that failed.
    std::string describe() const;

private:
    std::uint64_t m_seed;
    Schedule m_schedule;
    Trace m_trace;
    SeededRandom m_random;
    std::uint32_t m_nextTransport = 0;
    std::vector<std::unique_ptr<Network>> m_networks;
    std::vector<std::unique_ptr<Gateway>> m_gateways;
    std::vector<std::unique_ptr<Host>> m_hosts;
    std::unique_ptr<StunServer> m_stunServer;
    std::unique_ptr<TurnServer> m_turnServer;
    std::unique_ptr<TunnelServer> m_tunnelServer;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_INTERNET_H
