// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/rtpextensions.h"

#include <cstddef>

namespace peer::media {

namespace {

constexpr std::size_t FixedHeader = 12;          // RFC 3550 section 5.1
constexpr std::uint16_t OneByteProfile = 0xbede; // RFC 8285 section 4.2
constexpr std::uint8_t ExtensionBit = 0x10;
constexpr std::uint8_t MaxId = 14; // 15 ends the list
constexpr std::size_t MaxLength = 16;

struct Parts
{
    ByteView fixed; ///< with contributing sources
    bool hasExtensions = false;
    std::uint16_t profile = 0;
    ByteView extensions;
    ByteView rest;
};

std::optional<Parts> partsOf(ByteView packet)
{
    if (packet.size() < FixedHeader || packet[0] >> 6 != 2)
        return {};
    Parts parts;
    const std::size_t fixed = FixedHeader + std::size_t{4} * (packet[0] & 0x0f);
    if (packet.size() < fixed)
        return {};
    parts.fixed = packet.first(fixed);
    parts.rest = packet.subspan(fixed);
    if (!(packet[0] & ExtensionBit))
        return parts;
    if (parts.rest.size() < 4)
        return {};
    parts.hasExtensions = true;
    parts.profile = readUint16(parts.rest.data());
    const std::size_t length = std::size_t{4} * readUint16(parts.rest.data() + 2);
    if (parts.rest.size() < 4 + length)
        return {};
    parts.extensions = parts.rest.subspan(4, length);
    parts.rest = parts.rest.subspan(4 + length);
    return parts;
}

void append(Bytes &to, ByteView octets)
{
    to.insert(to.end(), octets.begin(), octets.end());
}

void appendElement(Bytes &to, std::uint8_t id, ByteView value)
{
    if (id < 1 || id > MaxId || value.empty() || value.size() > MaxLength)
        return;
    to.push_back(static_cast<std::uint8_t>(id << 4 | (value.size() - 1)));
    append(to, value);
}

} // namespace

std::optional<RtpGlance> glanceAtRtp(ByteView packet)
{
    if (!partsOf(packet))
        return {};
    return RtpGlance{static_cast<std::uint8_t>(packet[1] & 0x7f), readUint16(packet.data() + 2),
                     readUint32(packet.data() + 8)};
}

std::optional<std::uint16_t> repeatedSequenceOf(ByteView packet)
{
    const auto parts = partsOf(packet);
    if (!parts || parts->rest.size() < 2)
        return {};
    return readUint16(parts->rest.data());
}

Bytes withoutContributors(ByteView packet)
{
    const auto parts = partsOf(packet);
    if (!parts)
        return {};
    Bytes result = toBytes(packet.first(FixedHeader));
    result[0] &= 0xf0;
    append(result, packet.subspan(parts->fixed.size()));
    return result;
}

bool addExtensions(ByteView packet, const RtpExtensions &extensions, Bytes &result)
{
    const auto parts = partsOf(packet);
    if (!parts || (parts->hasExtensions && parts->profile != OneByteProfile))
        return false;
    result.clear();
    append(result, parts->fixed);
    const std::size_t head = result.size();
    result.resize(head + 4);
    append(result, parts->extensions);
    if (extensions.midId)
        appendElement(result, *extensions.midId, asBytes(extensions.mid));
    if (extensions.transportId) {
        std::uint8_t sequence[2];
        writeUint16(sequence, extensions.transportSequence);
        appendElement(result, *extensions.transportId, sequence);
    }
    while ((result.size() - head) % 4 != 0)
        result.push_back(0);
    const std::size_t words = (result.size() - head - 4) / 4;
    if (words > 0xffff)
        return false;
    if (words == 0) {
        result.resize(head);
        result[0] &= static_cast<std::uint8_t>(~ExtensionBit);
    } else {
        result[0] |= ExtensionBit;
        writeUint16(&result[head], OneByteProfile);
        writeUint16(&result[head + 2], static_cast<std::uint16_t>(words));
    }
    append(result, parts->rest);
    return true;
}

std::optional<std::uint16_t> transportSequenceOf(ByteView packet, std::uint8_t id)
{
    const auto parts = partsOf(packet);
    if (!parts || !parts->hasExtensions || parts->profile != OneByteProfile)
        return {};
    ByteView left = parts->extensions;
    while (!left.empty()) {
        if (left[0] == 0) { // padding
            left = left.subspan(1);
            continue;
        }
        const std::uint8_t elementId = left[0] >> 4;
        const std::size_t length = (left[0] & 0x0fU) + 1;
        if (elementId > MaxId || left.size() < 1 + length)
            return {};
        if (elementId == id && length == 2)
            return readUint16(left.data() + 1);
        left = left.subspan(1 + length);
    }
    return {};
}

} // namespace peer::media
