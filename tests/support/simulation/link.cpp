// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/link.h"

#include <algorithm>

namespace peer::sim {

Link::Link(Schedule &schedule, Trace &trace, SeededRandom random, std::string name, Deliver deliver)
    : m_schedule(schedule)
    , m_trace(trace)
    , m_random(std::move(random))
    , m_name(std::move(name))
    , m_deliver(std::move(deliver))
{ }

void Link::send(Packet packet)
{
    if (!m_conditions.isUp) {
        m_trace.note(m_schedule.now(), m_name, Fate::LinkDown, packet);
        return;
    }
    if (m_conditions.duplication > 0 && m_random.chance(m_conditions.duplication))
        sendOnce(packet);
    sendOnce(std::move(packet));
}

void Link::sendOnce(Packet packet)
{
    const TimePoint now = m_schedule.now();
    if (m_conditions.loss > 0 && m_random.chance(m_conditions.loss)) {
        m_trace.note(now, m_name, Fate::Lost, packet);
        return;
    }
    std::optional<TimePoint> departure = pass(now, packet.size(), m_conditions.bitsPerSecond,
                                              m_conditions.queueOctets, m_busyUntil);
    if (departure && !packet.isTcp())
        departure = pass(*departure, packet.size(), m_conditions.udpBitsPerSecond,
                         m_conditions.udpQueueOctets, m_udpBusyUntil);
    if (!departure) {
        m_trace.note(now, m_name, Fate::QueueFull, packet);
        return;
    }

    // What is throttled holds up nothing else.
    TimePoint &lastArrival = packet.isTcp() ? m_lastTcpArrival : m_lastArrival;
    TimePoint arrival = *departure + m_conditions.delay;
    if (m_conditions.jitter > Duration::zero())
        arrival += m_random.between(Duration::zero(), m_conditions.jitter);
    if (m_conditions.reordering > 0 && m_random.chance(m_conditions.reordering))
        arrival += m_conditions.reorderingDelay;
    else
        arrival = lastArrival = std::max(arrival, lastArrival);
    m_schedule.at(arrival,
                  [this, packet = std::move(packet)]() mutable { m_deliver(std::move(packet)); });
}

/// When a packet leaves a queue that empties at that rate (0: at once), into which it is put now;
/// nothing if it does not fit.
std::optional<TimePoint> Link::pass(TimePoint now, std::size_t octets, std::uint64_t bitsPerSecond,
                                    std::size_t queueOctets, TimePoint &busyUntil) const
{
    if (bitsPerSecond == 0)
        return now;
    const auto rate = static_cast<double>(bitsPerSecond);
    const TimePoint begin = std::max(now, busyUntil);
    const auto seconds = [](double value) {
        return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
    };
    // What waits, the packet that is being sent included.
    const double queued = std::chrono::duration<double>(begin - now).count() * rate / 8;
    if (queued + static_cast<double>(octets) > static_cast<double>(queueOctets))
        return std::nullopt;
    busyUntil = begin + seconds(static_cast<double>(octets) * 8 / rate);
    return busyUntil;
}

} // namespace peer::sim
