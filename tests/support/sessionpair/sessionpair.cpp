// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/sessionpair/sessionpair.h"

#include "support/virtualclock/virtualclock.h"

#include <algorithm>
#include <utility>

namespace peer::test {

namespace {

constexpr TransportId CallerTransport{1};
constexpr TransportId CalleeTransport{2};

TransportAddress addressOf(bool isCaller)
{
    return {IpAddress::fromV4(isCaller ? 0xC0000201 : 0xC6336401), 5000}; // 192.0.2.1, 198.51.100.1
}

} // namespace

void SeedRandom::fill(MutableByteView out)
{
    for (std::uint8_t &octet : out)
        octet = static_cast<std::uint8_t>(m_engine());
}

bool SessionPair::End::isConnected() const
{
    return session->state() == SessionState::Connected;
}

bool SessionPair::End::isClosed() const
{
    return session->state() == SessionState::Closed;
}

SessionPair::Options SessionPair::defaults()
{
    static const auto callerCertificate = dtls::Certificate::generate(1'700'000'000);
    static const auto calleeCertificate = dtls::Certificate::generate(1'700'000'000);
    static const IdentityKey callerKey = *IdentityKey::generate();
    static const IdentityKey calleeKey = *IdentityKey::generate();
    Options options;
    options.link.delay = std::chrono::milliseconds(10);
    options.caller.role = SessionConfig::Role::Caller;
    options.caller.call = "0123456789012345678901";
    options.caller.certificate = callerCertificate;
    options.caller.identity = callerKey;
    options.caller.expectedPeerIds = {calleeKey.id()};
    options.caller.peerAcknowledges = true;
    options.callee = options.caller;
    options.callee.role = SessionConfig::Role::Callee;
    options.callee.certificate = calleeCertificate;
    options.callee.identity = calleeKey;
    options.callee.expectedPeerIds = {};
    return options;
}

SessionPair::SessionPair(const Options &options)
    : m_options(options)
    , m_random(options.seed)
    , m_towardCallee(options.link)
    , m_towardCaller([&] {
        LossyLink::Conditions back = options.link;
        back.seed += 1000;
        return back;
    }())
{
    caller.session.emplace(options.caller, m_random);
    callee.session.emplace(options.callee, m_random);
    caller.session->addLocalAddress(now(), {CallerTransport, addressOf(true), 65535});
    caller.session->endOfLocalAddresses(now());
    callee.session->addLocalAddress(now(), {CalleeTransport, addressOf(false), 65535});
    callee.session->endOfLocalAddresses(now());
}

TimePoint SessionPair::now() const
{
    return VirtualClock::now();
}

void SessionPair::dial()
{
    caller.session->dial(now());
    drain();
}

bool SessionPair::runUntil(const std::function<bool()> &done, Duration limit)
{
    const TimePoint end = now() + limit;
    drain();
    while (!done()) {
        const TimePoint next = nextEventTime();
        if (next > end) {
            VirtualClock::advanceTo(end);
            return false;
        }
        step(std::max(next, now()));
    }
    return true;
}

void SessionPair::runFor(Duration duration)
{
    runUntil([] { return false; }, duration);
}

void SessionPair::drain()
{
    drain(true);
    drain(false);
}

void SessionPair::takeAll(End &end)
{
    for (const event::ChannelMessage &message : end.messages) {
        if (end.untaken == 0)
            break;
        --end.untaken;
        end.session->messagesTaken(now(), message.channel, 1, message.payload.size());
    }
    drain();
}

void SessionPair::drain(bool isCaller)
{
    End &end = isCaller ? caller : callee;
    LossyLink &link = isCaller ? m_towardCallee : m_towardCaller;
    for (bool isBusy = true; isBusy;) {
        isBusy = false;
        while (const auto transmit = end.session->nextTransmit()) {
            isBusy = true;
            if (!letsPass || letsPass(isCaller, transmit->payload))
                link.send(now(), transmit->payload);
        }
        while (auto event = end.session->nextEvent()) {
            isBusy = true;
            handle(isCaller, std::move(*event));
        }
        while (auto event = end.session->nextTrackEvent())
            end.tracks.push_back(std::move(*event));
        while (const auto packet = end.session->nextMedia())
            end.media.emplace_back(packet->track, toBytes(packet->octets));
    }
}

void SessionPair::handle(bool isCaller, SessionEvent event)
{
    End &end = isCaller ? caller : callee;
    if (auto *state = std::get_if<event::StateChanged>(&event)) {
        end.states.push_back(state->state);
    } else if (auto *ready = std::get_if<event::SignalReady>(&event)) {
        end.signalsSent.push_back(ready->signal);
        auto signal = carrier ? carrier(isCaller, ready->signal) : std::optional(ready->signal);
        if (signal)
            m_signals.emplace(now() + m_options.signalDelay,
                              CarriedSignal{isCaller, std::move(*signal)});
    } else if (std::holds_alternative<event::OfferAccepted>(event)) {
        if (m_options.isAutoAccept)
            end.session->accept(now());
    } else if (auto *path = std::get_if<event::PathChanged>(&event)) {
        end.paths.push_back(*path);
    } else if (auto *opened = std::get_if<event::ChannelOpened>(&event)) {
        end.opened.push_back(*opened);
    } else if (auto *message = std::get_if<event::ChannelMessage>(&event)) {
        const ChannelId channel = message->channel;
        const std::size_t size = message->payload.size();
        end.messages.push_back(std::move(*message));
        if (end.isStalled)
            ++end.untaken;
        else
            end.session->messagesTaken(now(), channel, 1, size);
    } else if (auto *drained = std::get_if<event::ChannelDrained>(&event)) {
        end.drainedMessages += drained->messages;
        end.drainedOctets += drained->octets;
    } else if (auto *closed = std::get_if<event::ChannelClosed>(&event)) {
        end.closed.push_back(closed->channel);
    } else if (auto *failed = std::get_if<event::Failed>(&event)) {
        end.failure = std::move(*failed);
    }
}

TimePoint SessionPair::nextEventTime() const
{
    TimePoint next = std::min(caller.session->nextDeadline(), callee.session->nextDeadline());
    next = std::min({next, m_towardCallee.nextArrival(), m_towardCaller.nextArrival()});
    if (!m_signals.empty())
        next = std::min(next, m_signals.begin()->first);
    return next;
}

void SessionPair::step(TimePoint time)
{
    VirtualClock::advanceTo(time);
    while (!m_signals.empty() && m_signals.begin()->first <= time) {
        const CarriedSignal carried = std::move(m_signals.begin()->second);
        m_signals.erase(m_signals.begin());
        other(carried.fromCaller).session->handleSignal(time, carried.signal);
        drain();
    }
    for (const bool isCaller : {true, false}) {
        LossyLink &link = isCaller ? m_towardCaller : m_towardCallee;
        End &end = isCaller ? caller : callee;
        while (const auto datagram = link.take(time)) {
            end.session->receive(time, datagramFor(isCaller, *datagram));
            drain();
        }
        if (end.session->nextDeadline() <= time) {
            end.session->advance(time);
            drain();
        }
    }
}

Datagram SessionPair::datagramFor(bool isCaller, ByteView payload) const
{
    return {
        {isCaller ? CallerTransport : CalleeTransport, addressOf(isCaller), addressOf(!isCaller)},
        payload};
}

} // namespace peer::test
