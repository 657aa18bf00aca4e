// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/packetqueue.h"

#include <utility>

namespace peer {

bool PacketQueue::push(TrackId track, bool isRtcp, ByteView octets)
{
    Packet next{track, isRtcp, {}};
    const bool isFull = m_waiting.size() >= m_limit;
    if (isFull) {
        next.octets = std::move(m_waiting.front().octets);
        m_waiting.pop_front();
    } else if (!m_spare.empty()) {
        next.octets = std::move(m_spare.back());
        m_spare.pop_back();
    }
    next.octets.assign(octets.begin(), octets.end());
    m_waiting.push_back(std::move(next));
    return isFull;
}

const PacketQueue::Packet &PacketQueue::pop()
{
    if (m_popped.octets.capacity() > 0)
        m_spare.push_back(std::move(m_popped.octets));
    m_popped = std::move(m_waiting.front());
    m_waiting.pop_front();
    return m_popped;
}

void PacketQueue::clear()
{
    m_waiting.clear();
    m_spare.clear();
}

} // namespace peer
