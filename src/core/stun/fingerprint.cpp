// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/stun/fingerprint.h"

#include <array>

namespace peer::stun {

namespace {

/// x^32 + x^26 + … + 1 with its bits reversed.
constexpr std::uint32_t Polynomial = 0xEDB88320;
/// "STUN": so that it differs from a CRC that an application might put in the same place.
constexpr std::uint32_t FingerprintXor = 0x5354554E;

constexpr std::array<std::uint32_t, 256> makeTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t octet = 0; octet < table.size(); ++octet) {
        std::uint32_t remainder = octet;
        for (int bit = 0; bit < 8; ++bit)
            remainder = (remainder >> 1) ^ ((remainder & 1) ? Polynomial : 0);
        table[octet] = remainder;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> Table = makeTable();

} // namespace

std::uint32_t fingerprint(ByteView message)
{
    std::uint32_t remainder = 0xFFFFFFFF;
    for (const std::uint8_t octet : message)
        remainder = (remainder >> 8) ^ Table[(remainder ^ octet) & 0xFF];
    return ~remainder ^ FingerprintXor;
}

} // namespace peer::stun
