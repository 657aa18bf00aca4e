// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_BYTES_H
#define PEER_BASE_BYTES_H

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace peer {

/// Octets owned by somebody else; valid only as long as its giver says.
using ByteView = std::span<const std::uint8_t>;
using MutableByteView = std::span<std::uint8_t>;
/// Octets owned by the holder.
using Bytes = std::vector<std::uint8_t>;

inline ByteView asBytes(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline std::string_view asText(ByteView bytes)
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

inline Bytes toBytes(ByteView bytes)
{
    return {bytes.begin(), bytes.end()};
}

/// Network byte order (RFC 1700). The caller has checked that the octets are there.
inline std::uint16_t readUint16(const std::uint8_t *at)
{
    return static_cast<std::uint16_t>((at[0] << 8) | at[1]);
}

inline std::uint32_t readUint32(const std::uint8_t *at)
{
    return (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) | (std::uint32_t{at[2]} << 8)
        | std::uint32_t{at[3]};
}

inline std::uint64_t readUint64(const std::uint8_t *at)
{
    return (std::uint64_t{readUint32(at)} << 32) | readUint32(at + 4);
}

inline void writeUint16(std::uint8_t *at, std::uint16_t value)
{
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}

inline void writeUint32(std::uint8_t *at, std::uint32_t value)
{
    writeUint16(at, static_cast<std::uint16_t>(value >> 16));
    writeUint16(at + 2, static_cast<std::uint16_t>(value));
}

inline void writeUint64(std::uint8_t *at, std::uint64_t value)
{
    writeUint32(at, static_cast<std::uint32_t>(value >> 32));
    writeUint32(at + 4, static_cast<std::uint32_t>(value));
}

} // namespace peer

#endif // PEER_BASE_BYTES_H
