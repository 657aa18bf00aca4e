// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_DATACHANNELS_H
#define PEER_SESSION_DATACHANNELS_H

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "secure/sctp/sctpassociation.h"
#include "session/channelqueue.h"
#include "session/channeltable.h"
#include "session/channeltypes.h"
#include "session/sessionevent.h"

#include <cstddef>
#include <deque>

namespace peer {

/// The data channels of one session (RFC 8831, RFC 8832) over one SCTP association. Channels may
/// be opened and written to before the association is there.
///
/// Memory: each channel queues at most Limits::sendBuffer octets toward the peer. What the peer
/// sent and the application has not taken is at most Limits::readBuffer octets a channel, plus
/// what the association had already read when it was told to stop, at most its receive buffer.
/// Every message counts MessageCost octets on top of its payload.
class DataChannels
{
public:
    static constexpr std::size_t MessageCost = ChannelQueue::MessageCost;

    struct Limits
    {
        std::size_t sendBuffer = 0;
        std::size_t readBuffer = 0;
        std::size_t maxChannels = 0;
    };

    /// events: where ChannelOpened and the others go; must outlive this object.
    DataChannels(const Limits &limits, std::deque<SessionEvent> &events);

    /// The association is on its way. RFC 8832 section 6: the DTLS client takes even stream
    /// numbers, the server odd ones. Channels and messages that fit the first streams leave at
    /// once, but nothing is told of it before confirm(). The association must outlive this object
    /// or the call of detach().
    void attach(TimePoint now, sctp::Association &association, bool isDtlsClient);
    /// The association is up, with so many streams each way.
    void confirm(TimePoint now, std::uint16_t streams);
    /// The association is no more: every channel is closed.
    void detach();

    ChannelId open(TimePoint now, const ChannelOptions &options);
    ChannelSendResult send(TimePoint now, ChannelId id, MessageKind kind, ByteView payload);
    void close(TimePoint now, ChannelId id);
    void messagesTaken(TimePoint now, ChannelId id, std::size_t messages, std::size_t octets);
    /// What the peer can take (RFC 8841 section 6); 0 = any size. Before attach(). Ends channels
    /// where a larger message waits: a reliable one must not go on with a gap.
    void setPeerMaxMessageSize(TimePoint now, std::size_t octets);

    // From the association
    void handleMessage(TimePoint now, sctp::Message message);
    void handleIncomingReset(TimePoint now, sctp::StreamId stream);
    void handleOutgoingReset(TimePoint now, sctp::StreamId stream);
    /// The association takes messages again.
    void flush(TimePoint now);

    std::size_t bufferedAmount(ChannelId id) const;
    std::size_t bufferedMessages(ChannelId id) const;
    std::size_t totalBufferedAmount() const { return m_totalBuffered; }
    /// A message waits on a channel that promises to deliver it.
    bool hasReliableMessages() const;
    std::uint64_t messagesSent() const { return m_messagesSent; }
    std::uint64_t messagesReceived() const { return m_messagesReceived; }
    /// Messages of unreliable channels that gave way to newer ones in a full queue.
    std::uint64_t messagesDropped() const { return m_messagesDropped; }

private:
    using Channel = DataChannel;

    /// Gives it a stream and announces it; false if the peer has no stream left.
    bool establish(Channel &channel);
    void markReady(Channel &channel);
    void handleControl(TimePoint now, sctp::StreamId stream, ByteView payload);
    void handleOpen(TimePoint now, sctp::StreamId stream, ByteView payload);
    void deliver(TimePoint now, Channel &channel, sctp::Message message);
    sctp::Association::SendResult transmit(TimePoint now, Channel &channel,
                                           sctp::PayloadProtocol protocol, ByteView payload);
    bool dropOldest(Channel &channel);
    /// False when the association takes no more.
    bool flushChannel(TimePoint now, Channel &channel);
    void reportDrained(const Channel &channel, const ChannelQueue::Message &gone);
    void resetIfDrained(TimePoint now, Channel &channel);
    void removeIfReset(TimePoint now, Channel &channel);
    void remove(TimePoint now, ChannelId id);
    void pauseOrResume(TimePoint now, Channel &channel);
    void setPaused(TimePoint now, Channel &channel, bool isPaused);

    /// Where events go once the association is up; before, they wait in m_early.
    std::deque<SessionEvent> &events() { return m_isConfirmed ? m_events : m_early; }

    Limits m_limits;
    std::deque<SessionEvent> &m_events;
    std::deque<SessionEvent> m_early;
    bool m_isConfirmed = false;
    sctp::Association *m_association = nullptr;
    bool m_isDtlsClient = false;
    std::uint16_t m_streams = 0;
    std::size_t m_peerMaxMessageSize = 0; ///< until its description is known, all may wait
    ChannelTable m_channels;
    /// The channels with something to send, in the order of their turns.
    std::deque<ChannelId> m_ready;
    std::size_t m_totalBuffered = 0;
    std::size_t m_pausedChannels = 0;
    std::uint64_t m_messagesSent = 0;
    std::uint64_t m_messagesReceived = 0;
    std::uint64_t m_messagesDropped = 0;
};

} // namespace peer

#endif // PEER_SESSION_DATACHANNELS_H
