// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/relays.h"

#include "core/ice/localcandidates.h"
#include "core/ice/timing.h"

#include <algorithm>
#include <iterator>

namespace peer::ice {

namespace {

bool isSameServer(const RelayServer &a, const RelayServer &b)
{
    return a.transport == b.transport && a.address == b.address && a.host == b.host
        && a.port == b.port;
}

} // namespace

TransportAddress Relays::Relay::target() const
{
    return alternate.isNull() ? server.address : alternate;
}

Relays::Relays(RandomSource &random, RequestQueue &requests)
    : m_random(random)
    , m_requests(requests)
{ }

// ---- What there is to relay by

void Relays::addBase(TimePoint now, const IpAddress &ip, std::uint16_t localPreference)
{
    const bool isKnown = std::any_of(m_bases.begin(), m_bases.end(),
                                     [&](const Base &base) { return base.ip == ip; });
    if (ip.isLinkLocal() || isKnown)
        return;
    const auto place = std::find_if(m_bases.begin(), m_bases.end(), [&](const Base &base) {
        return base.localPreference < localPreference;
    });
    m_bases.insert(place, {ip, localPreference});
    if (m_bases.size() > MaxBases)
        m_bases.pop_back();
    // The network has changed: what failed may work now.
    for (Relay &relay : m_relays) {
        if (relay.id == 0 && relay.retryDelay <= timing::RelayRetryMost)
            restart(now, relay);
    }
}

void Relays::removeBase(TimePoint now, const IpAddress &ip)
{
    std::erase_if(m_bases, [&](const Base &base) { return base.ip == ip; });
    for (Relay &relay : m_relays) {
        if (relay.id != 0 && relay.server.transport == turn::Transport::Udp && relay.base == ip)
            fail(now, relay, turn::EndReason::NoAnswer);
    }
}

void Relays::addServer(TimePoint now, const RelayServer &server)
{
    const bool isUdp = server.transport == turn::Transport::Udp;
    if (m_isReleased || (isUdp ? !isUsableAddress(server.address) : server.host.empty()))
        return;
    for (Relay &relay : m_relays) {
        if (!isSameServer(relay.server, server))
            continue;
        const bool isNew = relay.server.username != server.username
            || relay.server.password != server.password;
        relay.server = server;
        if (isNew && relay.id == 0)
            restart(now, relay);
        return;
    }
    if (m_relays.size() >= MaxServers)
        return;
    Relay &relay = m_relays.emplace_back();
    relay.server = server;
    begin(now, relay);
}

void Relays::permit(TimePoint now, const IpAddress &peer)
{
    const auto known = std::find(m_peers.begin(), m_peers.end(), peer);
    if (known != m_peers.end())
        m_peers.erase(known);
    else if (m_peers.size() >= MaxPeers)
        m_peers.erase(m_peers.begin());
    m_peers.push_back(peer);
    for (Relay &relay : m_relays) {
        if (relay.isAllocated && canReach(relay.allocation->relayed(peer.family()).ip, peer))
            relay.allocation->permit(now, peer);
        take(now, relay);
    }
}

// ---- Opening and losing

/// It has not answered yet from the present one, which may be an interface that leads nowhere.
void Relays::tryNextBase(TimePoint now, Relay &relay)
{
    relay.impatientAt = Never;
    if (!relay.allocation || relay.allocation->isAnswered())
        return;
    relay.failedBases.push_back(relay.base);
    if (nextBase(relay)) {
        close(relay);
        begin(now, relay);
    } else {
        relay.failedBases.pop_back();
    }
}

/// From the beginning, as if nothing had failed.
void Relays::restart(TimePoint now, Relay &relay)
{
    relay.failedBases.clear();
    relay.retryDelay = {};
    relay.alternate = {};
    relay.alternateDomain.clear();
    relay.redirections = 0;
    relay.isSettled = false;
    begin(now, relay);
}

void Relays::begin(TimePoint now, Relay &relay)
{
    relay.retryAt = Never;
    if (m_isReleased)
        return;
    if (relay.server.transport == turn::Transport::Udp)
        openPort(now, relay);
    else
        openStream(relay);
}

/// The best that has not failed yet; null if all have.
const Relays::Base *Relays::nextBase(const Relay &relay) const
{
    const auto base = std::find_if(m_bases.begin(), m_bases.end(), [&](const Base &each) {
        return canReach(each.ip, relay.target().ip)
            && std::find(relay.failedBases.begin(), relay.failedBases.end(), each.ip)
            == relay.failedBases.end();
    });
    return base == m_bases.end() ? nullptr : &*base;
}

void Relays::openPort(TimePoint now, Relay &relay)
{
    const Base *base = nextBase(relay);
    if (!base) {
        scheduleRetry(now, relay, turn::EndReason::NoAnswer);
        return;
    }
    relay.base = base->ip;
    relay.id = m_requests.newId();
    m_requests.push(request::OpenPort{relay.id, base->ip, relay.target()});
}

void Relays::openStream(Relay &relay)
{
    const RelayServer &server = relay.server;
    request::OpenStream wanted{m_requests.newId(), server.transport, server.host, server.port,
                               server.host};
    if (!relay.alternate.isNull()) {
        wanted.host = relay.alternate.ip.toString();
        wanted.port = relay.alternate.port;
        if (!relay.alternateDomain.empty())
            wanted.tlsName = relay.alternateDomain;
    }
    relay.id = wanted.id;
    m_requests.push(std::move(wanted));
}

void Relays::close(Relay &relay)
{
    if (relay.allocation && relay.isAllocated)
        m_events.emplace_back(Lost{relay.allocation->config().route.transport});
    if (relay.allocation) {
        if (m_former.size() == MaxFormer)
            m_former.pop_front();
        m_former.push_back(relay.allocation->config().route.transport);
    }
    relay.allocation.reset();
    relay.isAllocated = false;
    relay.impatientAt = Never;
    if (relay.id != 0)
        m_requests.push(request::Close{relay.id});
    relay.id = 0;
}

void Relays::fail(TimePoint now, Relay &relay, turn::EndReason reason)
{
    const bool wasAllocated = relay.isAllocated;
    close(relay);
    if (wasAllocated) {
        // Whatever took it away, a new one may be had.
        restart(now, relay);
        return;
    }
    const bool isOfBase = reason == turn::EndReason::NoAnswer
        || reason == turn::EndReason::Mismatch;
    if (relay.server.transport == turn::Transport::Udp && isOfBase) {
        relay.failedBases.push_back(relay.base);
        begin(now, relay);
    } else {
        scheduleRetry(now, relay, reason);
    }
}

void Relays::scheduleRetry(TimePoint now, Relay &relay, turn::EndReason reason)
{
    relay.isSettled = true;
    relay.failedBases.clear();
    relay.retryDelay = std::clamp<Duration>(2 * relay.retryDelay, timing::RelayRetryFirst,
                                            timing::RelayRetryMost);
    switch (reason) {
    case turn::EndReason::NoAnswer:
    case turn::EndReason::Mismatch:
        break;
    case turn::EndReason::ServerFailed:
    case turn::EndReason::QuotaReached:
    case turn::EndReason::NoCapacity:
    case turn::EndReason::Redirected:
        // RFC 8656 section 7.4: at least a minute.
        relay.retryDelay = timing::RelayRetryMost;
        break;
    case turn::EndReason::BadCredentials:
    case turn::EndReason::Forbidden:
    case turn::EndReason::Unsupported:
    case turn::EndReason::Released:
        // Until there are other credentials.
        relay.retryDelay = Duration::max();
        relay.retryAt = Never;
        return;
    }
    relay.retryAt = now + relay.retryDelay;
}

void Relays::transportOpened(TimePoint now, std::uint32_t id, const Route &route)
{
    for (Relay &relay : m_relays) {
        if (relay.id != id || relay.allocation)
            continue;
        turn::AllocationConfig config;
        config.route = route;
        config.transport = relay.server.transport;
        config.username = relay.server.username;
        config.password = relay.server.password;
        if (config.transport == turn::Transport::Udp)
            relay.impatientAt = now + timing::RelayBasePatience;
        relay.allocation.emplace(config, m_random);
        relay.allocation->start(now);
        take(now, relay);
    }
}

void Relays::transportFailed(TimePoint now, std::uint32_t id)
{
    for (Relay &relay : m_relays) {
        if (relay.id == id && id != 0)
            fail(now, relay, turn::EndReason::NoAnswer);
    }
}

void Relays::noteSendFailed(TimePoint now, TransportId transport)
{
    if (Relay *relay = find(transport)) {
        relay->allocation->noteSendFailed(now);
        take(now, *relay);
    }
}

void Relays::release(TimePoint now)
{
    m_isReleased = true;
    for (Relay &relay : m_relays) {
        relay.retryAt = Never;
        if (relay.allocation) {
            relay.allocation->release(now);
            take(now, relay);
        } else {
            close(relay);
        }
    }
}

// ---- While it stands

void Relays::bindChannel(TimePoint now, const Route &route)
{
    if (Relay *relay = find(route.transport)) {
        relay->allocation->bindChannel(now, route.remote);
        take(now, *relay);
    }
}

void Relays::probe(TimePoint now, TransportId transport)
{
    if (Relay *relay = find(transport)) {
        relay->allocation->probe(now);
        take(now, *relay);
    }
}

void Relays::advance(TimePoint now)
{
    for (Relay &relay : m_relays) {
        if (relay.retryAt <= now)
            begin(now, relay);
        if (relay.impatientAt <= now)
            tryNextBase(now, relay);
        if (relay.allocation && relay.allocation->nextDeadline() <= now) {
            relay.allocation->advance(now);
            take(now, relay);
        }
    }
}

/// What the relay's allocation has to tell.
void Relays::take(TimePoint now, Relay &relay)
{
    while (relay.allocation) {
        const auto event = relay.allocation->nextEvent();
        if (!event)
            return;
        if (const auto *allocated = std::get_if<turn::Allocated>(&*event))
            handleAllocated(now, relay, *allocated);
        else if (const auto *refused = std::get_if<turn::PeerRefused>(&*event))
            m_events.emplace_back(
                Refused{relay.allocation->config().route.transport, refused->peer});
        else
            handleEnded(now, relay, std::get<turn::Ended>(*event));
    }
}

void Relays::handleAllocated(TimePoint now, Relay &relay, const turn::Allocated &allocated)
{
    relay.isAllocated = true;
    relay.isSettled = true;
    relay.failedBases.clear();
    relay.retryDelay = {};
    std::vector<IpAddress> peers;
    std::copy_if(m_peers.begin(), m_peers.end(), std::back_inserter(peers),
                 [&](const IpAddress &peer) {
                     return canReach(relay.allocation->relayed(peer.family()).ip, peer);
                 });
    relay.allocation->permit(now, peers);
    const auto index = static_cast<std::uint16_t>(&relay - m_relays.data());
    // RFC 8421 section 4: IPv6 before IPv4.
    auto preference = static_cast<std::uint16_t>(65535 - 2 * index);
    for (const TransportAddress &relayed : {allocated.relayedV6, allocated.relayedV4}) {
        if (!relayed.isNull())
            m_events.emplace_back(Gathered{relay.allocation->config().route.transport, relayed,
                                           allocated.mapped, relay.target().ip,
                                           relay.server.transport, preference});
        --preference;
    }
}

void Relays::handleEnded(TimePoint now, Relay &relay, const turn::Ended &ended)
{
    // RFC 8656 section 7.4 and RFC 8489 section 10. Of another family it could not be reached.
    const bool isUdp = relay.server.transport == turn::Transport::Udp;
    if (ended.reason == turn::EndReason::Redirected && isUsableAddress(ended.alternate)
        && relay.redirections < timing::RelayRedirections
        && (!isUdp || canReach(relay.base, ended.alternate.ip))) {
        ++relay.redirections;
        close(relay);
        relay.alternate = ended.alternate;
        relay.alternateDomain = ended.alternateDomain;
        begin(now, relay);
        return;
    }
    if (ended.reason == turn::EndReason::Released)
        close(relay);
    else
        fail(now, relay, ended.reason);
}

// ---- Datagrams

Relays::Relay *Relays::find(TransportId transport)
{
    for (Relay &relay : m_relays) {
        if (relay.allocation && relay.allocation->config().route.transport == transport)
            return &relay;
    }
    return nullptr;
}

const Relays::Relay *Relays::find(TransportId transport) const
{
    return const_cast<Relays *>(this)->find(transport);
}

bool Relays::owns(TransportId transport) const
{
    return find(transport) != nullptr;
}

bool Relays::owned(TransportId transport) const
{
    return std::find(m_former.begin(), m_former.end(), transport) != m_former.end();
}

std::optional<Datagram> Relays::unwrap(TimePoint now, const Datagram &datagram)
{
    Relay *relay = find(datagram.route.transport);
    if (!relay)
        return std::nullopt;
    const auto received = relay->allocation->receive(now, datagram);
    if (!received) {
        take(now, *relay);
        return std::nullopt;
    }
    return Datagram{{datagram.route.transport, received->relayed, received->peer},
                    received->payload};
}

std::optional<Transmit> Relays::wrap(TimePoint now, const Transmit &transmit)
{
    Relay *relay = find(transmit.route.transport);
    if (!relay)
        return std::nullopt;
    return relay->allocation->send(now, transmit.route.remote, transmit.payload);
}

// ---- Out

std::optional<Relays::Event> Relays::nextEvent()
{
    if (m_events.empty())
        return std::nullopt;
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

std::optional<Transmit> Relays::nextTransmit()
{
    for (Relay &relay : m_relays) {
        if (!relay.allocation)
            continue;
        if (auto transmit = relay.allocation->nextTransmit())
            return transmit;
    }
    return std::nullopt;
}

TimePoint Relays::nextDeadline() const
{
    TimePoint next = Never;
    for (const Relay &relay : m_relays) {
        next = std::min({next, relay.retryAt, relay.impatientAt});
        if (relay.allocation)
            next = std::min(next, relay.allocation->nextDeadline());
    }
    return next;
}

bool Relays::isDone() const
{
    return std::all_of(m_relays.begin(), m_relays.end(),
                       [](const Relay &relay) { return relay.isSettled; });
}

} // namespace peer::ice
