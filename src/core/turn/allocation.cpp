// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/allocation.h"

#include "core/stun/messagewriter.h"
#include "core/turn/allocationprivate.h"
#include "core/turn/timing.h"

#include <algorithm>
#include <utility>

namespace peer::turn {

Allocation::Private::Private(const AllocationConfig &givenConfig, RandomSource &source)
    : config(givenConfig)
    , random(source)
    , authentication(givenConfig.username, givenConfig.password)
    , transmits(TransmitCapacity)
{ }

/// Everything that follows from the facts and the time.
void Allocation::Private::update(TimePoint now)
{
    if (state == State::Allocated) {
        askForPeers(now);
        if (timers.takeExpired(Timer::Refresh, now) && !isUnderWay(Request::Kind::Refresh))
            ask(now, Request(Request::Kind::Refresh));
        if (timers.takeExpired(Timer::Keepalive, now) && !isUnderWay(Request::Kind::Keepalive))
            ask(now, Request(Request::Kind::Keepalive));
        if (timers.takeExpired(Timer::Expiry, now))
            end(EndReason::NoAnswer, "the allocation has expired");
    }
    transmitDue(now);
    schedule();
}

void Allocation::Private::schedule()
{
    if (state != State::Allocated) {
        timers.stop(Timer::Refresh);
        timers.stop(Timer::Keepalive);
        timers.stop(Timer::Expiry);
        return;
    }
    const bool isAsking = isUnderWay(Request::Kind::Keepalive);
    timers.set(Timer::Keepalive, isAsking ? Never : std::min(heardAt, sentAt) + timing::Keepalive);
}

void Allocation::Private::end(EndReason reason, std::string_view text)
{
    if (state == State::Over)
        return;
    state = State::Over;
    requests.clear();
    Ended ended;
    ended.reason = reason;
    // It comes from the network, and may be shown to somebody.
    constexpr std::size_t MaxText = 128;
    for (const char character : text.substr(0, MaxText))
        ended.text += character >= 0x20 && character < 0x7F ? character : '?';
    events.emplace_back(std::move(ended));
}

void Allocation::Private::noteHeard(TimePoint now)
{
    heardAt = now;
}

std::optional<Allocation::Received> Allocation::Private::receivePeer(const TransportAddress &peer,
                                                                     ByteView payload) const
{
    const TransportAddress &relayed = peer.ip.isV6() ? relayedV6 : relayedV4;
    if (relayed.isNull() || peer.port == 0)
        return std::nullopt;
    return Received{peer, relayed, payload};
}

Allocation::Allocation(const AllocationConfig &config, RandomSource &random)
    : d(std::make_unique<Private>(config, random))
{ }

Allocation::~Allocation() = default;
Allocation::Allocation(Allocation &&) noexcept = default;
Allocation &Allocation::operator=(Allocation &&) noexcept = default;

void Allocation::start(TimePoint now)
{
    if (d->state != State::New)
        return;
    d->state = State::Allocating;
    d->ask(now, Request(Request::Kind::Allocate));
    d->update(now);
}

void Allocation::permit(TimePoint now, const IpAddress &peer)
{
    permit(now, std::span(&peer, 1));
}

void Allocation::permit(TimePoint now, std::span<const IpAddress> peers)
{
    for (const IpAddress &peer : peers)
        d->permissions.want(peer);
    d->update(now);
}

void Allocation::bindChannel(TimePoint now, const TransportAddress &peer)
{
    if (relayed(peer.ip.family()).isNull())
        return;
    d->channels.want(now, peer);
    d->update(now);
}

void Allocation::probe(TimePoint now)
{
    if (d->state == State::Allocated && d->probedAt + timing::ProbeGap <= now
        && !d->isUnderWay(Request::Kind::Refresh)) {
        d->probedAt = now;
        d->ask(now, Request(Request::Kind::Refresh));
    }
    d->update(now);
}

void Allocation::release(TimePoint now)
{
    // Before the first challenge the server has nothing to forget.
    const bool isKnown = d->state == State::Allocated
        || (d->state == State::Allocating && d->authentication.attempt().isSigned);
    if (isKnown) {
        d->requests.clear();
        d->state = State::Releasing;
        d->ask(now, Request(Request::Kind::Release));
    } else if (d->state != State::Releasing) {
        d->end(EndReason::Released, "released");
    }
    d->update(now);
}

void Allocation::advance(TimePoint now)
{
    d->update(now);
}

void Allocation::noteSendFailed(TimePoint now)
{
    d->end(d->state == State::Releasing ? EndReason::Released : EndReason::NoAnswer,
           "the server cannot be reached");
    d->update(now);
}

std::optional<Allocation::Received> Allocation::receive(TimePoint now, const Datagram &datagram)
{
    const ByteView octets = datagram.payload;
    if (d->state == State::New || d->state == State::Over || octets.empty()
        || datagram.route.transport != d->config.route.transport
        || datagram.route.remote != d->config.route.remote)
        return std::nullopt;
    if (isChannelData(octets[0])) {
        const auto data = ChannelData::parse(octets);
        const auto peer = data ? d->channels.peerOf(now, data->channel) : std::nullopt;
        if (!peer || d->state != State::Allocated)
            return std::nullopt;
        d->noteHeard(now);
        return d->receivePeer(*peer, data->payload);
    }
    const auto message = stun::Message::parse(octets);
    if (!message)
        return std::nullopt;
    switch (message->messageClass()) {
    case stun::Class::Request:
        return std::nullopt;
    case stun::Class::Indication: {
        // RFC 8656 section 11.6
        const auto peer = message->address(stun::Attribute::XorPeerAddress);
        const auto payload = message->find(stun::Attribute::Data);
        if (message->method() != stun::Method::Data || !peer || !payload
            || d->state != State::Allocated)
            return std::nullopt;
        d->noteHeard(now);
        return d->receivePeer(*peer, *payload);
    }
    case stun::Class::SuccessResponse:
    case stun::Class::ErrorResponse:
        d->handleResponse(now, *message);
        d->update(now);
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Transmit> Allocation::nextTransmit()
{
    if (d->transmits.isEmpty())
        return std::nullopt;
    return d->transmits.pop();
}

std::optional<Event> Allocation::nextEvent()
{
    if (d->events.empty())
        return std::nullopt;
    Event event = std::move(d->events.front());
    d->events.pop_front();
    return event;
}

TimePoint Allocation::nextDeadline() const
{
    TimePoint next = d->timers.next();
    for (const Request &request : d->requests)
        next = std::min(next, request.transaction.nextDeadline());
    if (d->state == State::Allocated && d->requests.size() < Private::MaxRequests)
        next = std::min({next, d->permissions.nextDue(), d->channels.nextDue()});
    return next;
}

std::optional<Transmit> Allocation::send(TimePoint now, const TransportAddress &peer,
                                         ByteView payload)
{
    if (d->state != State::Allocated || relayed(peer.ip.family()).isNull()
        || d->permissions.isRefused(peer.ip))
        return std::nullopt;
    ByteView message;
    if (const auto channel = d->channels.numberFor(peer)) {
        message = writeChannelData(d->scratch, *channel, payload);
    } else {
        stun::MessageWriter writer(d->scratch);
        writer.begin(stun::Class::Indication, stun::Method::Send,
                     stun::makeTransactionId(d->random));
        writer.addAddress(stun::Attribute::XorPeerAddress, peer);
        writer.addBytes(stun::Attribute::Data, payload);
        message = writer.finish();
    }
    if (message.empty())
        return std::nullopt;
    d->sentAt = now;
    return Transmit{d->config.route, message};
}

Allocation::State Allocation::state() const
{
    return d->state;
}

const AllocationConfig &Allocation::config() const
{
    return d->config;
}

TransportAddress Allocation::relayed(IpAddress::Family family) const
{
    return family == IpAddress::Family::V6 ? d->relayedV6 : d->relayedV4;
}

bool Allocation::isAnswered() const
{
    return d->heardAt != TimePoint::min();
}

Duration Allocation::roundTripTime() const
{
    return d->roundTrip;
}

} // namespace peer::turn
