// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctppacket.h"

#include "secure/sctp/chunks.h"

#include <algorithm>

namespace peer::sctp {

namespace {

/// RFC 9260 section 3.2, RFC 6525 section 3 and RFC 3758 section 3.2.
bool wantsAnswer(std::uint8_t type)
{
    switch (ChunkType(type)) {
    case ChunkType::Data:
    case ChunkType::Init:
    case ChunkType::Heartbeat:
    case ChunkType::Shutdown:
    case ChunkType::ShutdownAck:
    case ChunkType::CookieEcho:
    case ChunkType::ReConfig:
    case ChunkType::ForwardTsn:
        return true;
    default: // an octet, not one of a closed set
        return false;
    }
}

// RFC 9260 section 3.3.10
constexpr std::uint16_t UserInitiatedAbort = 12;
constexpr std::uint16_t ProtocolViolation = 13;

/// RFC 1982's comparison, as RFC 9260 section 1.6 wants it.
bool isAfter(std::uint32_t tsn, std::uint32_t other)
{
    return static_cast<std::int32_t>(tsn - other) > 0;
}

bool isData(ByteView chunk)
{
    return ChunkType(chunk[0]) == ChunkType::Data && chunk.size() > DataHeaderSize;
}

/// Calls visit with each chunk, its header included, up to the first that is malformed.
template<typename Visitor>
void forEachChunk(ByteView packet, Visitor visit)
{
    std::size_t at = CommonHeaderSize;
    while (at + ChunkHeaderSize <= packet.size()) {
        const std::size_t size = readUint16(packet.data() + at + 2);
        if (size < ChunkHeaderSize || at + size > packet.size())
            return;
        visit(packet.subspan(at, size));
        at += padded(size);
    }
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
    m_lastWantsAnswer = false;
    m_lastCompleted.clear();
    forEachChunk(packet, [this](ByteView chunk) {
        if (wantsAnswer(chunk[0]))
            m_lastWantsAnswer = true;
        if (isData(chunk))
            noteData(chunk);
    });
}

void OutgoingChunks::noteData(ByteView chunk)
{
    m_lastHadData = true;
    const std::uint32_t tsn = readUint32(chunk.data() + 4);
    if (m_hasTsn && !isAfter(tsn, m_highestTsn)) {
        ++m_retransmitted;
        return;
    }
    m_highestTsn = tsn;
    m_hasTsn = true;
    if (chunk[1] & LastFragmentFlag) {
        ++m_completedMessages;
        m_lastCompleted.push_back(readUint16(chunk.data() + 8));
    }
}

std::size_t countMessageEnds(ByteView packet)
{
    std::size_t count = 0;
    forEachChunk(packet, [&](ByteView chunk) {
        if (isData(chunk) && (chunk[1] & LastFragmentFlag))
            ++count;
    });
    return count;
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
