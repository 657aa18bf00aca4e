// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_CHANNELQUEUE_H
#define PEER_SESSION_CHANNELQUEUE_H

#include "core/base/bytes.h"
#include "secure/sctp/sctpassociation.h"

#include <cstddef>
#include <deque>
#include <optional>

namespace peer {

/// What waits in one channel for the association, in order: the application's messages, which
/// count, and those of RFC 8832, which do not. Its owner holds it to a bound.
class ChannelQueue
{
public:
    /// What every message of the application's counts on top of its payload.
    static constexpr std::size_t MessageCost = 64;

    struct Message
    {
        sctp::PayloadProtocol protocol;
        Bytes payload;
        bool isUserMessage() const { return protocol != sctp::PayloadProtocol::Control; }
    };

    bool isEmpty() const { return m_messages.empty(); }
    void push(sctp::PayloadProtocol protocol, ByteView payload);
    /// The message that opens the channel goes before what already waits.
    void pushOpen(Bytes payload);
    /// Only when not isEmpty(), as is takeFirst().
    const Message &first() const { return m_messages.front(); }
    Message takeFirst();
    /// The oldest of the application's.
    std::optional<Message> takeOldest();

    // Of the application's messages:
    std::size_t octets() const { return m_octets; } ///< without MessageCost
    std::size_t messages() const { return m_count; }
    std::size_t cost() const { return m_octets + m_count * MessageCost; }
    bool hasLargerThan(std::size_t octets) const;

private:
    Message take(std::deque<Message>::iterator message);

    std::deque<Message> m_messages;
    std::size_t m_octets = 0;
    std::size_t m_count = 0;
};

} // namespace peer

#endif // PEER_SESSION_CHANNELQUEUE_H
