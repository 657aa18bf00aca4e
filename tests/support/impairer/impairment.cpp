// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "impairer/impairment.h"

#include <algorithm>
#include <utility>

namespace peer::impairer {

namespace {

/// Of an IP packet, as far as it has no extension headers (RFC 791, RFC 8200).
bool isUdp(const Packet &packet)
{
    constexpr std::uint8_t Udp = 17;
    if (packet.size() < 20)
        return false;
    return (packet[0] >> 4 == 4 ? packet[9] : packet[6]) == Udp;
}

} // namespace

Direction::Direction(const Conditions &conditions, std::uint64_t seed)
    : m_conditions(conditions)
    , m_random(seed)
{ }

void Direction::push(Clock::time_point now, Packet packet)
{
    if ((m_conditions.blocksUdp && isUdp(packet)) || happens(m_conditions.loss)) {
        ++m_counters.lost;
        return;
    }
    if (m_underWay.size() >= m_conditions.queueLimit || wouldWaitTooLong(now)) {
        ++m_counters.overflowed;
        return;
    }
    auto due = afterTransmission(now, packet.size()) + m_conditions.delay;
    if (happens(m_conditions.reordering)) {
        ++m_counters.heldBack;
        due += m_conditions.holdBack;
    }
    if (happens(m_conditions.duplication)) {
        ++m_counters.duplicated;
        schedule(due, packet);
    }
    schedule(due, std::move(packet));
}

std::optional<Packet> Direction::pop(Clock::time_point now)
{
    if (m_underWay.empty() || m_underWay.top().due > now)
        return std::nullopt;
    // The queue hands out const references only, and the packet leaves it with the next call.
    Packet packet = std::move(const_cast<UnderWay &>(m_underWay.top()).packet);
    m_underWay.pop();
    ++m_counters.forwarded;
    return packet;
}

Clock::time_point Direction::nextDue() const
{
    return m_underWay.empty() ? Clock::time_point::max() : m_underWay.top().due;
}

bool Direction::happens(double probability)
{
    return probability > 0 && std::bernoulli_distribution(probability)(m_random);
}

void Direction::schedule(Clock::time_point due, Packet packet)
{
    m_underWay.push({due, ++m_lastNumber, std::move(packet)});
}

bool Direction::wouldWaitTooLong(Clock::time_point now) const
{
    return m_conditions.queueTime.count() > 0 && m_linkFree - now > m_conditions.queueTime;
}

Clock::time_point Direction::afterTransmission(Clock::time_point now, std::size_t octets)
{
    if (m_conditions.megabitsPerSecond <= 0)
        return now;
    const std::chrono::duration<double, std::micro> duration(8.0 * static_cast<double>(octets)
                                                             / m_conditions.megabitsPerSecond);
    m_linkFree = std::max(now, m_linkFree) + std::chrono::duration_cast<Clock::duration>(duration);
    return m_linkFree;
}

} // namespace peer::impairer
