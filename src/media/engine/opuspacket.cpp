// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/opuspacket.h"

#include <cstdint>
#include <optional>

namespace peer::media {

namespace {

/// RFC 6716 section 3.4, R2.
constexpr std::size_t MaxFrame = 1275;
/// R5: 120 ms, in units of 2.5 ms.
constexpr std::size_t MaxDuration = 48;

/// How long a frame is, in units of 2.5 ms (section 3.1, table 2).
std::size_t frameDuration(std::uint8_t contents)
{
    constexpr std::size_t Silk[] = {4, 8, 16, 24};
    constexpr std::size_t Celt[] = {1, 2, 4, 8};
    const unsigned config = contents >> 3;
    if (config < 12)
        return Silk[config % 4];
    if (config < 16) // hybrid
        return config % 2 ? 8 : 4;
    return Celt[config % 4];
}

/// The size of a frame that the octets begin with, which are taken away (section 3.2.1).
std::optional<std::size_t> takeSize(ByteView &octets)
{
    constexpr std::uint8_t Short = 252; // and from here on a second octet counts four times
    if (octets.empty())
        return {};
    const std::uint8_t first = octets[0];
    octets = octets.subspan(1);
    if (first < Short)
        return first;
    if (octets.empty())
        return {};
    const std::size_t size = octets[0] * std::size_t{4} + first;
    octets = octets.subspan(1);
    return size;
}

/// Takes the size of the padding away, and the padding (section 3.2.5). False if there is less.
bool takePadding(ByteView &octets)
{
    constexpr std::uint8_t More = 255; // 254, and the next octet says how many besides
    std::size_t padding = 0;
    for (bool isLast = false; !isLast; octets = octets.subspan(1)) {
        if (octets.empty())
            return false;
        isLast = octets[0] != More;
        padding += isLast ? octets[0] : More - 1;
    }
    if (padding > octets.size())
        return false;
    octets = octets.first(octets.size() - padding);
    return true;
}

/// Behind the sizes of all frames but the last, these and the last. R4 and R7.
bool areFrames(ByteView octets, std::size_t count)
{
    std::size_t told = 0;
    for (std::size_t i = 1; i < count; ++i) {
        const auto size = takeSize(octets);
        if (!size)
            return false;
        told += *size;
    }
    return told <= octets.size() && octets.size() - told <= MaxFrame;
}

/// R3 and R6.
bool areEqualFrames(ByteView octets, std::size_t count)
{
    return octets.size() % count == 0 && octets.size() / count <= MaxFrame;
}

/// Behind the table of contents: any number of frames.
bool isCode3(ByteView octets, std::size_t duration)
{
    if (octets.empty())
        return false;
    const std::uint8_t header = octets[0];
    const std::size_t count = header & 0x3f;
    if (count == 0 || count * duration > MaxDuration) // R5
        return false;
    octets = octets.subspan(1);
    if ((header & 0x40) && !takePadding(octets))
        return false;
    return header & 0x80 ? areFrames(octets, count) : areEqualFrames(octets, count);
}

} // namespace

bool isOpusPacket(ByteView packet)
{
    if (packet.empty()) // R1
        return false;
    const ByteView behind = packet.subspan(1);
    switch (packet[0] & 3) {
    case 0:
        return areEqualFrames(behind, 1);
    case 1:
        return areEqualFrames(behind, 2);
    case 2:
        return areFrames(behind, 2);
    default: // two bits
        return isCode3(behind, frameDuration(packet[0]));
    }
}

} // namespace peer::media
