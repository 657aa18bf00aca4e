// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/wire.h"

#include "secure/sctp/crc32c.h"
#include "secure/sctp/unorderedfragments.h"

#include <algorithm>

namespace peer::sctp {

Wire::Wire(std::size_t capacity)
    : m_queue(capacity)
{ }

bool Wire::send(TimePoint now, MutableByteView packet)
{
    if (packet.size() > TransmitQueue::SlotSize)
        return true; // cannot be: the path MTU is smaller
    if (m_queue.isFull())
        return false;
    m_incomingResets.noteAnswer(packet);
    const MutableByteView rest = m_outgoingResets.pass(packet);
    m_outgoingChunks.note(rest);
    if (m_outgoingChunks.lastHadData())
        m_lastData.assign(rest.begin(), rest.end());
    if (!rest.empty())
        queue(now, rest);
    return true;
}

/// Only when there is room.
void Wire::queue(TimePoint now, MutableByteView packet)
{
    m_forwardTsn.noteSent(now, packet);
    m_tail.noteSent(now, packet);
    if (wantsAnswer(packet) && !m_unansweredSince)
        m_unansweredSince = now;
    sealPacket(packet);
    m_queue.push(Route(), packet);
}

MutableByteView Wire::receive(ByteView packet)
{
    m_unansweredSince.reset();
    m_outgoingResets.noteAnswer(packet);
    if (const auto arrived = m_outgoingResets.arrived()) {
        m_forwardTsn.noteArrived(*arrived);
        m_tail.noteArrived(*arrived);
    }
    m_arriving.assign(packet.begin(), packet.end());
    const MutableByteView rest = m_incomingResets.pass(m_arriving);
    UnorderedFragments::disguise(rest);
    return rest;
}

std::optional<Bytes> Wire::nextReleased()
{
    if (!m_incomingResets.canRelease())
        return std::nullopt;
    return m_incomingResets.release();
}

void Wire::sendWaiting(TimePoint now)
{
    if (m_outgoingResets.canRelease() && !m_queue.isFull()) {
        Bytes packet = m_outgoingResets.release();
        queue(now, packet);
    }
    if (m_forwardTsn.isDue(now, m_retransmissionTimeout) && !m_queue.isFull()) {
        Bytes packet = m_forwardTsn.repeat();
        queue(now, packet);
    }
    if (m_tail.isDue(now)) {
        for (Bytes &packet : m_tail.repeat(now)) {
            if (!m_queue.isFull())
                queue(now, packet);
        }
    }
}

void Wire::repeatLastData(TimePoint now)
{
    if (!m_lastData.empty() && !m_queue.isFull())
        queue(now, m_lastData);
}

std::optional<ByteView> Wire::nextTransmit()
{
    if (m_queue.isEmpty())
        return std::nullopt;
    return m_queue.pop().payload;
}

} // namespace peer::sctp
