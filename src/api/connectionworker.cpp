// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/connectionworker.h"

#include "api/networkruntime.h"
#include "api/pathinfo.h"
#include "api/policycheck.h"
#include "api/publicerror.h"
#include "api/trackinfo.h"
#include "signaling/signaljson.h"
#include "signaling/tunneljoin.h"

#include <QtCore/qcoreevent.h>

#include <chrono>
#include <iterator>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// D7: a call that nobody answers ends, at both sides.
constexpr std::chrono::seconds RingTime{60};
/// The report is renewed with every so many statistics.
constexpr int ReportTicks = 5;
std::vector<std::string> toStandard(const QStringList &texts)
{
    std::vector<std::string> result;
    for (const QString &text : texts)
        result.push_back(text.toStdString());
    return result;
}

/// Of the member tunnel (PROTOCOL.md): those after which only another token helps.
constexpr quint16 FinalTunnelCodes[] = {quint16(rendezvous::TunnelClose::BadToken),
                                        quint16(rendezvous::TunnelClose::Replaced)};

} // namespace

void ConnectionWorker::startDialing(std::shared_ptr<ConnectionLink> link, DialParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new ConnectionWorker(runtime, link, parameters);
        });
}

std::shared_ptr<PortSet> ConnectionWorker::openOwnPorts(bool withLoopback, PathPolicy paths)
{
    PortSetOptions options;
    options.selection.withLoopback = withLoopback;
    options.listens = allowsDirect(paths);
    auto ports = std::make_shared<OwnedPorts>(options);
    QString error;
    return ports->open(&error) ? ports : nullptr;
}

SessionConfig ConnectionWorker::callerConfig(NetworkRuntime &runtime,
                                             const DialParameters &parameters)
{
    SessionConfig config;
    config.role = SessionConfig::Role::Caller;
    config.call = runtime.random().iceCharacters(CallIdSize);
    config.certificate = runtime.certificate();
    config.identity = parameters.identity;
    config.expectedPeerIds = toStandard(parameters.destination.ids());
    config.peerAcknowledges = true; // whoever registers at a rendezvous does
    config.paths = toPathPolicy(parameters.destination.paths());
    return config;
}

SessionConfig ConnectionWorker::calleeConfig(NetworkRuntime &runtime,
                                             const AnswerParameters &parameters)
{
    SessionConfig config;
    config.role = SessionConfig::Role::Callee;
    config.call = parameters.call;
    config.certificate = runtime.certificate();
    config.identity = parameters.identity;
    config.expectedPeerIds = toStandard(parameters.allowedIds);
    config.peerAcknowledges = true;
    config.paths = parameters.paths;
    return config;
}

ConnectionWorker::ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                                   const DialParameters &parameters)
    : ConnectionWorker(runtime, std::move(link),
                       runtime.rendezvous(parameters.destination, parameters.authorities,
                                          parameters.identity, parameters.proxy),
                       openOwnPorts(parameters.destination.isLoopback(),
                                    toPathPolicy(parameters.destination.paths())),
                       callerConfig(runtime, parameters), QString())
{
    m_peerName = parameters.destination.name();
    if (m_peerName.isEmpty())
        m_peerName = parameters.destination.ids().value(0);
    m_service = parameters.destination.service();
    m_servers = {parameters.iceServers, parameters.destination.stunUris(),
                 parameters.destination.turnUris()};
    m_authorities = parameters.authorities;
    m_proxy = parameters.proxy;
    watchRendezvous();
    start();
    if (!m_driver)
        return;
    useOwnServers();
    m_driver->run([&](Session &session, TimePoint now) {
        m_tracks.setAccepted(session, parameters.acceptedTracks);
        for (const command::AddTrack &track : parameters.tracks)
            m_tracks.add(session, now, track);
        session.dial(now);
    });
    m_ringTimer.start(int(std::chrono::milliseconds(RingTime).count()), this);
    if (m_client->state() == RendezvousClient::State::Ready) {
        useServers(m_client->info().stunUris);
        checkPolicy();
    }
}

ConnectionWorker::ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                                   std::shared_ptr<RendezvousClient> client,
                                   std::shared_ptr<PortSet> ports,
                                   const AnswerParameters &parameters)
    : ConnectionWorker(runtime, std::move(link), std::move(client), std::move(ports),
                       calleeConfig(runtime, parameters), parameters.callId)
{
    m_peerName = parameters.callerName;
    m_service = parameters.service;
    m_isAutoAccept = parameters.isAutoAccept;
    m_servers = parameters.servers;
    m_authorities = parameters.authorities;
    start();
    if (!m_driver)
        return;
    m_driver->run([this](Session &session, TimePoint) {
        m_tracks.setAccepted(session, {toTrackOptions(defaultAcceptedTracks())});
    });
    useOwnServers();
    useServers(m_client->info().stunUris);
    m_ringTimer.start(int(std::chrono::milliseconds(RingTime).count()), this);
}

ConnectionWorker::ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                                   std::shared_ptr<RendezvousClient> client,
                                   std::shared_ptr<PortSet> ports, const SessionConfig &config,
                                   const QString &callId)
    : QObject(&runtime)
    , m_runtime(runtime)
    , m_link(std::move(link))
    , m_client(std::move(client))
    , m_role(config.role)
    , m_paths(config.paths)
    , m_callId(callId.isEmpty() ? QString::fromStdString(config.call) : callId)
    , m_proxyQuestions(runtime.proxies(),
                       [to = m_link](const QNetworkProxy &proxy) {
                           to->notices.put(notice::ProxyAuthentication{proxy});
                       })
    , m_channels(*m_link)
    , m_tracks(m_link)
{
    if (ports) {
        m_driver = std::make_unique<SessionDriver>(config, std::move(ports));
        m_driver->setProxyAsker([this](const QNetworkProxy &proxy) { return askForProxy(proxy); });
    }
    if (m_client)
        watchSignaling();
}

ConnectionWorker::~ConnectionWorker()
{
    m_link->commands.detach();
    if (m_driver) {
        m_driver->setObserver({});
        m_driver->setMediaObserver({});
        // The thread ends while the call stands: the peer is told on the way that is open.
        m_driver->run(
            [](Session &session, TimePoint now) { session.close(now, Signal::Reason::Cancelled); });
    }
    if (m_client)
        m_client->endCall(m_callId);
}

void ConnectionWorker::start()
{
    m_link->commands.attach(this, [this] { takeCommands(); });
    if (!m_driver || !m_driver->start()) {
        m_driver.reset();
        fail(PeerConnection::Error::NoPath,
             u"this machine has no UDP socket to give for the connection"_s);
        m_link->notices.put(notice::StateChanged{PeerConnection::State::Closed});
        deleteLater();
        return;
    }
    m_driver->setObserver([this](SessionEvent &&event) {
        std::visit([this](auto &which) { handle(which); }, event);
    });
    m_driver->setMediaObserver({[this](const TrackEvent &event) {
                                    m_driver->run([&](Session &session, TimePoint now) {
                                        m_tracks.handle(session, now, event);
                                    });
                                },
                                [this](const MediaPacket &packet) { m_tracks.deliver(packet); }});
}

/// Of both sides: interruptions of the carrier, and whether the peer's program is still there.
void ConnectionWorker::watchSignaling()
{
    const RendezvousClient *client = m_client.get();
    m_hadRendezvous = client->state() == RendezvousClient::State::Ready;
    connect(client, &RendezvousClient::serverInfo, this, [this] {
        if (std::exchange(m_hadRendezvous, true) && m_driver)
            m_driver->run([](Session &session, TimePoint now) { session.signalingRestored(now); });
    });
    connect(client, &RendezvousClient::stateChanged, this, [this](RendezvousClient::State state) {
        if (state == RendezvousClient::State::Waiting)
            notePresence(true); // for all that is known
        if (state == RendezvousClient::State::Ready && isCaller())
            checkPolicy();
    });
    connect(client, &RendezvousClient::turnChanged, this, [this](const RendezvousTurn &told) {
        if (m_serversUsed && m_driver)
            m_driver->useRelays(m_servers.turn(told));
    });
    connect(client, &RendezvousClient::presenceChanged, this,
            [this](const QString &callId, bool isThere) {
                if (callId == m_callId)
                    notePresence(isThere);
            });
}

void ConnectionWorker::notePresence(bool isThere)
{
    if (m_driver)
        m_driver->run(
            [isThere](Session &session, TimePoint now) { session.notePeerGone(now, !isThere); });
}

void ConnectionWorker::watchRendezvous()
{
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::serverInfo, this,
            [this](const RendezvousInfo &info) { useServers(info.stunUris); });
    connect(client, &RendezvousClient::errorOccurred, this,
            [this](RendezvousClient::Error error, const QString &text) {
                if (error == RendezvousClient::Error::ProxyAuthentication) {
                    const auto outcome = m_proxyQuestions.ask(m_client->refusedProxy());
                    if (outcome == ProxyQuestions::Outcome::Known)
                        m_client->checkConnection();
                    if (outcome != ProxyQuestions::Outcome::Refused)
                        return;
                }
                // Once the offer has arrived the call does not depend on the rendezvous alone.
                if (m_driver && m_driver->session().state() <= SessionState::Calling)
                    giveUp(toPublicError(error), text, Signal::Reason::Cancelled);
            });
    connect(client, &RendezvousClient::callFailed, this,
            [this](const QString &callId, RendezvousClient::CallError error, const QString &text) {
                if (callId == m_callId && m_driver
                    && m_driver->session().state() < SessionState::Connected)
                    giveUp(toPublicError(error), text, Signal::Reason::Cancelled);
            });
    followRendezvous();
}

bool ConnectionWorker::askForProxy(const QNetworkProxy &refused)
{
    const auto outcome = m_proxyQuestions.ask(refused);
    if (outcome == ProxyQuestions::Outcome::Known) {
        QMetaObject::invokeMethod(
            this, [this, refused] { m_driver->continueByProxy(refused); }, Qt::QueuedConnection);
    }
    return outcome != ProxyQuestions::Outcome::Refused;
}

void ConnectionWorker::followRendezvous()
{
    connect(m_client.get(), &RendezvousClient::signalReceived, this,
            [this](const QString &callId, const QJsonObject &json) {
                if (callId == m_callId)
                    handleSignal(json);
            });
    connect(m_client.get(), &RendezvousClient::tunnelOffered, this,
            [this](const QString &callId, const QUrl &url, const QString &token) {
                if (callId == m_callId)
                    takeTunnel(url, token);
            });
}

void ConnectionWorker::handleSignal(const QJsonObject &json)
{
    const auto signal = signalFromJson(json);
    if (!signal || !m_driver)
        return; // what cannot be read counts as lost
    m_driver->run(
        [&signal](Session &session, TimePoint now) { session.handleSignal(now, *signal); });
}

void ConnectionWorker::takeTunnel(const QUrl &url, const QString &token)
{
    const RendezvousConfig &config = m_client->config();
    rendezvous::TunnelJoin join;
    join.token = token;
    join.side = isCaller() ? rendezvous::CallSide::Caller : rendezvous::CallSide::Callee;
    const QString text = QString::fromUtf8(toJson(join));
    // The offer is repeated, and with it the tunnel.
    if (!allowsTunnel(m_paths)
        || (m_tunnelOptions.join == text && m_tunnelOptions.socket.url == url))
        return;
    m_tunnelOptions.socket.url = url;
    if (config.tls == RendezvousConfig::Tls::Pinned)
        m_tunnelOptions.socket.trust.pinnedKey = config.pin;
    m_tunnelOptions.socket.trust.extraAuthorities = config.extraAuthorities;
    m_tunnelOptions.socket.proxy = config.proxy;
    m_tunnelOptions.join = text;
    m_tunnelOptions.finalCodes.assign(std::begin(FinalTunnelCodes), std::end(FinalTunnelCodes));
    // The rendezvous is back from a restart, and another token comes with the signaling.
    m_tunnelOptions.whenRefused = [client = std::weak_ptr(m_client)] {
        const auto used = client.lock();
        if (used && used->state() != RendezvousClient::State::Ready)
            used->checkConnection();
    };
    dialTunnel();
}

/// Nothing of a callee's leaves before it has accepted, and nothing is left to do when it is over.
void ConnectionWorker::dialTunnel()
{
    if (m_tunnelOptions.join.isEmpty() || !m_driver)
        return;
    const SessionState state = m_driver->session().state();
    const bool isAccepted = isCaller() || state >= SessionState::Connecting;
    if (isAccepted && state < SessionState::Closing)
        m_driver->useTunnel(m_tunnelOptions);
}

void ConnectionWorker::useServers(const QStringList &further)
{
    if (std::exchange(m_serversUsed, true) || !m_driver)
        return;
    const RendezvousInfo info = m_client ? m_client->info() : RendezvousInfo();
    m_driver->useServers(m_servers.stun(further),
                         m_servers.turn(info.turn.value_or(RendezvousTurn())));
}

/// Those whose credentials are known allocate while the rendezvous is being dialled.
void ConnectionWorker::useOwnServers()
{
    m_driver->setProxy(m_client ? m_client->config().proxy : m_proxy);
    m_driver->setAuthorities(m_authorities);
    m_driver->useRelays(m_servers.turn());
}

/// Under a policy that nothing can meet there is nothing to wait for: false, and the call is over.
/// Before Ready the rendezvous has not told all; the peer's answer may be here when we hear of
/// that.
bool ConnectionWorker::checkPolicy()
{
    if (!m_driver || m_isPolicyMet || m_driver->session().state() >= SessionState::Connected
        || (m_client && m_client->state() != RendezvousClient::State::Ready))
        return true;
    RendezvousInfo info;
    info.hasTunnels = false;
    if (m_client)
        info = m_client->info();
    const RendezvousTurn told = info.turn.value_or(RendezvousTurn());
    const QString fault = faultOfPolicy(m_paths, info,
                                        !told.uris.isEmpty() || m_servers.namesTurn(),
                                        !m_servers.turn(told).empty());
    m_isPolicyMet = fault.isEmpty();
    if (m_isPolicyMet)
        return true;
    fail(PeerConnection::Error::PathPolicyUnavailable, fault);
    const std::string toPeer = "the peer cannot connect: " + fault.toStdString();
    m_driver->run([&toPeer](Session &session, TimePoint now) {
        session.close(now, Signal::Reason::Failed, toPeer);
    });
    return false;
}

void ConnectionWorker::timerEvent(QTimerEvent *event)
{
    if (event->timerId() == m_statisticsTimer.timerId()) {
        reportStatistics();
        if (++m_ticks % ReportTicks == 0 && (!m_report || m_report->isTaken))
            reportPaths();
    } else if (event->timerId() == m_quietTimer.timerId()) {
        m_quietTimer.stop();
        m_link->notices.wake();
    } else if (event->timerId() == m_closeTimer.timerId()) {
        hangUp();
    } else if (event->timerId() == m_farewellTimer.timerId()) {
        if (m_driver->session().nextDeadline() == Never)
            deleteLater();
    } else if (event->timerId() == m_ringTimer.timerId()) {
        m_ringTimer.stop();
        giveUp(isCaller() ? PeerConnection::Error::PeerSilent : PeerConnection::Error::Cancelled,
               u"the call was not answered within 60 seconds"_s,
               isCaller() ? Signal::Reason::Cancelled : Signal::Reason::Unanswered);
    }
}

void ConnectionWorker::reportPaths()
{
    m_report = std::make_shared<notice::Report::Shared>();
    m_report->report = m_driver->session().report();
    m_link->notices.put(notice::Report{m_report});
}

void ConnectionWorker::reportStatistics()
{
    const SessionStatistics statistics = m_driver->session().statistics();
    PeerStatistics snapshot;
    if (!statistics.route.isNull())
        snapshot.path = toPeerPath(statistics.route, statistics.kind, statistics.protocol,
                                   statistics.roundTrip, m_tunnelOptions.socket.url);
    setEnds(snapshot.path, statistics.localType, statistics.remoteType);
    snapshot.roundTripTime = toMilliseconds(statistics.roundTrip);
    snapshot.bytesSent = statistics.bytesSent;
    snapshot.bytesReceived = statistics.bytesReceived;
    snapshot.packetsSent = statistics.packetsSent;
    snapshot.packetsReceived = statistics.packetsReceived;
    snapshot.messagesSent = statistics.messagesSent;
    snapshot.messagesReceived = statistics.messagesReceived;
    snapshot.retransmissions = statistics.retransmissions;
    m_link->notices.put(notice::Statistics{snapshot});
}

notice::PeerKnown ConnectionWorker::peerKnown() const
{
    const Session &session = m_driver->session();
    const PeerIdentityInfo identity = session.peerIdentity();
    return {m_peerName,
            QString::fromStdString(identity.id),
            identity.isVerified,
            m_service,
            session.isOffered(sdp::MediaKind::Audio),
            session.isOffered(sdp::MediaKind::Video)};
}

void ConnectionWorker::fail(PeerConnection::Error error, const QString &text)
{
    if (!std::exchange(m_hasFailed, true))
        m_link->notices.put(notice::Failed{error, text});
}

void ConnectionWorker::giveUp(PeerConnection::Error error, const QString &text,
                              Signal::Reason reason)
{
    fail(error, text);
    m_driver->run(
        [&](Session &session, TimePoint now) { session.close(now, reason, text.toStdString()); });
}

} // namespace peer
