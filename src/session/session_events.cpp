// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the parts of a session tell one another, until all are quiet.

#include "session/session_p.h"

#include <utility>

namespace peer {

void Session::Private::pump(TimePoint now)
{
    lastNow = now;
    bool isBusy = true;
    while (isBusy) {
        isBusy = pumpAgent(now);
        startLinkIfPossible(now);
        isBusy = pumpLink(now) || isBusy;
    }
    if (state == SessionState::Closing)
        finishIfFlushed(now);
    takeRelayRequests();
    offerTracks(now);
    while (auto signal = exchange.nextSignal())
        events.push_back(event::SignalReady{std::move(*signal)});
}

bool Session::Private::pumpAgent(TimePoint now)
{
    bool any = false;
    while (auto next = agent.nextEvent()) {
        any = true;
        handleAgentEvent(now, std::move(*next));
    }
    return any;
}

bool Session::Private::pumpLink(TimePoint now)
{
    bool any = false;
    while (auto next = link.nextEvent(now)) {
        any = true;
        handleLinkEvent(now, std::move(*next));
    }
    return any;
}

void Session::Private::handleAgentEvent(TimePoint now, ice::Event event)
{
    if (isOver())
        return;
    if (auto *candidate = std::get_if<ice::CandidateGathered>(&event)) {
        if (descriptionSent)
            queueCandidate(now, sdp::candidateToString(candidate->candidate));
        else
            gathered.push_back(std::move(candidate->candidate));
    } else if (std::holds_alternative<ice::GatheringComplete>(event)) {
        gatheringComplete = true;
        if (descriptionSent)
            queueCandidate(now, {});
    } else if (const auto *moved = std::get_if<ice::RouteChanged>(&event)) {
        if (link.association())
            link.association()->resetPath(now);
        announcePath(moved->reason);
    } else if (auto *changed = std::get_if<ice::StateChanged>(&event)) {
        handleAgentState(now, changed->state, changed->reason);
    }
}

void Session::Private::handleLinkEvent(TimePoint now, SecureLink::Event event)
{
    struct Handle
    {
        Private &session;
        TimePoint now;
        void operator()(const SecureLink::Starting &starting) const
        {
            session.startMedia();
            session.channels.attach(now, starting.association,
                                    session.remote->dtlsRole == dtls::Role::Client);
        }
        void operator()(const SecureLink::Up &up) const
        {
            session.hasBeenUp = true;
            session.timers.stop(Timer::Connect);
            session.linkUpAt = now;
            session.negotiation.keepDtlsRole(session.remote->dtlsRole);
            if (session.state == SessionState::Connecting)
                session.setState(SessionState::Connected);
            session.channels.confirm(now, up.streams);
        }
        void operator()(const SecureLink::Down &down) const { session.handleLinkDown(now, down); }
        void operator()(sctp::Message &message) const
        {
            session.channels.handleMessage(now, std::move(message));
        }
        void operator()(const sctp::IncomingStreamReset &reset) const
        {
            session.channels.handleIncomingReset(now, reset.stream);
        }
        void operator()(const sctp::OutgoingStreamReset &reset) const
        {
            session.channels.handleOutgoingReset(now, reset.stream);
        }
        void operator()(const sctp::SendSpace &) const { session.channels.flush(now); }
    };
    std::visit(Handle{*this, now}, event);
}

void Session::Private::handleLinkDown(TimePoint now, const SecureLink::Down &down)
{
    if (isOver())
        return;
    switch (down.cause) {
    case SecureLink::Down::Cause::ClosedByPeer:
        if (isSettingUp())
            fail(now, SessionError::HandshakeFailed, down.reason);
        else
            finish(now);
        return;
    case SecureLink::Down::Cause::HandshakeFailed:
        fail(now, SessionError::HandshakeFailed, down.reason);
        return;
    case SecureLink::Down::Cause::FingerprintMismatch:
        fail(now, SessionError::FingerprintMismatch, down.reason);
        return;
    case SecureLink::Down::Cause::Lost:
        fail(now, SessionError::PathLost, down.reason);
        return;
    case SecureLink::Down::Cause::ProtocolViolation:
        fail(now, SessionError::ProtocolViolation, down.reason);
        return;
    }
}

void Session::Private::announcePath(const std::string &reason)
{
    const auto route = agent.route();
    if (!route) {
        history.note(lastNow, "no path: " + reason);
        return;
    }
    event::PathChanged changed{*route,
                               CandidateType::Host,
                               CandidateType::Host,
                               ice::PathKind::Direct,
                               turn::Transport::Udp,
                               agent.roundTripTime()};
    for (const ice::PairInfo &pair : agent.validPairs()) {
        if (pair.route == *route) {
            changed.localType = pair.localType;
            changed.remoteType = pair.remoteType;
            changed.kind = pair.kind;
            changed.protocol = pair.protocol;
        }
    }
    history.note(lastNow,
                 "path from " + route->local.toString() + " to " + route->remote.toString() + ": "
                     + reason);
    events.push_back(changed);
}

void Session::Private::startLinkIfPossible(TimePoint now)
{
    if (!isSettingUp() || link.isStarted() || !agent.route())
        return;
    SecureLink::Config secure;
    secure.dtls.role = remote->dtlsRole;
    secure.dtls.certificate = config.certificate;
    secure.dtls.peerFingerprints = remote->fingerprints;
    secure.roundTrip = agent.roundTripTime();
    secure.remoteSctpPort = remote->sctpPort;
    secure.maxIncomingMessage = config.maxMessageSize;
    linkStartedAt = now;
    link.start(now, secure);
    timers.set(Timer::Connect, now + config.connectTimeout);
}

void Session::Private::setState(SessionState next)
{
    if (state == next)
        return;
    state = next;
    history.note(lastNow, std::string(nameOf(next)));
    events.push_back(event::StateChanged{next});
}

} // namespace peer
