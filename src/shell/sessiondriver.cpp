// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/sessiondriver.h"

#include "shell/systemrandom.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qcoreevent.h>
#include <QtCore/qpointer.h>

#include <algorithm>
#include <type_traits>

namespace peer {

namespace {

/// Datagrams that are fed before the session's answers are taken out: its queue is bounded, and a
/// batch can be a thousand.
constexpr std::size_t ReceiveStep = 64;
/// Rounds of one drain in which the observer's answers cause further events; then the event loop
/// has its turn.
constexpr int MaxRounds = 16;
/// Later than that, the event loop was stalled, and what has arrived meanwhile is looked at before
/// timers are believed.
constexpr Duration Stall = std::chrono::milliseconds(20);
constexpr std::size_t MaxFailures = 32;
/// Of relays, in the report: one or two for each of those that an agent has (8).
constexpr qsizetype MaxNotedProblems = 16;

/// The generator of this thread; sessions borrow it, and live in this thread.
RandomSource &threadRandom()
{
    thread_local SystemRandom random;
    return random;
}

QEvent::Type drainEventType()
{
    static const auto type = QEvent::Type(QEvent::registerEventType());
    return type;
}

} // namespace

SessionDriver::SessionDriver(const SessionConfig &config, std::shared_ptr<PortSet> ports,
                             QObject *parent)
    : QObject(parent)
    , m_ports(std::move(ports))
    , m_session(std::make_unique<Session>(config, threadRandom()))
{
    connectTransports();
    connect(&m_timer, &DeadlineTimer::expired, this, &SessionDriver::handleDeadline);
}

SessionDriver::~SessionDriver()
{
    drainTransmits();
    if (m_self != SenderId::None)
        m_ports->detach(m_self);
}

void SessionDriver::connectTransports()
{
    const auto opened = [this](std::uint32_t id, const Route &route) {
        m_session->transportOpened(bootTimeNow(), id, route);
        scheduleDrain();
    };
    const auto failed = [this](std::uint32_t id) {
        m_session->transportFailed(bootTimeNow(), id);
        scheduleDrain();
    };
    const auto relayFailed = [this, failed](std::uint32_t id) {
        noteRelayProblem();
        failed(id);
    };
    m_relays.setHandlers({opened, relayFailed,
                          [this](std::span<const Datagram> datagrams) { receive(datagrams); },
                          [this](const Route &route) { handleSendFailed(route); }});
    m_streams.setHandlers(
        {opened, failed, [this](const Datagram &datagram) { receiveFromStream(datagram); }});
    m_stunLinks.setHandlers(
        {opened, failed, [this](const Datagram &datagram) { receiveFromStream(datagram); }});
}

/// Each once, for relays are tried again and again.
void SessionDriver::noteRelayProblem()
{
    const QString &problem = m_relays.problem();
    if (problem.isEmpty() || m_notedProblems.contains(problem)
        || m_notedProblems.size() >= MaxNotedProblems)
        return;
    m_notedProblems.append(problem);
    m_session->note(bootTimeNow(), "a relay is not reached: " + problem.toStdString());
}

void SessionDriver::acceptConnection(std::unique_ptr<DatagramStream> stream,
                                     const Datagram &request)
{
    const std::uint32_t id = m_session->connectionAccepted(bootTimeNow(), request.route);
    if (id == 0) {
        stream->abort();
        return;
    }
    m_streams.adopt(id, std::move(stream));
    receiveFromStream(request);
}

/// The id is of one of them.
void SessionDriver::handle(const ice::request::Close &request)
{
    m_relays.close(request.id);
    m_streams.close(request.id, request.isAbrupt);
    m_stunLinks.close(request.id);
}

void SessionDriver::handle(const ice::request::OpenStun &request)
{
    m_stunLinks.open(request, m_ports->stunStreams());
}

void SessionDriver::setObserver(Observer observer)
{
    m_observer = std::make_shared<Observer>(std::move(observer));
}

bool SessionDriver::start()
{
    Q_ASSERT(!m_isStarted);
    if (m_isStarted)
        return false;
    m_self = m_ports->attach(this);
    if (m_self == SenderId::None)
        return false;
    m_isStarted = true;
    const TimePoint now = bootTimeNow();
    for (const ice::LocalAddress &address : m_ports->localAddresses())
        m_session->addLocalAddress(now, address);
    scheduleDrain();
    return true;
}

void SessionDriver::useServers(const std::vector<StunServer> &servers,
                               const std::vector<TurnServer> &relays)
{
    m_serversWanted = servers.size() + relays.size() + 1;
    for (const TurnServer &relay : relays)
        addRelay(relay, [this] { noteServerKnown(); });
    for (const StunServer &server : servers) {
        m_resolver.lookUp(
            server.host, ServerDeadline,
            [this, port = server.port](const std::vector<IpAddress> &addresses) {
                const TimePoint now = bootTimeNow();
                // One of each family: more of the same name answer the same.
                for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
                    const auto found = std::find_if(
                        addresses.begin(), addresses.end(),
                        [family](const auto &ip) { return ip.family() == family; });
                    if (found != addresses.end())
                        m_session->addStunServer(now, {*found, port});
                }
                noteServerKnown();
            });
    }
    noteServerKnown();
}

void SessionDriver::setProxyAsker(const RelayStream::Asker &asker)
{
    m_proxyAsker = asker;
    m_relays.setProxyAsker(asker);
}

void SessionDriver::continueByProxy(const QNetworkProxy &answered)
{
    m_relays.continueByProxy(answered);
    if (m_tunnel)
        m_tunnel->continueByProxy();
}

void SessionDriver::useTunnel(const SessionTunnelOptions &options)
{
    if (m_tunnel && m_tunnel->transport() != TransportId::None)
        m_session->removeTunnel(bootTimeNow(), m_tunnel->transport());
    if (m_tunnel)
        m_tunnel.release()->deleteLater(); // it may be calling
    m_tunnel = std::make_unique<SessionTunnel>(options);
    m_tunnel->setProxyAsker(m_proxyAsker);
    SessionTunnel *const tunnel = m_tunnel.get();
    connect(tunnel, &SessionTunnel::opened, this, [this, tunnel] {
        m_tunnelRoute = m_session->addTunnel(bootTimeNow(), tunnel->transport());
        scheduleDrain();
    });
    connect(tunnel, &SessionTunnel::closed, this, [this](TransportId transport) {
        m_session->removeTunnel(bootTimeNow(), transport);
        scheduleDrain();
    });
    connect(tunnel, &SessionTunnel::received, this, &SessionDriver::receiveFromTunnel);
    tunnel->open();
    scheduleDrain();
}

void SessionDriver::receiveFromTunnel(const QByteArray &datagram)
{
    const ByteView octets(reinterpret_cast<const std::uint8_t *>(datagram.constData()),
                          std::size_t(datagram.size()));
    receiveFromStream({m_tunnelRoute, octets});
}

/// Of such several come in one turn of the event loop.
void SessionDriver::receiveFromStream(const Datagram &datagram)
{
    m_session->receive(bootTimeNow(), datagram);
    flush();
    scheduleDrain();
}

void SessionDriver::send(const Transmit &transmit)
{
    if (m_tunnel && transmit.route.transport == m_tunnel->transport())
        m_tunnel->send(transmit.payload);
    else
        m_ports->send(m_self, transmit);
}

void SessionDriver::useRelays(const std::vector<TurnServer> &relays)
{
    for (const TurnServer &relay : relays)
        addRelay(relay, [this] { scheduleDrain(); });
}

/// Only UDP needs the address: a stream is opened by name, which a proxy may have to resolve.
void SessionDriver::addRelay(const TurnServer &server, const std::function<void()> &done)
{
    ice::RelayServer relay;
    relay.transport = server.transport;
    relay.username = server.username.toStdString();
    relay.password = server.password.toStdString();
    if (server.transport != turn::Transport::Udp) {
        relay.host = server.host.toStdString();
        relay.port = server.port;
        m_session->addRelayServer(bootTimeNow(), relay);
        done();
        return;
    }
    m_resolver.lookUp(
        server.host, ServerDeadline,
        [this, relay, done, port = server.port](const std::vector<IpAddress> &addresses) mutable {
            for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
                const auto found = std::find_if(
                    addresses.begin(), addresses.end(),
                    [family](const auto &ip) { return ip.family() == family; });
                if (found == addresses.end())
                    continue;
                relay.address = {*found, port};
                m_session->addRelayServer(bootTimeNow(), relay);
            }
            done();
        });
}

void SessionDriver::noteServerKnown()
{
    if (--m_serversWanted == 0)
        m_session->endOfLocalAddresses(bootTimeNow());
    scheduleDrain();
}

void SessionDriver::flush()
{
    if (!m_isStarted || m_isDraining)
        return;
    drainMedia();
    drainTransmits();
}

bool SessionDriver::event(QEvent *event)
{
    if (event->type() != drainEventType())
        return QObject::event(event);
    m_isDrainPosted = false;
    drain();
    return true;
}

void SessionDriver::receive(std::span<const Datagram> datagrams)
{
    // Within a drain (the observer may have called readPending) there is no place to wait: what a
    // session has not read counts as lost, and the drain that runs takes the answers out.
    const TimePoint now = bootTimeNow();
    for (std::size_t at = 0; at < datagrams.size(); ++at) {
        m_session->receive(now, datagrams[at]);
        if (at % ReceiveStep == ReceiveStep - 1)
            flush();
    }
    drain();
}

void SessionDriver::addLocalAddress(const ice::LocalAddress &address)
{
    m_session->addLocalAddress(bootTimeNow(), address);
    scheduleDrain();
}

void SessionDriver::removeLocalAddress(TransportId transport, const IpAddress &ip)
{
    m_session->removeLocalAddress(bootTimeNow(), transport, ip);
    scheduleDrain();
}

void SessionDriver::handleWritable()
{
    scheduleDrain();
}

void SessionDriver::handleSendFailed(const Route &route)
{
    // It may come from within drainTransmits(), while a payload of the session is lent out.
    const bool isNew = std::find(m_failures.begin(), m_failures.end(), route) == m_failures.end();
    if (isNew && m_failures.size() < MaxFailures)
        m_failures.push_back(route);
    scheduleDrain();
}

void SessionDriver::handleDeadline()
{
    const QPointer<SessionDriver> guard(this);
    if (m_session->nextDeadline() < bootTimeNow() - Stall) {
        m_ports->readPending();
        if (!guard)
            return;
    }
    m_session->advance(bootTimeNow());
    drain();
}

void SessionDriver::scheduleDrain()
{
    m_isDrainDue = true;
    if (!m_isDraining && !m_isGathering)
        postDrain();
}

void SessionDriver::postDrain()
{
    if (std::exchange(m_isDrainPosted, true))
        return;
    QCoreApplication::postEvent(this, new QEvent(drainEventType()));
}

void SessionDriver::drain()
{
    if (m_isDraining) {
        m_isDrainDue = true;
        return;
    }
    m_isDraining = true;
    m_isDrainDue = true;
    const QPointer<SessionDriver> guard(this);
    for (int round = 0; m_isDrainDue && round < MaxRounds; ++round) {
        m_isDrainDue = false;
        reportFailures();
        drainRequests();
        // Before datagrams: the application gets what has come while the system sends the answer.
        const bool hadEvents = drainEvents();
        if (!guard)
            return;
        drainMedia();
        drainTransmits();
        m_isDrainDue = m_isDrainDue || hadEvents;
    }
    m_isDraining = false;
    if (m_isDrainDue)
        postDrain();
    m_timer.setDeadline(m_session->nextDeadline());
}

void SessionDriver::drainTransmits()
{
    if (!m_isStarted)
        return;
    const std::string &fragment = m_session->localUsernameFragment();
    if (fragment != m_usernameFragment) {
        m_usernameFragment = fragment;
        m_ports->setUsernameFragment(m_self, fragment);
    }
    while (m_ports->makeRoom()) {
        const std::optional<Transmit> transmit = m_session->nextTransmit();
        if (!transmit)
            break;
        if (!m_relays.send(*transmit) && !m_streams.send(*transmit) && !m_stunLinks.send(*transmit))
            send(*transmit);
    }
    m_ports->flush();
    m_relays.flush();
}

void SessionDriver::drainRequests()
{
    while (const std::optional<SessionRequest> request = m_session->nextRequest())
        std::visit([this](const auto &each) { handle(each); }, *request);
}

void SessionDriver::handle(const request::ResolveName &request)
{
    m_resolver.lookUp(QString::fromStdString(request.name), Resolver::LocalNameDeadline,
                      [this, id = request.id](const std::vector<IpAddress> &addresses) {
                          std::optional<IpAddress> address;
                          if (!addresses.empty())
                              address = addresses.front();
                          m_session->nameResolved(bootTimeNow(), id, address);
                          scheduleDrain();
                      });
}

/// Whether there was any. Without an observer they are dropped.
bool SessionDriver::drainEvents()
{
    const QPointer<SessionDriver> guard(this);
    const std::shared_ptr<Observer> observer = m_observer;
    bool hadEvents = false;
    while (guard) {
        std::optional<SessionEvent> event = m_session->nextEvent();
        if (!event)
            break;
        hadEvents = true;
        if (observer && *observer)
            (*observer)(std::move(*event));
    }
    return hadEvents;
}

/// Without an observer they are dropped.
void SessionDriver::drainMedia()
{
    while (const std::optional<TrackEvent> event = m_session->nextTrackEvent()) {
        if (m_mediaObserver.track)
            m_mediaObserver.track(*event);
    }
    while (const std::optional<MediaPacket> packet = m_session->nextMedia()) {
        if (m_mediaObserver.packet)
            m_mediaObserver.packet(*packet);
    }
}

void SessionDriver::reportFailures()
{
    const std::vector<Route> failures = std::exchange(m_failures, {});
    for (const Route &route : failures)
        m_session->noteSendFailed(bootTimeNow(), route);
}

} // namespace peer
