// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_SILENCEWATCH_H
#define PEER_RENDEZVOUS_SILENCEWATCH_H

#include "core/base/time.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace peer::rendezvous {

/// Whether somebody who is asked at intervals, by a ping (RFC 6455 section 5.5.2), has fallen silent:
/// nothing was heard for the limits' time of silence, and it was asked in vain as often as their
/// interval is contained in it, once at least. The clock alone does not tell: it goes on while this
/// machine sleeps or stands still, and then nobody is asked.
class SilenceWatch
{
public:
    explicit SilenceWatch(TimePoint now)
        : m_heardAt(now)
    { }

    void heard(TimePoint now)
    {
        m_heardAt = now;
        m_asked = 0;
    }
    /// At each interval: true if it is to be asked now, false if it is silent.
    [[nodiscard]] bool asks(TimePoint now, const PeerRendezvousLimits &limits)
    {
        const auto interval = std::max(limits.pingInterval, std::chrono::milliseconds(1));
        const auto often = std::max<std::int64_t>(1, limits.silence / interval);
        if (now - m_heardAt >= limits.silence && m_asked >= often)
            return false;
        ++m_asked;
        return true;
    }

private:
    TimePoint m_heardAt;
    std::int64_t m_asked = 0; ///< since something was heard
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_SILENCEWATCH_H
