// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_SESSIONDRIVER_H
#define PEER_SHELL_SESSIONDRIVER_H

#include "session/session.h"
#include "shell/boottime.h"
#include "shell/deadlinetimer.h"
#include "shell/peerstreams.h"
#include "shell/portset.h"
#include "shell/relayports.h"
#include "shell/resolver.h"
#include "shell/sessiontunnel.h"

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace peer {

/// A STUN server (RFC 8489) by name or address.
struct StunServer
{
    QString host;
    quint16 port = 3478;

    friend bool operator==(const StunServer &, const StunServer &) = default;
};

/// A TURN server (RFC 8656) by name or address, by one of its transports.
struct TurnServer
{
    QString host;
    quint16 port = 3478;
    turn::Transport transport = turn::Transport::Udp;
    QString username;
    QString password;

    friend bool operator==(const TurnServer &, const TurnServer &) = default;
};

/// Drives one Session on real sockets: feeds it datagrams, time, interface changes and resolved
/// names, drains what it has to send, and hands its events to an observer.
///
/// Lives in one thread with an event loop: in the network thread, for all sessions of a process
/// share it. The observer is called from the event loop and by runTogether(), never from within
/// run() or start(); in it everything is allowed, run() and the deletion of the driver included.
///
/// While the system takes no more datagrams the session is not drained; it notices by its own
/// bounds. The driver goes on when there is room.
class SessionDriver final
    : public QObject
    , private PortClient
{
    Q_OBJECT

public:
    using Observer = std::function<void(SessionEvent &&)>;
    /// What becomes of tracks, and their packets. These must leave the driver alone,
    /// but for run().
    struct MediaObserver
    {
        std::function<void(const TrackEvent &)> track;
        std::function<void(const MediaPacket &)> packet;
    };

    /// How long the addresses of a STUN server may take to be found; gathering waits for them.
    static constexpr std::chrono::milliseconds ServerDeadline{5000};

    /// ports: opened, may be shared with other drivers. The session is made at once, so that
    /// run() works before start().
    SessionDriver(const SessionConfig &config, std::shared_ptr<PortSet> ports,
                  QObject *parent = nullptr);
    /// Sends what the session has to say still, such as its last close_notify, and goes.
    ~SessionDriver() override;

    void setObserver(Observer observer);
    /// Called as the observer is, but also in the middle of a batch of datagrams: what is told of
    /// tracks may come before what is told of the session, and after it.
    void setMediaObserver(MediaObserver observer) { m_mediaObserver = std::move(observer); }

    /// Gives the session its local addresses, once. False if the ports serve as many sessions as
    /// they can.
    bool start();
    /// Gives it the STUN and TURN servers to ask, once: gathering ends when they have answered.
    /// Until then, and it may be after the call has begun, more candidates are to be expected.
    void useServers(const std::vector<StunServer> &servers,
                    const std::vector<TurnServer> &relays = {});
    /// At any time: further TURN servers, or new credentials for those that are known.
    void useRelays(const std::vector<TurnServer> &relays);
    /// For TCP and TLS to TURN servers: a proxy, none by default, and whom to trust besides the
    /// system's authorities. For what is opened from then on.
    void setProxy(const QNetworkProxy &proxy) { m_relays.setProxy(proxy); }
    /// Whom to ask for the credentials that a proxy wants of a relay's stream or of the tunnel:
    /// true if somebody is asked, and continueByProxy() is called when there is an answer.
    void setProxyAsker(const RelayStream::Asker &asker);
    void continueByProxy(const QNetworkProxy &answered);
    void setAuthorities(const QList<QSslCertificate> &authorities)
    {
        m_relays.setAuthorities(authorities);
    }
    /// Dials the session's tunnel, in place of another one if there is one.
    void useTunnel(const SessionTunnelOptions &options);

    /// Calls function(session, now) and returns what it returns. However many calls a turn of the
    /// event loop makes, what they cause is drained once, at its end.
    template<typename Function>
    auto run(Function &&function)
    {
        const DrainLater later(this);
        return std::forward<Function>(function)(*m_session, bootTimeNow());
    }
    /// Drains once, before it returns, what many calls of run() in function cause, and calls the
    /// observer: from the event loop alone. For what must not wait for another turn of it.
    template<typename Function>
    void runTogether(Function &&function)
    {
        const QPointer<SessionDriver> guard(this);
        m_isGathering = true;
        std::forward<Function>(function)();
        if (!guard)
            return;
        m_isGathering = false;
        drain();
    }

    /// Why the tunnel is not open, as a sentence; empty if it is, or if there is none.
    QString tunnelProblem() const { return m_tunnel ? m_tunnel->problem() : QString(); }
    /// Why a TURN server is not reached by TCP or TLS, as a sentence; empty if none failed.
    const QString &relayProblem() const { return m_relays.problem(); }
    const Session &session() const { return *m_session; }

    bool event(QEvent *event) override;

private:
    /// Also when the function throws or returns early.
    struct DrainLater
    {
        explicit DrainLater(SessionDriver *of)
            : m_driver(of)
        { }
        ~DrainLater() { m_driver->scheduleDrain(); }
        DrainLater(const DrainLater &) = delete;
        DrainLater &operator=(const DrainLater &) = delete;

        SessionDriver *m_driver;
    };

    // PortClient
    void receive(std::span<const Datagram> datagrams) override;
    void addLocalAddress(const ice::LocalAddress &address) override;
    void removeLocalAddress(TransportId transport, const IpAddress &ip) override;
    void handleWritable() override;
    void handleSendFailed(const Route &route) override;
    void acceptConnection(std::unique_ptr<DatagramStream> stream, const Datagram &request) override;

    void handleDeadline();
    /// Before the event loop goes on, or at the end of what drains already.
    void scheduleDrain();
    void postDrain();
    void drain();
    void flush();
    void drainTransmits();
    void drainRequests();
    bool drainEvents();
    void drainMedia();
    void reportFailures();
    void handle(const request::ResolveName &request);
    void handle(const ice::request::OpenPort &request) { m_relays.open(request); }
    void handle(const ice::request::OpenStream &request) { m_relays.open(request); }
    void handle(const ice::request::Connect &request) { m_streams.open(request); }
    void handle(const ice::request::OpenStun &request);
    void handle(const ice::request::Close &request);
    void connectTransports();
    void noteRelayProblem();
    void addRelay(const TurnServer &server, const std::function<void()> &done);
    void noteServerKnown();
    void send(const Transmit &transmit);
    void receiveFromTunnel(const QByteArray &datagram);
    void receiveFromStream(const Datagram &datagram);

    std::shared_ptr<PortSet> m_ports;
    SenderId m_self = SenderId::None;
    /// Shared, so that it survives the deletion of the driver in it.
    std::shared_ptr<Observer> m_observer;
    MediaObserver m_mediaObserver;
    DeadlineTimer m_timer;
    RelayPorts m_relays;
    RelayStream::Asker m_proxyAsker;
    PeerStreams m_streams;
    StunLinks m_stunLinks;
    Resolver m_resolver;
    std::unique_ptr<Session> m_session;
    std::unique_ptr<SessionTunnel> m_tunnel;
    /// As the session knows it.
    Route m_tunnelRoute;
    /// Refused routes, to be told when the session is not being drained; bounded by MaxFailures.
    std::vector<Route> m_failures;
    /// Bounded by MaxNotedProblems.
    QStringList m_notedProblems;
    /// What m_ports knows.
    std::string m_usernameFragment;
    std::size_t m_serversWanted = 0;
    bool m_isStarted = false;
    bool m_isDraining = false;
    /// Within runTogether().
    bool m_isGathering = false;
    /// Since the last drain began.
    bool m_isDrainDue = false;
    bool m_isDrainPosted = false;
};

} // namespace peer

#endif // PEER_SHELL_SESSIONDRIVER_H
