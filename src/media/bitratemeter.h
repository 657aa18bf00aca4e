// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_BITRATEMETER_H
#define PEER_MEDIA_BITRATEMETER_H

#include <chrono>
#include <cstdint>
#include <optional>

namespace peer::media {

/// Bits a second, from a counter of octets that is looked at now and then.
class BitrateMeter
{
public:
    using Clock = std::chrono::steady_clock;

    /// A counter that is less than before has begun anew.
    void take(std::uint64_t octets, Clock::time_point now)
    {
        if (m_last && now > m_last->at && octets >= m_last->octets) {
            const std::chrono::duration<double> time = now - m_last->at;
            m_rate = static_cast<int>(double(octets - m_last->octets) * 8 / time.count());
        }
        m_last = {octets, now};
    }
    /// Between the latest two looks.
    int rate() const { return m_rate; }

private:
    struct Look
    {
        std::uint64_t octets = 0;
        Clock::time_point at;
    };

    std::optional<Look> m_last;
    int m_rate = 0;
};

} // namespace peer::media

#endif // PEER_MEDIA_BITRATEMETER_H
