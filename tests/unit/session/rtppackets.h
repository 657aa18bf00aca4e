// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_RTPPACKETS_H
#define PEER_TEST_RTPPACKETS_H

#include "core/base/bytes.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace peer::test {

/// RTP with a payload of four octets and, unless extension is empty, that header extension in the
/// form of one octet (RFC 8285 section 4.2).
inline Bytes rtpPacket(std::uint8_t payloadType, std::uint32_t ssrc, unsigned extensionId = 0,
                       std::string_view extension = {})
{
    Bytes packet(12);
    packet[0] = 0x80;
    packet[1] = payloadType;
    writeUint32(&packet[8], ssrc);
    if (!extension.empty()) {
        packet[0] |= 0x10U;
        Bytes element{static_cast<std::uint8_t>((extensionId << 4U) | (extension.size() - 1))};
        element.insert(element.end(), extension.begin(), extension.end());
        element.resize((element.size() + 3) / 4 * 4);
        Bytes header{0xbe, 0xde, 0, static_cast<std::uint8_t>(element.size() / 4)};
        packet.insert(packet.end(), header.begin(), header.end());
        packet.insert(packet.end(), element.begin(), element.end());
    }
    packet.insert(packet.end(), {1, 2, 3, 4});
    return packet;
}

/// An RTCP packet of these words behind its header.
inline Bytes rtcpPacket(std::uint8_t type, unsigned count, const std::vector<std::uint32_t> &words)
{
    Bytes packet(4 + 4 * words.size());
    packet[0] = static_cast<std::uint8_t>(0x80U | count);
    packet[1] = type;
    writeUint16(&packet[2], static_cast<std::uint16_t>(words.size()));
    for (std::size_t i = 0; i < words.size(); ++i)
        writeUint32(&packet[4 + 4 * i], words[i]);
    return packet;
}

inline Bytes operator+(const Bytes &front, const Bytes &back)
{
    Bytes both = front;
    both.insert(both.end(), back.begin(), back.end());
    return both;
}

} // namespace peer::test

#endif // PEER_TEST_RTPPACKETS_H
