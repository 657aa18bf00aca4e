// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_JITTERLATENCY_H
#define PEER_MEDIA_CONGESTION_JITTERLATENCY_H

#include "core/base/time.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace peer::media {

/// How long jitter buffers wait, so that a retransmission can be in time, and what queues hold up:
/// longer at once when the way becomes longer; less only when that has been enough for Memory, for
/// each change is heard.
class JitterLatency
{
public:
    using Milliseconds = std::chrono::milliseconds;

    static constexpr Milliseconds Min{80};
    static constexpr Milliseconds Max{400};
    /// A smaller change is not worth disturbing the playing.
    static constexpr Milliseconds Step{20};
    static constexpr Duration Memory = std::chrono::seconds(5);

    /// Of the way to the peer and back, and how late what it sends has come, of late. True if
    /// current() has changed.
    bool follow(TimePoint now, Milliseconds roundTripTime, Milliseconds lateness)
    {
        // A loss is seen with the next packet, the request may wait for RTCP's interval, and both it
        // and the answer take half a round trip.
        const auto wanted = std::clamp(Min + std::max(roundTripTime * 3 / 2, lateness), Min, Max);
        m_wanted = std::max(m_wanted, wanted);
        if (wanted < m_current - Step && now - m_since < Memory)
            return false;
        m_since = now;
        const auto next = std::exchange(m_wanted, Min);
        if (std::chrono::abs(next - m_current) < Step)
            return false;
        m_current = next;
        return true;
    }

    Milliseconds current() const { return m_current; }

private:
    Milliseconds m_current = Min;
    Milliseconds m_wanted = Min; ///< the longest since the next
    TimePoint m_since{};
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_JITTERLATENCY_H
