// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_TOKENBUCKET_H
#define PEER_RENDEZVOUS_TOKENBUCKET_H

#include "core/base/time.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <algorithm>
#include <chrono>

namespace peer::rendezvous {

/// How much of a rate somebody has left. A new one is full.
class TokenBucket
{
public:
    /// False, and nothing is taken, if there is less than amount. A time before the last one is taken
    /// for that: what has been counted is not counted again.
    bool take(TimePoint now, const PeerRendezvousRate &rate, double amount = 1)
    {
        const double seconds = std::chrono::duration<double>(now - m_asOf).count();
        const double used = std::max(0.0, m_used - std::max(0.0, seconds) * rate.perSecond);
        m_asOf = std::max(m_asOf, now);
        m_used = used;
        if (used + amount > rate.burst)
            return false;
        m_used += amount;
        return true;
    }

private:
    TimePoint m_asOf{};
    double m_used = 0;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_TOKENBUCKET_H
