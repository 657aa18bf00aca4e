// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "peerprocess.h"

#include "core/stun/message.h"

#include <algorithm>
#include <stdexcept>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;

/// RFC 6544 section 4.5.
constexpr std::uint16_t DiscardPort = 9;
constexpr std::uint8_t GreetingKind = 0xC2;
/// What this process waits before it gives a path up, and between two restarts: longer than a peer
/// that does not trickle waits for a STUN server that is dead.
constexpr Duration LongSilence = 10s;
constexpr Duration RestartGap = 15s;

Bytes makeContent(SeededRandom random, std::size_t size)
{
    Bytes content(size);
    random.fill(content);
    return content;
}

std::string_view name(ice::State state)
{
    switch (state) {
    case ice::State::New:
        return "new";
    case ice::State::Checking:
        return "checking";
    case ice::State::Connected:
        return "connected";
    case ice::State::Completed:
        return "completed";
    case ice::State::Disconnected:
        return "disconnected";
    case ice::State::Failed:
        return "failed";
    }
    return {};
}

} // namespace

PeerProcess::PeerProcess(Host &host, SeededRandom random, const Options &options,
                         std::function<void(const Signal &)> sendSignal)
    : m_random(random)
    , agent(options.config, m_random)
    , transfer(makeContent(random.fork("content"), options.transferSize))
    , m_host(host)
    , m_options(options)
    , m_sendSignal(std::move(sendSignal))
    , m_outlets(host, *this)
    , m_greeting(1, GreetingKind)
{ }

void PeerProcess::openSockets(TimePoint now)
{
    for (const IpAddress &address : m_host.addresses())
        openSocket(now, address, m_nextPreference--);
}

void PeerProcess::openSocket(TimePoint now, const IpAddress &address, std::uint16_t preference)
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
    m_bases.emplace_back(transport, local);
    agent.addLocalAddress(now, {transport, local, preference});
    if (m_options.hasTcp)
        listen(now, address, preference);
}

void PeerProcess::listen(TimePoint now, const IpAddress &address, std::uint16_t preference)
{
    TransportId &listener = m_listeners[address.isV6() ? 1 : 0];
    if (listener == TransportId::None)
        listener = m_host.listen(*this, {IpAddress::any(address.family()), 0});
    const TransportAddress passive{address, m_host.listeningAddress(listener).port};
    m_bases.emplace_back(listener, passive);
    agent.addLocalAddress(now, {listener, passive, preference, CandidateProtocol::TcpPassive});
    agent.addLocalAddress(
        now, {listener, {address, DiscardPort}, preference, CandidateProtocol::TcpActive});
    const TransportId own = Outlets::simultaneousOpenId(listener);
    m_bases.emplace_back(own, passive);
    agent.addLocalAddress(now, {own, passive, preference, CandidateProtocol::TcpSimultaneousOpen});
}

void PeerProcess::renumber(TimePoint now, const IpAddress &gone, const IpAddress &come)
{
    removeAddress(now, gone);
    std::erase_if(m_bases, [&](const auto &base) { return base.second.ip == gone; });
    openSocket(now, come, m_nextPreference--);
    takeEvents(now);
}

void PeerProcess::start(TimePoint now, const std::vector<TransportAddress> &stunServers,
                        const std::vector<ice::RelayServer> &relayServers,
                        const TunnelServer *tunnelServer)
{
    if (m_options.isOfferer) {
        m_offerNumber = 1;
        sendDescription(true);
    }
    openSockets(now);
    for (const TransportAddress &server : stunServers) {
        m_permitted.insert(server);
        agent.addStunServer(now, server);
    }
    for (const ice::RelayServer &server : relayServers) {
        const auto ip = IpAddress::fromString(server.host);
        m_permitted.insert(ip ? TransportAddress{*ip, server.port} : server.address);
        agent.addRelayServer(now, server);
    }
    m_outlets.useTunnel(now, tunnelServer, m_options.isOfferer ? 0 : 1);
    m_outlets.advance(agent, now);
    agent.endOfLocalAddresses(now);
    takeEvents(now);
}

void PeerProcess::sendDescription(bool isOffer)
{
    m_sendSignal(DescriptionSignal{isOffer, m_offerNumber, agent.localParameters()});
}

void PeerProcess::restart(TimePoint now)
{
    ++restarts;
    ++m_offerNumber;
    m_restartNotBefore = now + RestartGap;
    m_heldBack.clear();
    agent.restart(now);
    sendDescription(true);
    takeEvents(now);
}

void PeerProcess::removeAddress(TimePoint now, const IpAddress &ip)
{
    for (const auto &[transport, local] : m_bases) {
        if (local.ip == ip)
            agent.removeLocalAddress(now, transport, ip);
    }
    takeEvents(now);
}

void PeerProcess::receiveSignal(TimePoint now, const Signal &signal)
{
    if (const auto *description = std::get_if<DescriptionSignal>(&signal)) {
        if (description->isOffer && description->number > m_offerNumber) {
            const bool isFirst = m_offerNumber == 0;
            m_offerNumber = description->number;
            if (isFirst) {
                sendDescription(false);
            } else {
                m_heldBack.clear();
                agent.restart(now);
                sendDescription(false);
                takeEvents(now);
            }
            agent.setRemoteParameters(now, description->parameters);
            m_restartNotBefore = now + RestartGap;
        } else if (!description->isOffer && description->number == m_offerNumber) {
            agent.setRemoteParameters(now, description->parameters);
            m_restartNotBefore = now + RestartGap;
        }
    } else if (const auto *candidate = std::get_if<CandidateSignal>(&signal)) {
        m_permitted.insert(candidate->candidate.address);
        agent.addRemoteCandidate(now, candidate->candidate);
    } else if (std::holds_alternative<RestartWantedSignal>(signal)) {
        if (now >= m_restartNotBefore)
            restart(now);
        return;
    } else {
        agent.endOfRemoteCandidates(now);
    }
    takeEvents(now);
}

void PeerProcess::takeEvents(TimePoint now)
{
    m_now = now;
    takeRequests(now);
    while (const auto event = agent.nextEvent()) {
        if (const auto *gathered = std::get_if<ice::CandidateGathered>(&*event)) {
            told.push_back(gathered->candidate);
            if (m_options.trickles)
                m_sendSignal(CandidateSignal{gathered->candidate});
            else
                m_heldBack.push_back(gathered->candidate);
        } else if (const auto *changed = std::get_if<ice::StateChanged>(&*event)) {
            history.push_back(std::string(name(changed->state)) + ": " + changed->reason);
        } else if (const auto *routed = std::get_if<ice::RouteChanged>(&*event)) {
            const auto route = agent.route();
            history.push_back(
                (route ? "route " + route->local.toString() + " to " + route->remote.toString()
                       : std::string("no route"))
                + ": " + routed->reason);
        } else {
            for (const Candidate &candidate : m_heldBack)
                m_sendSignal(CandidateSignal{candidate});
            m_heldBack.clear();
            m_sendSignal(EndOfCandidatesSignal{agent.localParameters().usernameFragment});
        }
    }
    considerRestart(now);
}

void PeerProcess::takeRequests(TimePoint now)
{
    while (const auto wanted = agent.nextRequest()) {
        const auto *connect = std::get_if<ice::request::Connect>(&*wanted);
        if (connect && !m_permitted.contains(connect->remote))
            throw std::runtime_error("a SYN to a stranger, " + connect->remote.toString());
        const auto *stun = std::get_if<ice::request::OpenStun>(&*wanted);
        if (stun && !m_permitted.contains(stun->server))
            throw std::runtime_error("a SYN to a server that nobody has named");
        std::visit([&](const auto &request) { m_outlets.serve(agent, now, request); }, *wanted);
    }
}

void PeerProcess::connectionOpened(TimePoint now, std::uint32_t id, const Route &route)
{
    m_outlets.connectionOpened(agent, now, id, route, [&](TransportId transport) {
        agent.addTunnel(now, ice::tunnelRoute(transport, tunnelEnd()));
    });
    takeEvents(now);
}

std::uint32_t PeerProcess::connectionAccepted(TimePoint now, const Route &route)
{
    return m_outlets.connectionAccepted(agent, now, route);
}

void PeerProcess::connectionEnded(TimePoint now, std::uint32_t id)
{
    m_outlets.connectionEnded(agent, now, id);
    takeEvents(now);
}

void PeerProcess::considerRestart(TimePoint now)
{
    if (now < m_restartNotBefore)
        return;
    const ice::State state = agent.state();
    const bool isDead = state == ice::State::Disconnected || state == ice::State::Failed;
    if (!isDead && agent.silence(now) <= LongSilence)
        return;
    if (m_options.isOfferer) {
        restart(now);
    } else {
        m_restartNotBefore = now + RestartGap;
        m_sendSignal(RestartWantedSignal{});
    }
}

void PeerProcess::receive(TimePoint now, const Datagram &arrived)
{
    if (m_outlets.isRelay(arrived.route.transport))
        m_consent.noteRelay(arrived.route.transport);
    Datagram outer = arrived;
    if (m_outlets.isTunnel(arrived.route.transport))
        outer.route = ice::tunnelRoute(arrived.route.transport, tunnelEnd());
    m_consent.noteReceived(now, outer);
    const auto inner = agent.unwrap(now, outer);
    if (!inner) {
        takeEvents(now);
        return;
    }
    const Datagram &datagram = *inner;
    if (!datagram.payload.empty() && datagram.payload[0] <= 3) {
        const auto message = stun::Message::parse(datagram.payload);
        // Whoever has sent an authentic check may be checked; that it was authentic shows in that
        // the agent looks at what comes from there.
        agent.receive(now, datagram);
        if (message && message->messageClass() == stun::Class::Request
            && agent.isKnown(datagram.route))
            m_permitted.insert(datagram.route.remote);
    } else if (!agent.isKnown(datagram.route)) {
        ++strangers;
    } else if (datagram.payload.size() == 1 && datagram.payload[0] == GreetingKind) {
        heardFrom = datagram.route;
        agent.noteAuthenticated(now, datagram.route);
    } else if (transfer.receive(now, datagram.payload)) {
        agent.noteAuthenticated(now, datagram.route);
    }
    takeEvents(now);
}

void PeerProcess::advance(TimePoint now)
{
    m_outlets.advance(agent, now);
    agent.advance(now);
    takeEvents(now);
}

std::optional<Transmit> PeerProcess::nextTransmit()
{
    if (const auto hello = m_outlets.nextTransmit())
        return hello;
    const auto transmit = nextUnwatched();
    if (transmit) {
        if (m_outlets.isRelay(transmit->route.transport))
            m_consent.noteRelay(transmit->route.transport);
        m_consent.checkSent(m_now, *transmit);
    }
    return transmit;
}

std::optional<Transmit> PeerProcess::nextUnwatched()
{
    if (const auto transmit = agent.nextTransmit()) {
        watch(*transmit);
        return transmit;
    }
    const auto route = agent.route();
    if (!route)
        return std::nullopt;
    if (m_isGreeting) {
        m_isGreeting = false;
        return agent.wrap(m_now, {*route, m_greeting});
    }
    if (const auto datagram = transfer.nextDatagram(m_now))
        return agent.wrap(m_now, {*route, *datagram});
    return std::nullopt;
}

/// No question goes to where nobody asked for one.
void PeerProcess::watch(const Transmit &transmit)
{
    if (m_outlets.isTunnel(transmit.route.transport))
        return;
    if (m_outlets.isRelay(transmit.route.transport)) {
        watchRelayed(transmit);
        return;
    }
    const auto message = stun::Message::parse(transmit.payload);
    if (!message)
        throw std::runtime_error("the agent sends something that is not STUN");
    watchCheck(*message, transmit.route.remote);
    if (m_outlets.isConnection(transmit.route))
        return;
    if (std::none_of(m_bases.begin(), m_bases.end(), [&](const auto &base) {
            return base.first == transmit.route.transport && base.second == transmit.route.local;
        }))
        throw std::runtime_error("sent from " + transmit.route.local.toString());
}

/// Neither over a relay.
void PeerProcess::watchRelayed(const Transmit &transmit)
{
    if (!m_permitted.contains(transmit.route.remote))
        throw std::runtime_error("to a server that nobody has named");
    const auto message = stun::Message::parse(transmit.payload);
    if (!message || message->method() != stun::Method::Send)
        return;
    const auto inner = stun::Message::parse(
        message->find(stun::Attribute::Data).value_or(ByteView()));
    const auto peer = message->address(stun::Attribute::XorPeerAddress);
    if (inner && peer)
        watchCheck(*inner, *peer);
}

/// Who is answered has been authentic, even if there was no room for a pair.
void PeerProcess::watchCheck(const stun::Message &message, const TransportAddress &remote)
{
    if (message.messageClass() == stun::Class::SuccessResponse)
        m_permitted.insert(remote);
    if (message.messageClass() == stun::Class::Request && !m_permitted.contains(remote))
        throw std::runtime_error("a request to a stranger, " + remote.toString());
}

TimePoint PeerProcess::nextDeadline() const
{
    TimePoint next = std::min(agent.nextDeadline(), m_outlets.nextDeadline());
    if (agent.route())
        next = std::min(next, transfer.nextDeadline());
    if (agent.state() != ice::State::New && agent.silence(m_now) > Duration::zero())
        next = std::min(next, m_now + 1s);
    return next;
}

void PeerProcess::sendFailed(TimePoint now, const Route &route)
{
    agent.noteSendFailed(now, route);
    takeEvents(now);
}

} // namespace peer::sim
