// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/senthistory.h"

#include <algorithm>

namespace peer::media {

std::uint16_t SentHistory::send(TimePoint now, std::size_t size, bool isPaced)
{
    if (m_packets.size() == MaxPackets) {
        settle(MaxPackets - 1);
        m_packets.pop_front();
        ++m_oldest;
    }
    m_packets.push_back({now, size, isPaced, Fate::Unknown});
    ++m_unsettled;
    m_underWay += m_packets.back().underWay();
    return m_next++;
}

void SentHistory::takeBack(std::uint16_t sequence)
{
    const auto behind = static_cast<std::uint16_t>(m_next - sequence);
    if (behind == 0 || behind > m_packets.size())
        return;
    Packet &packet = m_packets[m_packets.size() - behind];
    if (behind <= m_unsettled)
        m_underWay -= packet.underWay();
    packet.isPaced = false;
    if (behind > 1) {
        packet.fate = Fate::NeverSent;
        return;
    }
    m_unsettled -= std::min<std::size_t>(m_unsettled, 1);
    m_packets.pop_back();
    --m_next;
}

/// Only so many of the last packets are under way still.
void SentHistory::settle(std::size_t count)
{
    for (; m_unsettled > count; --m_unsettled)
        m_underWay -= m_packets[m_packets.size() - m_unsettled].underWay();
}

std::vector<PacketResult> SentHistory::take(const TransportFeedback &feedback)
{
    std::vector<PacketResult> results;
    const Duration reference = unwrap(feedback.referenceTime);
    const auto oldest = static_cast<std::uint16_t>(m_next - m_packets.size());
    auto arrival = feedback.arrivals.begin();
    // How far the feedback's packets are from our oldest, in a count that does not wrap.
    const std::int64_t base = static_cast<std::int16_t>(
        static_cast<std::uint16_t>(feedback.baseSequence - oldest));
    const std::int64_t first = std::max<std::int64_t>(base, 0);
    const std::int64_t end = std::min<std::int64_t>(base + feedback.packetCount,
                                                    std::int64_t(m_packets.size()));
    for (std::int64_t index = first; index < end; ++index) {
        const std::int64_t offset = index - base;
        while (arrival != feedback.arrivals.end() && arrival->offset < offset)
            ++arrival;
        const bool hasArrived = arrival != feedback.arrivals.end() && arrival->offset == offset;
        Packet &packet = m_packets[std::size_t(index)];
        const Fate fate = hasArrived ? Fate::Arrived : Fate::Lost;
        if (packet.fate >= fate)
            continue;
        packet.fate = fate;
        PacketResult result = {m_oldest + index, packet.sentAt, packet.size, packet.isPaced, {}};
        if (hasArrived)
            result.arrivedAt = reference + arrival->ticks * std::chrono::microseconds(250);
        results.push_back(result);
    }
    if (end > first)
        settle(m_packets.size() - std::size_t(end));
    return results;
}

Duration SentHistory::unwrap(std::int32_t referenceTime)
{
    std::int64_t time = referenceTime;
    if (m_lastReference) {
        // 24 bits: the nearest to the last
        const auto difference = static_cast<std::int32_t>(
                                    static_cast<std::uint32_t>(referenceTime - *m_lastReference)
                                    << 8)
            >> 8;
        time = *m_lastReference + difference;
    }
    m_lastReference = time;
    return time * std::chrono::milliseconds(64);
}

} // namespace peer::media
