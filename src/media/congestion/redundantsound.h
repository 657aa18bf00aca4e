// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_REDUNDANTSOUND_H
#define PEER_MEDIA_CONGESTION_REDUNDANTSOUND_H

#include "core/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace peer::media {

/// Packets of sound that hold earlier ones once more (RFC 2198), so that what is lost comes with
/// another, within the time that jitter buffers wait anyway:
///
///      0                   1                    2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |1| block PT    | time stamp: so much ago   |   block length     |  of each that is repeated
///     |0| block PT    |                                                   of the packet's own
///     | what is repeated ...              | what is new ...            |
class RedundantSound
{
public:
    static constexpr int MaxCopies = 2;
    /// With one copy the second packet before is repeated, with two the fourth as well: losses come
    /// two and three in a row, when the queue of a line is full.
    static constexpr std::size_t Apart = 2;
    /// A packet is not to become longer by it than this.
    static constexpr std::size_t MaxSize = 1100;

    /// payloadType: of such packets.
    explicit RedundantSound(std::uint8_t payloadType)
        : m_payloadType(payloadType)
    { }

    /// Of each packet of sound, in their order; each is kept to be repeated. False if it is to leave
    /// as it is: there is nothing to repeat yet, or it is nothing that could be repeated.
    bool repeat(ByteView packet, int copies, Bytes &result);
    /// What was given up to now is not to be heard by anybody: it was muted.
    void forget() { m_sent.clear(); }

private:
    struct Block
    {
        std::uint32_t timestamp = 0;
        std::uint8_t payloadType = 0;
        Bytes octets;
    };

    const std::uint8_t m_payloadType;
    std::deque<Block> m_sent; ///< the newest first; at most MaxCopies * Apart
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_REDUNDANTSOUND_H
