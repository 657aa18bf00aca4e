// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_LEASTTRANSIT_H
#define PEER_MEDIA_CONGESTION_LEASTTRANSIT_H

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace peer::media {

/// How long packets have waited in queues: what they took to arrive above the least that any took of
/// late. The peer's clock may be of any zero, and a little faster or slower than ours.
class LeastTransit
{
public:
    /// The least of the last one or two of these counts.
    static constexpr Duration Memory = std::chrono::seconds(5);

    /// Of a packet that a report tells of now.
    Duration queueing(TimePoint now, TimePoint sentAt, Duration arrivedAt)
    {
        if (now - m_presentSince > Memory) {
            m_least = {m_least[1], Duration::max()};
            m_presentSince = now;
        }
        const Duration transit = arrivedAt - sentAt.time_since_epoch();
        m_least[1] = std::min(m_least[1], transit);
        return transit - std::min(m_least[0], m_least[1]);
    }

private:
    std::array<Duration, 2> m_least{Duration::max(), Duration::max()}; ///< formerly, and at present
    TimePoint m_presentSince{};
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_LEASTTRANSIT_H
