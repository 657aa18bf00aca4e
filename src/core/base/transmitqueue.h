// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_TRANSMITQUEUE_H
#define PEER_BASE_TRANSMITQUEUE_H

#include "core/base/address.h"

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace peer {

/// Datagrams on their way out of a machine, in order. The slots are reused, so a machine that has
/// warmed up allocates nothing per datagram. Bounded: capacity slots of SlotSize octets.
class TransmitQueue
{
public:
    /// Largest UDP payload that we produce (1200) with room for a record's growth.
    static constexpr std::size_t SlotSize = 1536;

    explicit TransmitQueue(std::size_t capacity = 1024);

    bool isEmpty() const { return m_queued.empty(); }
    bool isFull() const { return m_queued.size() >= m_capacity; }
    std::size_t size() const { return m_queued.size(); }

    /// Copies payload behind the others. False, and nothing queued, when the queue is full or the
    /// payload exceeds SlotSize.
    bool push(const Route &route, ByteView payload);

    /// Room for the next datagram, to be written in place; empty when full. commit() queues it.
    MutableByteView reserve();
    void commit(const Route &route, std::size_t size);

    /// The oldest one; its payload stays valid until the next pop(), push() or reserve().
    /// Only when not isEmpty().
    Transmit pop();

    void clear();

private:
    struct Slot
    {
        Route route;
        std::size_t size = 0;
        std::array<std::uint8_t, SlotSize> octets;
    };

    std::unique_ptr<Slot> takeFreeSlot();

    std::size_t m_capacity;
    std::deque<std::unique_ptr<Slot>> m_queued;
    std::vector<std::unique_ptr<Slot>> m_free;
    /// What reserve() lends out to be written.
    std::unique_ptr<Slot> m_reserved;
    /// What the last pop() lends out to be read.
    std::unique_ptr<Slot> m_popped;
};

} // namespace peer

#endif // PEER_BASE_TRANSMITQUEUE_H
