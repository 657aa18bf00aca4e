// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H
#define PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H

#include "core/base/time.h"
#include "media/congestion/leasttransit.h"

#include <algorithm>
#include <cstdint>
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
        m_ticks += m_hasBegun ? static_cast<std::int32_t>(timestamp - before) : 0;
        m_hasBegun = true;
        const TimePoint sentAt(Duration(std::chrono::seconds(1)) * m_ticks / 48'000);
        m_latest = std::max(m_latest, m_transit.queueing(now, sentAt, now.time_since_epoch()));
    }

    /// The longest since it was last asked for.
    Duration takeLateness() { return std::exchange(m_latest, Duration{}); }

private:
    LeastTransit m_transit;
    std::uint32_t m_timestamp = 0;
    std::int64_t m_ticks = 0;
    bool m_hasBegun = false;
    Duration m_latest{};
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_SOUNDTRANSIT_H
