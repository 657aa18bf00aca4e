// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_CHUNKS_H
#define PEER_SCTP_CHUNKS_H

#include "core/base/bytes.h"

#include <cstddef>
#include <cstdint>

namespace peer::sctp {

// RFC 9260 section 3.1 and 3.2
inline constexpr std::size_t CommonHeaderSize = 12;
inline constexpr std::size_t ChunkHeaderSize = 4;
/// Of parameters and of error causes.
inline constexpr std::size_t ParameterHeaderSize = 4;

/// Chunk types of RFC 9260 section 3.2 and of the extensions.
enum class ChunkType : std::uint8_t {
    Data = 0,
    Init = 1,
    InitAck = 2,
    Sack = 3,
    Heartbeat = 4,
    HeartbeatAck = 5,
    Abort = 6,
    Shutdown = 7,
    ShutdownAck = 8,
    Error = 9,
    CookieEcho = 10,
    CookieAck = 11,
    EcnEcho = 12,
    Cwr = 13,
    ShutdownComplete = 14,
    Authentication = 15, ///< RFC 4895
    NrSack = 16,         ///< draft-tuexen-tsvwg-sctp-multipath
    IData = 64,          ///< RFC 8260
    AsconfAck = 128,     ///< RFC 5061
    PacketDropped = 129, ///< draft-stewart-tsvwg-sctppktdrprep
    ReConfig = 130,      ///< RFC 6525
    Pad = 132,           ///< RFC 4820
    ForwardTsn = 192,    ///< RFC 3758
    Asconf = 193,
    IForwardTsn = 194,
};

// Flags of DATA: the ends of a message, both in one that is not fragmented.
inline constexpr std::uint8_t LastFragmentFlag = 0x01;
inline constexpr std::uint8_t FirstFragmentFlag = 0x02;
inline constexpr std::uint8_t UnorderedFlag = 0x04;
/// RFC 9260 section 3.3.1
inline constexpr std::size_t DataHeaderSize = 16;

/// Chunks, parameters and causes start at multiples of four.
inline std::size_t padded(std::size_t size)
{
    return (size + 3) & ~std::size_t{3};
}

/// The size of the chunk at that place, with its header and without its padding; 0 where there is
/// none, or one that is not whole. The next is padded(size) further.
inline std::size_t chunkSize(ByteView packet, std::size_t at)
{
    if (at + ChunkHeaderSize > packet.size())
        return 0;
    const std::size_t size = readUint16(packet.data() + at + 2);
    return size < ChunkHeaderSize || size > packet.size() - at ? 0 : size;
}

inline bool isData(ByteView chunk)
{
    return ChunkType(chunk[0]) == ChunkType::Data && chunk.size() > DataHeaderSize;
}

/// Transmission sequence number (RFC 9260 section 1.3).
using Tsn = std::uint32_t;

/// RFC 1982's comparison, as RFC 9260 section 1.6 wants it.
inline bool isAfter(Tsn tsn, Tsn other)
{
    return static_cast<std::int32_t>(tsn - other) > 0;
}

} // namespace peer::sctp

#endif // PEER_SCTP_CHUNKS_H
