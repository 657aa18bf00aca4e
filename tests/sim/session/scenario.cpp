// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "scenario.h"

#include "sessionprocess.h"
#include "support/simulation/faultplan.h"
#include "support/simulation/oracle.h"
#include "support/simulation/servers.h"
#include "support/simulation/signalingchannel.h"
#include "support/simulation/topology.h"
#include "support/virtualclock/virtualclock.h"

#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;
using Carrier = SignalingChannel<Signal>;

/// The session's own limits are 30 s from the moment when it knows both descriptions to a path, and
/// 30 s from there; the answer may have been lost a few times.
constexpr Duration ConnectLimit = 60s;
constexpr Duration TransferLimit = 600s;
/// Each change may have to wait for the one before, and its signals be repeated (8 s).
constexpr Duration TracksLimit = 60s;
/// A restart of ICE at the next attempt (10 s), whose signals may have to be repeated (8 s).
constexpr Duration ReturnLimit = 45s;
/// Longer than a session whose peer has gone without a word waits (SessionConfig::patience).
constexpr Duration CloseLimit = 100s;
constexpr Duration RestLimit = 60s;

struct Keys
{
    std::shared_ptr<const dtls::Certificate> certificate = dtls::Certificate::generate(
        1'700'000'000);
    IdentityKey identity = *IdentityKey::generate();
};

/// Made once; a seed says nothing about them.
const Keys &keys(End end)
{
    static const Keys caller, callee;
    return end == End::Caller ? caller : callee;
}

SignalingConditions makeSignaling(SeededRandom random)
{
    SignalingConditions conditions;
    conditions.delay = random.between(Duration(1ms), Duration(150ms));
    conditions.jitter = random.chance(0.5) ? random.between(Duration(0ms), Duration(300ms)) : 0ms;
    conditions.loss = random.chance(0.4) ? random.between(0.0, 0.3) : 0.0;
    conditions.duplication = random.chance(0.4) ? 0.2 : 0.0;
    conditions.reordering = random.chance(0.4) ? 0.4 : 0.0;
    conditions.reorderingDelay = random.between(Duration(10ms), Duration(500ms));
    return conditions;
}

TopologyLimits limits()
{
    TopologyLimits limits;
    limits.turnServers = 0.5;
    limits.tunnels = 0.4;
    return limits;
}

/// Ways to the TURN server.
std::vector<turn::Transport> makeTransports(SeededRandom random)
{
    std::vector<turn::Transport> transports;
    for (const auto each : {turn::Transport::Udp, turn::Transport::Tcp, turn::Transport::Tls}) {
        if (each == turn::Transport::Tcp || random.chance(0.7))
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
    enum class Closer : std::uint8_t { Caller, Callee, Both };

    std::unique_ptr<SessionProcess> makePeer(End end);
    SessionProcess::Options makeOptions(End end);
    void receive(End end, const Signal &signal);
    void start(End end);
    void tryRun();
    bool connect();
    bool transfer();
    void meetFaults();
    void close();
    void hangUp();
    void cutSignaling(bool isCut);
    void renumber(Host &host, const IpAddress &gone, const IpAddress &come);
    void blockUdp();
    void judge();
    bool removeWhoLeft();
    void comeToRest();
    bool runUntil(Duration limit, const std::function<bool()> &condition);
    void runFor(Duration duration);
    void demand(bool condition, const std::string &what) const;
    bool hasEnded() const { return m_caller->isClosed() || m_callee->isClosed(); }
    bool areClosed() const { return m_caller->isClosed() && m_callee->isClosed(); }
    /// The offer was lost with all its repetitions.
    bool isUncalled() const { return m_callee->session().state() == SessionState::New; }
    bool areConnected() const { return m_caller->isConnected() && m_callee->isConnected(); }
    Host &host(End end) { return end == End::Caller ? *m_topology.left : *m_topology.right; }
    SessionProcess &peer(End end) { return end == End::Caller ? *m_caller : *m_callee; }
    std::string describe() const;

    Topology m_topology;
    SeededRandom m_random;
    SignalingConditions m_signaling;
    Carrier m_carrier;
    std::vector<PlannedChannel> m_channels;
    std::vector<PlannedTrack> m_tracks;
    Duration m_clockOffset;
    bool m_hasTcp;
    std::vector<turn::Transport> m_transports;
    Duration m_acceptAfter;
    Closer m_closer;
    /// The closing end has heard all before.
    bool m_closesLate;
    bool m_isIdling;
    FaultPlan m_faults;
    /// One end hangs up after so long, wherever they are then.
    std::optional<Duration> m_hangsUpAfter;
    /// A session is destroyed when it is Closed. Its Bye must then arrive without repetition.
    bool m_leavesAtOnce;
    std::set<End> m_gone;
    bool m_calleeStartsEarly;
    bool m_calleeIsStarted = false;
    std::unique_ptr<SessionProcess> m_caller, m_callee;
    ScenarioResult m_result;
};

Scenario::Scenario(std::uint64_t seed, const std::function<void(const std::string &)> &trace)
    : m_topology(makeTopology(seed, limits()))
    , m_random(m_topology.internet->fork("scenario"))
    , m_signaling(makeSignaling(m_topology.internet->fork("signaling conditions")))
    , m_carrier(*m_topology.internet, "signaling", m_signaling)
    , m_channels(planTraffic(m_topology.internet->fork("traffic")))
    , m_tracks(planTracks(m_topology.internet->fork("tracks")))
    , m_clockOffset(test::VirtualClock::now() + 1s - Schedule::Start)
    , m_hasTcp(m_topology.internet->fork("tcp").chance(0.5))
    , m_transports(makeTransports(m_topology.internet->fork("ways")))
    , m_acceptAfter(m_random.chance(0.3) ? 0ms : m_random.between(Duration(0ms), Duration(10s)))
    , m_closer(static_cast<Closer>(m_random.below(3)))
    , m_closesLate(m_closer == Closer::Both || m_random.chance(0.5))
    , m_isIdling(m_random.chance(0.1))
    , m_faults(m_topology.internet->fork("faults"), m_topology, FaultPlan::Choice::All,
               {[this](bool isCut) { cutSignaling(isCut); },
                [this](Host &host, const IpAddress &gone, const IpAddress &come) {
                    renumber(host, gone, come);
                }})
    , m_hangsUpAfter(m_random.chance(0.12)
                         ? std::optional(m_random.between(Duration(0ms), Duration(12s)))
                         : std::nullopt)
    , m_leavesAtOnce(m_random.chance(0.5) && m_carrier.conditions().loss <= 0)
    , m_calleeStartsEarly(m_random.chance(0.3))
{
    if (trace)
        m_topology.internet->trace().setSink(trace);
    if (m_topology.internet->fork("no udp").chance(0.2))
        blockUdp();
    m_caller = makePeer(End::Caller);
    m_callee = makePeer(End::Callee);
}

SessionProcess::Options Scenario::makeOptions(End end)
{
    SessionProcess::Options options;
    options.end = end;
    SessionConfig &config = options.config;
    config.role = end == End::Caller ? SessionConfig::Role::Caller : SessionConfig::Role::Callee;
    config.call = "simulated-call-0000001";
    config.certificate = keys(end).certificate;
    config.identity = keys(end).identity;
    if (m_random.chance(0.5))
        config.expectedPeerIds = {keys(other(end)).identity.id()};
    config.peerAcknowledges = true;
    if (m_random.chance(0.3))
        config.channelSendBuffer = 1024 + m_random.below(64 * 1024);
    if (m_random.chance(0.3))
        config.channelReadBuffer = 1024 + m_random.below(64 * 1024);
    options.hasWildcardSockets = m_random.chance(0.5);
    options.hasTcp = m_hasTcp;
    options.acceptAfter = m_acceptAfter;
    if (m_random.chance(0.25))
        options.takeAfter = m_random.between(Duration(0ms), Duration(500ms));
    options.clockOffset = m_clockOffset;
    options.peerId = keys(other(end)).identity.id();
    options.tracks = m_tracks;
    config.peersTracks = tracksOfPeers();
    return options;
}

std::unique_ptr<SessionProcess> Scenario::makePeer(End end)
{
    const std::string name = end == End::Caller ? "caller" : "callee";
    const auto side = end == End::Caller ? Carrier::Side::Left : Carrier::Side::Right;
    m_carrier.setReceiver(side,
                          [this, end](TimePoint, const Signal &signal) { receive(end, signal); });
    Internet &internet = *m_topology.internet;
    return std::make_unique<SessionProcess>(
        host(end), internet.fork(name), makeOptions(end), m_channels,
        [this, side](const Signal &signal) { m_carrier.send(side, signal); },
        [&internet, name](const std::string &text) {
            internet.trace().note(internet.now(), name, text);
        });
}

void Scenario::receive(End end, const Signal &signal)
{
    if (m_gone.contains(end))
        return;
    // The callee comes to life with the first signal.
    if (end == End::Callee && !m_calleeIsStarted)
        start(end);
    host(end).command(peer(end), [&](TimePoint now) { peer(end).receiveSignal(now, signal); });
}

void Scenario::start(End end)
{
    if (end == End::Callee)
        m_calleeIsStarted = true;
    host(end).command(peer(end), [&](TimePoint now) {
        peer(end).start(now, stunServersOf(m_topology), relayServersOf(m_topology, m_transports),
                        m_topology.tunnelServer);
    });
}

bool Scenario::runUntil(Duration limit, const std::function<bool()> &condition)
{
    return m_topology.internet->schedule().runUntil(m_topology.internet->now() + limit, condition);
}

void Scenario::runFor(Duration duration)
{
    runUntil(duration, [] { return false; });
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
    m_result.messages = m_caller->session().statistics().messagesReceived
        + m_callee->session().statistics().messagesReceived;
    m_result.crossedOffers = m_caller->crossedOffers() + m_callee->crossedOffers();
    return m_result;
}

void Scenario::tryRun()
{
    start(End::Caller);
    if (m_calleeStartsEarly)
        start(End::Callee);
    if (m_hangsUpAfter)
        hangUp();
    else if (connect() && transfer())
        close();
    comeToRest();
}

/// False if there is no path, and both have said so.
bool Scenario::connect()
{
    const TimePoint begin = m_topology.internet->now();
    runUntil(m_acceptAfter + ConnectLimit,
             [this] { return areConnected() || areClosed() || (m_result.hasPath && hasEnded()); });
    if (areConnected()) {
        m_result.connected = m_topology.internet->now() - begin - m_acceptAfter;
        return true;
    }
    demand(!m_result.hasPath, "not connected although there is a path");
    demand(areClosed(), "neither connected nor given up");
    demand(m_caller->failure() && m_callee->failure(), "closed without a reason");
    return false;
}

void Scenario::blockUdp()
{
    for (const auto &gateway : m_topology.internet->gateways()) {
        FirewallRules rules = gateway->firewall().rules();
        rules.blocksUdp = true;
        gateway->firewall().setRules(rules);
    }
}

/// What the oracle says of the topology, with what this scenario has added to it.
void Scenario::judge()
{
    const Host &left = *m_topology.left, &right = *m_topology.right;
    m_result.hasDirectPath = directPathExists(left, right, m_topology.stunServer)
        || (m_hasTcp && tcpPathExists(left, right));
    const bool hasUdp = m_transports.front() == turn::Transport::Udp;
    m_result.hasPath = m_result.hasDirectPath
        || (m_hasTcp && tcpPunchExists(left, right, m_topology.stunServer))
        || relayPathExists(left, right, m_topology.turnServer, {hasUdp, true})
        || tunnelPathExists(left, right, m_topology.tunnelServer);
}

void Scenario::renumber(Host &host, const IpAddress &gone, const IpAddress &come)
{
    SessionProcess &process = &host == m_topology.left ? *m_caller : *m_callee;
    host.command(process, [&](TimePoint now) { process.renumber(now, gone, come); });
}

void Scenario::cutSignaling(bool isCut)
{
    SignalingConditions conditions = m_signaling;
    if (isCut)
        conditions.loss = 1;
    m_carrier.setConditions(conditions);
}

/// They happen while messages flow; after the last of them both must be connected again.
void Scenario::meetFaults()
{
    if (m_faults.isEmpty())
        return;
    m_faults.start();
    runFor(m_faults.length());
    if (m_result.hasPath) {
        demand(runUntil(ReturnLimit, [this] { return hasEnded() || areConnected(); }),
               "not connected again after the faults");
    }
}

bool Scenario::transfer()
{
    meetFaults();
    const SessionStatistics statistics = m_caller->session().statistics();
    m_result.kind = statistics.kind;
    m_result.isOverTcp = statistics.kind == ice::PathKind::Direct
        && statistics.protocol == turn::Transport::Tcp;
    const auto isReady = [this] {
        if (m_closesLate)
            return m_caller->hasSentAll() && m_callee->hasSentAll() && m_caller->hasHeardAll()
                && m_callee->hasHeardAll() && m_caller->hasClosedPlannedChannels()
                && m_callee->hasClosedPlannedChannels();
        return peer(m_closer == Closer::Caller ? End::Caller : End::Callee).hasSentAll();
    };
    const bool isDone = runUntil(TransferLimit, [&] { return hasEnded() || isReady(); })
        && !hasEnded();
    if (isDone) {
        runFor(m_isIdling ? m_random.between(Duration(40s), Duration(100s))
                          : m_random.between(Duration(0ms), Duration(1s)));
    }
    // A path that the oracle is not sure of may end.
    if (!m_result.hasPath && hasEnded()) {
        demand(runUntil(CloseLimit, [this] { return areClosed(); }), "only one has closed");
        return false;
    }
    demand(!hasEnded(), "lost each other");
    demand(isDone, "the messages do not arrive");
    const auto agree = [this] { return TrackTalk::agree(m_caller->tracks(), m_callee->tracks()); };
    demand(runUntil(TracksLimit, [&] { return hasEnded() || agree(); }),
           "the tracks are not agreed on");
    demand(!hasEnded() || !m_result.hasPath, "lost each other over tracks");
    return !hasEnded();
}

void Scenario::close()
{
    for (const End end : {End::Caller, End::Callee}) {
        const auto closer = end == End::Caller ? Closer::Caller : Closer::Callee;
        if (m_closer != closer && m_closer != Closer::Both)
            continue;
        host(end).command(peer(end), [&](TimePoint now) { peer(end).close(now); });
        // Both: at the same time, or while the first is on its way.
        if (m_random.chance(0.5))
            runFor(m_random.between(Duration(0ms), Duration(200ms)));
    }
    demand(runUntil(CloseLimit, [this] { return removeWhoLeft() && areClosed(); }),
           "not both have closed");
    const bool mayEndBadly = !m_result.hasPath;
    demand(mayEndBadly || (!m_caller->failure() && !m_callee->failure()),
           "a close looks like a failure");
    const End listener = m_closer == Closer::Callee ? End::Caller : End::Callee;
    demand(mayEndBadly || peer(listener).hasHeardAll(), "the close has lost messages");
}

/// Destroys in effect the sessions that have closed, if this is how it is to be. Always true.
bool Scenario::removeWhoLeft()
{
    for (const End end : {End::Caller, End::Callee}) {
        if (m_leavesAtOnce && peer(end).isClosed() && m_gone.insert(end).second)
            host(end).removeProcess(peer(end));
    }
    return true;
}

/// In any state; all that is demanded is that both notice.
void Scenario::hangUp()
{
    runFor(*m_hangsUpAfter);
    const End end = m_closer == Closer::Callee ? End::Callee : End::Caller;
    // Who is not called cannot hang up.
    runUntil(ConnectLimit,
             [&] { return peer(end).session().state() != SessionState::New || hasEnded(); });
    const bool isAccepted = peer(end).session().state() >= SessionState::Connecting;
    const Signal::Reason reason = m_random.chance(0.5) ? Signal::Reason::None
        : isAccepted                                   ? Signal::Reason::Cancelled
        : end == End::Callee                           ? Signal::Reason::Rejected
                                                       : Signal::Reason::Cancelled;
    host(end).command(peer(end), [&](TimePoint now) { peer(end).close(now, reason); });
    const bool haveClosed = runUntil(CloseLimit, [this] { return removeWhoLeft() && areClosed(); });
    demand(haveClosed || (m_caller->isClosed() && isUncalled()),
           "not both have closed after one hung up");
    if (!haveClosed && m_gone.insert(End::Callee).second)
        host(End::Callee).removeProcess(*m_callee);
}

void Scenario::comeToRest()
{
    demand(m_caller->hasClosedChannels() && (isUncalled() || m_callee->hasClosedChannels()),
           "channels outlive the session");
    const bool isResting = runUntil(RestLimit, [this] {
        return (m_gone.contains(End::Caller) || m_caller->nextDeadline() == Never)
            && (m_gone.contains(End::Callee) || m_callee->nextDeadline() == Never);
    });
    demand(isResting, "closed, and never rests");
}

std::string Scenario::describe() const
{
    std::string text = m_topology.describe();
    text += std::string("  a path of any kind: ") + (m_result.hasPath ? "yes\n" : "not sure\n");
    text += m_faults.describe();
    text += "caller\n" + m_caller->describe();
    text += "callee, accepts after "
        + std::to_string(
                std::chrono::duration_cast<std::chrono::milliseconds>(m_acceptAfter).count())
        + " ms\n" + m_callee->describe();
    return text;
}

} // namespace

ScenarioResult runScenario(std::uint64_t seed,
                           const std::function<void(const std::string &)> &trace)
{
    return Scenario(seed, trace).run();
}

} // namespace peer::sim
