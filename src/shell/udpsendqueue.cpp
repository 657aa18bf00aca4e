// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/udpsendqueue.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>
#include <vector>

namespace peer {

struct UdpSendQueue::Memory
{
    Memory() { messages.reserve(MaxMessages); }

    std::array<std::uint8_t, MaxOctets> octets;
    std::size_t end = 0;
    /// From first on they wait, the others are gone.
    std::vector<Message> messages;
    std::size_t first = 0;

    /// That of this thread while all its queues are empty.
    static std::unique_ptr<Memory> &spare()
    {
        thread_local std::unique_ptr<Memory> memory;
        return memory;
    }
};

UdpSendQueue::UdpSendQueue() = default;

UdpSendQueue::~UdpSendQueue() = default;

bool UdpSendQueue::hasRoom(std::size_t octets) const
{
    if (isEmpty())
        return octets <= MaxOctets;
    const std::size_t gone = m_memory->messages[m_memory->first].offset;
    return m_memory->end - gone + octets <= MaxOctets
        && m_memory->messages.size() - m_memory->first < MaxMessages;
}

void UdpSendQueue::push(const Route &route, SenderId sender, ByteView payload)
{
    assert(hasRoom(payload.size()));
    if (isEmpty()) {
        m_memory = std::move(Memory::spare());
        if (!m_memory)
            m_memory.reset(new Memory); // whose octets are not to be initialized
    }
    Memory &memory = *m_memory;
    if (memory.end + payload.size() > MaxOctets || memory.messages.size() == MaxMessages)
        closeGap();
    std::copy(payload.begin(), payload.end(), memory.octets.begin() + std::ptrdiff_t(memory.end));
    if (!extendLast(route, sender, payload))
        memory.messages.push_back({route, sender, memory.end, payload.size(), payload.size(), 1});
    memory.end += payload.size();
}

bool UdpSendQueue::extendLast(const Route &route, SenderId sender, ByteView payload)
{
    if (!m_isCoalescing || m_memory->messages.empty() || payload.empty())
        return false;
    Message &last = m_memory->messages.back();
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
    if (isEmpty())
        return {};
    return std::span(m_memory->messages).subspan(m_memory->first);
}

ByteView UdpSendQueue::octets(const Message &message) const
{
    return ByteView(m_memory->octets).subspan(message.offset, message.size);
}

void UdpSendQueue::consume(std::size_t messages)
{
    if (isEmpty())
        return;
    assert(messages <= m_memory->messages.size() - m_memory->first);
    m_memory->first += messages;
    if (m_memory->first == m_memory->messages.size())
        release();
}

void UdpSendQueue::release()
{
    m_memory->messages.clear();
    m_memory->first = 0;
    m_memory->end = 0;
    Memory::spare() = std::move(m_memory);
    m_memory.reset();
}

void UdpSendQueue::consumeSegments(std::size_t segments)
{
    assert(!isEmpty());
    Message &message = m_memory->messages[m_memory->first];
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
    Memory &memory = *m_memory;
    const std::size_t gone = memory.messages[memory.first].offset;
    std::copy(memory.octets.begin() + std::ptrdiff_t(gone),
              memory.octets.begin() + std::ptrdiff_t(memory.end), memory.octets.begin());
    memory.end -= gone;
    memory.messages.erase(memory.messages.begin(),
                          memory.messages.begin() + std::ptrdiff_t(memory.first));
    memory.first = 0;
    for (Message &message : memory.messages)
        message.offset -= gone;
}

} // namespace peer
