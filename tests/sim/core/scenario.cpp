// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "scenario.h"

#include "peerprocess.h"
#include "support/simulation/faultplan.h"
#include "support/simulation/oracle.h"
#include "support/simulation/servers.h"
#include "support/simulation/signalingchannel.h"
#include "support/simulation/topology.h"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;
using Channel = SignalingChannel<Signal>;

/// What a session waits (its connectTimeout), with up to 20 % loss and 400 ms of round trip,
/// gathering and signaling included.
constexpr Duration ConnectLimit = 30s;
/// Where there may be no path, nothing is demanded, so there is no point in waiting for it.
constexpr Duration HopelessLimit = 12s;
constexpr Duration TransferLimit = 120s;
constexpr Duration IdleTime = 75s;
/// A process restarts ICE every 15 s; a TCP connection gives up after half a minute.
constexpr Duration ReturnLimit = 60s;

bool hearsByItsRoute(const PeerProcess &process)
{
    return process.agent.route() == process.heardFrom;
}

TopologyLimits limits()
{
    TopologyLimits limits;
    limits.turnServers = 0.5;
    limits.tunnels = 0.3;
    return limits;
}

/// Ways to the TURN server.
std::vector<turn::Transport> makeTransports(SeededRandom random)
{
    std::vector<turn::Transport> transports;
    for (const auto each : {turn::Transport::Udp, turn::Transport::Tcp, turn::Transport::Tls}) {
        if (random.chance(each == turn::Transport::Udp ? 0.8 : 0.5))
            transports.push_back(each);
    }
    return transports;
}

class Scenario
{
public:
    Scenario(std::uint64_t seed, const std::function<void(const std::string &)> &trace);
    ScenarioResult run();

private:
    std::unique_ptr<PeerProcess> makePeer(Channel::Side side);
    PeerProcess::Options makeOptions(Channel::Side side);
    void startPeer(Channel::Side side);
    void tryRun();
    void judge();
    void checkHiding() const;
    void blockUdp();
    void unplug();
    void meetFaults();
    bool hasWayByRelay() const;
    void stayIdle();
    bool runUntil(Duration limit, const std::function<bool()> &condition);
    bool areConnected() const { return m_left->agent.route() && m_right->agent.route(); }
    void demand(bool condition, const std::string &what) const;
    Host &host(Channel::Side side)
    {
        return side == Channel::Side::Left ? *m_topology.left : *m_topology.right;
    }
    PeerProcess &peer(Channel::Side side)
    {
        return side == Channel::Side::Left ? *m_left : *m_right;
    }
    std::string describe() const;

    Topology m_topology;
    SeededRandom m_random;
    Channel m_channel;
    bool m_isRoleConflict;
    bool m_hasRenomination = true;
    /// None, or the one whose addresses are hidden.
    std::optional<Channel::Side> m_hiding;
    bool m_hasTcp;
    std::vector<turn::Transport> m_transports;
    FaultPlan m_faults;
    bool m_isUnplugging;
    bool m_isIdling;
    bool m_rightStartsEarly;
    bool m_rightIsStarted = false;
    ice::Role m_commonRole;
    std::unique_ptr<PeerProcess> m_left, m_right;
    ScenarioResult m_result;
};

SignalingConditions makeSignaling(SeededRandom random)
{
    SignalingConditions conditions;
    conditions.delay = random.between(Duration(1ms), Duration(150ms));
    conditions.jitter = random.chance(0.5) ? random.between(Duration(0ms), Duration(300ms)) : 0ms;
    conditions.reordering = random.chance(0.4) ? 0.4 : 0.0;
    conditions.reorderingDelay = random.between(Duration(10ms), Duration(500ms));
    return conditions;
}

Scenario::Scenario(std::uint64_t seed, const std::function<void(const std::string &)> &trace)
    : m_topology(makeTopology(seed, limits()))
    , m_random(m_topology.internet->fork("scenario"))
    , m_channel(*m_topology.internet, "signaling",
                makeSignaling(m_topology.internet->fork("signaling conditions")))
    , m_isRoleConflict(m_random.chance(0.25))
    , m_hasTcp(m_topology.internet->fork("tcp").chance(0.7))
    , m_transports(makeTransports(m_topology.internet->fork("ways")))
    , m_faults(m_topology.internet->fork("faults"), m_topology, FaultPlan::Choice::Network,
               {{},
                [this](Host &host, const IpAddress &gone, const IpAddress &come) {
                    PeerProcess &process = &host == m_topology.left ? *m_left : *m_right;
                    host.command(process,
                                 [&](TimePoint now) { process.renumber(now, gone, come); });
                }})
    , m_isUnplugging(m_random.chance(0.25) && m_faults.isEmpty())
    , m_isIdling(m_random.chance(0.15))
    , m_rightStartsEarly(m_random.chance(0.3))
    , m_commonRole(m_random.chance(0.5) ? ice::Role::Controlling : ice::Role::Controlled)
{
    if (trace)
        m_topology.internet->trace().setSink(trace);
    SeededRandom turn = m_topology.internet->fork("hiding");
    if (m_topology.turnServer && turn.chance(0.25))
        m_hiding = turn.chance(0.5) ? Channel::Side::Left : Channel::Side::Right;
    m_result.isHiding = m_hiding.has_value();
    m_result.hasFaults = !m_faults.isEmpty();
    if (m_topology.internet->fork("no udp").chance(0.15))
        blockUdp();
    m_left = makePeer(Channel::Side::Left);
    m_right = makePeer(Channel::Side::Right);
}

PeerProcess::Options Scenario::makeOptions(Channel::Side side)
{
    PeerProcess::Options options;
    options.isOfferer = side == Channel::Side::Left;
    options.config.usesDirect = m_hiding != side;
    options.hasTcp = m_hasTcp;
    options.config.role = options.isOfferer ? ice::Role::Controlling : ice::Role::Controlled;
    if (m_isRoleConflict)
        options.config.role = m_commonRole;
    // Mostly two of ours; sometimes one like a browser.
    options.config.renomination = !m_random.chance(0.2);
    m_hasRenomination = m_hasRenomination && options.config.renomination;
    if (m_random.chance(0.2))
        options.config.pacing = 50ms;
    options.hasWildcardSockets = m_random.chance(0.5);
    options.trickles = !m_random.chance(0.2);
    options.transferSize = 1000 * m_random.below(40);
    // So that it lasts through them.
    if (!m_faults.isEmpty())
        options.transferSize += 100'000;
    return options;
}

std::unique_ptr<PeerProcess> Scenario::makePeer(Channel::Side side)
{
    const std::string name = side == Channel::Side::Left ? "left" : "right";
    auto process = std::make_unique<PeerProcess>(
        host(side), m_topology.internet->fork("peer " + name), makeOptions(side),
        [this, side](const Signal &signal) { m_channel.send(side, signal); });
    m_channel.setReceiver(side, [this, side](TimePoint, const Signal &signal) {
        // The callee picks up at the first signal.
        if (side == Channel::Side::Right && !m_rightIsStarted)
            startPeer(side);
        host(side).command(peer(side),
                           [&](TimePoint now) { peer(side).receiveSignal(now, signal); });
    });
    return process;
}

void Scenario::startPeer(Channel::Side side)
{
    if (side == Channel::Side::Right)
        m_rightIsStarted = true;
    host(side).command(peer(side), [&](TimePoint now) {
        peer(side).start(now, stunServersOf(m_topology), relayServersOf(m_topology, m_transports),
                         m_topology.tunnelServer);
    });
}

bool Scenario::runUntil(Duration limit, const std::function<bool()> &condition)
{
    return m_topology.internet->schedule().runUntil(m_topology.internet->now() + limit, condition);
}

void Scenario::demand(bool condition, const std::string &what) const
{
    if (!condition)
        throw std::runtime_error(what);
}

ScenarioResult Scenario::run()
{
    judge();
    try {
        tryRun();
    } catch (const std::exception &error) {
        m_result.fault = std::string(error.what()) + "\n" + describe();
    }
    m_result.restarts = m_left->restarts;
    m_result.hash = m_topology.internet->trace().hash();
    return m_result;
}

void Scenario::tryRun()
{
    const TimePoint start = m_topology.internet->now();
    startPeer(Channel::Side::Left);
    if (m_rightStartsEarly)
        startPeer(Channel::Side::Right);

    const bool isConnected = runUntil(m_result.hasPath ? ConnectLimit : HopelessLimit,
                                      [this] { return areConnected(); });
    demand(isConnected || !m_result.hasPath, "not connected although there is a path");
    if (!isConnected)
        return;
    m_result.connected = m_topology.internet->now() - start;

    if (m_isUnplugging)
        unplug();
    meetFaults();
    const bool isTransferred = runUntil(
        TransferLimit, [this] { return m_left->transfer.isDone() && m_right->transfer.isDone(); });
    demand(isTransferred || !m_result.hasPath, "the transfers do not end");
    if (!isTransferred)
        return;
    m_result.transferred = m_topology.internet->now() - start;
    demand(m_left->transfer.received() == m_right->transfer.content()
               && m_right->transfer.received() == m_left->transfer.content(),
           "what arrived is not what was sent");
    checkHiding();
    for (const PeerProcess *process : {m_left.get(), m_right.get()}) {
        for (const ice::PairInfo &pair : process->agent.validPairs()) {
            if (pair.route != process->agent.route())
                continue;
            m_result.isRelayed = m_result.isRelayed || pair.kind == ice::PathKind::Relayed;
            m_result.isTunnelled = m_result.isTunnelled || pair.kind == ice::PathKind::Tunnel;
            m_result.isOverTcp = m_result.isOverTcp
                || (pair.kind == ice::PathKind::Direct && pair.protocol == turn::Transport::Tcp);
        }
    }
    if (m_isIdling && m_result.hasPath)
        stayIdle();
}

/// What the oracle says of the topology as it is now.
void Scenario::judge()
{
    const Host &left = *m_topology.left, &right = *m_topology.right;
    m_result.hasDirectPath = !m_hiding && directPathExists(left, right, m_topology.stunServer);
    m_result.hasTcpPath = m_hasTcp && !m_hiding
        && (tcpPathExists(left, right) || tcpPunchExists(left, right, m_topology.stunServer));
    m_result.hasPath = m_result.hasDirectPath || m_result.hasTcpPath || hasWayByRelay()
        || tunnelPathExists(left, right, m_topology.tunnelServer);
}

bool Scenario::hasWayByRelay() const
{
    const bool hasUdp = std::find(m_transports.begin(), m_transports.end(), turn::Transport::Udp)
        != m_transports.end();
    const bool hasTcp = m_transports.size() > (hasUdp ? 1U : 0U);
    const Host &left = *m_topology.left, &right = *m_topology.right;
    return relayPathExists(left, right, m_topology.turnServer, {hasUdp, hasTcp});
}

/// They happen while the transfers go on.
void Scenario::meetFaults()
{
    if (m_faults.isEmpty())
        return;
    m_faults.start();
    runUntil(m_faults.length(), [] { return false; });
    const auto isBack = [](const PeerProcess &process) {
        const ice::State state = process.agent.state();
        return process.agent.route()
            && (state == ice::State::Connected || state == ice::State::Completed);
    };
    const bool areBack = runUntil(ReturnLimit, [&] { return isBack(*m_left) && isBack(*m_right); });
    demand(areBack || !m_result.hasPath, "not connected again after the faults");
}

void Scenario::blockUdp()
{
    for (const auto &gateway : m_topology.internet->gateways()) {
        FirewallRules rules = gateway->firewall().rules();
        rules.blocksUdp = true;
        gateway->firewall().setRules(rules);
    }
}

void Scenario::checkHiding() const
{
    if (!m_hiding)
        return;
    const PeerProcess &hiding = m_hiding == Channel::Side::Left ? *m_left : *m_right;
    for (const Candidate &candidate : hiding.told)
        demand(candidate.type == CandidateType::Relayed && candidate.relatedAddress.isNull(),
               "a hidden peer tells its address");
}

/// Pulls the plug that the left peer's route goes by. Its system tells it of the loss of the
/// addresses by the next second, or never.
void Scenario::unplug()
{
    runUntil(m_random.between(Duration(0ms), Duration(3s)), [] { return false; });
    const auto route = m_left->agent.route();
    if (!route || m_topology.left->interfaces().size() < 2)
        return;
    for (const auto &interface : m_topology.left->interfaces()) {
        if (!interface->hasAddress(route->local.ip))
            continue;
        interface->setUp(false);
        m_topology.internet->trace().note(m_topology.internet->now(), "left", "unplugged");
        // There need not be another way.
        judge();
        if (!m_random.chance(0.5))
            return;
        runUntil(m_random.between(Duration(0ms), Duration(1s)), [] { return false; });
        for (const IpAddress &ip : interface->addresses())
            m_topology.left->command(*m_left,
                                     [&](TimePoint now) { m_left->removeAddress(now, ip); });
        return;
    }
}

void Scenario::stayIdle()
{
    runUntil(IdleTime, [] { return false; });
    demand(areConnected(), "not connected any more");
    demand(m_left->agent.role() != m_right->agent.role(), "both have the same role");
    // Whatever is lost, some greeting arrives. One that came by another way may have been sent
    // just before the pair changed.
    bool haveMet = false;
    for (int i = 0; i < 30 && !haveMet; ++i) {
        for (const auto side : {Channel::Side::Left, Channel::Side::Right})
            host(side).command(peer(side), [&](TimePoint) { peer(side).greet(); });
        runUntil(1s, [] { return false; });
        haveMet = hearsByItsRoute(*m_left) && hearsByItsRoute(*m_right);
    }
    demand(!m_left->heardFrom.isNull() && !m_right->heardFrom.isNull(), "no greeting arrives");
    // Without renomination nobody can say that the nominated pair, having died, is replaced.
    const bool canAgree = m_hasRenomination || (!m_isUnplugging && m_faults.isEmpty());
    demand(haveMet || !canAgree, "they use different pairs");
}

std::string Scenario::describe() const
{
    std::string text = m_topology.describe();
    text += std::string("  a path of any kind: ") + (m_result.hasPath ? "yes\n" : "not sure\n");
    text += m_faults.describe();
    for (const PeerProcess *process : {m_left.get(), m_right.get()}) {
        text += process == m_left.get() ? "left, " : "right, ";
        text += process->agent.role() == ice::Role::Controlling ? "controlling\n" : "controlled\n";
        for (const std::string &line : process->history)
            text += "  " + line + "\n";
        for (const ice::PairInfo &pair : process->agent.validPairs())
            text += "  valid: " + pair.route.local.toString() + " to "
                + pair.route.remote.toString() + (pair.isNominated ? ", nominated\n" : "\n");
    }
    return text;
}

} // namespace

ScenarioResult runScenario(std::uint64_t seed,
                           const std::function<void(const std::string &)> &trace)
{
    return Scenario(seed, trace).run();
}

} // namespace peer::sim
