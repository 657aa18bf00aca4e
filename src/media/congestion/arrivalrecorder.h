// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_ARRIVALRECORDER_H
#define PEER_MEDIA_CONGESTION_ARRIVALRECORDER_H

#include "core/base/time.h"
#include "media/congestion/transportfeedback.h"

#include <cstdint>
#include <map>
#include <optional>

namespace peer::media {

/// Tells the peer which of its packets have come, and when: the receiving half of transport-wide
/// congestion control.
///
/// Drive it: record() with each packet that has a transport-wide sequence number; whenever
/// isFeedbackDue(), nextFeedback() until there is none.
class ArrivalRecorder
{
public:
    /// The draft leaves it to us. One for every Many packets, at most forty a second and, while
    /// there are any, at least ten: by what it is not told the peer notices that the way has become
    /// narrow. They cost a thirtieth of what they tell of.
    static constexpr Duration Interval = std::chrono::milliseconds(100);
    static constexpr Duration ShortInterval = std::chrono::milliseconds(25);
    static constexpr std::size_t Many = 4;
    /// Of packets that are reported at once; what comes beyond pushes out the oldest.
    static constexpr std::size_t MaxUnreported = 512;
    /// From the first to the last packet of a feedback; the rest comes in the next.
    static constexpr std::int64_t MaxSpan = 2048;

    void record(TimePoint now, std::uint16_t sequence, std::uint32_t ssrc);
    bool isFeedbackDue(TimePoint now) const;
    /// RTCP, at most about 1000 octets. ours: the SSRC that it comes from.
    std::optional<Bytes> nextFeedback(TimePoint now, std::uint32_t ours);

private:
    struct Arrival
    {
        std::int64_t ticks = 0; ///< 250 µs since the clock's zero
        std::uint32_t ssrc = 0;
    };

    std::int64_t unwrap(std::uint16_t sequence) const;

    std::map<std::int64_t, Arrival> m_unreported; ///< by sequence number that does not wrap
    std::optional<std::int64_t> m_highest;
    std::int64_t m_next = 0; ///< the first that no feedback has covered
    std::uint8_t m_feedbackCount = 0;
    std::optional<TimePoint> m_lastFeedback;
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_ARRIVALRECORDER_H
