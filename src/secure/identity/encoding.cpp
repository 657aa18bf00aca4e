// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/identity/encoding.h"

#include <array>

namespace peer {

namespace {

constexpr std::string_view Base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view Base64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t NoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> digitValues(std::string_view alphabet)
{
    std::array<std::uint8_t, 256> values{};
    values.fill(NoDigit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

template<unsigned BitsPerDigit>
std::string encode(ByteView octets, std::string_view alphabet)
{
    constexpr std::uint32_t mask = (1U << BitsPerDigit) - 1;
    std::string text;
    text.reserve((octets.size() * 8 + BitsPerDigit - 1) / BitsPerDigit);
    std::uint32_t pending = 0;
    unsigned pendingBits = 0;
    for (const std::uint8_t octet : octets) {
        pending = (pending << 8) | octet;
        pendingBits += 8;
        while (pendingBits >= BitsPerDigit) {
            pendingBits -= BitsPerDigit;
            text += alphabet[(pending >> pendingBits) & mask];
        }
    }
    if (pendingBits > 0)
        text += alphabet[(pending << (BitsPerDigit - pendingBits)) & mask];
    return text;
}

template<unsigned BitsPerDigit>
std::optional<Bytes> decode(std::string_view text, const std::array<std::uint8_t, 256> &values)
{
    Bytes octets;
    octets.reserve(text.size() * BitsPerDigit / 8);
    std::uint32_t pending = 0;
    unsigned pendingBits = 0;
    for (const char character : text) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(character)];
        if (value == NoDigit)
            return std::nullopt;
        pending = (pending << BitsPerDigit) | value;
        pendingBits += BitsPerDigit;
        if (pendingBits >= 8) {
            pendingBits -= 8;
            octets.push_back(static_cast<std::uint8_t>(pending >> pendingBits));
        }
    }
    // A whole digit left over is a length that no octets have; a set bit is a second spelling.
    const std::uint32_t rest = pending & ((1U << pendingBits) - 1);
    if (pendingBits >= BitsPerDigit || rest != 0)
        return std::nullopt;
    return octets;
}

} // namespace

std::string toBase32(ByteView octets)
{
    return encode<5>(octets, Base32Alphabet);
}

std::optional<Bytes> fromBase32(std::string_view text)
{
    static constexpr auto values = digitValues(Base32Alphabet);
    return decode<5>(text, values);
}

std::string toBase64Url(ByteView octets)
{
    return encode<6>(octets, Base64UrlAlphabet);
}

std::optional<Bytes> fromBase64Url(std::string_view text)
{
    static constexpr auto values = digitValues(Base64UrlAlphabet);
    return decode<6>(text, values);
}

} // namespace peer
