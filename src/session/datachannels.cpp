// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/datachannels.h"

#include "session/datachannelprotocol.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace peer {

namespace {

sctp::PayloadProtocol payloadProtocol(MessageKind kind, bool isEmpty)
{
    switch (kind) {
    case MessageKind::Text:
        return isEmpty ? sctp::PayloadProtocol::EmptyString : sctp::PayloadProtocol::String;
    case MessageKind::Binary:
        break;
    }
    return isEmpty ? sctp::PayloadProtocol::EmptyBinary : sctp::PayloadProtocol::Binary;
}

} // namespace

DataChannels::DataChannels(const Limits &limits, std::deque<SessionEvent> &events)
    : m_limits(limits)
    , m_events(events)
{ }

void DataChannels::attach(TimePoint now, sctp::Association &association, bool isDtlsClient)
{
    m_association = &association;
    m_isDtlsClient = isDtlsClient;
    m_streams = sctp::EarlyStreams;
    for (auto &[id, channel] : m_channels)
        establish(channel);
    flush(now);
}

void DataChannels::confirm(TimePoint now, std::uint16_t streams)
{
    m_isConfirmed = true;
    m_streams = streams;
    std::move(m_early.begin(), m_early.end(), std::back_inserter(m_events));
    m_early.clear();
    std::vector<ChannelId> withoutStream;
    for (auto &[id, channel] : m_channels) {
        if (!channel.isOpen && !establish(channel))
            withoutStream.push_back(id);
        resetIfDrained(now, channel); // one that was closed meanwhile
    }
    for (const ChannelId id : withoutStream)
        remove(now, id);
    flush(now);
}

void DataChannels::detach()
{
    m_association = nullptr;
    m_early.clear();
    for (const auto &[id, channel] : m_channels)
        m_events.push_back(event::ChannelClosed{id});
    m_channels.clear();
    m_ready.clear();
    m_totalBuffered = 0;
    m_pausedChannels = 0;
}

void DataChannels::setPeerMaxMessageSize(TimePoint now, std::size_t octets)
{
    m_peerMaxMessageSize = octets;
    std::vector<ChannelId> unfit;
    for (const auto &[id, channel] : m_channels) {
        if (octets != 0 && channel.outgoing.hasLargerThan(octets))
            unfit.push_back(id);
    }
    for (const ChannelId id : unfit)
        remove(now, id);
}

ChannelId DataChannels::open(TimePoint now, const ChannelOptions &options)
{
    if (!dcep::isValid(options) || m_channels.size() >= m_limits.maxChannels)
        return ChannelId::None;
    if (options.negotiatedId && m_channels.usesStream(*options.negotiatedId))
        return ChannelId::None;
    Channel &channel = m_channels.create(options);
    const ChannelId id = channel.id;
    if (options.negotiatedId)
        m_channels.assign(channel, *options.negotiatedId);
    if (m_association) {
        // Until the association is up, one that finds no stream waits for more of them.
        if (!establish(channel) && m_isConfirmed) {
            m_channels.erase(id);
            return ChannelId::None;
        }
        flush(now);
    }
    return id;
}

ChannelSendResult DataChannels::send(TimePoint now, ChannelId id, MessageKind kind,
                                     ByteView payload)
{
    Channel *channel = m_channels.find(id);
    if (!channel || channel->closeRequested || channel->incomingResetDone)
        return ChannelSendResult::NotOpen;
    if (m_peerMaxMessageSize != 0 && payload.size() > m_peerMaxMessageSize)
        return ChannelSendResult::TooLarge;

    const sctp::PayloadProtocol protocol = payloadProtocol(kind, payload.empty());
    if (channel->isOpen && channel->outgoing.isEmpty()) {
        switch (transmit(now, *channel, protocol, payload)) {
        case sctp::Association::SendResult::Sent:
            ++m_messagesSent;
            return ChannelSendResult::Queued;
        case sctp::Association::SendResult::WouldBlock:
            break;
        case sctp::Association::SendResult::Failed:
            return ChannelSendResult::NotOpen;
        }
    }
    // A message larger than the whole buffer may still go through an empty one.
    const std::size_t cost = payload.size() + MessageCost;
    while (!channel->outgoing.isEmpty() && channel->outgoing.cost() + cost > m_limits.sendBuffer) {
        if (channel->isReliable() || !dropOldest(*channel))
            return ChannelSendResult::BufferFull;
    }
    channel->outgoing.push(protocol, payload);
    m_totalBuffered += payload.size();
    markReady(*channel);
    return ChannelSendResult::Queued;
}

void DataChannels::close(TimePoint now, ChannelId id)
{
    Channel *channel = m_channels.find(id);
    if (!channel || channel->closeRequested)
        return;
    channel->closeRequested = true;
    if (!m_association && !channel->isOpen && channel->outgoing.isEmpty()) {
        remove(now, id); // the peer never hears of it
        return;
    }
    resetIfDrained(now, *channel);
}

void DataChannels::messagesTaken(TimePoint now, ChannelId id, std::size_t messages,
                                 std::size_t octets)
{
    Channel *channel = m_channels.find(id);
    if (!channel)
        return;
    channel->unread -= std::min(channel->unread, octets + messages * MessageCost);
    pauseOrResume(now, *channel);
}

void DataChannels::handleMessage(TimePoint now, sctp::Message message)
{
    if (message.protocol == sctp::PayloadProtocol::Control) {
        handleControl(now, message.stream, message.payload);
        return;
    }
    Channel *channel = m_channels.findByStream(message.stream);
    if (!channel) {
        if (m_association)
            m_association->resetStream(now, message.stream);
        return;
    }
    channel->peerKnows = true;
    deliver(now, *channel, std::move(message));
}

void DataChannels::handleIncomingReset(TimePoint now, sctp::StreamId stream)
{
    Channel *channel = m_channels.findByStream(stream);
    if (!channel)
        return;
    // RFC 8831 section 6.7: the other side closes, so we do; what we had queued has no reader.
    channel->incomingResetDone = true;
    channel->closeRequested = true;
    while (!channel->outgoing.isEmpty())
        reportDrained(*channel, channel->outgoing.takeFirst());
    resetIfDrained(now, *channel);
    removeIfReset(now, *channel);
}

void DataChannels::handleOutgoingReset(TimePoint now, sctp::StreamId stream)
{
    if (Channel *channel = m_channels.findByStream(stream)) {
        channel->outgoingResetDone = true;
        removeIfReset(now, *channel);
    }
}

void DataChannels::flush(TimePoint now)
{
    // Round robin, one message a channel and turn; a refusal keeps the channel's place.
    while (m_association && !m_ready.empty()) {
        Channel *channel = m_channels.find(m_ready.front());
        // One without a stream comes back when it is established.
        const bool hasWork = channel && channel->isOpen && !channel->outgoing.isEmpty();
        if (hasWork && !flushChannel(now, *channel))
            return;
        if (hasWork && !channel->outgoing.isEmpty())
            m_ready.push_back(channel->id);
        else if (channel)
            channel->isReady = false;
        m_ready.pop_front();
    }
}

std::size_t DataChannels::bufferedAmount(ChannelId id) const
{
    const Channel *channel = m_channels.find(id);
    return channel ? channel->outgoing.octets() : 0;
}

std::size_t DataChannels::bufferedMessages(ChannelId id) const
{
    const Channel *channel = m_channels.find(id);
    return channel ? channel->outgoing.messages() : 0;
}

bool DataChannels::hasReliableMessages() const
{
    return std::any_of(m_channels.begin(), m_channels.end(), [](const auto &entry) {
        return entry.second.isReliable() && entry.second.outgoing.messages() > 0;
    });
}

bool DataChannels::establish(Channel &channel)
{
    if (channel.stream) {
        channel.peerKnows = true; // negotiated by the applications
    } else {
        const auto stream = m_channels.freeStream(m_isDtlsClient, m_streams);
        if (!stream)
            return false;
        m_channels.assign(channel, *stream);
        channel.outgoing.pushOpen(dcep::writeOpen(channel.options));
    }
    channel.isOpen = true;
    markReady(channel);
    events().push_back(
        event::ChannelOpened{channel.id, channel.options, false, m_peerMaxMessageSize});
    return true;
}

void DataChannels::handleControl(TimePoint now, sctp::StreamId stream, ByteView payload)
{
    const auto type = dcep::messageType(payload);
    if (!type)
        return;
    switch (*type) {
    case dcep::MessageType::Open:
        handleOpen(now, stream, payload);
        return;
    case dcep::MessageType::Ack:
        if (Channel *channel = m_channels.findByStream(stream))
            channel->peerKnows = true;
        return;
    }
}

void DataChannels::handleOpen(TimePoint now, sctp::StreamId stream, ByteView payload)
{
    if (m_channels.usesStream(stream))
        return; // in use: the peer errs, and the channel that is there keeps working
    const auto options = dcep::parseOpen(payload);
    const bool isPeersStream = (stream % 2 == 0) != m_isDtlsClient;
    if (!options || !isPeersStream || m_channels.size() >= m_limits.maxChannels) {
        m_association->resetStream(now, stream);
        return;
    }
    Channel &channel = m_channels.create(*options);
    m_channels.assign(channel, stream);
    channel.isOpen = true;
    channel.peerKnows = true;
    channel.outgoing.push(sctp::PayloadProtocol::Control, dcep::writeAck());
    markReady(channel);
    events().push_back(
        event::ChannelOpened{channel.id, channel.options, true, m_peerMaxMessageSize});
    flush(now);
}

void DataChannels::deliver(TimePoint now, Channel &channel, sctp::Message message)
{
    const bool isText = message.protocol == sctp::PayloadProtocol::String
        || message.protocol == sctp::PayloadProtocol::EmptyString;
    ++m_messagesReceived;
    channel.unread += message.payload.size() + MessageCost;
    events().push_back(event::ChannelMessage{
        channel.id, isText ? MessageKind::Text : MessageKind::Binary, std::move(message.payload)});
    pauseOrResume(now, channel);
}

sctp::Association::SendResult DataChannels::transmit(TimePoint now, Channel &channel,
                                                     sctp::PayloadProtocol protocol,
                                                     ByteView payload)
{
    sctp::Reliability reliability;
    if (protocol != sctp::PayloadProtocol::Control) {
        reliability.ordered = channel.options.ordered || !channel.peerKnows;
        reliability.maxRetransmits = channel.options.maxRetransmits;
        reliability.maxLifetime = channel.options.maxLifetime;
    }
    return m_association->send(now, *channel.stream, protocol, reliability, payload);
}

void DataChannels::markReady(Channel &channel)
{
    if (channel.isReady || channel.outgoing.isEmpty())
        return;
    channel.isReady = true;
    m_ready.push_back(channel.id);
}

bool DataChannels::dropOldest(Channel &channel)
{
    const auto oldest = channel.outgoing.takeOldest();
    if (!oldest)
        return false;
    reportDrained(channel, *oldest);
    ++m_messagesDropped;
    return true;
}

bool DataChannels::flushChannel(TimePoint now, Channel &channel)
{
    const ChannelQueue::Message &next = channel.outgoing.first();
    switch (transmit(now, channel, next.protocol, next.payload)) {
    case sctp::Association::SendResult::WouldBlock:
        return false;
    case sctp::Association::SendResult::Sent:
        if (next.isUserMessage())
            ++m_messagesSent;
        break;
    case sctp::Association::SendResult::Failed:
        break; // the association is ending and says so itself
    }
    reportDrained(channel, channel.outgoing.takeFirst());
    resetIfDrained(now, channel);
    return true;
}

void DataChannels::reportDrained(const Channel &channel, const ChannelQueue::Message &gone)
{
    if (!gone.isUserMessage())
        return;
    const std::size_t octets = gone.payload.size();
    m_totalBuffered -= octets;
    std::deque<SessionEvent> &told = events();
    auto *last = told.empty() ? nullptr : std::get_if<event::ChannelDrained>(&told.back());
    if (last && last->channel == channel.id) {
        ++last->messages;
        last->octets += octets;
        return;
    }
    told.push_back(event::ChannelDrained{channel.id, 1, octets});
}

void DataChannels::resetIfDrained(TimePoint now, Channel &channel)
{
    if (!channel.closeRequested || channel.outgoingResetSent || !channel.outgoing.isEmpty()
        || !m_isConfirmed || !m_association || !channel.stream)
        return;
    channel.outgoingResetSent = true;
    m_association->resetStream(now, *channel.stream);
}

void DataChannels::removeIfReset(TimePoint now, Channel &channel)
{
    if (channel.outgoingResetDone && channel.incomingResetDone)
        remove(now, channel.id);
}

void DataChannels::remove(TimePoint now, ChannelId id)
{
    Channel &channel = *m_channels.find(id);
    m_totalBuffered -= channel.outgoing.octets();
    setPaused(now, channel, false);
    m_channels.erase(id);
    events().push_back(event::ChannelClosed{id});
}

void DataChannels::pauseOrResume(TimePoint now, Channel &channel)
{
    // Resumes at half, so that a reader that takes message by message does not toggle each time.
    setPaused(now, channel,
              channel.readPaused ? channel.unread > m_limits.readBuffer / 2
                                 : channel.unread >= m_limits.readBuffer);
}

void DataChannels::setPaused(TimePoint now, Channel &channel, bool isPaused)
{
    if (isPaused == channel.readPaused)
        return;
    channel.readPaused = isPaused;
    const bool wasReading = m_pausedChannels == 0;
    m_pausedChannels += isPaused ? 1 : -1;
    const bool isReading = m_pausedChannels == 0;
    if (m_association && wasReading != isReading)
        m_association->setReading(now, isReading);
}

} // namespace peer
