// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/random.h"

namespace peer {

std::uint32_t RandomSource::uint32()
{
    std::array<std::uint8_t, 4> octets{};
    fill(octets);
    return readUint32(octets.data());
}

std::uint64_t RandomSource::uint64()
{
    std::array<std::uint8_t, 8> octets{};
    fill(octets);
    return readUint64(octets.data());
}

std::uint64_t RandomSource::below(std::uint64_t bound)
{
    // Values under 2^64 mod bound would make the small remainders likelier: draw again.
    const std::uint64_t biased = (0 - bound) % bound;
    for (;;) {
        const std::uint64_t drawn = uint64();
        if (drawn >= biased)
            return drawn % bound;
    }
}

std::string RandomSource::iceCharacters(std::size_t length)
{
    static constexpr char Alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Bytes octets(length);
    fill(octets);
    std::string text;
    text.reserve(length);
    for (const std::uint8_t octet : octets)
        text.push_back(Alphabet[octet & 0x3f]);
    return text;
}

} // namespace peer
