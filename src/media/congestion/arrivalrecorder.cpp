// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/arrivalrecorder.h"

#include <algorithm>
#include <limits>

namespace peer::media {

namespace {

constexpr std::int64_t MaxDelta = std::numeric_limits<std::int16_t>::max();
/// So far a packet may be from the newest; one that is further away begins a new count.
constexpr std::int64_t MaxJump = 0x4000;

std::int64_t ticksOf(TimePoint time)
{
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 4000>>;
    return std::chrono::floor<Ticks>(time.time_since_epoch()).count();
}

} // namespace

void ArrivalRecorder::record(TimePoint now, std::uint16_t sequence, std::uint32_t ssrc)
{
    const std::int64_t number = unwrap(sequence);
    if (!m_highest || number > *m_highest + MaxJump || number < *m_highest - MaxJump) {
        m_unreported.clear();
        m_next = number;
        m_highest = number;
    }
    m_highest = std::max(*m_highest, number);
    m_unreported.try_emplace(number, Arrival{ticksOf(now), ssrc});
    if (m_unreported.size() > MaxUnreported)
        m_unreported.erase(m_unreported.begin());
    if (!m_lastFeedback)
        m_lastFeedback = now;
}

bool ArrivalRecorder::isFeedbackDue(TimePoint now) const
{
    const Duration interval = m_unreported.size() >= Many ? ShortInterval : Interval;
    return !m_unreported.empty() && now - *m_lastFeedback >= interval;
}

std::optional<Bytes> ArrivalRecorder::nextFeedback(TimePoint now, std::uint32_t ours)
{
    if (m_unreported.empty())
        return {};
    m_lastFeedback = now;
    const auto first = m_unreported.begin();
    // What is missing since the last feedback is told too, unless that is too long ago. A packet
    // that comes late is told by itself: those after it have been told of.
    const std::int64_t start = std::max(std::min(first->first, m_next), first->first - MaxSpan / 2);
    TransportFeedback feedback;
    feedback.senderSsrc = ours;
    feedback.mediaSsrc = first->second.ssrc;
    feedback.baseSequence = static_cast<std::uint16_t>(start);
    feedback.feedbackCount = m_feedbackCount++;
    const std::int64_t reference = first->second.ticks / TransportFeedback::TicksOfReference;
    feedback.referenceTime = static_cast<std::int32_t>(static_cast<std::uint32_t>(reference) << 8)
        >> 8;
    std::int64_t before = reference * TransportFeedback::TicksOfReference;
    auto arrival = first;
    std::int64_t end = start;
    for (; arrival != m_unreported.end(); ++arrival) {
        const std::int64_t delta = arrival->second.ticks - before;
        const bool isLate = start < m_next && arrival->first >= m_next;
        if (delta > MaxDelta || delta < -MaxDelta || arrival->first - start >= MaxSpan || isLate)
            break;
        feedback.arrivals.push_back(
            {static_cast<std::uint16_t>(arrival->first - start),
             arrival->second.ticks - reference * TransportFeedback::TicksOfReference});
        before = arrival->second.ticks;
        end = arrival->first + 1;
    }
    m_unreported.erase(first, arrival);
    feedback.packetCount = static_cast<std::uint16_t>(end - start);
    m_next = std::max(m_next, end);
    return writeTransportFeedback(feedback);
}

std::int64_t ArrivalRecorder::unwrap(std::uint16_t sequence) const
{
    if (!m_highest)
        return sequence;
    const auto difference = static_cast<std::int16_t>(sequence
                                                      - static_cast<std::uint16_t>(*m_highest));
    return *m_highest + difference;
}

} // namespace peer::media
