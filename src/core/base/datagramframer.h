// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_DATAGRAMFRAMER_H
#define PEER_BASE_DATAGRAMFRAMER_H

#include "core/base/bytes.h"

#include <array>
#include <cstddef>
#include <optional>

namespace peer {

/// Cuts a stream between peers (RFC 6544 section 3) into datagrams by the framing of RFC 4571
/// section 2:
///
///      0                   1
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
///     +-------------------------------+-----------------
///     |            LENGTH             |  datagram …
///     +-------------------------------+-----------------
///
/// How to drive it: give what was read to push(); then take datagrams by next() until it gives
/// none. Once isBroken() the stream is to be closed. An empty frame (LENGTH 0, which section 2
/// allows) is passed over.
///
/// Bounded by MaxDatagram and what one push() brings.
class DatagramFramer
{
public:
    static constexpr std::size_t HeaderSize = 2;
    /// RFC 4571 allows 65535. A peer's datagrams would go by UDP as well, and are of the size that
    /// a path with a usual MTU lets through; none of those is refused.
    static constexpr std::size_t MaxDatagram = 2048;

    void push(ByteView octets);
    /// The next whole datagram, never an empty one; borrowed until the next call of a non-const
    /// function.
    std::optional<ByteView> next();
    /// A frame was longer than MaxDatagram. next() gives nothing more.
    bool isBroken() const { return m_isBroken; }

    /// What goes before a datagram of that size, which is MaxDatagram at most.
    static std::array<std::uint8_t, HeaderSize> header(std::size_t size);

private:
    Bytes m_buffer;
    /// Where the next frame begins in it.
    std::size_t m_at = 0;
    bool m_isBroken = false;
};

} // namespace peer

#endif // PEER_BASE_DATAGRAMFRAMER_H
