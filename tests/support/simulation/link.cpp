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
    TimePoint departure = now;
    if (m_conditions.bitsPerSecond > 0) {
        const auto rate = static_cast<double>(m_conditions.bitsPerSecond);
        const TimePoint begin = std::max(now, m_busyUntil);
        const auto seconds = [](double value) {
            return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
        };
        // What waits, the packet that is being sent included.
        const double queued = std::chrono::duration<double>(begin - now).count() * rate / 8;
        if (queued + static_cast<double>(packet.size())
            > static_cast<double>(m_conditions.queueOctets)) {
            m_trace.note(now, m_name, Fate::QueueFull, packet);
            return;
        }
        m_busyUntil = begin + seconds(static_cast<double>(packet.size()) * 8 / rate);
        departure = m_busyUntil;
    }

    TimePoint arrival = departure + m_conditions.delay;
    if (m_conditions.jitter > Duration::zero())
        arrival += m_random.between(Duration::zero(), m_conditions.jitter);
    if (m_conditions.reordering > 0 && m_random.chance(m_conditions.reordering))
        arrival += m_conditions.reorderingDelay;
    else
        arrival = m_lastArrival = std::max(arrival, m_lastArrival);
    m_schedule.at(arrival,
                  [this, packet = std::move(packet)]() mutable { m_deliver(std::move(packet)); });
}

} // namespace peer::sim
