// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_FAULTPLAN_H
#define PEER_SIM_SESSION_FAULTPLAN_H

#include "core/base/time.h"
#include "support/simulation/seededrandom.h"
#include "support/simulation/topology.h"

#include <functional>
#include <string>
#include <vector>

namespace peer::sim {

/// What the internet does to a call: some of these, one after the other or at once, each for a
/// while that a call must survive (SessionConfig::patience). Afterwards all is as before, but for
/// the mappings of NATs.
class FaultPlan
{
public:
    /// isCut: whether the signaling carries nothing.
    using CutSignaling = std::function<void(bool isCut)>;

    /// Draws up to three faults; in half of all cases there are none.
    FaultPlan(SeededRandom random, Topology &topology, CutSignaling cutSignaling);

    bool isEmpty() const { return m_faults.empty(); }
    /// They happen from now on.
    void start();
    /// When the last is over, from start() on.
    Duration length() const;
    std::string describe() const;

private:
    enum class Kind : std::uint8_t {
        Blackout,      ///< nothing passes a host's interfaces
        OneWay,        ///< nothing leaves a host; it hears all the same
        Unplugged,     ///< one interface of a host is dead
        Throttled,     ///< all interfaces of a host are slow
        NatReboot,     ///< every NAT forgets its mappings
        SilentCarrier, ///< signals are lost
    };
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
    void rebootNats();

    Topology &m_topology;
    CutSignaling m_cutSignaling;
    std::vector<Fault> m_faults;
    /// As they were before the first fault; by host, left first.
    std::vector<std::pair<LinkConditions, LinkConditions>> m_conditions;
};

} // namespace peer::sim

#endif // PEER_SIM_SESSION_FAULTPLAN_H
