// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/udpsendqueue.h"

#include <algorithm>
#include <cassert>

namespace peer {

UdpSendQueue::UdpSendQueue()
    : m_octets(MaxOctets)
{
    m_messages.reserve(MaxMessages);
}

bool UdpSendQueue::hasRoom(std::size_t octets) const
{
    const std::size_t gone = isEmpty() ? m_end : m_messages[m_first].offset;
    return m_end - gone + octets <= MaxOctets && m_messages.size() - m_first < MaxMessages;
}

void UdpSendQueue::push(const Route &route, SenderId sender, ByteView payload)
{
    assert(hasRoom(payload.size()));
    if (m_end + payload.size() > MaxOctets || m_messages.size() == MaxMessages)
        closeGap();
    std::copy(payload.begin(), payload.end(), m_octets.begin() + std::ptrdiff_t(m_end));
    if (!extendLast(route, sender, payload))
        m_messages.push_back({route, sender, m_end, payload.size(), payload.size(), 1});
    m_end += payload.size();
}

bool UdpSendQueue::extendLast(const Route &route, SenderId sender, ByteView payload)
{
    if (!m_isCoalescing || isEmpty() || payload.empty())
        return false;
    Message &last = m_messages.back();
    const bool isClosed = last.size != last.segments * last.segmentSize;
    if (isClosed || last.segmentSize < payload.size() || last.segments == MaxSegments
        || last.size + payload.size() > MaxMessageOctets || last.sender != sender
        || last.route != route)
        return false;
    last.size += payload.size();
    ++last.segments;
    return true;
}

std::span<const UdpSendQueue::Message> UdpSendQueue::messages() const
{
    return std::span(m_messages).subspan(m_first);
}

ByteView UdpSendQueue::octets(const Message &message) const
{
    return ByteView(m_octets).subspan(message.offset, message.size);
}

void UdpSendQueue::consume(std::size_t messages)
{
    assert(messages <= m_messages.size() - m_first);
    m_first += messages;
    if (isEmpty()) {
        m_messages.clear();
        m_first = 0;
        m_end = 0;
    }
}

void UdpSendQueue::consumeSegments(std::size_t segments)
{
    assert(!isEmpty());
    Message &message = m_messages[m_first];
    if (segments >= message.segments) {
        consume(1);
        return;
    }
    message.offset += segments * message.segmentSize;
    message.size -= segments * message.segmentSize;
    message.segments -= segments;
}

/// Moves what waits to the beginning.
void UdpSendQueue::closeGap()
{
    const std::size_t gone = m_messages[m_first].offset;
    std::copy(m_octets.begin() + std::ptrdiff_t(gone), m_octets.begin() + std::ptrdiff_t(m_end),
              m_octets.begin());
    m_end -= gone;
    m_messages.erase(m_messages.begin(), m_messages.begin() + std::ptrdiff_t(m_first));
    m_first = 0;
    for (Message &message : m_messages)
        message.offset -= gone;
}

} // namespace peer
