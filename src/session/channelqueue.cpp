// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/channelqueue.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace peer {

void ChannelQueue::push(sctp::PayloadProtocol protocol, ByteView payload)
{
    m_messages.push_back({protocol, toBytes(payload)});
    if (m_messages.back().isUserMessage()) {
        m_octets += payload.size();
        ++m_count;
    }
}

void ChannelQueue::pushOpen(Bytes payload)
{
    m_messages.push_front({sctp::PayloadProtocol::Control, std::move(payload)});
}

ChannelQueue::Message ChannelQueue::takeFirst()
{
    return take(m_messages.begin());
}

std::optional<ChannelQueue::Message> ChannelQueue::takeOldest()
{
    const auto oldest = std::find_if(m_messages.begin(), m_messages.end(),
                                     std::mem_fn(&Message::isUserMessage));
    if (oldest == m_messages.end())
        return std::nullopt;
    return take(oldest);
}

ChannelQueue::Message ChannelQueue::take(std::deque<Message>::iterator message)
{
    Message taken = std::move(*message);
    m_messages.erase(message);
    if (taken.isUserMessage()) {
        m_octets -= taken.payload.size();
        --m_count;
    }
    return taken;
}

bool ChannelQueue::hasLargerThan(std::size_t octets) const
{
    return std::any_of(m_messages.begin(), m_messages.end(), [octets](const Message &message) {
        return message.isUserMessage() && message.payload.size() > octets;
    });
}

} // namespace peer
