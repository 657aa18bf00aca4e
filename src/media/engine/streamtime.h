// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_STREAMTIME_H
#define PEER_MEDIA_ENGINE_STREAMTIME_H

#include "core/base/time.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace peer::media {

/// Puts the times of one source after the other onto the time of the call. Each source counts from
/// a zero of its own, and a film begins again at it; an encoder wants time to go on, and at the
/// pace of the source, for the peer plays sound by it.
class StreamTime
{
public:
    /// Further from the time of its coming nothing is put: behind it, for what comes late is to be
    /// in its place among the rest; and before it, which only those are that come after a late one.
    static constexpr Duration MaxBehind = std::chrono::seconds(1);
    static constexpr Duration MaxAhead = std::chrono::milliseconds(100);

    /// time: the source's, if it tells one; now: the call's. Later than the last by a Step at
    /// least.
    Duration at(std::optional<Duration> time, Duration now)
    {
        const Duration next = m_last ? *m_last + Step : Duration::min();
        Duration result = time.value_or(now) + m_offset;
        if (!m_last || !time || result < next || result < now - MaxBehind
            || result > now + MaxAhead) {
            result = std::max(now, next);
            m_offset = result - time.value_or(result);
        }
        m_last = result;
        return result;
    }

private:
    static constexpr Duration Step = std::chrono::milliseconds(1);

    Duration m_offset{};
    std::optional<Duration> m_last;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_STREAMTIME_H
