// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_REFRESH_H
#define PEER_MEDIA_ENGINE_REFRESH_H

#include "core/base/time.h"

#include <cstdint>
#include <optional>
#include <utility>

namespace peer::media {

/// When a key frame is asked for because something was refused. Who sends nonsense that can be told
/// from media may send some that cannot: the decoder makes pictures of it, and of all that follow
/// and build on them, without an error, until the next key frame.
class Refresh
{
public:
    /// After the first refusal, and not more often; and so much after the last, when what came
    /// before it has been decoded.
    static constexpr Duration Delay = std::chrono::seconds(1);

    /// refused: how many packets so far.
    explicit Refresh(std::uint64_t refused)
        : m_known(refused)
    { }

    /// Whether to ask now. For each packet that comes.
    bool isDue(std::uint64_t refused, TimePoint now)
    {
        if (std::exchange(m_known, refused) != refused)
            m_isWanted = true;
        if (m_due && now < *m_due)
            return false;
        const bool isDue = m_due.has_value();
        m_due.reset();
        if (std::exchange(m_isWanted, false))
            m_due = now + Delay;
        return isDue;
    }

private:
    std::uint64_t m_known;
    bool m_isWanted = false; ///< since m_due was set
    std::optional<TimePoint> m_due;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_REFRESH_H
