// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H
#define PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H

#include "core/base/time.h"
#include "media/congestion/leasttransit.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

namespace peer::media {

/// How late the peer's sound comes, by the time stamps of its packets (RFC 7587 section 4.1: 48000 a
/// second), above what it took at the least of late: so long must be waited for it, or what is
/// played breaks off.
class SoundTransit
{
public:
    void note(TimePoint now, std::uint32_t timestamp)
    {
        const std::uint32_t before = std::exchange(m_timestamp, timestamp);
        const auto passed = static_cast<std::int32_t>(timestamp - before);
        if (std::abs(std::int64_t{passed}) > MaxStep || std::abs(m_ticks) > MaxTicks) {
            m_ticks = 0; // another stream, or nonsense
            m_transit = {};
        } else {
            m_ticks += passed;
        }
        const TimePoint sentAt(Duration(std::chrono::seconds(m_ticks / Rate))
                               + Duration(std::chrono::seconds(m_ticks % Rate)) / Rate);
        m_latest = std::max(m_latest, m_transit.queueing(now, sentAt, now.time_since_epoch()));
    }

    /// The longest since it was last asked for.
    Duration takeLateness() { return std::exchange(m_latest, Duration{}); }

private:
    static constexpr std::int64_t Rate = 48'000;
    static constexpr std::int64_t MaxStep = 10 * Rate;
    static constexpr std::int64_t MaxTicks = std::int64_t{1} << 40; ///< nine months

    LeastTransit m_transit;
    std::uint32_t m_timestamp = 0;
    std::int64_t m_ticks = 0;
    Duration m_latest{};
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H
