// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_RTPEXTENSIONS_H
#define PEER_MEDIA_CONGESTION_RTPEXTENSIONS_H

#include "core/base/bytes.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace peer::media {

/// What is put into the header of each packet that leaves (RFC 8285 section 4.2, one-byte form):
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |       0xBE    |    0xDE       |        length in words        |
///     |  ID   | L - 1 |     MID, L octets     ...     |  ID   |   1   |
///     |   transport-wide sequence number  | zeros to the word's end   |
struct RtpExtensions
{
    /// Ids are 1 to 14, values at most 16 octets; what is neither is left out.
    std::optional<std::uint8_t> midId;
    std::string_view mid; ///< RFC 9143 section 15
    std::optional<std::uint8_t> transportId;
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2
    std::uint16_t transportSequence = 0;
};

/// So much a packet grows by, if the MID is of up to three octets as ours are.
inline constexpr std::size_t RtpExtensionsOverhead = 12;

/// What the border looks at.
struct RtpGlance
{
    std::uint8_t payloadType = 0;
    std::uint16_t sequenceNumber = 0;
    std::uint32_t ssrc = 0;
};

/// Nothing if it is no RTP.
std::optional<RtpGlance> glanceAtRtp(ByteView packet);

/// What a retransmission repeats (RFC 4588 section 4: the original sequence number). Nothing if it
/// is no RTP, or empty.
std::optional<std::uint16_t> repeatedSequenceOf(ByteView packet);

/// The RTP packet without its list of contributing sources (CSRC, RFC 3550 section 5.1): nobody here
/// has a use for it, and rtpbin would keep something for each. Empty if it is no RTP.
Bytes withoutContributors(ByteView packet);

/// The packet with the extensions behind those it has. False if it is no RTP, or its extensions
/// have another form.
bool addExtensions(ByteView packet, const RtpExtensions &extensions, Bytes &result);

/// The transport-wide sequence number of a packet, if it has one in the one-byte form.
std::optional<std::uint16_t> transportSequenceOf(ByteView packet, std::uint8_t id);

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_RTPEXTENSIONS_H
