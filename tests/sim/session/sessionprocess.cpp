// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sessionprocess.h"

#include "support/virtualclock/virtualclock.h"

#include <algorithm>
#include <stdexcept>
#include <type_traits>

namespace peer::sim {

namespace {

/// What the session may have read from SCTP beyond the read buffer (sctp::Config::receiveBuffer).
constexpr std::size_t ReceiveBuffer = 4 << 20;

} // namespace

SessionProcess::SessionProcess(Host &host, const SeededRandom &random, const Options &options,
                               const std::vector<PlannedChannel> &channels, SendSignal sendSignal,
                               Note note)
    : m_host(host)
    , m_options(options)
    , m_sendSignal(std::move(sendSignal))
    , m_note(std::move(note))
    , m_random(random)
    , m_session(options.config, m_random)
    , m_outlets(host, *this)
    , m_tracks(options.end, options.tracks)
{
    for (const PlannedChannel &channel : channels)
        m_channels.push_back({&channel, Hearing(channel, options.end)});
}

/// The session's time, which OpenSSL and usrsctp see too.
TimePoint SessionProcess::enter(TimePoint now)
{
    m_now = now + m_options.clockOffset;
    test::VirtualClock::advanceTo(m_now);
    return m_now;
}

void SessionProcess::start(TimePoint now, const std::vector<TransportAddress> &stunServers,
                           const std::vector<ice::RelayServer> &relayServers,
                           const TunnelServer *tunnelServer)
{
    enter(now);
    planChannels();
    m_tracks.start(m_now);
    m_tracks.act(m_now, m_session); // what is there from the beginning goes into the first offer
    if (m_options.end == End::Caller)
        m_session.dial(m_now);
    openSockets();
    for (const TransportAddress &server : stunServers)
        m_session.addStunServer(m_now, server);
    for (const ice::RelayServer &server : relayServers)
        m_session.addRelayServer(m_now, server);
    m_outlets.useTunnel(m_now, tunnelServer, m_options.end == End::Caller ? 0 : 1);
    m_outlets.advance(m_session, m_now);
    m_session.endOfLocalAddresses(m_now);
    settle();
}

void SessionProcess::openSockets()
{
    for (const IpAddress &address : m_host.addresses())
        openSocket(address, m_nextPreference--);
}

void SessionProcess::openSocket(const IpAddress &address, std::uint16_t preference)
{
    TransportId own = TransportId::None;
    TransportId &transport = m_options.hasWildcardSockets ? m_wildcards[address.isV6() ? 1 : 0]
                                                          : own;
    if (transport == TransportId::None) {
        const IpAddress bound = m_options.hasWildcardSockets ? IpAddress::any(address.family())
                                                             : address;
        transport = m_host.openSocket(*this, {bound, 0});
    }
    const TransportAddress local{address, m_host.localAddress(transport).port};
    m_bases.emplace_back(transport, address);
    m_session.addLocalAddress(m_now, {transport, local, preference});
    if (m_options.hasTcp)
        listen(address, preference);
}

void SessionProcess::listen(const IpAddress &address, std::uint16_t preference)
{
    // RFC 6544 section 4.5.
    constexpr std::uint16_t discardPort = 9;
    TransportId &listener = m_listeners[address.isV6() ? 1 : 0];
    if (listener == TransportId::None)
        listener = m_host.listen(*this, {IpAddress::any(address.family()), 0});
    const std::uint16_t port = m_host.listeningAddress(listener).port;
    m_bases.emplace_back(listener, address);
    m_session.addLocalAddress(
        m_now, {listener, {address, port}, preference, CandidateProtocol::TcpPassive});
    m_session.addLocalAddress(
        m_now, {listener, {address, discardPort}, preference, CandidateProtocol::TcpActive});
    const TransportId own = Outlets::simultaneousOpenId(listener);
    m_bases.emplace_back(own, address);
    m_session.addLocalAddress(
        m_now, {own, {address, port}, preference, CandidateProtocol::TcpSimultaneousOpen});
}

void SessionProcess::renumber(TimePoint now, const IpAddress &gone, const IpAddress &come)
{
    enter(now);
    for (const auto &[transport, address] : m_bases) {
        if (address == gone)
            m_session.removeLocalAddress(m_now, transport, gone);
    }
    std::erase_if(m_bases, [&](const auto &base) { return base.second == gone; });
    openSocket(come, m_nextPreference--);
    settle();
}

void SessionProcess::planChannels()
{
    for (Channel &channel : m_channels) {
        const PlannedChannel &plan = *channel.plan;
        if (plan.opener == m_options.end || plan.options.negotiatedId)
            channel.openAt = m_now + plan.openAfter;
        if (channel.openAt == m_now)
            openChannel(channel);
    }
}

void SessionProcess::openChannel(Channel &channel)
{
    channel.openAt = Never;
    channel.id = m_session.openChannel(m_now, channel.plan->options);
    if (channel.id == ChannelId::None && m_session.state() != SessionState::Closed)
        throw std::runtime_error("a channel cannot be opened");
    channel.sendAt = m_now;
}

void SessionProcess::closeIfDone(Channel &channel)
{
    const bool isDone = hasSentAll(channel)
        && (!channel.plan->isReliable() || channel.hearing.isComplete());
    if (!channel.isOpen || channel.isClosing || channel.plan->closer != m_options.end || !isDone)
        return;
    channel.isClosing = true;
    m_session.closeChannel(m_now, channel.id);
}

void SessionProcess::receiveSignal(TimePoint now, const Signal &signal)
{
    m_told += signal.sdp + signal.candidate + '\n';
    if (signal.type == Signal::Type::Offer && m_isOfferOut)
        m_crossedOffers.insert(signal.seq);
    m_isOfferOut = m_isOfferOut && signal.type != Signal::Type::Answer;
    m_session.handleSignal(enter(now), signal);
    settle();
}

void SessionProcess::close(TimePoint now, Signal::Reason reason)
{
    m_session.close(enter(now), reason);
    settle();
}

void SessionProcess::receive(TimePoint now, const Datagram &datagram)
{
    enter(now);
    Datagram arrived = datagram;
    if (m_outlets.isRelay(datagram.route.transport))
        m_watch.noteRelay(datagram.route.transport);
    if (m_outlets.isTunnel(datagram.route.transport))
        arrived.route = m_tunnelRoute;
    m_watch.noteReceived(m_now, arrived);
    m_session.receive(m_now, arrived);
    settle();
}

void SessionProcess::advance(TimePoint now)
{
    m_outlets.advance(m_session, enter(now));
    m_session.advance(m_now);
    settle();
}

void SessionProcess::sendFailed(TimePoint now, const Route &route)
{
    m_session.noteSendFailed(enter(now), route);
    settle();
}

void SessionProcess::connectionOpened(TimePoint now, std::uint32_t id, const Route &route)
{
    m_outlets.connectionOpened(m_session, enter(now), id, route, [&](TransportId transport) {
        m_tunnelRoute = m_session.addTunnel(m_now, transport);
    });
    settle();
}

std::uint32_t SessionProcess::connectionAccepted(TimePoint now, const Route &route)
{
    return m_outlets.connectionAccepted(m_session, enter(now), route);
}

void SessionProcess::connectionEnded(TimePoint now, std::uint32_t id)
{
    m_outlets.connectionEnded(m_session, enter(now), id);
    settle();
}

std::optional<Transmit> SessionProcess::nextTransmit()
{
    if (const auto hello = m_outlets.nextTransmit())
        return hello;
    for (;;) {
        if (const auto transmit = m_session.nextTransmit()) {
            if (m_outlets.isRelay(transmit->route.transport))
                m_watch.noteRelay(transmit->route.transport);
            m_watch.checkSent(m_now, *transmit);
            return transmit;
        }
        // What left may have made room, and events.
        if (!takeEvents()) {
            takeRequests();
            return std::nullopt;
        }
        settle();
    }
}

TimePoint SessionProcess::nextDeadline() const
{
    TimePoint next = std::min(
        {m_session.nextDeadline(), m_acceptAt, m_outlets.nextDeadline(), m_tracks.nextDeadline()});
    if (!m_untaken.empty())
        next = std::min(next, m_untaken.front().takeAt);
    for (const Channel &channel : m_channels)
        next = std::min({next, channel.sendAt, channel.openAt});
    return next == Never ? Never : next - m_options.clockOffset;
}

/// Until the session and the application are both quiet.
void SessionProcess::settle()
{
    bool isBusy = true;
    while (isBusy) {
        isBusy = takeEvents();
        isBusy = act() || isBusy;
    }
    takeRequests();
    if (isClosed() && m_session.nextDeadline() == Never)
        m_outlets.closeTunnel();
    checkMemory();
}

void SessionProcess::takeRequests()
{
    while (const auto wanted = m_session.nextRequest()) {
        if (std::holds_alternative<request::ResolveName>(*wanted))
            throw std::runtime_error("wants a name to be resolved that nobody has told it");
        if (const auto *connect = std::get_if<ice::request::Connect>(&*wanted))
            m_watch.checkOpened(connect->remote, m_told);
        std::visit(
            [this](const auto &each) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(each)>, request::ResolveName>)
                    m_outlets.serve(m_session, m_now, each);
            },
            *wanted);
    }
}

bool SessionProcess::takeEvents()
{
    bool any = false;
    while (const auto next = m_session.nextEvent()) {
        any = true;
        if (m_state == SessionState::Closed && !std::holds_alternative<event::SignalReady>(*next))
            throw std::runtime_error("an event after the end");
        std::visit([this](const auto &event) { handle(event); }, *next);
    }
    while (const auto next = m_session.nextTrackEvent())
        m_tracks.take(*next);
    return any;
}

/// What the application does by itself. False if there is nothing to do now.
bool SessionProcess::act()
{
    bool any = false;
    if (m_acceptAt <= m_now) {
        m_acceptAt = Never;
        m_hasAccepted = any = true;
        m_session.accept(m_now);
    }
    while (!m_untaken.empty() && m_untaken.front().takeAt <= m_now) {
        const Untaken taken = m_untaken.front();
        m_untaken.pop_front();
        any = true;
        if (Channel *channel = find(taken.channel))
            channel->unread -= taken.octets;
        m_session.messagesTaken(m_now, taken.channel, 1, taken.octets);
    }
    for (Channel &channel : m_channels)
        any = actOn(channel) || any;
    return m_tracks.act(m_now, m_session) || any;
}

bool SessionProcess::actOn(Channel &channel)
{
    bool any = false;
    if (channel.openAt <= m_now) {
        any = true;
        openChannel(channel);
    }
    if (channel.sendAt <= m_now)
        any = sendNext(channel) || any;
    const bool wasClosing = channel.isClosing;
    closeIfDone(channel);
    return any || wasClosing != channel.isClosing;
}

bool SessionProcess::sendNext(Channel &channel)
{
    const std::vector<PlannedMessage> &messages = channel.plan->from(m_options.end);
    channel.sendAt = Never;
    if (channel.nextMessage == messages.size())
        return false;
    const PlannedMessage &message = messages[channel.nextMessage];
    switch (m_session.send(m_now, channel.id, message.kind, message.payload)) {
    case ChannelSendResult::Queued:
        ++channel.nextMessage;
        channel.sendAt = m_now;
        if (channel.nextMessage < messages.size())
            channel.sendAt += messages[channel.nextMessage].gap;
        return true;
    case ChannelSendResult::BufferFull:
        if (m_session.bufferedMessages(channel.id) == 0)
            throw std::runtime_error("an empty queue that is full");
        return false; // goes on at ChannelDrained
    case ChannelSendResult::TooLarge:
        if (channel.isOpen)
            throw std::runtime_error("a message is too large");
        return false; // goes on at ChannelOpened
    case ChannelSendResult::NotOpen:
        if (m_session.state() < SessionState::Closing && !channel.plan->closer)
            throw std::runtime_error("channel " + channel.hearing.describe() + " takes nothing");
        return false;
    }
    return false;
}

void SessionProcess::checkMemory() const
{
    const SessionConfig &config = m_options.config;
    for (const Channel &channel : m_channels) {
        // A message that is larger than the buffer may be there alone.
        if (m_session.bufferedAmount(channel.id)
            > std::max(config.channelSendBuffer, config.maxMessageSize))
            throw std::runtime_error("a send queue grows beyond its bound");
        if (channel.unread > config.channelReadBuffer + config.maxMessageSize + ReceiveBuffer)
            throw std::runtime_error("a read queue grows beyond its bound");
    }
}

SessionProcess::Channel *SessionProcess::find(ChannelId id)
{
    const auto found = std::find_if(m_channels.begin(), m_channels.end(),
                                    [id](const Channel &channel) { return channel.id == id; });
    return found == m_channels.end() ? nullptr : &*found;
}

void SessionProcess::handle(const event::StateChanged &changed)
{
    const bool isReturn = m_state == SessionState::Reconnecting
        && changed.state == SessionState::Connected;
    if (changed.state <= m_state && !isReturn)
        throw std::runtime_error("state " + std::string(nameOf(changed.state)) + " after "
                                 + std::string(nameOf(m_state)));
    m_state = changed.state;
    record(std::string(nameOf(changed.state)));
}

void SessionProcess::handle(const event::SignalReady &ready)
{
    const bool isCallee = m_options.end == End::Callee;
    const bool isTelling = ready.signal.type != Signal::Type::Ack
        && ready.signal.type != Signal::Type::Bye;
    if (isCallee && !m_hasAccepted && isTelling)
        throw std::runtime_error("a signal tells about the callee before it has accepted");
    m_isOfferOut = m_isOfferOut || ready.signal.type == Signal::Type::Offer;
    m_sendSignal(ready.signal);
}

void SessionProcess::handle(const event::OfferAccepted &accepted)
{
    if (accepted.peer.id != m_options.peerId)
        throw std::runtime_error("the caller's identity is not told");
    m_acceptAt = m_now + m_options.acceptAfter;
}

void SessionProcess::handle(const event::PathChanged &changed)
{
    record("path " + changed.route.local.toString() + " to " + changed.route.remote.toString());
}

void SessionProcess::handle(const event::ChannelOpened &opened)
{
    const auto found = std::find_if(
        m_channels.begin(), m_channels.end(),
        [&](const Channel &channel) { return channel.plan->options == opened.options; });
    if (found == m_channels.end() || found->isOpen)
        throw std::runtime_error("a channel opens that nobody has opened");
    const bool isByPeer = found->plan->opener != m_options.end
        && !found->plan->options.negotiatedId;
    if (opened.byPeer != isByPeer || (!isByPeer && found->id != opened.channel))
        throw std::runtime_error("a channel opens as another one");
    found->id = opened.channel;
    found->isOpen = true;
    found->sendAt = m_now;
}

void SessionProcess::handle(const event::ChannelMessage &message)
{
    Channel *channel = find(message.channel);
    if (!channel || !channel->isOpen || channel->isClosed)
        throw std::runtime_error("a message on a channel that is not open");
    channel->hearing.take(message.kind, message.payload);
    channel->unread += message.payload.size();
    m_untaken.push_back({m_now + m_options.takeAfter, message.channel, message.payload.size()});
}

void SessionProcess::handle(const event::ChannelDrained &drained)
{
    if (Channel *channel = find(drained.channel); channel && channel->sendAt == Never)
        channel->sendAt = m_now;
}

void SessionProcess::handle(const event::ChannelClosed &closed)
{
    Channel *channel = find(closed.channel);
    if (!channel || channel->isClosed)
        throw std::runtime_error("a channel closes that is not there");
    if (m_session.state() < SessionState::Closing) {
        if (!channel->plan->closer)
            throw std::runtime_error("a channel closes that nobody closes");
        if (channel->plan->isReliable() && !channel->hearing.isComplete())
            throw std::runtime_error("closed too early: channel " + channel->hearing.describe());
    }
    channel->isClosed = true;
    channel->sendAt = Never;
}

void SessionProcess::handle(const event::Failed &failed)
{
    if (m_failure)
        throw std::runtime_error("fails twice");
    m_failure = failed;
    record("failed: " + failed.text);
}

void SessionProcess::record(const std::string &text)
{
    m_history.push_back(std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(
                                           m_now - m_options.clockOffset - Schedule::Start)
                                           .count())
                        + " ms " + text);
    m_note(text);
}

bool SessionProcess::hasSentAll(const Channel &channel) const
{
    return channel.openAt == Never
        && (channel.isClosed || channel.nextMessage == channel.plan->from(m_options.end).size());
}

bool SessionProcess::hasSentAll() const
{
    return std::all_of(m_channels.begin(), m_channels.end(),
                       [this](const Channel &channel) { return hasSentAll(channel); });
}

bool SessionProcess::hasClosedPlannedChannels() const
{
    return std::all_of(m_channels.begin(), m_channels.end(), [](const Channel &channel) {
        return channel.isClosed || !channel.plan->closer;
    });
}

bool SessionProcess::hasHeardAll() const
{
    return std::all_of(m_channels.begin(), m_channels.end(), [](const Channel &channel) {
        return !channel.plan->isReliable() || channel.hearing.isComplete();
    });
}

bool SessionProcess::hasClosedChannels() const
{
    return std::all_of(m_channels.begin(), m_channels.end(), [](const Channel &channel) {
        return channel.isClosed || channel.id == ChannelId::None;
    });
}

std::string SessionProcess::describe() const
{
    std::string text;
    for (const std::string &line : m_history)
        text += "  " + line + "\n";
    text += m_tracks.describe();
    for (const Channel &channel : m_channels) {
        text += "  channel " + channel.hearing.describe() + "; sent "
            + std::to_string(channel.nextMessage) + " of "
            + std::to_string(channel.plan->from(m_options.end).size()) + ", waiting "
            + std::to_string(m_session.bufferedMessages(channel.id))
            + (channel.isClosing ? ", closes" : "") + (channel.isClosed ? ", closed\n" : "\n");
    }
    return text;
}

} // namespace peer::sim
