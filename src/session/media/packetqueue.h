// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_PACKETQUEUE_H
#define PEER_SESSION_MEDIA_PACKETQUEUE_H

#include "core/base/bytes.h"
#include "session/media/tracktypes.h"

#include <cstddef>
#include <deque>
#include <vector>

namespace peer {

/// RTP and RTCP packets in their order, whose memory is used again. It is bounded, and beyond the
/// bound the oldest make way, for media that comes late is worth nothing.
class PacketQueue
{
public:
    struct Packet
    {
        TrackId track = TrackId::None;
        bool isRtcp = false;
        Bytes octets;
    };

    explicit PacketQueue(std::size_t limit)
        : m_limit(limit)
    { }

    bool isEmpty() const { return m_waiting.empty(); }
    std::size_t size() const { return m_waiting.size(); }
    /// True if another had to go.
    bool push(TrackId track, bool isRtcp, ByteView octets);
    /// Not when it is empty; valid until the next call.
    const Packet &pop();
    void clear();

private:
    std::size_t m_limit;
    std::deque<Packet> m_waiting;
    std::vector<Bytes> m_spare;
    Packet m_popped;
};

} // namespace peer

#endif // PEER_SESSION_MEDIA_PACKETQUEUE_H
