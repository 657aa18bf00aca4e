// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_STREAMFRAMER_H
#define PEER_TURN_STREAMFRAMER_H

#include "core/base/bytes.h"

#include <cstddef>
#include <optional>

namespace peer::turn {

/// Cuts a stream from a TURN server (RFC 8656 section 12.5: over TCP or TLS) into messages. A STUN
/// message tells its length in its header; ChannelData is padded to a multiple of 4 octets that
/// its length does not count.
///
/// How to drive it: give what was read to push(); then take messages by next() until it gives none.
/// Once isBroken() the octets make no sense any more, and the stream is to be closed.
///
/// Bounded by MaxMessage and what one push() brings.
class StreamFramer
{
public:
    /// A datagram of 1200 octets in a Data indication has 1260. Others' may be larger; none of a
    /// size that a path with a usual MTU would let through is refused.
    static constexpr std::size_t MaxMessage = 2048;

    void push(ByteView octets);
    /// The next whole message, without padding; borrowed until the next call of a non-const
    /// function.
    std::optional<ByteView> next();
    /// Something came that is no message, or too long a one. next() gives nothing more.
    bool isBroken() const { return m_isBroken; }

    /// How many zeros follow a message of that size that begins with that octet.
    static std::size_t padding(std::uint8_t firstOctet, std::size_t size);

private:
    Bytes m_buffer;
    /// Where the next message begins in it.
    std::size_t m_at = 0;
    bool m_isBroken = false;
};

} // namespace peer::turn

#endif // PEER_TURN_STREAMFRAMER_H
