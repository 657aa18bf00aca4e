// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "faultplan.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t MaxFaults = 3;
/// With those of a call's other troubles well within its patience of 60 s.
constexpr Duration Longest = 25s;
constexpr std::uint64_t SlowBitsPerSecond = 64'000;

} // namespace

FaultPlan::FaultPlan(SeededRandom random, Topology &topology, CutSignaling cutSignaling)
    : m_topology(topology)
    , m_cutSignaling(std::move(cutSignaling))
{
    const std::size_t count = random.chance(0.5) ? 0 : 1 + random.below(MaxFaults);
    Duration from{};
    for (std::size_t i = 0; i < count; ++i) {
        Fault fault;
        fault.kind = static_cast<Kind>(random.below(6));
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
        for (const auto &each : fault.host->interfaces()) {
            LinkConditions conditions = each->outward().conditions();
            conditions.isUp = false;
            each->outward().setConditions(conditions);
        }
        return;
    case Kind::Unplugged:
        fault.host->interfaces()[fault.interface]->setUp(false);
        return;
    case Kind::Throttled:
        for (const auto &each : fault.host->interfaces()) {
            LinkConditions conditions = each->outward().conditions();
            conditions.bitsPerSecond = SlowBitsPerSecond;
            each->outward().setConditions(conditions);
        }
        return;
    case Kind::NatReboot:
        rebootNats();
        return;
    case Kind::SilentCarrier:
        m_cutSignaling(true);
        return;
    }
}

void FaultPlan::end(const Fault &fault)
{
    m_topology.internet->trace().note(m_topology.internet->now(), fault.host->name(),
                                      nameOf(fault.kind) + " ends");
    if (fault.kind == Kind::SilentCarrier)
        m_cutSignaling(false);
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
