// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_UDPSENDQUEUE_H
#define PEER_SHELL_UDPSENDQUEUE_H

#include "core/base/address.h"

#include <cstddef>
#include <memory>
#include <span>

namespace peer {

/// Whoever queued a datagram, to tell him that it could not be sent. 0 is nobody.
enum class SenderId : std::uint32_t { None = 0 };

/// Datagrams of one UDP port that wait for the system, in order, in one piece of memory.
///
/// Neighbours of the same sender, route and size become one message of several segments (the last
/// one may be shorter), as UDP_SEGMENT wants them. Bounded by MaxOctets and MaxMessages.
///
/// An empty queue has no memory: all of a thread share one piece that is filled and emptied in a
/// turn of the event loop, and only those that wait longer have one of their own.
class UdpSendQueue
{
public:
    static constexpr std::size_t MaxOctets = 256 * 1024;
    static constexpr std::size_t MaxMessages = 512;
    /// Linux's UDP_MAX_SEGMENTS (64 before 6.9, 128 since).
    static constexpr std::size_t MaxSegments = 64;
    /// A message is one IP packet to the system until it is cut: 65535 octets less the largest
    /// header (40 of IPv6, 8 of UDP).
    static constexpr std::size_t MaxMessageOctets = 65535 - 48;

    struct Message
    {
        Route route;
        SenderId sender = SenderId::None;
        std::size_t offset = 0;
        std::size_t size = 0;
        /// Of every segment but the last, which may be shorter.
        std::size_t segmentSize = 0;
        std::size_t segments = 0;
    };

    UdpSendQueue();
    ~UdpSendQueue();
    UdpSendQueue(const UdpSendQueue &) = delete;
    UdpSendQueue &operator=(const UdpSendQueue &) = delete;

    /// Whether datagrams are put together from now on.
    void setCoalescing(bool coalescing) { m_isCoalescing = coalescing; }

    bool isEmpty() const { return !m_memory; }
    /// Whether a datagram of so many octets can be pushed.
    bool hasRoom(std::size_t octets) const;
    /// Only when hasRoom().
    void push(const Route &route, SenderId sender, ByteView payload);

    /// What waits, oldest first.
    std::span<const Message> messages() const;
    ByteView octets(const Message &message) const;
    /// Forgets the oldest messages.
    void consume(std::size_t messages);
    /// Forgets the first segments of the oldest message, and itself if these are all.
    void consumeSegments(std::size_t segments);

private:
    struct Memory;

    bool extendLast(const Route &route, SenderId sender, ByteView payload);
    void closeGap();

    void release();

    bool m_isCoalescing = false;
    /// Null while empty.
    std::unique_ptr<Memory> m_memory;
};

} // namespace peer

#endif // PEER_SHELL_UDPSENDQUEUE_H
