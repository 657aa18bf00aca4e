// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/session.h"

#include "core/ice/tunnel.h"
#include "session/packetkind.h"
#include "session/session_p.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// D6: while the path in use is suspect, what is sent goes to the standby path as well, for one
/// second and no more than 256 kbit.
constexpr Duration DuplicationTime = std::chrono::seconds(1);
constexpr std::size_t DuplicationOctets = 32 * 1000;
/// DTLS and SCTP take four round trips. After so long, or three round trips, something is lost.
constexpr Duration SlowHandshake = std::chrono::milliseconds(250);

ice::Config agentConfig(const SessionConfig &config)
{
    ice::Config agent;
    // RFC 8445 section 6.1.1: the offerer controls, unless the peer is lite or says the same.
    agent.usesDirect = allowsDirect(config.paths);
    agent.usesRelays = allowsRelay(config.paths);
    agent.role = config.role == SessionConfig::Role::Caller ? ice::Role::Controlling
                                                            : ice::Role::Controlled;
    return agent;
}

} // namespace

Session::Private::Private(const SessionConfig &sessionConfig, RandomSource &random)
    : config(sessionConfig)
    , agent(agentConfig(sessionConfig), random)
    , exchange(sessionConfig.call, sessionConfig.peerAcknowledges)
    , negotiation(sessionConfig, random)
    , channels({sessionConfig.channelSendBuffer, sessionConfig.channelReadBuffer,
                sessionConfig.maxChannels},
               events)
{ }

void Session::Private::receive(TimePoint now, const Datagram &outer)
{
    lastNow = now;
    const auto inner = agent.unwrap(now, outer);
    if (!inner || isOver()) {
        pump(now);
        return;
    }
    const Datagram &datagram = *inner;
    ++traffic.packetsReceived;
    traffic.bytesReceived += datagram.payload.size();
    switch (packetKind(datagram.payload)) {
    case PacketKind::Stun:
        agent.receive(now, datagram);
        break;
    case PacketKind::Dtls:
        // Only from where an authenticated check came: a stranger's records cost nothing.
        if (agent.isKnown(datagram.route) && link.receive(now, datagram.payload))
            agent.noteAuthenticated(now, datagram.route);
        break;
    case PacketKind::TurnChannel:
    case PacketKind::Rtp:
    case PacketKind::Unknown:
        return;
    }
    pump(now);
}

void Session::Private::advance(TimePoint now)
{
    lastNow = now;
    exchange.advance(now);
    if (isOver()) {
        if (timers.takeExpired(Timer::Farewell, now))
            exchange.stop();
        if (isReleasing)
            agent.advance(now);
        pump(now);
        return;
    }
    agent.advance(now);
    link.advance(now);
    if (timers.takeExpired(Timer::Connect, now)) {
        if (agent.route())
            fail(now, SessionError::HandshakeFailed,
                 "a path was found, but the secure connection did not come up in time");
        else
            fail(now, SessionError::NoPath,
                 "no network path to the peer was found: " + report().triedText());
    }
    if (timers.takeExpired(Timer::Patience, now))
        giveUpWaiting(now);
    if (timers.takeExpired(Timer::Restart, now))
        restartIce(now);
    if (timers.takeExpired(Timer::Linger, now))
        finish(now);
    pump(now);
}

std::optional<Transmit> Session::Private::nextTransmit()
{
    // Copies before anything else, for their payload is borrowed from what went before them.
    std::optional<Transmit> transmit;
    while (!transmit && !copyTo.empty()) {
        transmit = agent.wrap(lastNow, {copyTo.front(), copied});
        copyTo.pop_front();
    }
    if (!transmit && (!isOver() || isReleasing))
        transmit = agent.nextTransmit();
    while (!transmit) {
        const auto route = agent.route();
        const auto payload = route ? link.nextTransmit() : std::nullopt;
        if (!payload)
            return isOver() ? releaseRelays() : std::nullopt;
        transmit = Transmit{*route, *payload};
        agent.noteDataSent(lastNow);
        duplicate(*transmit);
        // A relay that has just gone takes what is sent by it along, as the network does.
        transmit = agent.wrap(lastNow, *transmit);
    }
    ++traffic.packetsSent;
    traffic.bytesSent += transmit->payload.size();
    return transmit;
}

/// The last words are said: the relays are needed no more.
std::optional<Transmit> Session::Private::releaseRelays()
{
    if (std::exchange(isReleasing, true))
        return std::nullopt;
    agent.close(lastNow);
    takeRelayRequests();
    return agent.nextTransmit();
}

void Session::Private::takeRelayRequests()
{
    while (auto request = agent.nextRequest())
        std::visit([this](auto &each) { requests.push_back(std::move(each)); }, *request);
}

/// DTLS drops those that come second.
void Session::Private::duplicate(const Transmit &transmit)
{
    copied = transmit.payload;
    if (isHandshakeSlow()) {
        const std::vector<Route> routes = agent.alternatives();
        copyTo.assign(routes.begin(), routes.end());
        return;
    }
    const auto standby = agent.standby();
    if (!standby) {
        suspectSince = Never;
        copiedOctets = 0;
        return;
    }
    suspectSince = std::min(suspectSince, lastNow);
    copiedOctets += transmit.payload.size();
    if (lastNow - suspectSince < DuplicationTime && copiedOctets <= DuplicationOctets)
        copyTo.push_back(*standby);
}

/// A path may answer checks and hardly carry a certificate. So a handshake that takes long goes on
/// by every kind of path at once, and what follows at first as well.
bool Session::Private::isHandshakeSlow() const
{
    const Duration limit = std::max<Duration>(SlowHandshake, 3 * agent.roundTripTime());
    const TimePoint slowFrom = linkStartedAt == Never ? Never : linkStartedAt + limit;
    if (!link.association())
        return lastNow >= slowFrom;
    return linkUpAt >= slowFrom && lastNow < linkUpAt + DuplicationTime;
}

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

CallReport Session::Private::report() const
{
    CallReport report;
    report.state = state;
    report.route = agent.route();
    report.trials = agent.trials();
    report.localCandidates = agent.localCandidates();
    report.remoteCandidates = agent.remoteCandidates();
    report.history = history.entries();
    return report;
}

Session::Session(const SessionConfig &config, RandomSource &random)
    : d(std::make_unique<Private>(config, random))
{ }

Session::~Session() = default;

void Session::addLocalAddress(TimePoint now, const ice::LocalAddress &address)
{
    if (!allowsDirect(d->config.paths) && !allowsRelay(d->config.paths))
        return;
    d->agent.addLocalAddress(now, address);
    d->pump(now);
}

void Session::removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip)
{
    d->agent.removeLocalAddress(now, transport, ip);
    d->pump(now);
}

void Session::addStunServer(TimePoint now, const TransportAddress &server)
{
    d->agent.addStunServer(now, server);
    d->pump(now);
}

Route Session::addTunnel(TimePoint now, TransportId transport)
{
    const bool isCaller = d->config.role == SessionConfig::Role::Caller;
    const Route route = ice::tunnelRoute(
        transport, isCaller ? ice::TunnelEnd::Caller : ice::TunnelEnd::Callee);
    if (allowsTunnel(d->config.paths))
        d->agent.addTunnel(now, route);
    d->pump(now);
    return route;
}

void Session::removeTunnel(TimePoint now, TransportId transport)
{
    d->agent.removeTunnel(now, transport);
    d->pump(now);
}

void Session::addRelayServer(TimePoint now, const ice::RelayServer &server)
{
    d->agent.addRelayServer(now, server);
    d->pump(now);
}

void Session::transportOpened(TimePoint now, std::uint32_t id, const Route &route)
{
    d->agent.transportOpened(now, id, route);
    d->pump(now);
}

void Session::transportFailed(TimePoint now, std::uint32_t id)
{
    d->agent.transportFailed(now, id);
    d->pump(now);
}

void Session::endOfLocalAddresses(TimePoint now)
{
    d->agent.endOfLocalAddresses(now);
    d->pump(now);
}

void Session::receive(TimePoint now, const Datagram &datagram)
{
    d->receive(now, datagram);
}

void Session::noteSendFailed(TimePoint now, const Route &route)
{
    d->agent.noteSendFailed(now, route);
    d->pump(now);
}

void Session::advance(TimePoint now)
{
    d->advance(now);
}

void Session::nameResolved(TimePoint now, std::uint32_t id, const std::optional<IpAddress> &address)
{
    const auto found = d->resolving.find(id);
    if (found == d->resolving.end())
        return;
    Candidate candidate = std::move(found->second);
    d->resolving.erase(found);
    if (!address)
        return;
    candidate.address.ip = *address;
    candidate.hostName.clear();
    d->agent.addRemoteCandidate(now, candidate);
    d->pump(now);
}

void Session::dial(TimePoint now)
{
    d->dial(now);
    d->pump(now);
}

void Session::accept(TimePoint now)
{
    d->accept(now);
    d->pump(now);
}

void Session::close(TimePoint now, Signal::Reason reason, std::string text)
{
    d->close(now, reason, std::move(text));
    d->pump(now);
}

void Session::handleSignal(TimePoint now, const Signal &signal)
{
    d->handleSignal(now, signal);
    d->pump(now);
}

void Session::signalingRestored(TimePoint now)
{
    d->exchange.repeatNow(now);
    d->pump(now);
}

void Session::notePeerGone(TimePoint now, bool isGone)
{
    d->notePeerGone(now, isGone);
    d->pump(now);
}

void Session::setPatience(TimePoint now, Duration patience)
{
    d->config.patience = patience;
    d->notePeerGone(now, d->peerGoneSince != Never);
    d->pump(now);
}

void Session::restartIce(TimePoint now)
{
    d->restartIce(now);
    d->pump(now);
}

ChannelId Session::openChannel(TimePoint now, const ChannelOptions &options)
{
    const ChannelId id = d->isOver() ? ChannelId::None : d->channels.open(now, options);
    d->pump(now);
    return id;
}

ChannelSendResult Session::send(TimePoint now, ChannelId channel, MessageKind kind,
                                ByteView payload)
{
    if (d->state == SessionState::Closing || d->isOver())
        return ChannelSendResult::NotOpen;
    const ChannelSendResult result = d->channels.send(now, channel, kind, payload);
    d->pump(now);
    return result;
}

void Session::closeChannel(TimePoint now, ChannelId channel)
{
    d->channels.close(now, channel);
    d->pump(now);
}

void Session::messagesTaken(TimePoint now, ChannelId channel, std::size_t messages,
                            std::size_t octets)
{
    d->channels.messagesTaken(now, channel, messages, octets);
    d->pump(now);
}

std::optional<Transmit> Session::nextTransmit()
{
    return d->nextTransmit();
}

std::optional<SessionEvent> Session::nextEvent()
{
    if (d->events.empty())
        return std::nullopt;
    SessionEvent next = std::move(d->events.front());
    d->events.pop_front();
    return next;
}

std::optional<SessionRequest> Session::nextRequest()
{
    if (d->requests.empty())
        return std::nullopt;
    SessionRequest next = std::move(d->requests.front());
    d->requests.pop_front();
    return next;
}

TimePoint Session::nextDeadline() const
{
    const TimePoint signaling = std::min(d->exchange.nextDeadline(), d->timers.next());
    if (d->isOver())
        return d->isReleasing ? std::min(d->agent.nextDeadline(), signaling) : signaling;
    return std::min({d->agent.nextDeadline(), d->link.nextDeadline(), signaling});
}

SessionState Session::state() const
{
    return d->state;
}

const std::string &Session::call() const
{
    return d->config.call;
}

const std::string &Session::localUsernameFragment() const
{
    return d->agent.localParameters().usernameFragment;
}

PeerIdentityInfo Session::peerIdentity() const
{
    return d->remote ? d->remote->identity : PeerIdentityInfo{};
}

std::size_t Session::bufferedAmount(ChannelId channel) const
{
    return d->channels.bufferedAmount(channel);
}

std::size_t Session::bufferedMessages(ChannelId channel) const
{
    return d->channels.bufferedMessages(channel);
}

CallReport Session::report() const
{
    return d->report();
}

SessionStatistics Session::statistics() const
{
    SessionStatistics statistics = d->traffic;
    statistics.messagesSent = d->channels.messagesSent();
    statistics.messagesReceived = d->channels.messagesReceived();
    if (const auto route = d->agent.route()) {
        statistics.route = *route;
        statistics.roundTrip = d->agent.roundTripTime();
        for (const ice::PairInfo &pair : d->agent.validPairs()) {
            if (pair.route == *route) {
                statistics.localType = pair.localType;
                statistics.remoteType = pair.remoteType;
                statistics.kind = pair.kind;
                statistics.protocol = pair.protocol;
            }
        }
    }
    if (const sctp::Association *association = d->link.association()) {
        const auto sctpStatistics = association->statistics();
        statistics.retransmissions = sctpStatistics.retransmittedChunks;
        statistics.congestionWindow = sctpStatistics.congestionWindow;
    }
    return statistics;
}

} // namespace peer
