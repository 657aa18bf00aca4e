// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpassociation.h"

#include "core/base/transmitqueue.h"
#include "secure/sctp/crc32c.h"
#include "secure/sctp/sctpnotification.h"
#include "secure/sctp/sctppacket.h"
#include "secure/sctp/sctpsocket.h"
#include "secure/sctp/sctpstack.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

namespace peer::sctp {

namespace {

using std::chrono::milliseconds;

/// usrsctp's timers are as fine as this while anything is outstanding: a SACK that is delayed by
/// 20 ms leaves within 30.
constexpr Duration ActiveTick = milliseconds(10);
/// Heartbeats come every 30 s.
constexpr Duration IdleTick = milliseconds(500);
/// So long after a packet a delayed SACK or another timer of its may be due.
constexpr Duration ActivityAfterPacket = milliseconds(60);

/// A message of one octet costs usrsctp half a kilobyte: the buffer in octets is not enough of a
/// bound.
constexpr std::size_t MaxWaitingMessages = 8192;

/// A congestion window may leave at once; it is never larger than the peer's receive buffer. Ours
/// is taken for it, with what a full packet carries; the bound is usrsctp's send buffer then.
std::size_t transmitCapacity(const Config &config)
{
    return std::clamp<std::size_t>(config.sendBuffer / 1000, 512, 8192);
}

TimePoint nextTick(TimePoint now, Duration tick)
{
    const Duration sinceZero = now.time_since_epoch();
    return now + tick - sinceZero % tick; // all associations tick together
}

bool isEmptyMessage(PayloadProtocol protocol)
{
    return protocol == PayloadProtocol::EmptyString || protocol == PayloadProtocol::EmptyBinary;
}

} // namespace

class Association::Private final : public SctpStack::Output
{
public:
    explicit Private(const Config &config)
        : m_config(config)
        , m_outgoing(transmitCapacity(config))
    { }

    void start(TimePoint now);
    void receive(TimePoint now, ByteView packet);
    void advance(TimePoint now);
    SendResult send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                    const Reliability &reliability, ByteView payload);
    void resetStream(TimePoint now, StreamId stream);
    void setReading(TimePoint now, bool reading);
    void abort(TimePoint now);
    void resetPath(TimePoint now);
    std::optional<ByteView> nextTransmit();
    std::optional<Event> nextEvent();
    TimePoint nextDeadline() const { return m_deadline; }
    std::size_t bufferedAmount() const { return m_socket ? m_socket->queuedOctets() : 0; }
    Statistics statistics() const;

private:
    enum class State : std::uint8_t { New, Connecting, Open, Ended };

    bool transmit(MutableByteView packet) override;
    bool isRunning() const { return m_state == State::Connecting || m_state == State::Open; }
    bool hasRoomFor(std::size_t size);
    /// What every function that reaches into usrsctp ends with.
    void settle(TimePoint now);
    void readAll();
    void takeData(const SctpSocket::Arrival &arrival);
    void takeNotification(const Notification &notification);
    void end(Closed closed);
    void updateDeadline(TimePoint now);

    const Config m_config;
    State m_state = State::New;
    TransmitQueue m_outgoing; ///< before m_socket, whose end writes into it
    OutgoingChunks m_outgoingChunks;
    Bytes m_lastData; ///< the last packet that carried data
    std::optional<SctpSocket> m_socket;
    std::deque<Event> m_events;
    Bytes m_partialMessage;
    bool m_isReading = true;
    /// Of the message that send() has refused.
    std::optional<std::size_t> m_refusedSize;
    /// At least as many as wait in usrsctp.
    std::size_t m_waitingMessages = 0;
    std::vector<StreamId> m_resetting;
    TimePoint m_lastPacket = TimePoint::min();
    TimePoint m_deadline = Never;
    std::uint64_t m_droppedPackets = 0;
};

void Association::Private::start(TimePoint now)
{
    if (m_state != State::New)
        return;
    SctpStack::instance().advance(now);
    m_state = State::Connecting;
    m_lastPacket = now;
    m_socket.emplace(m_config, *this);
    if (!m_socket->isValid() || !m_socket->connect())
        end({false, "usrsctp cannot open an association"});
    settle(now);
}

void Association::Private::receive(TimePoint now, ByteView packet)
{
    if (!isRunning())
        return;
    if (!isIntact(packet)) {
        ++m_droppedPackets;
        return;
    }
    SctpStack::instance().advance(now);
    m_lastPacket = now;
    m_socket->receive(packet);
    settle(now);
}

void Association::Private::advance(TimePoint now)
{
    SctpStack::instance().advance(now);
    settle(now);
}

/// Called by usrsctp, from within any call into it.
bool Association::Private::transmit(MutableByteView packet)
{
    if (packet.size() > TransmitQueue::SlotSize)
        return true; // cannot be: the path MTU is smaller
    const MutableByteView slot = m_outgoing.reserve();
    if (slot.empty())
        return false;
    sealPacket(packet);
    m_outgoingChunks.note(packet);
    if (m_outgoingChunks.lastHadData())
        m_lastData.assign(packet.begin(), packet.end());
    std::copy(packet.begin(), packet.end(), slot.begin());
    m_outgoing.commit(Route(), packet.size());
    return true;
}

bool Association::Private::hasRoomFor(std::size_t size)
{
    if (m_waitingMessages >= MaxWaitingMessages)
        m_waitingMessages = m_socket->waitingMessages();
    return m_waitingMessages < MaxWaitingMessages
        && m_socket->queuedOctets() + size <= m_config.sendBuffer;
}

Association::SendResult Association::Private::send(TimePoint now, StreamId stream,
                                                   PayloadProtocol protocol,
                                                   const Reliability &reliability, ByteView payload)
{
    // RFC 8831 section 6.6: SCTP has no empty messages, so an octet that nobody reads stands in.
    static constexpr std::array<std::uint8_t, 1> placeholder{};
    if (isEmptyMessage(protocol))
        payload = placeholder;
    const bool isResetting = std::find(m_resetting.begin(), m_resetting.end(), stream)
        != m_resetting.end();
    if (m_state != State::Open || payload.empty() || payload.size() > m_config.sendBuffer
        || isResetting) {
        return SendResult::Failed;
    }
    SctpStack::instance().advance(now);
    SendResult result = SendResult::WouldBlock;
    if (hasRoomFor(payload.size())) {
        // A lone message should not wait for the peer's delayed SACK (RFC 7053).
        const bool isAlone = m_socket->queuedOctets() == 0;
        switch (m_socket->send(stream, protocol, reliability, payload, isAlone)) {
        case SctpSocket::SendStatus::Sent:
            ++m_waitingMessages;
            result = SendResult::Sent;
            break;
        case SctpSocket::SendStatus::Full:
            break;
        case SctpSocket::SendStatus::Failed:
            result = SendResult::Failed;
            break;
        }
    }
    if (result == SendResult::WouldBlock)
        m_refusedSize = payload.size();
    updateDeadline(now);
    return result;
}

void Association::Private::resetStream(TimePoint now, StreamId stream)
{
    const bool isResetting = std::find(m_resetting.begin(), m_resetting.end(), stream)
        != m_resetting.end();
    if (m_state != State::Open || isResetting)
        return;
    SctpStack::instance().advance(now);
    if (m_socket->resetStream(stream))
        m_resetting.push_back(stream);
    settle(now);
}

void Association::Private::setReading(TimePoint now, bool reading)
{
    m_isReading = reading;
    if (!isRunning())
        return;
    SctpStack::instance().advance(now);
    settle(now);
}

void Association::Private::abort(TimePoint now)
{
    if (isRunning()) {
        SctpStack::instance().advance(now);
        if (m_state == State::Open)
            m_socket->abort("closed");
        m_socket.reset();
    }
    m_state = State::Ended;
    m_deadline = Never;
}

void Association::Private::resetPath(TimePoint now)
{
    if (m_state != State::Open)
        return;
    SctpStack::instance().advance(now);
    m_socket->restartPath();
    if (m_socket->queuedOctets() > 0 && !m_lastData.empty())
        m_outgoing.push(Route(), m_lastData);
    settle(now);
}

void Association::Private::settle(TimePoint now)
{
    if (isRunning())
        readAll();
    if (m_state == State::Open && m_refusedSize && hasRoomFor(*m_refusedSize)) {
        m_refusedSize.reset();
        m_events.push_back(SendSpace{});
    }
    updateDeadline(now);
}

void Association::Private::readAll()
{
    // What came before the end is still the application's, though it did not want it now; there
    // is no more of it than fits the receive buffer.
    while (isRunning() && (m_isReading || m_state == State::Connecting || m_socket->hasError())) {
        const SctpSocket::Arrival arrival = m_socket->read();
        switch (arrival.kind) {
        case SctpSocket::Arrival::Kind::Nothing:
            if (m_socket->hasError())
                end({true, "the peer does not answer"});
            return;
        case SctpSocket::Arrival::Kind::Message:
            takeData(arrival);
            break;
        case SctpSocket::Arrival::Kind::News:
            takeNotification(parseNotification(arrival.octets));
            break;
        }
    }
}

void Association::Private::takeData(const SctpSocket::Arrival &arrival)
{
    if (m_partialMessage.size() + arrival.octets.size() > m_config.maxIncomingMessage) {
        const std::string reason = "a message of more than "
            + std::to_string(m_config.maxIncomingMessage) + " octets";
        m_socket->abort(reason);
        end({false, "the peer has sent " + reason});
        return;
    }
    m_partialMessage.insert(m_partialMessage.end(), arrival.octets.begin(), arrival.octets.end());
    if (!arrival.isEnd)
        return;
    if (isEmptyMessage(arrival.protocol))
        m_partialMessage.clear();
    m_events.push_back(
        Message{arrival.stream, arrival.protocol, std::exchange(m_partialMessage, Bytes())});
}

void Association::Private::takeNotification(const Notification &notification)
{
    if (const auto *up = std::get_if<AssociationUp>(&notification)) {
        if (m_state != State::Connecting)
            return;
        m_state = State::Open;
        m_events.push_back(Connected{up->outgoingStreams, up->incomingStreams});
    } else if (const auto *down = std::get_if<AssociationDown>(&notification)) {
        end({down->isLost, down->reason});
    } else if (const auto *reset = std::get_if<StreamsReset>(&notification)) {
        for (const StreamId stream : reset->incoming)
            m_events.push_back(IncomingStreamReset{stream});
        for (const StreamId stream : reset->outgoing) {
            if (std::erase(m_resetting, stream) > 0)
                m_events.push_back(OutgoingStreamReset{stream});
        }
    } else if (std::holds_alternative<PartialMessageAborted>(notification)) {
        m_partialMessage.clear(); // the peer has given up the rest (RFC 3758)
    }
}

void Association::Private::end(Closed closed)
{
    m_state = State::Ended;
    m_events.push_back(std::move(closed));
    m_socket.reset();
}

void Association::Private::updateDeadline(TimePoint now)
{
    if (!isRunning()) {
        m_deadline = Never;
        return;
    }
    const bool isActive = m_state == State::Connecting || !m_resetting.empty()
        || now < m_lastPacket + ActivityAfterPacket || m_socket->queuedOctets() > 0;
    m_deadline = nextTick(now, isActive ? ActiveTick : IdleTick);
}

std::optional<ByteView> Association::Private::nextTransmit()
{
    if (m_outgoing.isEmpty())
        return std::nullopt;
    return m_outgoing.pop().payload;
}

std::optional<Event> Association::Private::nextEvent()
{
    if (m_events.empty())
        return std::nullopt;
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

Association::Statistics Association::Private::statistics() const
{
    Statistics statistics;
    statistics.retransmittedChunks = m_outgoingChunks.retransmitted();
    statistics.droppedPackets = m_droppedPackets;
    if (m_socket) {
        const SctpSocket::PathState path = m_socket->pathState();
        statistics.smoothedRoundTrip = path.smoothedRoundTrip;
        statistics.congestionWindow = path.congestionWindow;
    }
    return statistics;
}

Association::Association(const Config &config)
    : d(std::make_unique<Private>(config))
{ }

Association::~Association() = default;

void Association::start(TimePoint now)
{
    d->start(now);
}

void Association::receive(TimePoint now, ByteView packet)
{
    d->receive(now, packet);
}

void Association::advance(TimePoint now)
{
    d->advance(now);
}

Association::SendResult Association::send(TimePoint now, StreamId stream, PayloadProtocol protocol,
                                          const Reliability &reliability, ByteView payload)
{
    return d->send(now, stream, protocol, reliability, payload);
}

void Association::resetStream(TimePoint now, StreamId stream)
{
    d->resetStream(now, stream);
}

void Association::setReading(TimePoint now, bool reading)
{
    d->setReading(now, reading);
}

void Association::abort(TimePoint now)
{
    d->abort(now);
}

void Association::resetPath(TimePoint now)
{
    d->resetPath(now);
}

std::optional<ByteView> Association::nextTransmit()
{
    return d->nextTransmit();
}

std::optional<Event> Association::nextEvent()
{
    return d->nextEvent();
}

TimePoint Association::nextDeadline() const
{
    return d->nextDeadline();
}

std::size_t Association::bufferedAmount() const
{
    return d->bufferedAmount();
}

Association::Statistics Association::statistics() const
{
    return d->statistics();
}

} // namespace peer::sctp
