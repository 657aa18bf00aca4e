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

constexpr std::size_t MaxNameSize = 65535; ///< RFC 8832 section 5.1: 16-bit length fields

bool isValid(const ChannelOptions &options)
{
    return options.label.size() <= MaxNameSize && options.protocol.size() <= MaxNameSize
        && !(options.maxRetransmits && options.maxLifetime)
        && (!options.maxLifetime
            || (options.maxLifetime->count() >= 0 && options.maxLifetime->count() <= 65535))
        && (!options.negotiatedId || *options.negotiatedId < 65535);
}

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
        remove(id);
    flush(now);
}

void DataChannels::detach()
{
    m_association = nullptr;
    m_early.clear();
    for (const auto &[id, channel] : m_channels)
        m_events.push_back(event::ChannelClosed{id});
    m_channels.clear();
    m_byStream.clear();
    m_ready.clear();
    m_totalBuffered = 0;
    m_pausedChannels = 0;
}

void DataChannels::setPeerMaxMessageSize(std::size_t octets)
{
    m_peerMaxMessageSize = octets;
    const auto isTooLarge = [octets](const Outgoing &message) {
        return message.isUserMessage() && message.payload.size() > octets;
    };
    std::vector<ChannelId> unfit;
    for (const auto &[id, channel] : m_channels) {
        const auto &waiting = channel.outgoing;
        if (octets != 0 && std::any_of(waiting.begin(), waiting.end(), isTooLarge))
            unfit.push_back(id);
    }
    for (const ChannelId id : unfit)
        remove(id);
}

ChannelId DataChannels::open(TimePoint now, const ChannelOptions &options)
{
    if (!isValid(options) || m_channels.size() >= m_limits.maxChannels)
        return ChannelId::None;
    if (options.negotiatedId && m_byStream.contains(*options.negotiatedId))
        return ChannelId::None;
    Channel &channel = create(options);
    const ChannelId id = channel.id;
    if (options.negotiatedId) {
        channel.stream = *options.negotiatedId;
        m_byStream.emplace(*options.negotiatedId, id);
    }
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
    Channel *channel = find(id);
    if (!channel || channel->closeRequested || channel->incomingResetDone)
        return ChannelSendResult::NotOpen;
    if (m_peerMaxMessageSize != 0 && payload.size() > m_peerMaxMessageSize)
        return ChannelSendResult::TooLarge;

    const sctp::PayloadProtocol protocol = payloadProtocol(kind, payload.empty());
    if (channel->isOpen && channel->outgoing.empty()) {
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
    while (!channel->outgoing.empty() && channel->queuedCost + cost > m_limits.sendBuffer) {
        if (channel->isReliable() || !dropOldest(*channel))
            return ChannelSendResult::BufferFull;
    }
    enqueue(*channel, protocol, payload);
    return ChannelSendResult::Queued;
}

void DataChannels::close(TimePoint now, ChannelId id)
{
    Channel *channel = find(id);
    if (!channel || channel->closeRequested)
        return;
    channel->closeRequested = true;
    if (!m_association && !channel->isOpen) {
        remove(id); // the peer never heard of it
        return;
    }
    resetIfDrained(now, *channel);
}

void DataChannels::messagesTaken(TimePoint now, ChannelId id, std::size_t messages,
                                 std::size_t octets)
{
    Channel *channel = find(id);
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
    Channel *channel = findByStream(message.stream);
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
    Channel *channel = findByStream(stream);
    if (!channel)
        return;
    // RFC 8831 section 6.7: the other side closes, so we do; what we had queued has no reader.
    channel->incomingResetDone = true;
    channel->closeRequested = true;
    while (!channel->outgoing.empty()) {
        reduceBuffered(*channel, channel->outgoing.front());
        channel->outgoing.pop_front();
    }
    resetIfDrained(now, *channel);
    removeIfReset(*channel);
}

void DataChannels::handleOutgoingReset(TimePoint, sctp::StreamId stream)
{
    if (Channel *channel = findByStream(stream)) {
        channel->outgoingResetDone = true;
        removeIfReset(*channel);
    }
}

void DataChannels::flush(TimePoint now)
{
    // Round robin, one message a channel and turn; a refusal keeps the channel's place.
    while (m_association && !m_ready.empty()) {
        Channel *channel = find(m_ready.front());
        // One without a stream comes back when it is established.
        const bool hasWork = channel && channel->isOpen && !channel->outgoing.empty();
        if (hasWork && !flushChannel(now, *channel))
            return;
        if (hasWork && !channel->outgoing.empty())
            m_ready.push_back(channel->id);
        else if (channel)
            channel->isReady = false;
        m_ready.pop_front();
    }
}

std::size_t DataChannels::bufferedAmount(ChannelId id) const
{
    const Channel *channel = find(id);
    return channel ? channel->buffered : 0;
}

std::size_t DataChannels::bufferedMessages(ChannelId id) const
{
    const Channel *channel = find(id);
    return channel ? channel->queuedMessages : 0;
}

DataChannels::Channel *DataChannels::find(ChannelId id)
{
    const auto found = m_channels.find(id);
    return found == m_channels.end() ? nullptr : &found->second;
}

const DataChannels::Channel *DataChannels::find(ChannelId id) const
{
    const auto found = m_channels.find(id);
    return found == m_channels.end() ? nullptr : &found->second;
}

DataChannels::Channel *DataChannels::findByStream(sctp::StreamId stream)
{
    const auto found = m_byStream.find(stream);
    return found == m_byStream.end() ? nullptr : find(found->second);
}

DataChannels::Channel &DataChannels::create(const ChannelOptions &options)
{
    const ChannelId id{++m_lastId};
    Channel &channel = m_channels[id];
    channel.id = id;
    channel.options = options;
    return channel;
}

bool DataChannels::establish(Channel &channel)
{
    if (channel.stream) {
        channel.peerKnows = true; // negotiated by the applications
    } else {
        channel.stream = freeStream();
        if (!channel.stream)
            return false;
        m_byStream.emplace(*channel.stream, channel.id);
        channel.outgoing.push_front(
            {sctp::PayloadProtocol::Control, dcep::writeOpen(channel.options)});
    }
    channel.isOpen = true;
    markReady(channel);
    events().push_back(
        event::ChannelOpened{channel.id, channel.options, false, m_peerMaxMessageSize});
    return true;
}

std::optional<sctp::StreamId> DataChannels::freeStream() const
{
    for (std::uint32_t stream = m_isDtlsClient ? 0 : 1; stream < m_streams; stream += 2) {
        if (!m_byStream.contains(static_cast<sctp::StreamId>(stream)))
            return static_cast<sctp::StreamId>(stream);
    }
    return std::nullopt;
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
        if (Channel *channel = findByStream(stream))
            channel->peerKnows = true;
        return;
    }
}

void DataChannels::handleOpen(TimePoint now, sctp::StreamId stream, ByteView payload)
{
    if (m_byStream.contains(stream))
        return; // in use: the peer errs, and the channel that is there keeps working
    const auto options = dcep::parseOpen(payload);
    const bool isPeersStream = (stream % 2 == 0) != m_isDtlsClient;
    if (!options || !isPeersStream || m_channels.size() >= m_limits.maxChannels) {
        m_association->resetStream(now, stream);
        return;
    }
    Channel &channel = create(*options);
    channel.stream = stream;
    channel.isOpen = true;
    channel.peerKnows = true;
    m_byStream.emplace(stream, channel.id);
    channel.outgoing.push_back({sctp::PayloadProtocol::Control, dcep::writeAck()});
    markReady(channel);
    events().push_back(
        event::ChannelOpened{channel.id, channel.options, true, m_peerMaxMessageSize});
    flush(now);
}

void DataChannels::deliver(TimePoint now, Channel &channel, sctp::Message message)
{
    const bool isText = message.protocol == sctp::PayloadProtocol::String
        || message.protocol == sctp::PayloadProtocol::EmptyString;
    const bool isEmpty = message.protocol == sctp::PayloadProtocol::EmptyString
        || message.protocol == sctp::PayloadProtocol::EmptyBinary;
    if (isEmpty)
        message.payload.clear(); // RFC 8831 section 6.6: one octet stands for none
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

void DataChannels::enqueue(Channel &channel, sctp::PayloadProtocol protocol, ByteView payload)
{
    channel.outgoing.push_back({protocol, toBytes(payload)});
    channel.buffered += payload.size();
    ++channel.queuedMessages;
    channel.queuedCost += channel.outgoing.back().cost();
    m_totalBuffered += payload.size();
    markReady(channel);
}

void DataChannels::markReady(Channel &channel)
{
    if (channel.isReady || channel.outgoing.empty())
        return;
    channel.isReady = true;
    m_ready.push_back(channel.id);
}

bool DataChannels::dropOldest(Channel &channel)
{
    const auto oldest = std::find_if(channel.outgoing.begin(), channel.outgoing.end(),
                                     [](const Outgoing &queued) { return queued.isUserMessage(); });
    if (oldest == channel.outgoing.end())
        return false;
    reduceBuffered(channel, *oldest);
    channel.outgoing.erase(oldest);
    ++m_messagesDropped;
    return true;
}

bool DataChannels::flushChannel(TimePoint now, Channel &channel)
{
    const Outgoing &next = channel.outgoing.front();
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
    reduceBuffered(channel, next);
    channel.outgoing.pop_front();
    resetIfDrained(now, channel);
    return true;
}

void DataChannels::reduceBuffered(Channel &channel, const Outgoing &sent)
{
    if (!sent.isUserMessage())
        return;
    channel.buffered -= sent.payload.size();
    --channel.queuedMessages;
    channel.queuedCost -= sent.cost();
    m_totalBuffered -= sent.payload.size();
    reportDrained(channel, sent.payload.size());
}

void DataChannels::reportDrained(const Channel &channel, std::size_t octets)
{
    std::deque<SessionEvent> &told = events();
    auto *last = told.empty() ? nullptr : std::get_if<event::ChannelDrained>(&told.back());
    if (last && last->channel == channel.id) {
        ++last->messages;
        last->octets += octets;
        return;
    }
    events().push_back(event::ChannelDrained{channel.id, 1, octets});
}

void DataChannels::resetIfDrained(TimePoint now, Channel &channel)
{
    if (!channel.closeRequested || channel.outgoingResetSent || !channel.outgoing.empty()
        || !m_isConfirmed || !m_association || !channel.stream)
        return;
    channel.outgoingResetSent = true;
    m_association->resetStream(now, *channel.stream);
}

void DataChannels::removeIfReset(Channel &channel)
{
    if (channel.outgoingResetDone && channel.incomingResetDone)
        remove(channel.id);
}

void DataChannels::remove(ChannelId id)
{
    const auto found = m_channels.find(id);
    m_totalBuffered -= found->second.buffered;
    if (found->second.stream)
        m_byStream.erase(*found->second.stream);
    if (found->second.readPaused)
        --m_pausedChannels;
    m_channels.erase(found);
    events().push_back(event::ChannelClosed{id});
}

void DataChannels::pauseOrResume(TimePoint now, Channel &channel)
{
    // Resumes at half, so that a reader that takes message by message does not toggle each time.
    const bool pause = channel.readPaused ? channel.unread > m_limits.readBuffer / 2
                                          : channel.unread >= m_limits.readBuffer;
    if (pause == channel.readPaused)
        return;
    channel.readPaused = pause;
    const bool wasReading = m_pausedChannels == 0;
    m_pausedChannels += pause ? 1 : -1;
    const bool isReading = m_pausedChannels == 0;
    if (m_association && wasReading != isReading)
        m_association->setReading(now, isReading);
}

} // namespace peer
