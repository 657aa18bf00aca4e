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
        if (m_abandoned
            && isBehind(static_cast<std::uint16_t>(*m_abandoned + MaxRepeated), sequence))
            m_abandoned.reset(); // before its number comes round again
    }

    /// What has left up to now is not to be repeated any more: a key frame follows.
    void abandon()
    {
        const std::lock_guard lock(m_mutex);
        if (m_last)
            m_abandoned = m_last->sequence;
    }
    bool isAbandoned(std::uint16_t sequence) const
    {
        const std::lock_guard lock(m_mutex);
        return m_abandoned && !isBehind(*m_abandoned, sequence);
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
    /// Nobody asks for what is so far back.
    static constexpr int MaxRepeated = 0x4000;

    /// Whether the second comes after the first.
    static bool isBehind(std::uint16_t first, std::uint16_t second)
    {
        return static_cast<std::int16_t>(static_cast<std::uint16_t>(second - first)) > 0;
    }

    mutable std::mutex m_mutex; ///< for what follows
    std::optional<Start> m_last;
    TimePoint m_time{};
    std::optional<std::uint16_t> m_lastRepeat;
    std::optional<std::uint16_t> m_abandoned;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SENTNUMBERS_H
