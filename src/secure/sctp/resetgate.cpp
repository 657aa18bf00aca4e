// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/resetgate.h"

#include <algorithm>
#include <utility>

namespace peer::sctp {

namespace {

/// RFC 6525 section 4.1
constexpr std::uint16_t OutgoingResetRequest = 13;
constexpr std::size_t OutgoingResetRequestSize = 16; ///< without streams: all of them

/// Initial TSN in INIT and INIT ACK (RFC 9260 section 3.3.2).
constexpr std::size_t InitialTsnAt = 16;
/// Cumulative TSN Ack in SACK (RFC 9260 section 3.3.4).
constexpr std::size_t CumulativeTsnAt = 4;

/// The last TSN before the request, if a RE-CONFIG chunk has one.
std::optional<Tsn> lastTsnBefore(ByteView chunk)
{
    ByteView rest = chunk.subspan(ChunkHeaderSize);
    while (rest.size() >= ParameterHeaderSize) {
        const std::size_t size = readUint16(rest.data() + 2);
        if (size < ParameterHeaderSize || size > rest.size())
            break;
        if (readUint16(rest.data()) == OutgoingResetRequest && size >= OutgoingResetRequestSize)
            return readUint32(rest.data() + 12);
        rest = rest.subspan(std::min(padded(size), rest.size()));
    }
    return std::nullopt;
}

} // namespace

MutableByteView ResetGate::pass(MutableByteView packet)
{
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
        const ByteView chunk = packet.subspan(at, size);
        const auto type = ChunkType(chunk[0]);
        const bool isInit = type == ChunkType::Init || type == ChunkType::InitAck;
        if (isInit && !m_hasSack && size >= InitialTsnAt + 4)
            m_arrived = readUint32(chunk.data() + InitialTsnAt) - 1;
        if (type != ChunkType::ReConfig || !mustWait(chunk)) {
            at += padded(size);
            continue;
        }
        m_held.assign(packet.begin(), packet.begin() + CommonHeaderSize);
        m_held.insert(m_held.end(), chunk.begin(), chunk.end());
        m_held.resize(padded(m_held.size()));
        const std::size_t next = std::min(at + padded(size), packet.size());
        std::copy(packet.begin() + std::ptrdiff_t(next), packet.end(),
                  packet.begin() + std::ptrdiff_t(at));
        packet = packet.first(packet.size() - (next - at));
    }
    return packet.size() > CommonHeaderSize ? packet : MutableByteView();
}

bool ResetGate::mustWait(ByteView chunk) const
{
    const auto last = lastTsnBefore(chunk);
    return last && m_arrived && isAfter(*last, *m_arrived);
}

void ResetGate::noteAnswer(ByteView packet)
{
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
        const ByteView chunk = packet.subspan(at, size);
        if (ChunkType(chunk[0]) == ChunkType::Sack && size >= CumulativeTsnAt + 4) {
            const Tsn cumulative = readUint32(chunk.data() + CumulativeTsnAt);
            if (!m_arrived || isAfter(cumulative, *m_arrived))
                m_arrived = cumulative;
            m_hasSack = true;
        }
        at += padded(size);
    }
}

bool ResetGate::canRelease() const
{
    return !m_held.empty() && !mustWait(ByteView(m_held).subspan(CommonHeaderSize));
}

Bytes ResetGate::release()
{
    return std::exchange(m_held, Bytes());
}

} // namespace peer::sctp
