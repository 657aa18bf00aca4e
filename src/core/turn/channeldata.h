// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_CHANNELDATA_H
#define PEER_TURN_CHANNELDATA_H

#include "core/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace peer::turn {

/// Stands for a peer's address once the server has bound it (RFC 8656 section 12).
using ChannelNumber = std::uint16_t;

/// RFC 8656 section 12: 0x4000 to 0x4FFF. RFC 5766 had them up to 0x7FFF; RFC 7983 gave the first
/// octets from 80 on to others.
inline constexpr ChannelNumber FirstChannel = 0x4000;
inline constexpr ChannelNumber LastChannel = 0x4FFF;

inline constexpr std::size_t ChannelDataHeaderSize = 4;

/// A ChannelData message (RFC 8656 section 12.4) over borrowed octets:
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |         Channel Number        |            Length             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///     |                       Application Data                        /
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The length counts the application data alone. Over a stream the message is padded to a multiple
/// of 4 octets, over UDP it may be: what follows the data is ignored.
struct ChannelData
{
    ChannelNumber channel = 0;
    ByteView payload;

    /// Nothing if it is none, or cut short.
    static std::optional<ChannelData> parse(ByteView octets);
};

/// Whether a message that begins with this octet is ChannelData, by RFC 7983.
constexpr bool isChannelData(std::uint8_t firstOctet)
{
    return firstOctet >= 0x40 && firstOctet <= 0x4F;
}

/// Writes header and payload without padding; empty if they do not fit.
ByteView writeChannelData(MutableByteView out, ChannelNumber channel, ByteView payload);

} // namespace peer::turn

#endif // PEER_TURN_CHANNELDATA_H
