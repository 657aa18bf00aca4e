// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_CHUNKS_H
#define PEER_SCTP_CHUNKS_H

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

/// In DATA: the last fragment of a message.
inline constexpr std::uint8_t LastFragmentFlag = 0x01;
/// RFC 9260 section 3.3.1
inline constexpr std::size_t DataHeaderSize = 16;

/// Chunks, parameters and causes start at multiples of four.
inline std::size_t padded(std::size_t size)
{
    return (size + 3) & ~std::size_t{3};
}

} // namespace peer::sctp

#endif // PEER_SCTP_CHUNKS_H
