// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_LINK_H
#define PEER_SIMULATION_LINK_H

#include "support/simulation/packet.h"
#include "support/simulation/schedule.h"
#include "support/simulation/seededrandom.h"
#include "support/simulation/trace.h"

#include <functional>
#include <optional>
#include <string>

namespace peer::sim {

/// What a link does to the packets that cross it, in one direction.
struct LinkConditions
{
    Duration delay{};
    /// Up to so much is added to the delay. It does not make a packet overtake another.
    Duration jitter{};
    /// Probabilities, from 0 to 1.
    double loss = 0;
    double duplication = 0;
    /// Of being held back by reorderingDelay, so that later ones overtake.
    double reordering = 0;
    Duration reorderingDelay = std::chrono::milliseconds(20);
    /// 0 is unlimited. Packets wait their turn in a queue of at most so many octets; what does not
    /// fit is dropped.
    std::uint64_t bitsPerSecond = 0;
    std::size_t queueOctets = 64 * 1024;
    /// The same for UDP alone, as some networks throttle it. With a small queue it is a policer.
    std::uint64_t udpBitsPerSecond = 0;
    std::size_t udpQueueOctets = 64 * 1024;
    bool isUp = true;
};

/// One direction of a wire.
class Link
{
public:
    using Deliver = std::function<void(Packet packet)>;

    Link(Schedule &schedule, Trace &trace, SeededRandom random, std::string name, Deliver deliver);
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    const LinkConditions &conditions() const { return m_conditions; }
    /// Holds for packets sent from now on; those under way arrive.
    void setConditions(const LinkConditions &conditions) { m_conditions = conditions; }

    void send(Packet packet);

private:
    void sendOnce(Packet packet);
    std::optional<TimePoint> pass(TimePoint now, std::size_t octets, std::uint64_t bitsPerSecond,
                                  std::size_t queueOctets, TimePoint &busyUntil) const;

    Schedule &m_schedule;
    Trace &m_trace;
    SeededRandom m_random;
    std::string m_name;
    Deliver m_deliver;
    LinkConditions m_conditions;
    /// When the last octet of the queue will have left.
    TimePoint m_busyUntil{};
    TimePoint m_udpBusyUntil{};
    /// When the last packet arrives that was not held back.
    TimePoint m_lastArrival{};
    TimePoint m_lastTcpArrival{};
};

} // namespace peer::sim

#endif // PEER_SIMULATION_LINK_H
