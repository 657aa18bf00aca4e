// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_SCTPCHUNKS_H
#define PEER_TEST_SCTPCHUNKS_H

#include "secure/sctp/chunks.h"

#include <cstdint>
#include <initializer_list>

namespace peer::test {

// SCTP packets made by hand. What is called a chunk or a parameter has its header and its padding.

inline Bytes uint16(std::uint16_t value)
{
    Bytes octets(2);
    writeUint16(octets.data(), value);
    return octets;
}

inline Bytes uint32(std::uint32_t value)
{
    Bytes octets(4);
    writeUint32(octets.data(), value);
    return octets;
}

inline Bytes join(std::initializer_list<Bytes> parts)
{
    Bytes all;
    for (const Bytes &part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

inline Bytes withPadding(Bytes octets)
{
    octets.resize(sctp::padded(octets.size()));
    return octets;
}

inline Bytes sctpChunk(sctp::ChunkType type, const Bytes &value = {}, std::uint8_t flags = 0)
{
    const Bytes head{static_cast<std::uint8_t>(type), flags};
    const auto size = static_cast<std::uint16_t>(sctp::ChunkHeaderSize + value.size());
    return withPadding(join({head, uint16(size), value}));
}

/// Or an error cause, which looks alike.
inline Bytes sctpParameter(std::uint16_t type, const Bytes &value = {})
{
    const auto size = static_cast<std::uint16_t>(sctp::ParameterHeaderSize + value.size());
    return withPadding(join({uint16(type), uint16(size), value}));
}

/// Without a checksum.
inline Bytes sctpPacket(std::initializer_list<Bytes> chunks)
{
    Bytes packet = join({uint16(5000), uint16(5000), uint32(0x12345678), uint32(0)});
    for (const Bytes &chunk : chunks)
        packet.insert(packet.end(), chunk.begin(), chunk.end());
    return packet;
}

inline Bytes initChunk(sctp::ChunkType type, sctp::Tsn initialTsn, const Bytes &parameters = {})
{
    return sctpChunk(type,
                     join({uint32(0xabcd), uint32(0x10000), uint16(1024), uint16(1024),
                           uint32(initialTsn), parameters}));
}

inline Bytes dataChunk(sctp::Tsn tsn, std::uint16_t stream, std::uint16_t sequence,
                       std::uint8_t flags, const Bytes &payload)
{
    return sctpChunk(sctp::ChunkType::Data,
                     join({uint32(tsn), uint16(stream), uint16(sequence), uint32(53), payload}),
                     flags);
}

/// blocks: gap ack blocks and duplicate TSNs, of four octets each.
inline Bytes sackChunk(sctp::Tsn cumulative, std::uint16_t gaps = 0, std::uint16_t duplicates = 0,
                       const Bytes &blocks = {})
{
    return sctpChunk(
        sctp::ChunkType::Sack,
        join({uint32(cumulative), uint32(0x10000), uint16(gaps), uint16(duplicates), blocks}));
}

/// Outgoing SSN Reset Request (RFC 6525 section 4.1)
inline Bytes resetRequest(sctp::Tsn last, std::initializer_list<std::uint16_t> streams)
{
    Bytes value = join({uint32(7), uint32(6), uint32(last)});
    for (const std::uint16_t stream : streams)
        value = join({value, uint16(stream)});
    return sctpParameter(13, value);
}

/// Re-configuration Response (RFC 6525 section 4.4)
inline Bytes resetResponse(std::uint32_t result)
{
    return sctpParameter(16, join({uint32(7), uint32(result)}));
}

inline Bytes forwardTsnChunk(sctp::Tsn cumulative)
{
    return sctpChunk(sctp::ChunkType::ForwardTsn, uint32(cumulative));
}

} // namespace peer::test

#endif // PEER_TEST_SCTPCHUNKS_H
