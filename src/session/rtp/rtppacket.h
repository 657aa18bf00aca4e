// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_RTP_RTPPACKET_H
#define PEER_SESSION_RTP_RTPPACKET_H

#include "core/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace peer::rtp {

/// The header of an RTP packet (RFC 3550 section 5.1):
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
///     |                           timestamp                           |
///     |           synchronization source (SSRC) identifier            |
///     |            contributing source (CSRC) identifiers, CC of them |
///     |   defined by profile          | length in words, if X is set  |
///     |                        header extension                       |
struct Header
{
    bool marker = false;
    std::uint8_t payloadType = 0;
    std::uint16_t sequenceNumber = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    /// Which form the extensions have (RFC 8285 section 4); 0 if there are none.
    std::uint16_t extensionProfile = 0;
    ByteView extensions;
    /// Without padding.
    ByteView payload;

    /// The data of the extension with this id (RFC 8285 section 4.2 and 4.3), if it is there and
    /// those before it are well-formed.
    std::optional<ByteView> extension(std::uint16_t id) const;
};

/// Nothing if it is not RTP version 2, or its parts do not fit it. The views are into packet.
std::optional<Header> parseHeader(ByteView packet);

/// Of a packet that is RTP or RTCP by its first octet: whether it is RTCP, by its second (RFC 5761
/// section 4).
bool isRtcp(ByteView packet);

} // namespace peer::rtp

#endif // PEER_SESSION_RTP_RTPPACKET_H
