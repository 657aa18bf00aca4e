// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_TRACE_H
#define PEER_SIMULATION_TRACE_H

#include "core/base/time.h"
#include "support/simulation/packet.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace peer::sim {

/// FNV-1a with 64 bits: tells whether two runs were the same.
class Hash
{
public:
    void add(ByteView octets);
    void add(std::uint64_t number);
    std::uint64_t value() const { return m_value; }

private:
    std::uint64_t m_value = 0xCBF29CE484222325;
};

/// What became of a packet at some place.
enum class Fate : std::uint8_t {
    Sent,      ///< left a host's socket
    Delivered, ///< reached a process
    Lost,      ///< by a link's loss
    QueueFull, ///< by a link's rate
    LinkDown,
    NoRoute,    ///< no such address, no gateway, or the hop limit
    NoSocket,   ///< the host has no such port
    Filtered,   ///< by a NAT: no mapping, its filter, or no hairpinning
    Blocked,    ///< by a firewall
    Translated, ///< by a NAT, outward or inward
};
std::string_view toString(Fate fate);

/// Everything that happens to packets, as a hash, and in words for whoever wants to read it.
class Trace
{
public:
    using Sink = std::function<void(const std::string &line)>;
    /// A line for each note: time in milliseconds, place, fate, addresses, size.
    void setSink(Sink sink) { m_sink = std::move(sink); }

    void note(TimePoint now, std::string_view place, Fate fate, const Packet &packet);
    /// What is not about a packet, such as a signal.
    void note(TimePoint now, std::string_view place, std::string_view what);

    std::uint64_t hash() const { return m_hash.value(); }
    std::uint64_t count(Fate fate) const { return m_counts[static_cast<std::size_t>(fate)]; }

private:
    Hash m_hash;
    Sink m_sink;
    std::array<std::uint64_t, 10> m_counts{};
};

} // namespace peer::sim

#endif // PEER_SIMULATION_TRACE_H
