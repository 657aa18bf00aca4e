// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_PACKETKIND_H
#define PEER_SESSION_PACKETKIND_H

#include "core/base/bytes.h"

namespace peer {

/// What a datagram on a shared 5-tuple is, by its first octet (RFC 7983 section 7, RFC 9443).
enum class PacketKind : std::uint8_t {
    Stun,        ///< 0..3
    Dtls,        ///< 20..63
    TurnChannel, ///< 64..79
    Rtp,         ///< 128..191, RTP or RTCP
    Unknown,
};

constexpr PacketKind packetKind(ByteView datagram)
{
    if (datagram.empty())
        return PacketKind::Unknown;
    const std::uint8_t first = datagram[0];
    if (first <= 3)
        return PacketKind::Stun;
    if (first >= 20 && first <= 63)
        return PacketKind::Dtls;
    if (first >= 64 && first <= 79)
        return PacketKind::TurnChannel;
    if (first >= 128 && first <= 191)
        return PacketKind::Rtp;
    return PacketKind::Unknown;
}

} // namespace peer

#endif // PEER_SESSION_PACKETKIND_H
