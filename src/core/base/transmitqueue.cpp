// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/transmitqueue.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace peer {

TransmitQueue::TransmitQueue(std::size_t capacity)
    : m_capacity(capacity)
{ }

bool TransmitQueue::push(const Route &route, ByteView payload)
{
    if (payload.size() > SlotSize)
        return false;
    const MutableByteView room = reserve();
    if (room.empty())
        return false;
    std::copy(payload.begin(), payload.end(), room.begin());
    commit(route, payload.size());
    return true;
}

MutableByteView TransmitQueue::reserve()
{
    if (isFull())
        return {};
    if (!m_reserved)
        m_reserved = takeFreeSlot();
    return m_reserved->octets;
}

void TransmitQueue::commit(const Route &route, std::size_t size)
{
    assert(m_reserved && size <= SlotSize);
    m_reserved->route = route;
    m_reserved->size = size;
    m_queued.push_back(std::move(m_reserved));
}

Transmit TransmitQueue::pop()
{
    assert(!isEmpty());
    if (m_popped)
        m_free.push_back(std::move(m_popped));
    m_popped = std::move(m_queued.front());
    m_queued.pop_front();
    return {m_popped->route, ByteView(m_popped->octets).first(m_popped->size)};
}

void TransmitQueue::clear()
{
    m_queued.clear();
    m_free.clear();
    m_reserved.reset();
    m_popped.reset();
}

std::unique_ptr<TransmitQueue::Slot> TransmitQueue::takeFreeSlot()
{
    if (m_free.empty())
        return std::make_unique<Slot>();
    std::unique_ptr<Slot> slot = std::move(m_free.back());
    m_free.pop_back();
    return slot;
}

} // namespace peer
