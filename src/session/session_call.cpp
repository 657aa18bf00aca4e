// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/session_p.h"

#include <chrono>
#include <string>
#include <utility>

namespace peer {

namespace {

/// close() waits so long without progress in the last messages of reliable channels: a path that
/// dies meanwhile is left, or found again, in less.
constexpr Duration FlushTime = std::chrono::seconds(20);
/// For the peer's close_notify after its Bye.
constexpr Duration LingerTime = std::chrono::seconds(5);

/// How long a Bye is repeated to a peer that does not acknowledge it.
constexpr Duration FarewellTime = std::chrono::seconds(12);

SessionError errorOf(Signal::Reason reason)
{
    switch (reason) {
    case Signal::Reason::None:
    case Signal::Reason::Cancelled:
        return SessionError::Cancelled;
    case Signal::Reason::Rejected:
        return SessionError::Rejected;
    case Signal::Reason::Busy:
        return SessionError::Busy;
    case Signal::Reason::Unanswered:
        return SessionError::Unanswered;
    case Signal::Reason::Failed:
        return SessionError::PeerFailed;
    }
    return SessionError::PeerFailed;
}

/// A peer that is not who it should be is refused: nothing broke that it could try again.
Signal::Reason reasonOf(SessionError error)
{
    switch (error) {
    case SessionError::IdentityMissing:
    case SessionError::IdentityMismatch:
    case SessionError::FingerprintMismatch:
        return Signal::Reason::Rejected;
    case SessionError::None:
    case SessionError::BadDescription:
    case SessionError::NoPath:
    case SessionError::HandshakeFailed:
    case SessionError::PathLost:
    case SessionError::ProtocolViolation:
    case SessionError::Rejected:
    case SessionError::Busy:
    case SessionError::Unanswered:
    case SessionError::Cancelled:
    case SessionError::PeerFailed:
        return Signal::Reason::Failed;
    }
    return Signal::Reason::Failed;
}

} // namespace

void Session::Private::dial(TimePoint now)
{
    lastNow = now;
    if (state != SessionState::New || config.role != SessionConfig::Role::Caller)
        return;
    setState(SessionState::Calling);
    pumpAgent(now);
    sayOffer(now);
}

void Session::Private::accept(TimePoint now)
{
    lastNow = now;
    if (state != SessionState::Calling || config.role != SessionConfig::Role::Callee || !remote)
        return;
    pumpAgent(now);
    sayAnswer(now);
    negotiation.settleTransport(*remote);
    startConnecting(now);
}

void Session::Private::close(TimePoint now, Signal::Reason reason, std::string text)
{
    lastNow = now;
    switch (state) {
    case SessionState::New:
        finish(now);
        return;
    case SessionState::Calling:
    case SessionState::Ringing:
        sayBye(now, reason, std::move(text));
        finish(now);
        return;
    case SessionState::Connecting:
        if (reason != Signal::Reason::None || !hasUndelivered()) {
            sayBye(now, reason, std::move(text));
            finish(now);
            return;
        }
        setState(SessionState::Closing);
        return; // once the link is up, pump() ends it likewise; if it fails, that is told
    case SessionState::Connected:
    case SessionState::Reconnecting:
        if (reason != Signal::Reason::None) {
            sayBye(now, reason, std::move(text));
            finish(now);
            return;
        }
        setState(SessionState::Closing);
        timers.set(Timer::Linger, now + FlushTime);
        return; // pump() ends it once everything has arrived
    case SessionState::Closing:
        if (reason != Signal::Reason::None)
            finish(now);
        return;
    case SessionState::Closed:
        return;
    }
}

void Session::Private::handleSignal(TimePoint now, const Signal &signal)
{
    lastNow = now;
    if (signal.call != config.call)
        return;
    if (isOver()) {
        // It may acknowledge our Bye, or want to be acknowledged; it changes nothing.
        if (timers.isRunning(Timer::Farewell))
            exchange.receive(now, signal);
        return;
    }
    for (const Signal &due : exchange.receive(now, signal)) {
        switch (due.type) {
        case Signal::Type::Offer:
            handleOffer(due, now);
            break;
        case Signal::Type::Answer:
            handleAnswer(due, now);
            break;
        case Signal::Type::Candidate:
            handleCandidate(due, now);
            break;
        case Signal::Type::Bye:
            handleBye(due, now);
            break;
        case Signal::Type::Ack:
            break;
        }
        if (isOver())
            return;
    }
    if (config.role == SessionConfig::Role::Caller && state == SessionState::Calling
        && exchange.firstHasArrived())
        setState(SessionState::Ringing);
}

void Session::Private::handleOffer(const Signal &signal, TimePoint now)
{
    if (remoteApplied) {
        handleLaterOffer(signal, now);
        return;
    }
    if (state != SessionState::New || config.role != SessionConfig::Role::Callee)
        return; // a second one changes nothing
    auto description = negotiation.readOffer(signal.sdp);
    if (!description) {
        fail(now, description.error().error, description.error().text);
        return;
    }
    negotiation.takeOffer(*description);
    remote = std::move(*description);
    setState(SessionState::Calling);
    events.push_back(event::OfferAccepted{remote->identity});
}

void Session::Private::handleAnswer(const Signal &signal, TimePoint now)
{
    if (remoteApplied) {
        handleLaterAnswer(signal, now);
        return;
    }
    const bool isAwaited = state == SessionState::Calling || state == SessionState::Ringing;
    if (!isAwaited || config.role != SessionConfig::Role::Caller)
        return;
    auto description = negotiation.readAnswer(signal.sdp);
    if (!description) {
        fail(now, description.error().error, description.error().text);
        return;
    }
    negotiation.takeAnswer(*description);
    remote = std::move(*description);
    startConnecting(now);
}

void Session::Private::startConnecting(TimePoint now)
{
    remoteApplied = true;
    takeTrackEvents();
    channels.setPeerMaxMessageSize(now, remote->maxMessageSize);
    setState(SessionState::Connecting);
    timers.set(Timer::Connect, now + config.connectTimeout);
    agent.setRemoteParameters(now, remote->ice);
    for (const Candidate &candidate : remote->candidates)
        addRemoteCandidate(now, candidate);
    for (const Candidate &candidate : std::exchange(earlyCandidates, {}))
        addRemoteCandidate(now, candidate);
    if (remote->endOfCandidates || earlyEndOfCandidates)
        agent.endOfRemoteCandidates(now);
}

void Session::Private::handleCandidate(const Signal &signal, TimePoint now)
{
    if (signal.candidate.empty()) {
        if (remoteApplied)
            agent.endOfRemoteCandidates(now);
        earlyEndOfCandidates = true;
        return;
    }
    auto candidate = sdp::parseCandidate(signal.candidate);
    if (!candidate)
        return; // RFC 8839 section 5.1: one that is not understood is passed over
    // Of which ICE session it is, the agent looks at.
    if (!signal.usernameFragment.empty())
        candidate->usernameFragment = signal.usernameFragment;
    if (remoteApplied)
        addRemoteCandidate(now, *candidate);
    else if (earlyCandidates.size() < MaxEarlyCandidates)
        earlyCandidates.push_back(std::move(*candidate));
}

void Session::Private::addRemoteCandidate(TimePoint now, const Candidate &candidate)
{
    if (!candidate.address.isNull()) {
        agent.addRemoteCandidate(now, candidate);
        return;
    }
    const bool isWanted = allowsDirect(config.paths) || allowsRelay(config.paths);
    if (candidate.hostName.empty() || resolving.size() >= MaxResolving || !isWanted)
        return;
    const std::uint32_t id = ++lastResolveId;
    resolving.emplace(id, candidate);
    requests.push_back(request::ResolveName{id, candidate.hostName});
}

void Session::Private::handleBye(const Signal &signal, TimePoint now)
{
    switch (isSettingUp() ? SessionState::Connecting : state) {
    case SessionState::New:
    case SessionState::Calling:
    case SessionState::Ringing:
    case SessionState::Connecting: {
        std::string text = signal.text.empty() ? "the peer ended the call" : signal.text;
        const bool neitherFoundAPath = isSettingUp() && !agent.route()
            && signal.reason == Signal::Reason::Failed;
        if (neitherFoundAPath)
            text = noPathText() + "; at the other end: " + text;
        fail(now, neitherFoundAPath ? SessionError::NoPath : errorOf(signal.reason), text, false);
        return;
    }
    case SessionState::Connected:
    case SessionState::Reconnecting:
        if (signal.reason == Signal::Reason::Failed) {
            const bool isLost = state == SessionState::Reconnecting;
            fail(now, isLost ? SessionError::PathLost : SessionError::PeerFailed, signal.text,
                 false);
            return;
        }
        // What the peer sent before may still be on its way; its close_notify comes behind it.
        timers.set(Timer::Linger, now + LingerTime);
        return;
    case SessionState::Closing:
        finish(now);
        return;
    case SessionState::Closed:
        return;
    }
}

LocalDescription Session::Private::localDescription()
{
    descriptionSent = true;
    return {agent.localParameters(), std::exchange(gathered, {}), gatheringComplete};
}

void Session::Private::queueCandidate(TimePoint now, const std::string &candidate)
{
    Signal signal;
    signal.type = Signal::Type::Candidate;
    signal.candidate = candidate;
    signal.sdpMid = negotiation.mid();
    signal.usernameFragment = agent.localParameters().usernameFragment;
    exchange.queue(now, std::move(signal));
}

void Session::Private::sayBye(TimePoint now, Signal::Reason reason, std::string text)
{
    Signal bye;
    bye.type = Signal::Type::Bye;
    bye.reason = reason;
    bye.text = std::move(text);
    exchange.queue(now, std::move(bye));
}

void Session::Private::fail(TimePoint now, SessionError error, std::string text, bool tellPeer)
{
    if (isOver())
        return;
    if (tellPeer)
        sayBye(now, reasonOf(error), text);
    events.push_back(event::Failed{error, std::move(text)});
    finish(now);
}

void Session::Private::finish(TimePoint now)
{
    if (isOver())
        return;
    if (state == SessionState::Closing)
        sayBye(now, Signal::Reason::None, {});
    link.close(now);
    channels.detach();
    for (std::size_t timer = 0; timer < static_cast<std::size_t>(Timer::Count); ++timer)
        timers.stop(static_cast<Timer>(timer));
    timers.set(Timer::Farewell, now + FarewellTime);
    setState(SessionState::Closed);
}

bool Session::Private::hasUndelivered() const
{
    return channels.hasReliableMessages() || link.bufferedAmount() > 0;
}

void Session::Private::finishIfFlushed(TimePoint now)
{
    if (isSettingUp())
        return;
    const std::size_t unsent = channels.totalBufferedAmount() + link.bufferedAmount();
    if (unsent == 0) {
        finish(now);
        return;
    }
    if (unsent != lastUnsent)
        timers.set(Timer::Linger, now + FlushTime);
    lastUnsent = unsent;
}

void Session::Private::finishUnflushed(TimePoint now)
{
    if (state != SessionState::Closing || !hasUndelivered()) {
        finish(now);
        return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(FlushTime).count();
    fail(now, SessionError::PathLost,
         "the peer took nothing of what was sent last for " + std::to_string(seconds) + " s",
         false);
}

} // namespace peer
