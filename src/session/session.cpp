// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/session.h"

#include "core/ice/tunnel.h"
#include "session/session_p.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

ice::Config agentConfig(const SessionConfig &config)
{
    ice::Config agent;
    agent.usesDirect = allowsDirect(config.paths);
    agent.usesRelays = allowsRelay(config.paths);
    // RFC 8445 section 6.1.1: the offerer controls, unless the peer is lite or says the same.
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

std::string Session::Private::noPathText() const
{
    std::string text = "no network path to the peer was found: " + report().triedText();
    switch (config.paths) {
    case PathPolicy::All:
        return text;
    case PathPolicy::Direct:
        return text + "; others than direct paths are not allowed (paths=direct)";
    case PathPolicy::Relay:
        return text + "; others than relays are not allowed (paths=relay)";
    case PathPolicy::Tunnel:
        return text + "; others than the tunnel are not allowed (paths=tunnel)";
    }
    return text;
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

std::uint32_t Session::connectionAccepted(TimePoint now, const Route &route)
{
    return d->isOver() ? 0 : d->agent.connectionAccepted(now, route);
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

void Session::note(TimePoint now, std::string text)
{
    d->history.note(now, std::move(text));
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

TrackId Session::addTrack(TimePoint now, const TrackOptions &options)
{
    const TrackId track = d->isOver() ? TrackId::None : d->negotiation.media().add(options);
    d->pump(now);
    return track;
}

bool Session::isOffered(sdp::MediaKind kind) const
{
    if (d->config.role == SessionConfig::Role::Caller || !d->remote)
        return false;
    const std::vector<sdp::MediaDescription> &sections = d->remote->sections;
    return std::any_of(sections.begin(), sections.end(), [kind](const auto &section) {
        return section.kind == kind && !section.isRejected()
            && section.direction != sdp::Direction::Inactive;
    });
}

const std::string &Session::mediaFault() const
{
    return d->negotiation.media().fault();
}

bool Session::setTrackDirection(TimePoint now, TrackId track, sdp::Direction direction)
{
    const bool isKnown = d->negotiation.media().setDirection(track, direction);
    d->pump(now);
    return isKnown;
}

bool Session::setTrackOptions(TimePoint now, TrackId track, const TrackOptions &options)
{
    const bool isKnown = d->negotiation.media().setOptions(track, options);
    d->pump(now);
    return isKnown;
}

bool Session::endTrack(TimePoint now, TrackId track)
{
    const bool isKnown = d->negotiation.media().end(track);
    d->pump(now);
    return isKnown;
}

void Session::setPeersTracks(std::vector<TrackOptions> options)
{
    d->negotiation.media().setForPeersTracks(std::move(options));
}

bool Session::sendMedia(TimePoint now, TrackId track, ByteView packet)
{
    const bool isSent = d->isEstablished() && d->media.send(track, packet);
    d->pump(now);
    return isSent;
}

std::optional<TrackEvent> Session::nextTrackEvent()
{
    if (d->trackEvents.empty())
        return std::nullopt;
    TrackEvent next = std::move(d->trackEvents.front());
    d->trackEvents.pop_front();
    return next;
}

std::optional<MediaPacket> Session::nextMedia()
{
    return d->media.nextArrival();
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

MediaStatistics Session::mediaStatistics() const
{
    return d->media.statistics();
}

bool Session::hasMediaKeys() const
{
    return d->media.isStarted();
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
