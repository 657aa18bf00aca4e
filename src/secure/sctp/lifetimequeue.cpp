// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/lifetimequeue.h"

#include <utility>

namespace peer::sctp {

namespace {

/// usrsctp notices that a message has outlived its lifetime when it would retransmit it: one
/// retransmission timeout later at the latest.
constexpr Duration LongestTimeout = std::chrono::seconds(3);

} // namespace

bool LifetimeQueue::mustWait(StreamId stream, TimePoint now) const
{
    const auto found = m_streams.find(stream);
    return found != m_streams.end() && (!found->second.held.empty() || found->second.isBusy(now));
}

void LifetimeQueue::hold(StreamId stream, Held message)
{
    ++m_count;
    m_octets += message.payload.size();
    m_streams[stream].held.push_back(std::move(message));
}

LifetimeQueue::Held LifetimeQueue::takeFirst(Stream &stream)
{
    Held message = std::move(stream.held.front());
    stream.held.pop_front();
    --m_count;
    m_octets -= message.payload.size();
    return message;
}

void LifetimeQueue::dropExpired(Stream &stream, TimePoint now)
{
    while (!stream.held.empty() && stream.held.front().deadline <= now)
        takeFirst(stream);
}

std::optional<LifetimeQueue::Ready> LifetimeQueue::takeReady(TimePoint now)
{
    for (auto &[id, stream] : m_streams) {
        dropExpired(stream, now);
        if (stream.held.empty() || stream.isBusy(now))
            continue;
        Ready ready{id, takeFirst(stream)};
        if (ready.message.deadline != Never)
            noteHandedOver(id, ready.message.deadline);
        return ready;
    }
    return std::nullopt;
}

std::deque<LifetimeQueue::Held> LifetimeQueue::takeAll(StreamId stream)
{
    const auto found = m_streams.find(stream);
    if (found == m_streams.end())
        return {};
    std::deque<Held> messages = std::move(found->second.held);
    m_streams.erase(found);
    for (const Held &message : messages) {
        --m_count;
        m_octets -= message.payload.size();
    }
    return messages;
}

void LifetimeQueue::noteHandedOver(StreamId stream, TimePoint deadline)
{
    m_streams[stream].busyUntil = deadline + LongestTimeout;
}

void LifetimeQueue::noteSentOut(StreamId stream)
{
    const auto found = m_streams.find(stream);
    if (found == m_streams.end())
        return;
    found->second.busyUntil.reset();
    if (found->second.held.empty())
        m_streams.erase(found);
}

} // namespace peer::sctp
