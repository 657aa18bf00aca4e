// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SENTNUMBERS_H
#define PEER_MEDIA_ENGINE_SENTNUMBERS_H

#include "core/base/time.h"

#include <cstdint>
#include <mutex>
#include <optional>

namespace peer::media {

/// Where the numbers of a track's RTP are, so that whoever sends it next, from the same SSRC, goes
/// on with them: SRTP takes a sequence number that is behind the last for an old packet's (RFC 3711
/// section 3.3.2), and so do jitter buffers. Any thread.
class SentNumbers
{
public:
    struct Start
    {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0; ///< of what is encoded now
    };

    /// A packet of media leaves.
    void note(std::uint16_t sequence, std::uint32_t timestamp, TimePoint now)
    {
        const std::lock_guard lock(m_mutex);
        m_last = {sequence, timestamp};
        m_time = now;
    }

    /// Nothing if none has left yet. clockRate: of the timestamps, in Hz.
    std::optional<Start> next(TimePoint now, int clockRate) const
    {
        const std::lock_guard lock(m_mutex);
        if (!m_last)
            return {};
        const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - m_time);
        return Start{
            static_cast<std::uint16_t>(m_last->sequence + 1),
            static_cast<std::uint32_t>(m_last->timestamp + passed.count() * clockRate / 1'000'000)};
    }

    /// A retransmission leaves (RFC 4588, of an SSRC of its own): its number, by that which whoever
    /// sends has made up.
    std::uint16_t repeat(std::uint16_t sequence)
    {
        const std::lock_guard lock(m_mutex);
        m_lastRepeat = m_lastRepeat ? static_cast<std::uint16_t>(*m_lastRepeat + 1) : sequence;
        return *m_lastRepeat;
    }

private:
    mutable std::mutex m_mutex; ///< for what follows
    std::optional<Start> m_last;
    TimePoint m_time{};
    std::optional<std::uint16_t> m_lastRepeat;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SENTNUMBERS_H
