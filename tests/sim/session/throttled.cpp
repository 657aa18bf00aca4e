// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Two whole sessions in homes of which one or both let next to no UDP through, and plenty of TCP:
//
//     sim_throttled [--seed FIRST] [--count COUNT] [--trace]
//
// They have a direct path, relays over UDP, TCP and TLS at each end, and the tunnel. With a load of
// 0.65 Mbit/s both ways, each end whose UDP is throttled must send by TCP within 10 s. A pair over
// UDP that is found later is tried, and must be left again soon. And everything must arrive.

#include "sessionprocess.h"
#include "support/simulation/commandline.h"
#include "support/simulation/servers.h"
#include "support/simulation/signalingchannel.h"
#include "support/simulation/topology.h"
#include "support/virtualclock/virtualclock.h"

#include <cstdio>
#include <memory>
#include <stdexcept>

using namespace peer;
using namespace peer::sim;
using namespace std::chrono_literals;

namespace {

using Carrier = SignalingChannel<Signal>;

constexpr Duration ConnectLimit = 10s;
constexpr Duration LeavesUdp = 10s;
/// How long data may go by what turns out to be throttled: PoorAfter, and what it takes to notice.
constexpr Duration Trial = 5s;
/// The load lasts for 20 s. By UDP it would take 10 minutes.
constexpr Duration TransferLimit = 40s;
/// 4 KiB in 50 ms are 0.65 Mbit/s.
constexpr std::size_t MessageSize = 4 * 1024;
constexpr Duration Gap = 50ms;
constexpr std::size_t Messages = 400;

std::vector<PlannedChannel> load(SeededRandom random)
{
    std::vector<PlannedChannel> channels(1);
    channels[0].options.label = "0";
    for (auto &messages : channels[0].messages) {
        messages.resize(Messages);
        for (PlannedMessage &message : messages) {
            message.payload.resize(MessageSize);
            random.fill(message.payload);
            message.gap = Gap;
        }
    }
    return channels;
}

class Throttled
{
public:
    Throttled(std::uint64_t seed, const std::function<void(const std::string &)> &trace);
    void run();
    std::string describe() const;

private:
    Host &addHome(const std::string &name, const char *outside, const char *inside);
    std::unique_ptr<SessionProcess> makePeer(End end);
    void throttle(Host &host);
    void start(End end);
    bool runUntil(Duration limit, const std::function<bool()> &condition);
    bool hasLeftUdp(End end) const;
    SessionProcess &peer(End end) { return end == End::Caller ? *m_caller : *m_callee; }

    Internet m_internet;
    Topology m_topology;
    SeededRandom m_random;
    std::vector<PlannedChannel> m_channels;
    Carrier m_carrier;
    Duration m_clockOffset;
    /// Bit 0: the caller's UDP; bit 1: the callee's.
    unsigned m_throttled;
    bool m_isCalleeStarted = false;
    std::unique_ptr<SessionProcess> m_caller, m_callee;
};

Throttled::Throttled(std::uint64_t seed, const std::function<void(const std::string &)> &trace)
    : m_internet(seed)
    , m_random(m_internet.fork("scenario"))
    , m_channels(load(m_internet.fork("load")))
    , m_carrier(m_internet, "signaling", {})
    , m_clockOffset(test::VirtualClock::now() + 1s - Schedule::Start)
    , m_throttled(static_cast<unsigned>(1 + seed % 3))
{
    m_topology.stunServer = &m_internet.addStunServer();
    m_topology.turnServer = &m_internet.addTurnServer();
    m_topology.tunnelServer = &m_internet.addTunnelServer();
    m_topology.left = &addHome("caller", "203.0.113.10", "192.168.1.2");
    m_topology.right = &addHome("callee", "203.0.113.11", "192.168.2.2");
    if (trace)
        m_internet.trace().setSink(trace);
    m_caller = makePeer(End::Caller);
    m_callee = makePeer(End::Callee);
    if (m_throttled & 1)
        throttle(*m_topology.left);
    if (m_throttled & 2)
        throttle(*m_topology.right);
}

Host &Throttled::addHome(const std::string &name, const char *outside, const char *inside)
{
    Network &lan = m_internet.addNetwork("lan of " + name);
    m_internet.addGateway("router of " + name, lan, m_internet.core(), {ip(outside)},
                          {NatBehavior{}, {}});
    Host &host = m_internet.addHost(name);
    LinkConditions link;
    link.delay = m_random.between(Duration(3ms), Duration(40ms));
    link.bitsPerSecond = 20'000'000;
    host.connect(lan, {ip(inside)}).setConditions(link);
    return host;
}

/// A policer that drops, or a queue of some seconds.
void Throttled::throttle(Host &host)
{
    Interface &interface = *host.interfaces().front();
    LinkConditions link = interface.outward().conditions();
    link.udpBitsPerSecond = 20'000;
    link.udpQueueOctets = m_random.chance(0.5) ? 5000 : 20'000;
    interface.setConditions(link);
}

std::unique_ptr<SessionProcess> Throttled::makePeer(End end)
{
    static const auto certificate = dtls::Certificate::generate(1'700'000'000);
    const std::string name = end == End::Caller ? "caller" : "callee";
    const auto side = end == End::Caller ? Carrier::Side::Left : Carrier::Side::Right;
    m_carrier.setReceiver(side, [this, end](TimePoint, const Signal &signal) {
        if (end == End::Callee && !m_isCalleeStarted)
            start(end);
        Host &host = end == End::Caller ? *m_topology.left : *m_topology.right;
        host.command(peer(end), [&](TimePoint now) { peer(end).receiveSignal(now, signal); });
    });
    SessionProcess::Options options;
    options.end = end;
    options.config.role = end == End::Caller ? SessionConfig::Role::Caller
                                             : SessionConfig::Role::Callee;
    options.config.call = "simulated-call-0000001";
    options.config.certificate = certificate;
    options.config.peerAcknowledges = true;
    options.clockOffset = m_clockOffset;
    Host &host = end == End::Caller ? *m_topology.left : *m_topology.right;
    return std::make_unique<SessionProcess>(
        host, m_internet.fork(name), options, m_channels,
        [this, side](const Signal &signal) { m_carrier.send(side, signal); },
        [this, name](const std::string &text) {
            m_internet.trace().note(m_internet.now(), name, text);
        });
}

void Throttled::start(End end)
{
    m_isCalleeStarted = m_isCalleeStarted || end == End::Callee;
    Host &host = end == End::Caller ? *m_topology.left : *m_topology.right;
    host.command(peer(end), [&](TimePoint now) {
        peer(end).start(
            now, stunServersOf(m_topology),
            relayServersOf(m_topology,
                           {turn::Transport::Udp, turn::Transport::Tcp, turn::Transport::Tls}),
            m_topology.tunnelServer);
    });
}

bool Throttled::runUntil(Duration limit, const std::function<bool()> &condition)
{
    return m_internet.schedule().runUntil(m_internet.now() + limit, condition);
}

/// Or its UDP is not throttled.
bool Throttled::hasLeftUdp(End end) const
{
    const unsigned bit = end == End::Caller ? 1 : 2;
    const SessionStatistics statistics =
        (end == End::Caller ? *m_caller : *m_callee).session().statistics();
    return !(m_throttled & bit) || statistics.kind == ice::PathKind::Tunnel
        || (statistics.kind == ice::PathKind::Relayed
            && statistics.protocol != turn::Transport::Udp);
}

void Throttled::run()
{
    const auto demand = [](bool condition, const char *what) {
        if (!condition)
            throw std::runtime_error(what);
    };
    start(End::Caller);
    demand(runUntil(ConnectLimit,
                    [this] { return m_caller->isConnected() && m_callee->isConnected(); }),
           "not connected");
    const auto haveLeftUdp = [this] { return hasLeftUdp(End::Caller) && hasLeftUdp(End::Callee); };
    demand(runUntil(LeavesUdp, haveLeftUdp), "still on throttled UDP");
    const auto isDone = [this] { return m_caller->hasHeardAll() && m_callee->hasHeardAll(); };
    const TimePoint limit = m_internet.now() + TransferLimit;
    while (!isDone() && m_internet.now() < limit) {
        runUntil(limit - m_internet.now(), [&] { return isDone() || !haveLeftUdp(); });
        demand(runUntil(Trial, [&] { return isDone() || haveLeftUdp(); }),
               "goes back to throttled UDP and stays there");
    }
    demand(isDone(), "the messages do not arrive");
    for (const End end : {End::Caller, End::Callee}) {
        Host &host = end == End::Caller ? *m_topology.left : *m_topology.right;
        host.command(peer(end), [&](TimePoint now) { peer(end).close(now); });
    }
    runUntil(5s, [] { return false; });
}

std::string Throttled::describe() const
{
    return m_internet.describe() + "caller\n" + m_caller->describe() + "callee\n"
        + m_callee->describe();
}

} // namespace

int main(int argc, char **argv)
{
    const auto line = CommandLine::read(argc, argv, 12);
    if (!line)
        return 2;
    unsigned failed = 0;
    for (std::uint64_t seed = line->seed; seed - line->seed < line->count; ++seed) {
        Throttled scenario(seed, line->trace());
        try {
            scenario.run();
        } catch (const std::exception &error) {
            ++failed;
            reportFault("sim_throttled", seed,
                        std::string(error.what()) + "\n" + scenario.describe());
        }
    }
    std::printf("%llu calls with throttled UDP from seed %llu, %u failed\n",
                static_cast<unsigned long long>(line->count),
                static_cast<unsigned long long>(line->seed), failed);
    return failed == 0 ? 0 : 1;
}
