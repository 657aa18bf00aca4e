// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/channels.h"

#include "core/turn/timing.h"

#include <algorithm>

namespace peer::turn {

Channels::Channel *Channels::find(ChannelNumber number)
{
    const auto found = std::find_if(
        m_channels.begin(), m_channels.end(),
        [&](const Channel &channel) { return channel.binding.number == number; });
    return found == m_channels.end() ? nullptr : &*found;
}

/// The one after the last, so that a number rests as long as possible.
ChannelNumber Channels::freeNumber()
{
    do {
        m_last = m_last == LastChannel ? FirstChannel : static_cast<ChannelNumber>(m_last + 1);
    } while (find(m_last));
    return m_last;
}

void Channels::want(TimePoint now, const TransportAddress &peer)
{
    const auto known = std::find_if(
        m_channels.begin(), m_channels.end(),
        [&](const Channel &channel) { return channel.binding.peer == peer; });
    if (known == m_channels.end()) {
        if (m_channels.size() < MaxChannels)
            m_channels.push_back(
                {{freeNumber(), peer}, State::Wanted, true, TimePoint::min(), TimePoint::min()});
        return;
    }
    known->isUsed = true;
    // Its number is its still, so that it is bound again like refreshed.
    if (known->state == State::Expired) {
        known->state = State::Wanted;
        known->dueAt = now;
    }
}

TimePoint Channels::nextDue() const
{
    TimePoint next = Never;
    for (const Channel &channel : m_channels)
        next = std::min(next, channel.dueAt);
    return next;
}

std::optional<Channels::Binding> Channels::takeDue(TimePoint now)
{
    std::erase_if(m_channels, [&](const Channel &channel) {
        return channel.dueAt <= now
            && (channel.state == State::Expired || channel.state == State::Refused);
    });
    for (Channel &channel : m_channels) {
        if (channel.dueAt > now)
            continue;
        if (channel.state == State::Bound && !channel.isUsed) {
            channel.state = State::Expired;
            channel.dueAt = channel.expiresAt + timing::ChannelRest;
            continue;
        }
        if (channel.state != State::Bound)
            channel.state = State::Asked;
        channel.isUsed = false;
        channel.dueAt = Never;
        return channel.binding;
    }
    return std::nullopt;
}

void Channels::noteBound(TimePoint now, ChannelNumber number)
{
    Channel *channel = find(number);
    if (!channel)
        return;
    channel->state = State::Bound;
    channel->dueAt = now + timing::ChannelRefresh;
    channel->expiresAt = now + timing::ChannelLifetime;
}

void Channels::noteRefused(TimePoint now, ChannelNumber number)
{
    Channel *channel = find(number);
    if (!channel)
        return;
    channel->state = State::Refused;
    channel->dueAt = std::max(now, channel->expiresAt) + timing::ChannelRest;
}

std::optional<ChannelNumber> Channels::numberFor(const TransportAddress &peer)
{
    for (Channel &channel : m_channels) {
        if (channel.binding.peer == peer && channel.state == State::Bound) {
            channel.isUsed = true;
            return channel.binding.number;
        }
    }
    return std::nullopt;
}

std::optional<TransportAddress> Channels::peerOf(TimePoint now, ChannelNumber number) const
{
    for (const Channel &channel : m_channels) {
        if (channel.binding.number == number) {
            const bool isLive = channel.state == State::Asked || channel.expiresAt > now;
            return isLive ? std::optional(channel.binding.peer) : std::nullopt;
        }
    }
    return std::nullopt;
}

} // namespace peer::turn
