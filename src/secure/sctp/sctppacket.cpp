// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctppacket.h"

#include <algorithm>

namespace peer::sctp {

namespace {

constexpr std::size_t CommonHeaderSize = 12;
constexpr std::size_t ChunkHeaderSize = 4;
constexpr std::uint8_t DataChunk = 0;
constexpr std::size_t DataHeaderSize = 16;

// RFC 9260 section 3.3.10
constexpr std::uint16_t UserInitiatedAbort = 12;
constexpr std::uint16_t ProtocolViolation = 13;

std::size_t padded(std::size_t size)
{
    return (size + 3) & ~std::size_t{3};
}

/// RFC 1982's comparison, as RFC 9260 section 1.6 wants it.
bool isAfter(std::uint32_t tsn, std::uint32_t other)
{
    return static_cast<std::int32_t>(tsn - other) > 0;
}

/// Printable ASCII only: it ends in logs and in messages to the user.
std::string printable(ByteView octets)
{
    constexpr std::size_t longest = 128;
    std::string text(asText(octets.first(std::min(octets.size(), longest))));
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

} // namespace

void OutgoingChunks::note(ByteView packet)
{
    m_lastHadData = false;
    std::size_t at = CommonHeaderSize;
    while (at + ChunkHeaderSize <= packet.size()) {
        const std::size_t size = readUint16(packet.data() + at + 2);
        if (size < ChunkHeaderSize || at + size > packet.size())
            return;
        if (packet[at] == DataChunk && size > DataHeaderSize) {
            m_lastHadData = true;
            const std::uint32_t tsn = readUint32(packet.data() + at + 4);
            if (!m_hasTsn || isAfter(tsn, m_highestTsn)) {
                m_highestTsn = tsn;
                m_hasTsn = true;
            } else {
                ++m_retransmitted;
            }
        }
        at += padded(size);
    }
}

std::string abortReason(ByteView abortChunk)
{
    std::string text = "the peer aborted the association";
    std::size_t at = ChunkHeaderSize;
    while (at + 4 <= abortChunk.size()) {
        const std::uint16_t cause = readUint16(abortChunk.data() + at);
        const std::size_t size = readUint16(abortChunk.data() + at + 2);
        if (size < 4 || at + size > abortChunk.size())
            break;
        text += " (cause " + std::to_string(cause);
        if ((cause == UserInitiatedAbort || cause == ProtocolViolation) && size > 4)
            text += ": " + printable(abortChunk.subspan(at + 4, size - 4));
        text += ")";
        at += padded(size);
    }
    return text;
}

} // namespace peer::sctp
