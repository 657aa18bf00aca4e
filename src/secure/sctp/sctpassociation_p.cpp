// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/sctpassociation_p.h"

#include "secure/sctp/crc32c.h"
#include "secure/sctp/packetcheck.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

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
constexpr std::size_t MaxWaitingMessages = 4096;

/// The receive window counts what a message costs beyond its octets, but never closes quite:
/// usrsctp keeps one octet of it open, and takes what comes until the octets are too many. Honest
/// peers creep on with a message in each round trip, others need not.
constexpr std::size_t MaxUnreadMessages = 65536;

/// Sent before the handshake is over: what fits the packet with the COOKIE ECHO, and a little more
/// behind it. The rest waits for a congestion window, and is not wanted if there is no peer.
constexpr std::size_t EarlyOctets = 4096;

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

} // namespace

Association::Private::Private(const Config &config)
    : m_config(config)
    , m_wire(transmitCapacity(config))
    , m_assembly(config.maxIncomingMessage)
{ }

/// What every function that reaches into usrsctp starts with.
void Association::Private::enter(TimePoint now)
{
    m_now = now;
    SctpStack::instance().advance(now);
}

void Association::Private::start(TimePoint now)
{
    if (m_state != State::New)
        return;
    enter(now);
    m_state = State::Connecting;
    m_lastPacket = now;
    m_socket.emplace(m_config, *this);
    if (!m_socket->isValid() || !m_socket->connect())
        end({Closed::Cause::Violation, "usrsctp cannot open an association"});
    settle(now);
}

void Association::Private::receive(TimePoint now, ByteView packet)
{
    if (!isRunning())
        return;
    if (!isIntact(packet) || !isAcceptable(packet, m_state == State::Open)) {
        ++m_droppedPackets;
        return;
    }
    const MutableByteView accepted = m_wire.receive(packet);
    if (!m_isReading) {
        const std::size_t ends = countMessageEnds(accepted);
        if (ends > 0 && m_unreadMessages + ends > MaxUnreadMessages) {
            ++m_droppedPackets;
            return;
        }
        m_unreadMessages += ends;
    }
    enter(now);
    m_lastPacket = now;
    if (!accepted.empty())
        m_socket->receive(accepted);
    settle(now);
}

void Association::Private::advance(TimePoint now)
{
    enter(now);
    settle(now);
}

/// Called by usrsctp, from within any call into it.
bool Association::Private::transmit(MutableByteView packet)
{
    if (!m_wire.send(m_now, packet))
        return false;
    for (const StreamId stream : m_wire.outgoing().lastCompleted())
        m_lifetimes.noteSentOut(stream);
    return true;
}

bool Association::Private::isResetting(StreamId stream) const
{
    return std::find(m_resetting.begin(), m_resetting.end(), stream) != m_resetting.end();
}

bool Association::Private::maySendEarly(StreamId stream, const Reliability &reliability) const
{
    // What may be lost can only be said once the peer has said that it understands it.
    return stream < EarlyStreams && !reliability.maxRetransmits && !reliability.maxLifetime
        && m_socket->queuedOctets() < EarlyOctets;
}

bool Association::Private::hasRoomFor(std::size_t size)
{
    const std::size_t queued = m_socket->queuedOctets();
    if (queued == 0)
        m_handedOver = m_wire.outgoing().completedMessages(); // some may have been dropped unsent
    const std::uint64_t waiting = m_handedOver - m_wire.outgoing().completedMessages()
        + m_lifetimes.count();
    return waiting < MaxWaitingMessages
        && queued + m_lifetimes.octets() + size <= m_config.sendBuffer;
}

Association::SendResult Association::Private::send(TimePoint now, StreamId stream,
                                                   PayloadProtocol protocol,
                                                   const Reliability &reliability, ByteView payload)
{
    // RFC 8831 section 6.6: SCTP has no empty messages, so an octet that nobody reads stands in.
    static constexpr std::array<std::uint8_t, 1> placeholder{};
    if (protocol == PayloadProtocol::EmptyString || protocol == PayloadProtocol::EmptyBinary)
        payload = placeholder;
    if (!isRunning() || payload.empty() || payload.size() > m_config.sendBuffer)
        return SendResult::Failed;
    if (m_state == State::Connecting && !maySendEarly(stream, reliability))
        return SendResult::WouldBlock;
    if (m_state == State::Open && (stream >= m_outgoingStreams || isResetting(stream)))
        return SendResult::Failed;
    enter(now);
    SctpSocket::SendStatus status = SctpSocket::SendStatus::Full;
    if (hasRoomFor(payload.size())) {
        const TimePoint deadline = reliability.maxLifetime ? now + *reliability.maxLifetime : Never;
        if (m_lifetimes.mustWait(stream, now)) {
            m_lifetimes.hold(stream, {protocol, reliability, deadline, toBytes(payload)});
            status = SctpSocket::SendStatus::Sent;
        } else {
            if (deadline != Never)
                m_lifetimes.noteHandedOver(stream, deadline);
            status = handOver(stream, protocol, reliability, payload);
        }
    }
    if (status == SctpSocket::SendStatus::Full)
        m_refusedSize = payload.size();
    updateDeadline(now);
    switch (status) {
    case SctpSocket::SendStatus::Sent:
        return SendResult::Sent;
    case SctpSocket::SendStatus::Full:
        return SendResult::WouldBlock;
    case SctpSocket::SendStatus::Failed:
        return SendResult::Failed;
    }
    return SendResult::Failed;
}

SctpSocket::SendStatus Association::Private::handOver(StreamId stream, PayloadProtocol protocol,
                                                      const Reliability &reliability,
                                                      ByteView payload)
{
    // A lone message should not wait for the peer's delayed SACK (RFC 7053); but where messages
    // answer one another the SACK comes with the answer, in a packet less.
    const bool isAlone = m_socket->queuedOctets() == 0;
    const bool isAnswered = std::exchange(m_hasHeardMessage, false);
    if (m_fragments)
        m_socket->setFragmentSize(m_fragments->add(payload.size(), isAlone));
    ++m_handedOver; // before, for it may go out at once
    const auto status = m_socket->send(stream, protocol, reliability, payload,
                                       isAlone && !isAnswered);
    if (status != SctpSocket::SendStatus::Sent) {
        --m_handedOver;
        m_lifetimes.noteSentOut(stream);
    }
    return status;
}

void Association::Private::sendHeld(StreamId stream, const LifetimeQueue::Held &message)
{
    Reliability reliability = message.reliability;
    if (message.deadline != Never) {
        reliability.maxLifetime = std::chrono::duration_cast<milliseconds>(message.deadline
                                                                           - m_now);
    }
    handOver(stream, message.protocol, reliability, message.payload);
}

void Association::Private::resetStream(TimePoint now, StreamId stream)
{
    if (m_state != State::Open || stream >= m_outgoingStreams || isResetting(stream))
        return;
    enter(now);
    for (const LifetimeQueue::Held &message : m_lifetimes.takeAll(stream)) {
        if (message.deadline > now)
            sendHeld(stream, message);
    }
    if (m_socket->resetStream(stream))
        m_resetting.push_back(stream);
    else // the peer does not know how
        m_events.push_back(OutgoingStreamReset{stream});
    settle(now);
}

void Association::Private::setReading(TimePoint now, bool reading)
{
    m_isReading = reading;
    m_unreadMessages = 0; // all of them are taken as soon as reading starts
    if (!isRunning())
        return;
    enter(now);
    settle(now);
}

void Association::Private::abort(TimePoint now)
{
    if (isRunning()) {
        enter(now);
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
    enter(now);
    // Before anything else: after a retransmission timeout it is the one packet whose answer lets
    // the rest go on. Behind another it would leave a gap, and that ends in fast recovery.
    if (m_socket->queuedOctets() > 0)
        m_wire.repeatLastData(now);
    m_socket->restartPath();
    settle(now);
}

void Association::Private::settle(TimePoint now)
{
    if (isRunning()) {
        if (const auto released = m_wire.nextReleased())
            m_socket->receive(*released);
        if (m_wire.isWaiting())
            m_wire.setRetransmissionTimeout(m_socket->pathState().retransmissionTimeout);
        m_wire.sendWaiting(now);
    }
    if (isRunning())
        readAll();
    if (isRunning() && unansweredSince() && now - *unansweredSince() >= m_config.silenceLimit)
        end({Closed::Cause::Lost, "the peer does not answer"});
    if (m_state == State::Open) {
        while (const auto ready = m_lifetimes.takeReady(now))
            sendHeld(ready->stream, ready->message);
        if (m_refusedSize && hasRoomFor(*m_refusedSize)) {
            m_refusedSize.reset();
            m_events.push_back(SendSpace{});
        }
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
            m_assembly.noteAllTaken(m_wire.arrived());
            if (m_socket->hasError())
                end({Closed::Cause::Lost, "the peer does not answer"});
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
    m_hasHeardMessage = true;
    auto result = m_assembly.take(arrival);
    if (result.isTooLarge) {
        const std::string reason = "a message of more than "
            + std::to_string(m_config.maxIncomingMessage) + " octets";
        m_socket->abort(reason);
        end({Closed::Cause::Violation, "the peer has sent " + reason});
    } else if (result.message) {
        m_events.push_back(std::move(*result.message));
    }
}

void Association::Private::takeNotification(const Notification &notification)
{
    if (const auto *up = std::get_if<AssociationUp>(&notification)) {
        if (m_state != State::Connecting)
            return;
        m_state = State::Open;
        m_outgoingStreams = up->outgoingStreams;
        m_incomingStreams = up->incomingStreams;
        if (const std::size_t largest = m_socket->fragmentSize(); largest > 0)
            m_fragments.emplace(largest, MaxWaitingMessages);
        m_events.push_back(Connected{up->outgoingStreams, up->incomingStreams});
    } else if (const auto *down = std::get_if<AssociationDown>(&notification)) {
        // usrsctp does not tell an association that it has aborted itself from a silent one.
        if (down->cause == Closed::Cause::Lost && m_wire.outgoing().abort()) {
            end({Closed::Cause::Violation,
                 "the peer has broken the protocol" + m_wire.outgoing().abort()->causes});
        } else {
            end({down->cause, down->reason});
        }
    } else if (const auto *reset = std::get_if<StreamsReset>(&notification)) {
        takeReset(*reset);
    } else if (std::holds_alternative<PartialMessageAborted>(notification)) {
        m_assembly.abandonOrdered();
    }
}

void Association::Private::takeReset(const StreamsReset &reset)
{
    std::vector<StreamId> streams = reset.streams;
    if (streams.empty() && reset.isIncoming) { // all (RFC 6525 section 4.1)
        streams.resize(m_incomingStreams);
        std::iota(streams.begin(), streams.end(), StreamId(0));
    } else if (streams.empty()) {
        streams = m_resetting;
    }
    for (const StreamId stream : streams) {
        if (reset.isIncoming)
            m_events.push_back(IncomingStreamReset{stream});
        else if (std::erase(m_resetting, stream) > 0)
            m_events.push_back(OutgoingStreamReset{stream});
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
    const bool isActive = m_state == State::Connecting || !m_resetting.empty() || m_wire.isWaiting()
        || now < m_lastPacket + ActivityAfterPacket || !m_lifetimes.isEmpty()
        || m_socket->queuedOctets() > 0;
    m_deadline = nextTick(now, isActive ? ActiveTick : IdleTick);
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
    statistics.retransmittedChunks = m_wire.outgoing().retransmitted();
    statistics.droppedPackets = m_droppedPackets;
    if (m_socket) {
        const SctpSocket::PathState path = m_socket->pathState();
        statistics.smoothedRoundTrip = path.smoothedRoundTrip;
        statistics.congestionWindow = path.congestionWindow;
    }
    return statistics;
}

} // namespace peer::sctp
