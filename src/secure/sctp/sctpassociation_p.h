// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SCTP_SCTPASSOCIATION_P_H
#define PEER_SCTP_SCTPASSOCIATION_P_H

#include "secure/sctp/fragmentsize.h"
#include "secure/sctp/lifetimequeue.h"
#include "secure/sctp/messageassembly.h"
#include "secure/sctp/sctpassociation.h"
#include "secure/sctp/sctpnotification.h"
#include "secure/sctp/sctpsocket.h"
#include "secure/sctp/sctpstack.h"
#include "secure/sctp/wire.h"

#include <deque>
#include <optional>
#include <vector>

namespace peer::sctp {

/// The association's logic; Association documents it.
class Association::Private final : public SctpStack::Output
{
public:
    explicit Private(const Config &config);

    void start(TimePoint now);
    void receive(TimePoint now, ByteView packet);
    void advance(TimePoint now);
    SendResult send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                    const Reliability &reliability, ByteView payload);
    void resetStream(TimePoint now, StreamId stream);
    void setReading(TimePoint now, bool reading);
    void abort(TimePoint now);
    void resetPath(TimePoint now);
    std::optional<ByteView> nextTransmit() { return m_wire.nextTransmit(); }
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const { return m_deadline; }
    std::optional<TimePoint> unansweredSince() const { return m_wire.unansweredSince(); }
    std::size_t bufferedAmount() const
    {
        return m_socket ? m_socket->queuedOctets() + m_lifetimes.octets() : 0;
    }
    Statistics statistics() const;
    Traffic traffic() const
    {
        return {m_wire.outgoing().dataPackets(), m_wire.outgoing().repeatingPackets()};
    }

private:
    enum class State : std::uint8_t { New, Connecting, Open, Ended };

    bool transmit(MutableByteView packet) override;
    bool isRunning() const { return m_state == State::Connecting || m_state == State::Open; }
    void enter(TimePoint now);
    bool isResetting(StreamId stream) const;
    bool maySendEarly(StreamId stream, const Reliability &reliability) const;
    bool hasRoomFor(std::size_t size);
    SctpSocket::SendStatus handOver(StreamId stream, PayloadProtocol protocol,
                                    const Reliability &reliability, ByteView payload);
    void sendHeld(StreamId stream, const LifetimeQueue::Held &message);
    /// What every function that reaches into usrsctp ends with.
    void settle(TimePoint now);
    void readAll();
    void takeData(const SctpSocket::Arrival &arrival);
    void takeNotification(const Notification &notification);
    void takeReset(const StreamsReset &reset);
    void end(Closed closed);
    void updateDeadline(TimePoint now);

    const Config m_config;
    State m_state = State::New;
    Wire m_wire;
    std::deque<Event> m_events;
    MessageAssembly m_assembly;
    std::uint16_t m_outgoingStreams = 0;
    std::uint16_t m_incomingStreams = 0;
    std::optional<FragmentSize> m_fragments; ///< none before Open
    bool m_isReading = true;
    bool m_hasHeardMessage = false; ///< since one was sent
    /// At least as many as wait in usrsctp, while not reading.
    std::size_t m_unreadMessages = 0;
    /// Of the message that send() has refused.
    std::optional<std::size_t> m_refusedSize;
    /// Messages given to usrsctp less those that it has sent or dropped.
    std::uint64_t m_handedOver = 0;
    LifetimeQueue m_lifetimes;
    std::vector<StreamId> m_resetting;
    TimePoint m_now{}; ///< of the function that was called last
    TimePoint m_lastPacket = TimePoint::min();
    TimePoint m_deadline = Never;
    std::uint64_t m_droppedPackets = 0;
    /// Last, so that it goes first: its end calls transmit(), which needs the others.
    std::optional<SctpSocket> m_socket;
};

} // namespace peer::sctp

#endif // PEER_SCTP_SCTPASSOCIATION_P_H
