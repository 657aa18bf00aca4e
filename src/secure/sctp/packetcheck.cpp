// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/packetcheck.h"

#include "secure/sctp/chunks.h"

namespace peer::sctp {

namespace {

/// Whether list holds nothing but whole parameters, or error causes, which look the same.
bool isParameterList(ByteView list)
{
    while (!list.empty()) {
        if (list.size() < ParameterHeaderSize)
            return false;
        const std::size_t size = readUint16(list.data() + 2);
        if (size < ParameterHeaderSize || size > list.size())
            return false;
        if (padded(size) >= list.size())
            return true; // the last one's padding may be missing
        list = list.subspan(padded(size));
    }
    return true;
}

/// chunk: with its header, without its padding.
bool isParameterListFrom(ByteView chunk, std::size_t offset)
{
    return chunk.size() >= offset && isParameterList(chunk.subspan(offset));
}

/// RFC 9260 section 3.3.4: the counts of gap ack blocks and duplicate TSNs say how long it is.
bool isSack(ByteView chunk)
{
    constexpr std::size_t fixedSize = 16;
    return chunk.size() >= fixedSize
        && chunk.size()
        == fixedSize + 4 * std::size_t{readUint16(chunk.data() + 12)}
            + 4 * std::size_t{readUint16(chunk.data() + 14)};
}

bool isAcceptableChunk(ByteView chunk, bool isEstablished)
{
    constexpr std::size_t initFixedSize = 20; // RFC 9260 section 3.3.2
    constexpr std::size_t newTsnSize = 8;     // RFC 3758 section 3.2
    switch (ChunkType(chunk[0])) {
    case ChunkType::Data:
        return chunk.size() > DataHeaderSize;
    case ChunkType::Init:
        return !isEstablished && isParameterListFrom(chunk, initFixedSize);
    case ChunkType::InitAck:
        return isParameterListFrom(chunk, initFixedSize);
    case ChunkType::Sack:
        return isSack(chunk);
    case ChunkType::Heartbeat:
    case ChunkType::HeartbeatAck:
    case ChunkType::Abort:
    case ChunkType::Error:
    case ChunkType::ReConfig:
        return isParameterListFrom(chunk, ChunkHeaderSize);
    case ChunkType::ForwardTsn:
        return chunk.size() >= newTsnSize && chunk.size() % 4 == 0;
    case ChunkType::Shutdown:
        return chunk.size() == 8;
    case ChunkType::ShutdownAck:
    case ChunkType::CookieAck:
    case ChunkType::ShutdownComplete:
    case ChunkType::CookieEcho:
    case ChunkType::Pad:
        return true;
    case ChunkType::EcnEcho:
    case ChunkType::Cwr:
    case ChunkType::Authentication:
    case ChunkType::NrSack:
    case ChunkType::IData:
    case ChunkType::AsconfAck:
    case ChunkType::PacketDropped:
    case ChunkType::Asconf:
    case ChunkType::IForwardTsn:
        return false;
    }
    return true;
}

} // namespace

bool isAcceptable(ByteView packet, bool isEstablished)
{
    if (packet.size() < CommonHeaderSize + ChunkHeaderSize)
        return false;
    ByteView rest = packet.subspan(CommonHeaderSize);
    while (!rest.empty()) {
        if (rest.size() < ChunkHeaderSize)
            return false;
        const std::size_t size = readUint16(rest.data() + 2);
        if (size < ChunkHeaderSize || size > rest.size()
            || !isAcceptableChunk(rest.first(size), isEstablished)) {
            return false;
        }
        if (padded(size) >= rest.size())
            return true;
        rest = rest.subspan(padded(size));
    }
    return true;
}

} // namespace peer::sctp
