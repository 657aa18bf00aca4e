// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/faultplan.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t MaxFaults = 3;
constexpr std::uint64_t KindCount = 8;
/// With those of a call's other troubles well within its patience of 60 s.
constexpr Duration Longest = 25s;
constexpr std::uint64_t SlowBitsPerSecond = 64'000;
constexpr std::uint64_t UdpBitsPerSecond = 20'000;
constexpr std::size_t UdpQueue = 5000;
/// So that MaxFaults of them stay within a /28, and two hosts side by side apart.
constexpr std::uint8_t RenumberingStep = 3;

} // namespace

FaultPlan::FaultPlan(SeededRandom random, Topology &topology, Choice choice, Hooks hooks)
    : m_topology(topology)
    , m_hooks(std::move(hooks))
{
    const std::size_t count = random.chance(0.5) ? 0 : 1 + random.below(MaxFaults);
    Duration from{};
    for (std::size_t i = 0; i < count; ++i) {
        Fault fault;
        fault.kind = static_cast<Kind>(random.below(KindCount));
        if (choice == Choice::Network && fault.kind == Kind::SilentCarrier)
            fault.kind = Kind::UdpThrottled;
        fault.host = random.chance(0.5) ? topology.left : topology.right;
        fault.interface = static_cast<std::size_t>(random.below(fault.host->interfaces().size()));
        fault.length = random.between(Duration(50ms), random.chance(0.5) ? Duration(2s) : Longest);
        // They do not overlap on one host, whose links would otherwise come back half.
        from += random.between(Duration(0ms), Duration(3s));
        fault.from = from;
        from += fault.length;
        m_faults.push_back(fault);
    }
}

Duration FaultPlan::length() const
{
    return m_faults.empty() ? Duration{} : m_faults.back().from + m_faults.back().length;
}

void FaultPlan::start()
{
    Schedule &schedule = m_topology.internet->schedule();
    const TimePoint now = m_topology.internet->now();
    for (const Fault &fault : m_faults) {
        schedule.at(now + fault.from, [this, fault] { begin(fault); });
        schedule.at(now + fault.from + fault.length, [this, fault] { end(fault); });
    }
}

void FaultPlan::begin(const Fault &fault)
{
    m_topology.internet->trace().note(m_topology.internet->now(), fault.host->name(),
                                      nameOf(fault.kind) + " begins");
    m_conditions.clear();
    for (const auto &each : fault.host->interfaces())
        m_conditions.emplace_back(each->outward().conditions(), each->inward().conditions());
    switch (fault.kind) {
    case Kind::Blackout:
        for (const auto &each : fault.host->interfaces())
            each->setUp(false);
        return;
    case Kind::OneWay:
        return change(
            *fault.host, [](LinkConditions &link) { link.isUp = false; }, false);
    case Kind::Unplugged:
        fault.host->interfaces()[fault.interface]->setUp(false);
        return;
    case Kind::Throttled:
        return change(
            *fault.host, [](LinkConditions &link) { link.bitsPerSecond = SlowBitsPerSecond; },
            false);
    case Kind::NatReboot:
        return rebootNats();
    case Kind::SilentCarrier:
        return m_hooks.cutSignaling(true);
    case Kind::UdpThrottled:
        return change(
            *fault.host,
            [](LinkConditions &link) {
                link.udpBitsPerSecond = UdpBitsPerSecond;
                link.udpQueueOctets = UdpQueue;
            },
            true);
    case Kind::Renumbered:
        return renumber(*fault.host, *fault.host->interfaces()[fault.interface]);
    }
}

void FaultPlan::change(Host &host, const std::function<void(LinkConditions &)> &how,
                       bool isInwardToo)
{
    for (const auto &each : host.interfaces()) {
        for (Link *link : {&each->outward(), &each->inward()}) {
            if (link == &each->inward() && !isInwardToo)
                continue;
            LinkConditions conditions = link->conditions();
            how(conditions);
            link->setConditions(conditions);
        }
    }
}

/// The last octet tells hosts of a network apart, and no network here has so many.
void FaultPlan::renumber(Host &host, Interface &interface)
{
    for (const IpAddress &gone : std::vector<IpAddress>(interface.addresses())) {
        Bytes octets = toBytes(gone.octets());
        octets.back() = static_cast<std::uint8_t>(octets.back() + RenumberingStep);
        const IpAddress come = IpAddress::fromOctets(octets);
        interface.removeAddress(gone);
        interface.addAddress(come);
        m_hooks.renumber(host, gone, come);
    }
}

void FaultPlan::end(const Fault &fault)
{
    m_topology.internet->trace().note(m_topology.internet->now(), fault.host->name(),
                                      nameOf(fault.kind) + " ends");
    if (fault.kind == Kind::SilentCarrier)
        m_hooks.cutSignaling(false);
    for (std::size_t i = 0; i < m_conditions.size(); ++i) {
        fault.host->interfaces()[i]->outward().setConditions(m_conditions[i].first);
        fault.host->interfaces()[i]->inward().setConditions(m_conditions[i].second);
    }
}

void FaultPlan::rebootNats()
{
    for (const auto &gateway : m_topology.internet->gateways())
        gateway->resetNat();
}

std::string FaultPlan::nameOf(Kind kind)
{
    switch (kind) {
    case Kind::Blackout:
        return "blackout";
    case Kind::OneWay:
        return "one-way blackout";
    case Kind::Unplugged:
        return "an interface unplugged";
    case Kind::Throttled:
        return "throttling";
    case Kind::NatReboot:
        return "a reboot of all NATs";
    case Kind::SilentCarrier:
        return "loss of all signals";
    case Kind::UdpThrottled:
        return "throttling of UDP";
    case Kind::Renumbered:
        return "other addresses";
    }
    return {};
}

std::string FaultPlan::describe() const
{
    const auto inMilliseconds = [](Duration duration) {
        return std::to_string(
            std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
    };
    std::string text;
    for (const Fault &fault : m_faults) {
        text += "  fault: " + nameOf(fault.kind) + " at " + fault.host->name() + ", "
            + inMilliseconds(fault.from) + " ms after the call was up, for "
            + inMilliseconds(fault.length) + " ms\n";
    }
    return text;
}

} // namespace peer::sim
