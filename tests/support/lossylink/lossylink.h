// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_LOSSYLINK_H
#define PEER_TEST_LOSSYLINK_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>

namespace peer::test {

/// One direction between two machines under test, without addresses: delays, loses, doubles and
/// reorders datagrams as its seed will have it. (A whole internet is in tests/sim.)
class LossyLink
{
public:
    struct Conditions
    {
        Duration delay{};
        /// Up to so much more, which reorders.
        Duration jitter{};
        double loss = 0;
        double duplication = 0;
        std::uint64_t seed = 1;
        /// Octets in a second that get through; 0: any number.
        double rate = 0;
        /// How long a datagram waits for its turn at most; else it is lost.
        Duration longestQueue = std::chrono::milliseconds(20);
    };

    explicit LossyLink(const Conditions &conditions);

    void setConditions(const Conditions &conditions) { m_conditions = conditions; }
    void send(TimePoint now, ByteView datagram);
    TimePoint nextArrival() const;
    /// The next datagram that has arrived by now.
    std::optional<Bytes> take(TimePoint now);

    std::size_t sentCount() const { return m_sentCount; }
    std::size_t sentOctets() const { return m_sentOctets; }
    void clear() { m_underway.clear(); }

private:
    bool happens(double probability);

    Conditions m_conditions;
    std::mt19937_64 m_random;
    /// By time of arrival; those of one time in the order in which they were sent.
    std::multimap<TimePoint, Bytes> m_underway;
    std::size_t m_sentCount = 0;
    std::size_t m_sentOctets = 0;
    TimePoint m_busyUntil{};
};

} // namespace peer::test

#endif // PEER_TEST_LOSSYLINK_H
