// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_IMPAIRER_IMPAIRMENT_H
#define PEER_IMPAIRER_IMPAIRMENT_H

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <random>
#include <vector>

namespace peer::impairer {

using Clock = std::chrono::steady_clock;
using Packet = std::vector<std::uint8_t>;

/// What happens to the packets of one direction.
struct Conditions
{
    double loss = 0;                      ///< probability, 0 … 1
    std::chrono::microseconds delay{};    ///< of every packet
    double reordering = 0;                ///< probability that a packet is held back …
    std::chrono::microseconds holdBack{}; ///< … for so long beyond the delay, and is overtaken
    double duplication = 0;               ///< probability
    double megabitsPerSecond = 0;         ///< 0 = unlimited
    std::size_t queueLimit = 2000;        ///< packets under way; what comes beyond is dropped
    /// Of waiting for a link of limited rate; what would wait longer is dropped. 0 = unlimited.
    std::chrono::microseconds queueTime{};
    bool blocksUdp = false;
};

struct Counters
{
    std::uint64_t forwarded = 0, lost = 0, heldBack = 0, duplicated = 0, overflowed = 0;
};

/// One direction of a link: packets go in, and come out when their time has come, or not at all.
/// What happens is drawn from a generator with a seed, in the order of arrival.
class Direction
{
public:
    Direction(const Conditions &conditions, std::uint64_t seed);

    void push(Clock::time_point now, Packet packet);
    /// The next packet whose time has come.
    std::optional<Packet> pop(Clock::time_point now);
    /// When pop() has something to give; time_point::max() if nothing is under way.
    Clock::time_point nextDue() const;
    const Counters &counters() const { return m_counters; }

private:
    struct UnderWay
    {
        Clock::time_point due;
        std::uint64_t number;
        Packet packet;
        bool operator>(const UnderWay &other) const
        {
            return due != other.due ? due > other.due : number > other.number;
        }
    };

    bool happens(double probability);
    void schedule(Clock::time_point due, Packet packet);
    bool wouldWaitTooLong(Clock::time_point now) const;
    /// When the last octet has left a link of limited rate.
    Clock::time_point afterTransmission(Clock::time_point now, std::size_t octets);

    Conditions m_conditions;
    std::mt19937_64 m_random;
    Counters m_counters;
    Clock::time_point m_linkFree{};
    std::uint64_t m_lastNumber = 0;
    std::priority_queue<UnderWay, std::vector<UnderWay>, std::greater<>> m_underWay;
};

} // namespace peer::impairer

#endif // PEER_IMPAIRER_IMPAIRMENT_H
