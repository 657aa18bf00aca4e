// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctppacket.h"

#include "secure/sctp/chunks.h"

#include <algorithm>

namespace peer::sctp {

namespace {

/// RFC 9260 section 3.2, RFC 6525 section 3 and RFC 3758 section 3.2.
bool wantsAnswer(ChunkType type)
{
    switch (type) {
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

/// Calls visit with each chunk, its header included, up to the first that is malformed.
template<typename Visitor>
void forEachChunk(ByteView packet, Visitor visit)
{
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
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
    m_lastCompleted.clear();
    const std::uint64_t retransmittedBefore = m_retransmitted;
    forEachChunk(packet, [this](ByteView chunk) {
        if (isData(chunk))
            noteData(chunk);
        if (ChunkType(chunk[0]) == ChunkType::Abort)
            m_abort = parseAbort(chunk);
    });
    m_dataPackets += m_lastHadData ? 1 : 0;
    m_repeatingPackets += m_retransmitted > retransmittedBefore ? 1 : 0;
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

bool wantsAnswer(ByteView packet)
{
    bool result = false;
    forEachChunk(packet, [&](ByteView chunk) { result |= wantsAnswer(ChunkType(chunk[0])); });
    return result;
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

Abort parseAbort(ByteView chunk)
{
    Abort abort;
    std::size_t at = ChunkHeaderSize;
    while (at + ParameterHeaderSize <= chunk.size()) {
        const std::uint16_t cause = readUint16(chunk.data() + at);
        const std::size_t size = readUint16(chunk.data() + at + 2);
        if (size < ParameterHeaderSize || at + size > chunk.size())
            break;
        const ByteView info = chunk.subspan(at + ParameterHeaderSize, size - ParameterHeaderSize);
        abort.isForViolation |= cause == ProtocolViolation;
        abort.causes += " (cause " + std::to_string(cause);
        if ((cause == UserInitiatedAbort || cause == ProtocolViolation) && !info.empty())
            abort.causes += ": " + printable(info);
        abort.causes += ")";
        at += padded(size);
    }
    return abort;
}

} // namespace peer::sctp
