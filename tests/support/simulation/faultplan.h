// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_FAULTPLAN_H
#define PEER_SIMULATION_FAULTPLAN_H

#include "core/base/time.h"
#include "support/simulation/seededrandom.h"
#include "support/simulation/topology.h"

#include <functional>
#include <string>
#include <vector>

namespace peer::sim {

/// What the internet does to a call: some of these, one after the other, each for a while that a
/// call must survive (SessionConfig::patience). Afterwards all is as before, but for addresses and
/// the mappings of NATs.
class FaultPlan
{
public:
    enum class Kind : std::uint8_t {
        Blackout,      ///< nothing passes a host's interfaces
        OneWay,        ///< nothing leaves a host; it hears all the same
        Unplugged,     ///< one interface of a host is dead
        Throttled,     ///< all interfaces of a host are slow
        NatReboot,     ///< every NAT forgets its mappings
        SilentCarrier, ///< signals are lost
        UdpThrottled,  ///< of UDP next to nothing passes a host's interfaces
        Renumbered,    ///< one interface of a host has other addresses from now on
    };
    /// Which of them may be drawn.
    enum class Choice : std::uint8_t {
        Network, ///< all but SilentCarrier
        All,
    };
    struct Hooks
    {
        /// Whether the signaling carries nothing.
        std::function<void(bool isCut)> cutSignaling;
        /// An address of a host has gone and another come, on the same interface.
        std::function<void(Host &host, const IpAddress &gone, const IpAddress &come)> renumber;
    };

    /// Draws up to three faults; in half of all cases there are none.
    FaultPlan(SeededRandom random, Topology &topology, Choice choice, Hooks hooks);

    bool isEmpty() const { return m_faults.empty(); }
    /// They happen from now on.
    void start();
    /// When the last is over, from start() on.
    Duration length() const;
    std::string describe() const;

private:
    struct Fault
    {
        Kind kind = Kind::Blackout;
        Duration from{};
        Duration length{};
        Host *host = nullptr;
        std::size_t interface = 0;
    };

    static std::string nameOf(Kind kind);
    void begin(const Fault &fault);
    void end(const Fault &fault);
    void change(Host &host, const std::function<void(LinkConditions &conditions)> &how,
                bool isInwardToo);
    void rebootNats();
    void renumber(Host &host, Interface &interface);

    Topology &m_topology;
    Hooks m_hooks;
    std::vector<Fault> m_faults;
    /// As they were before the fault; by interface, outward first.
    std::vector<std::pair<LinkConditions, LinkConditions>> m_conditions;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_FAULTPLAN_H
