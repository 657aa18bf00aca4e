// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/tailrepeater.h"

namespace peer::sctp {

void TailRepeater::noteSent(TimePoint now, ByteView packet)
{
    std::optional<Tsn> last;
    std::size_t at = CommonHeaderSize;
    while (const std::size_t size = chunkSize(packet, at)) {
        const ByteView chunk = packet.subspan(at, size);
        at += padded(size);
        if (isData(chunk))
            last = readUint32(chunk.data() + ChunkHeaderSize);
        // What is given up must not be sent again (RFC 3758 section 3.5).
        else if (ChunkType(chunk[0]) == ChunkType::ForwardTsn && size >= ChunkHeaderSize + 4)
            noteArrived(readUint32(chunk.data() + ChunkHeaderSize));
    }
    if (!last)
        return;
    m_sentAt = now;
    if (m_highest && !isAfter(*last, *m_highest))
        return;
    m_highest = last;
    if (m_tail.size() == MaxPackets)
        m_tail.pop_front();
    m_tail.push_back({*last, Bytes(packet.begin(), packet.end())});
}

void TailRepeater::noteArrived(Tsn arrived)
{
    while (!m_tail.empty() && !isAfter(m_tail.front().last, arrived))
        m_tail.pop_front();
}

std::vector<Bytes> TailRepeater::repeat(TimePoint now)
{
    m_sentAt = now;
    std::vector<Bytes> packets;
    for (const Packet &packet : m_tail)
        packets.push_back(packet.octets);
    return packets;
}

} // namespace peer::sctp
