// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_BACKOFF_H
#define PEER_SIGNALING_BACKOFF_H

#include "core/base/random.h"

#include <algorithm>
#include <chrono>

namespace peer {

/// How long to wait before each attempt to reconnect: hardly at first, for most breaks are short,
/// then twice as long each time. Half of each delay is random, so that the clients of a restarted
/// server do not all come at once.
class Backoff
{
public:
    static constexpr std::chrono::milliseconds First{100};
    static constexpr std::chrono::milliseconds Second{500};
    static constexpr std::chrono::milliseconds Longest{30'000};

    Backoff() = default;
    /// For what is not so urgent: first, and then twice as long each time.
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
        : m_first(first)
        , m_longest(longest)
    { }

    std::chrono::milliseconds next(RandomSource &random)
    {
        const std::chrono::milliseconds delay = m_next;
        m_next = std::clamp(delay * 2, Second, m_longest);
        return delay / 2
            + std::chrono::milliseconds(random.below(std::uint64_t(delay.count() / 2) + 1));
    }
    /// The connection stood for a while.
    void reset() { m_next = m_first; }
    /// There is little hope: the same answer would come again.
    void setLongest() { m_next = m_longest; }

private:
    std::chrono::milliseconds m_first = First;
    std::chrono::milliseconds m_longest = Longest;
    std::chrono::milliseconds m_next = m_first;
};

} // namespace peer

#endif // PEER_SIGNALING_BACKOFF_H
