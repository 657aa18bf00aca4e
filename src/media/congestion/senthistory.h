// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_SENTHISTORY_H
#define PEER_MEDIA_CONGESTION_SENTHISTORY_H

#include "core/base/time.h"
#include "media/congestion/transportfeedback.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace peer::media {

/// What has become of a packet.
struct PacketResult
{
    std::int64_t number = 0; ///< one by one, of those sent
    TimePoint sentAt{};
    std::size_t size = 0;
    bool isPaced = false; ///< of a picture
    /// By the peer's clock, of unknown zero; nothing if it has not arrived.
    std::optional<Duration> arrivedAt;
};

/// Of those that have arrived, the one that was sent last; null if there is none.
inline const PacketResult *lastArrived(const std::vector<PacketResult> &results)
{
    const auto found = std::find_if(results.rbegin(), results.rend(), [](const auto &result) {
        return result.arrivedAt.has_value();
    });
    return found == results.rend() ? nullptr : &*found;
}

/// Numbers packets as they are sent, over all tracks, and finds them again in the peer's feedback.
/// It remembers MaxPackets: five seconds at 2.5 Mbit/s; feedback on older ones says nothing.
class SentHistory
{
public:
    static constexpr std::size_t MaxPackets = 2048;

    /// The transport-wide sequence number of the packet that is sent now; isPaced: it had to wait
    /// for its turn.
    std::uint16_t send(TimePoint now, std::size_t size, bool isPaced);
    /// The packet was not sent after all: the peer cannot miss it, unless another was sent since;
    /// what it says of that number counts for nothing.
    void takeBack(std::uint16_t sequence);

    /// Each packet of which something new is said, in the order of sending: once as arrived, and
    /// perhaps before that once as lost.
    std::vector<PacketResult> take(const TransportFeedback &feedback);

    /// Octets of the paced packets behind the last of which anything was said.
    std::size_t underWay() const { return m_underWay; }

private:
    enum class Fate : std::uint8_t { Unknown, Lost, Arrived, NeverSent };
    struct Packet
    {
        TimePoint sentAt{};
        std::size_t size = 0;
        bool isPaced = false;
        Fate fate = Fate::Unknown;

        std::size_t underWay() const { return isPaced ? size : 0; }
    };

    Duration unwrap(std::int32_t referenceTime);

    void settle(std::size_t count);

    std::deque<Packet> m_packets;
    std::int64_t m_oldest = 0;   ///< the number of the first of them
    std::size_t m_unsettled = 0; ///< packets at the end, behind the last of which anything was said
    std::size_t m_underWay = 0;  ///< octets of these
    std::uint16_t m_next = 0;    ///< the number behind the last packet
    std::optional<std::int64_t> m_lastReference; ///< that does not wrap
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_SENTHISTORY_H
