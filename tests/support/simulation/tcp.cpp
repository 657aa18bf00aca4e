// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/tcp.h"

#include <algorithm>
#include <utility>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;
using Kind = Segment::Kind;

/// RFC 6298 section 2.1, and what systems have as the least.
constexpr Duration FirstTimeout = 1s;
constexpr Duration LeastTimeout = 200ms;
constexpr Duration MostTimeout = 8s;
constexpr int MaxSynTries = 6;
constexpr int MaxTries = 9;
/// Segments on their way.
constexpr std::size_t Window = 32;
/// And such that came before their turn.
constexpr std::size_t MaxEarly = 256;
/// Octets that wait (shell/datagramqueue.h).
constexpr std::size_t MaxWaiting = 128 * 1024;
/// RFC 5681 section 3.2.
constexpr int DuplicatesOfLoss = 3;
constexpr int FirstDynamicPort = 49152;
constexpr int LastDynamicPort = 65535;

} // namespace

Tcp::Tcp(Schedule &schedule, const SeededRandom &random, std::uint32_t &nextTransport, Send send)
    : m_schedule(schedule)
    , m_random(random)
    , m_nextTransport(nextTransport)
    , m_send(std::move(send))
{ }

Tcp::~Tcp()
{
    for (const Shared &connection : m_connections)
        m_schedule.cancel(connection->timer);
}

std::uint16_t Tcp::freePort()
{
    for (;;) {
        const auto port = static_cast<std::uint16_t>(
            m_random.between(FirstDynamicPort, LastDynamicPort));
        const bool isUsed = std::any_of(m_listeners.begin(), m_listeners.end(),
                                        [&](const auto &each) { return each.local.port == port; })
            || std::any_of(m_connections.begin(), m_connections.end(),
                           [&](const auto &each) { return each->route.local.port == port; });
        if (!isUsed)
            return port;
    }
}

TransportId Tcp::listen(ProcessDriver &owner, const TransportAddress &local)
{
    TransportAddress bound = local;
    if (bound.port == 0)
        bound.port = freePort();
    m_listeners.push_back({TransportId{++m_nextTransport}, bound, &owner});
    return m_listeners.back().transport;
}

TransportAddress Tcp::listeningAddress(TransportId listener) const
{
    for (const Listener &each : m_listeners) {
        if (each.transport == listener)
            return each.local;
    }
    return {};
}

const Tcp::Listener *Tcp::listenerAt(const TransportAddress &local) const
{
    for (const Listener &each : m_listeners) {
        const bool isAll = each.local.ip.isUnspecified()
            && each.local.ip.family() == local.ip.family();
        if (each.local.port == local.port && (isAll || each.local.ip == local.ip))
            return &each;
    }
    return nullptr;
}

void Tcp::connect(ProcessDriver &owner, std::uint32_t id, const TransportAddress &local,
                  const TransportAddress &remote)
{
    auto connection = std::make_shared<Connection>();
    connection->owner = &owner;
    connection->id = id;
    connection->serial = ++m_lastSerial;
    connection->route = {TransportId{++m_nextTransport}, local, remote};
    if (local.port == 0)
        connection->route.local.port = freePort();
    if (find(connection->route.local, remote)) {
        connection->timer = m_schedule.after(Duration::zero(),
                                             [this, connection] { end(connection); });
        m_connections.push_back(connection);
        return;
    }
    connection->openingSince = m_schedule.now();
    connection->timeout = FirstTimeout;
    m_connections.push_back(connection);
    sendSegment(*connection, Kind::Syn, 0);
    startTimer(connection);
}

void Tcp::close(const ProcessDriver &owner, std::uint32_t id)
{
    const auto found = std::find_if(
        m_connections.begin(), m_connections.end(),
        [&](const Shared &each) { return each->owner == &owner && each->id == id; });
    if (found == m_connections.end())
        return;
    const Shared connection = *found;
    sendSegment(*connection, Kind::Reset, 0);
    remove(connection);
}

void Tcp::removeOwner(const ProcessDriver &owner)
{
    std::erase_if(m_listeners, [&](const Listener &each) { return each.owner == &owner; });
    for (const Shared &connection : std::vector(m_connections)) {
        if (connection->owner == &owner)
            remove(connection);
    }
}

bool Tcp::owns(TransportId transport) const
{
    return std::any_of(m_connections.begin(), m_connections.end(),
                       [&](const Shared &each) { return each->route.transport == transport; });
}

Tcp::Shared Tcp::find(const TransportAddress &local, const TransportAddress &remote) const
{
    for (const Shared &each : m_connections) {
        if (each->route.local == local && each->route.remote == remote)
            return each;
    }
    return nullptr;
}

void Tcp::sendSegment(const TransportAddress &from, const TransportAddress &to,
                      const Segment &segment, Bytes payload)
{
    Packet packet{from, to, std::move(payload)};
    packet.segment = segment;
    m_send(std::move(packet));
}

void Tcp::sendSegment(const Connection &connection, Kind kind, std::uint32_t number)
{
    sendSegment(connection.route.local, connection.route.remote, {kind, number, connection.serial});
}

// ---- In

void Tcp::receive(const Packet &packet)
{
    const Shared connection = find(packet.destination, packet.source);
    const Segment &segment = *packet.segment;
    if (!connection) {
        receiveUnknown(packet);
        return;
    }
    if (!isOfConnection(connection, segment)) {
        // The other end has forgotten it, and opens another one.
        if (segment.kind == Kind::Syn && segment.serial > connection->peerSerial) {
            end(connection);
            receive(packet);
        }
        return;
    }
    switch (segment.kind) {
    case Kind::Syn:
        // A repeated one, or the two have met on their way.
        sendSegment(*connection, Kind::SynAck, 0);
        return;
    case Kind::SynAck:
        sendSegment(*connection, Kind::Acknowledgement, connection->expected);
        handleOpened(connection);
        return;
    case Kind::Data:
        handleOpened(connection);
        handleData(connection, packet);
        return;
    case Kind::Acknowledgement:
        handleOpened(connection);
        handleAcknowledged(connection, segment.number);
        return;
    case Kind::Reset:
        end(connection);
        return;
    }
}

void Tcp::receiveUnknown(const Packet &packet)
{
    const Listener *listener = listenerAt(packet.destination);
    if (packet.segment->kind == Kind::Syn && listener)
        accept(*listener, packet);
    else if (packet.segment->kind != Kind::Reset)
        sendSegment(packet.destination, packet.source, {Kind::Reset, 0, 0});
}

/// And not of one before or after it between the same ends.
bool Tcp::isOfConnection(const Shared &connection, const Segment &segment)
{
    if (segment.serial == 0)
        return true;
    const bool isOpening = segment.kind == Kind::Syn || segment.kind == Kind::SynAck;
    if (connection->peerSerial == 0 && isOpening)
        connection->peerSerial = segment.serial;
    return connection->peerSerial == segment.serial;
}

void Tcp::accept(const Listener &listener, const Packet &packet)
{
    auto connection = std::make_shared<Connection>();
    connection->owner = listener.owner;
    connection->route = {TransportId{++m_nextTransport}, packet.destination, packet.source};
    connection->serial = ++m_lastSerial;
    connection->peerSerial = packet.segment->serial;
    connection->isOpen = true;
    connection->timeout = LeastTimeout;
    m_connections.push_back(connection);
    sendSegment(*connection, Kind::SynAck, 0);
}

void Tcp::handleOpened(const Shared &connection)
{
    if (connection->isOpen)
        return;
    connection->isOpen = true;
    if (connection->tries == 0)
        connection->timeout = 2 * (m_schedule.now() - connection->openingSince);
    connection->timeout = std::max(connection->timeout, LeastTimeout);
    connection->tries = 0;
    m_schedule.cancel(connection->timer);
    connection->owner->command([&](TimePoint now) {
        connection->owner->process().connectionOpened(now, connection->id, connection->route);
    });
}

void Tcp::handleData(const Shared &connection, const Packet &packet)
{
    const std::uint32_t number = packet.segment->number;
    if (number >= connection->expected && connection->early.size() < MaxEarly)
        connection->early.emplace(number, packet.payload);
    std::vector<Bytes> complete;
    while (!connection->early.empty() && connection->early.begin()->first == connection->expected) {
        complete.push_back(std::move(connection->early.begin()->second));
        connection->early.erase(connection->early.begin());
        ++connection->expected;
    }
    sendSegment(*connection, Kind::Acknowledgement, connection->expected);
    for (const Bytes &payload : complete)
        deliver(connection, payload);
}

void Tcp::deliver(const Shared &connection, const Bytes &payload)
{
    if (connection->isGone)
        return;
    if (connection->id == 0) {
        connection->owner->command([&](TimePoint now) {
            connection->id = connection->owner->process().connectionAccepted(now,
                                                                             connection->route);
        });
        if (connection->id == 0) {
            sendSegment(*connection, Kind::Reset, 0);
            remove(connection);
            return;
        }
    }
    connection->owner->receive({connection->route, payload});
}

void Tcp::handleAcknowledged(const Shared &connection, std::uint32_t next)
{
    const std::uint32_t before = connection->firstUnacknowledged;
    while (connection->firstUnacknowledged < next && !connection->unacknowledged.empty()) {
        connection->unacknowledged.pop_front();
        ++connection->firstUnacknowledged;
        --connection->inFlight;
    }
    if (connection->firstUnacknowledged != before) {
        if (connection->timed != 0 && connection->timed < connection->firstUnacknowledged) {
            connection->timeout = std::max(2 * (m_schedule.now() - connection->timedAt),
                                           LeastTimeout);
            connection->timed = 0;
        }
        connection->tries = 0;
        connection->duplicates = 0;
        // RFC 6582 section 3.2: the next one was lost as well.
        if (connection->firstUnacknowledged < connection->recoveryEnd)
            retransmit(*connection);
        fill(*connection);
        startTimer(connection);
    } else if (connection->inFlight > 0 && ++connection->duplicates == DuplicatesOfLoss) {
        recover(*connection);
    }
}

// ---- Out

void Tcp::send(const Transmit &transmit)
{
    for (const Shared &connection : m_connections) {
        if (connection->route.transport != transmit.route.transport)
            continue;
        std::deque<Bytes> &segments = connection->unacknowledged;
        const bool wasIdle = segments.empty();
        segments.push_back(toBytes(transmit.payload));
        connection->waiting += transmit.payload.size();
        fill(*connection);
        while (connection->waiting > MaxWaiting) {
            const auto oldest = segments.begin()
                + static_cast<std::ptrdiff_t>(connection->inFlight);
            connection->waiting -= oldest->size();
            segments.erase(oldest);
        }
        if (wasIdle)
            startTimer(connection);
        return;
    }
}

void Tcp::fill(Connection &connection)
{
    while (connection.inFlight < std::min(Window, connection.unacknowledged.size())) {
        const auto at = connection.inFlight++;
        if (connection.timed == 0) {
            connection.timed = connection.firstUnacknowledged + static_cast<std::uint32_t>(at);
            connection.timedAt = m_schedule.now();
        }
        connection.waiting -= connection.unacknowledged[at].size();
        sendSegment(connection.route.local, connection.route.remote,
                    {Kind::Data, connection.firstUnacknowledged + static_cast<std::uint32_t>(at),
                     connection.serial},
                    connection.unacknowledged[at]);
    }
}

void Tcp::recover(Connection &connection)
{
    connection.recoveryEnd = connection.firstUnacknowledged
        + static_cast<std::uint32_t>(connection.inFlight);
    retransmit(connection);
}

void Tcp::retransmit(Connection &connection)
{
    // RFC 6298 section 3: what waits behind it tells no round trip either.
    connection.timed = 0;
    if (!connection.unacknowledged.empty())
        sendSegment(connection.route.local, connection.route.remote,
                    {Kind::Data, connection.firstUnacknowledged, connection.serial},
                    connection.unacknowledged.front());
}

void Tcp::startTimer(const Shared &connection)
{
    m_schedule.cancel(connection->timer);
    connection->timer = {Never, 0};
    if (connection->isOpen && connection->unacknowledged.empty())
        return;
    const Duration wait = std::min(connection->timeout * (1 << std::min(connection->tries, 10)),
                                   std::max(MostTimeout, connection->timeout));
    connection->timer = m_schedule.after(wait, [this, connection] { handleTimeout(connection); });
}

void Tcp::handleTimeout(const Shared &connection)
{
    ++connection->tries;
    if (connection->tries >= (connection->isOpen ? MaxTries : MaxSynTries)) {
        end(connection);
        return;
    }
    if (connection->isOpen)
        recover(*connection);
    else
        sendSegment(*connection, Kind::Syn, 0);
    startTimer(connection);
}

void Tcp::end(const Shared &connection)
{
    remove(connection);
    if (connection->id == 0)
        return;
    connection->owner->command(
        [&](TimePoint now) { connection->owner->process().connectionEnded(now, connection->id); });
}

void Tcp::remove(const Shared &connection)
{
    connection->isGone = true;
    m_schedule.cancel(connection->timer);
    std::erase(m_connections, Shared(connection));
}

} // namespace peer::sim
