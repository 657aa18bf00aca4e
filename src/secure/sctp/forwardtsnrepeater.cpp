// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/forwardtsnrepeater.h"

#include <algorithm>

namespace peer::sctp {

namespace {

constexpr std::size_t MinSize = ChunkHeaderSize + 4;

Tsn newCumulativeTsn(ByteView chunk)
{
    return readUint32(chunk.data() + ChunkHeaderSize);
}

/// Twice the timeout, so that usrsctp's own timer comes first where it does run; twice as long
/// after each repetition (RFC 9260 section 6.3.3, E2), up to this.
constexpr Duration LongestWait = std::chrono::seconds(6);
constexpr unsigned MaxDoublings = 6;

} // namespace

void ForwardTsnRepeater::noteSent(TimePoint now, ByteView packet)
{
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
        const ByteView chunk = packet.subspan(at, size);
        at += padded(size);
        if (ChunkType(chunk[0]) != ChunkType::ForwardTsn || size < MinSize)
            continue;
        if (!isWaiting() || newCumulativeTsn(chunk) != newCumulativeTsn(m_chunk))
            m_repetitions = 0;
        m_header.assign(packet.begin(), packet.begin() + CommonHeaderSize);
        m_chunk.assign(chunk.begin(), chunk.end());
        m_sentAt = now;
    }
}

void ForwardTsnRepeater::noteArrived(Tsn arrived)
{
    if (isWaiting() && !isAfter(newCumulativeTsn(m_chunk), arrived))
        m_chunk.clear();
}

bool ForwardTsnRepeater::isDue(TimePoint now, Duration timeout) const
{
    const auto factor = 2U << std::min(m_repetitions, MaxDoublings);
    return isWaiting() && now - m_sentAt >= std::min<Duration>(factor * timeout, LongestWait);
}

Bytes ForwardTsnRepeater::repeat()
{
    ++m_repetitions;
    Bytes packet = m_header;
    packet.insert(packet.end(), m_chunk.begin(), m_chunk.end());
    packet.resize(padded(packet.size()));
    return packet;
}

} // namespace peer::sctp
