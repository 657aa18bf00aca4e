// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/crc32c.h"

#include "secure/sctp/chunks.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#    include <nmmintrin.h>
#endif

namespace peer::sctp {

namespace {

/// In the common header (RFC 9260 section 3.1).
constexpr std::size_t ChecksumOffset = 8;

/// 0x1EDC6F41 with its bits in reverse
constexpr std::uint32_t Polynomial = 0x82f63b78;

using Table = std::array<std::array<std::uint32_t, 256>, 8>;

/// table[k][octet]: what octet does to the checksum when k more octets follow it.
constexpr Table makeTable()
{
    Table table{};
    for (std::uint32_t octet = 0; octet < 256; ++octet) {
        std::uint32_t value = octet;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) ? Polynomial : 0);
        table[0][octet] = value;
    }
    for (std::size_t k = 1; k < table.size(); ++k) {
        for (std::uint32_t octet = 0; octet < 256; ++octet) {
            const std::uint32_t previous = table[k - 1][octet];
            table[k][octet] = (previous >> 8) ^ table[0][previous & 0xff];
        }
    }
    return table;
}

/// state: the running checksum, not inverted.
std::uint32_t updateByTable(std::uint32_t state, ByteView octets)
{
    static constexpr Table table = makeTable();
    const std::uint8_t *at = octets.data();
    std::size_t left = octets.size();
    for (; left >= 8; left -= 8, at += 8) {
        state ^= std::uint32_t{at[0]} | (std::uint32_t{at[1]} << 8) | (std::uint32_t{at[2]} << 16)
            | (std::uint32_t{at[3]} << 24);
        state = table[7][state & 0xff] ^ table[6][(state >> 8) & 0xff]
            ^ table[5][(state >> 16) & 0xff] ^ table[4][state >> 24] ^ table[3][at[4]]
            ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    for (; left > 0; --left, ++at)
        state = (state >> 8) ^ table[0][(state ^ *at) & 0xff];
    return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t updateByInstruction(std::uint32_t state,
                                                                    ByteView octets)
{
    const std::uint8_t *at = octets.data();
    std::size_t left = octets.size();
    std::uint64_t wide = state;
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word;
        std::memcpy(&word, at, sizeof word);
        wide = _mm_crc32_u64(wide, word);
    }
    state = static_cast<std::uint32_t>(wide);
    for (; left > 0; --left, ++at)
        state = _mm_crc32_u8(state, *at);
    return state;
}
#endif

using Update = std::uint32_t (*)(std::uint32_t, ByteView);

Update bestUpdate()
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return updateByInstruction;
#endif
    return updateByTable;
}

std::uint32_t update(std::uint32_t state, ByteView octets)
{
    static const Update best = bestUpdate();
    return best(state, octets);
}

/// As if the checksum field were zero.
std::uint32_t packetChecksum(ByteView packet)
{
    static constexpr std::array<std::uint8_t, 4> zeros{};
    std::uint32_t state = update(~0U, packet.first(ChecksumOffset));
    state = update(state, zeros);
    return ~update(state, packet.subspan(ChecksumOffset + zeros.size()));
}

} // namespace

std::uint32_t crc32c(ByteView octets)
{
    return ~update(~0U, octets);
}

std::uint32_t crc32cByTable(ByteView octets)
{
    return ~updateByTable(~0U, octets);
}

// The checksum is the one field that SCTP sends with its least significant octet first.

void sealPacket(MutableByteView packet)
{
    const std::uint32_t checksum = packetChecksum(packet);
    for (std::size_t i = 0; i < 4; ++i)
        packet[ChecksumOffset + i] = static_cast<std::uint8_t>(checksum >> (8 * i));
}

bool isIntact(ByteView packet)
{
    if (packet.size() < CommonHeaderSize + ChunkHeaderSize)
        return false;
    std::uint32_t checksum = 0;
    for (std::size_t i = 0; i < 4; ++i)
        checksum |= std::uint32_t{packet[ChecksumOffset + i]} << (8 * i);
    return packetChecksum(packet) == checksum;
}

} // namespace peer::sctp
