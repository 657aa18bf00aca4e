// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/rtp/rtppacket.h"

namespace peer::rtp {

namespace {

constexpr std::size_t FixedHeaderSize = 12;
constexpr std::size_t ExtensionHeaderSize = 4;
constexpr unsigned Version = 2;

// RFC 8285 sections 4.2 and 4.3
constexpr std::uint16_t OneOctetProfile = 0xbede;
constexpr std::uint16_t TwoOctetProfile = 0x1000; ///< the last four bits are the application's
constexpr std::uint16_t TwoOctetMask = 0xfff0;
constexpr unsigned OneOctetStop = 15; ///< an id that ends the extensions

bool hasFlag(std::uint8_t octet, unsigned bit)
{
    return ((octet >> bit) & 1U) != 0;
}

/// An element of the extensions: its id and its data.
struct Element
{
    unsigned id = 0;
    ByteView data;
};

/// Takes the next element off rest, padding before it as well. Nothing at the end and at the first
/// that is malformed.
std::optional<Element> takeElement(ByteView &rest, bool isOneOctet)
{
    while (!rest.empty() && rest[0] == 0)
        rest = rest.subspan(1);
    const std::size_t headerSize = isOneOctet ? 1 : 2;
    if (rest.size() < headerSize)
        return std::nullopt;
    const unsigned id = isOneOctet ? rest[0] >> 4U : rest[0];
    const std::size_t size = isOneOctet ? (rest[0] & 0xfU) + 1 : rest[1];
    if ((isOneOctet && id == OneOctetStop) || rest.size() < headerSize + size)
        return std::nullopt;
    const Element element{id, rest.subspan(headerSize, size)};
    rest = rest.subspan(headerSize + size);
    return element;
}

} // namespace

std::optional<Header> parseHeader(ByteView packet)
{
    if (packet.size() < FixedHeaderSize || packet[0] >> 6U != Version)
        return std::nullopt;
    Header header;
    header.marker = hasFlag(packet[1], 7);
    header.payloadType = packet[1] & 0x7fU;
    header.sequenceNumber = readUint16(&packet[2]);
    header.timestamp = readUint32(&packet[4]);
    header.ssrc = readUint32(&packet[8]);

    std::size_t at = FixedHeaderSize + 4 * (packet[0] & 0xfU);
    if (hasFlag(packet[0], 4)) {
        if (packet.size() < at + ExtensionHeaderSize)
            return std::nullopt;
        header.extensionProfile = readUint16(&packet[at]);
        const std::size_t size = std::size_t{4} * readUint16(&packet[at + 2]);
        at += ExtensionHeaderSize;
        if (packet.size() < at + size)
            return std::nullopt;
        header.extensions = packet.subspan(at, size);
        at += size;
    }
    if (packet.size() < at)
        return std::nullopt;
    header.payload = packet.subspan(at);
    if (hasFlag(packet[0], 5)) { // the last octet counts the padding, itself included
        const std::size_t padding = header.payload.empty() ? 0 : header.payload.back();
        if (padding == 0 || padding > header.payload.size())
            return std::nullopt;
        header.payload = header.payload.first(header.payload.size() - padding);
    }
    return header;
}

std::optional<ByteView> Header::extension(std::uint16_t id) const
{
    const bool isOneOctet = extensionProfile == OneOctetProfile;
    if (id == 0 || (!isOneOctet && (extensionProfile & TwoOctetMask) != TwoOctetProfile))
        return std::nullopt;
    ByteView rest = extensions;
    while (const auto element = takeElement(rest, isOneOctet)) {
        if (element->id == id)
            return element->data;
    }
    return std::nullopt;
}

bool isRtcp(ByteView packet)
{
    return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

} // namespace peer::rtp
