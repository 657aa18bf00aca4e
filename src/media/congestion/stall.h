// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_STALL_H
#define PEER_MEDIA_CONGESTION_STALL_H

#include "core/base/time.h"

#include <optional>

namespace peer::media {

/// Pictures stand still, for their packets wait for the way (Pacer::isHolding()): it has become
/// narrow, or leads nowhere. What was encoded before was made for a wider one. If some of it was
/// lost, the rest of it and repeats of it only keep the way busy: a key frame, made for the way as
/// it is now, is seen earlier.
///
/// Drive it: note() whenever the pacer may have changed its mind, noteLoss() for each packet of a
/// picture that is reported lost; whoever sees losses() grow gives up what it was sending.
class Stall
{
public:
    /// Shorter than that a large picture makes others wait on any narrow way.
    static constexpr Duration Long = std::chrono::milliseconds(200);

    void note(TimePoint now, bool isHolding)
    {
        if (isHolding) {
            m_since = m_since.value_or(now);
            return;
        }
        m_losses += m_hasLost && isLong(now);
        m_since.reset();
        m_hasLost = false;
    }
    void noteLoss() { m_hasLost = m_since.has_value(); }

    bool isLong(TimePoint now) const { return m_since && now - *m_since >= Long; }
    /// How many long stalls have ended in which something was lost.
    unsigned losses() const { return m_losses; }

private:
    std::optional<TimePoint> m_since;
    bool m_hasLost = false;
    unsigned m_losses = 0;
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_STALL_H
