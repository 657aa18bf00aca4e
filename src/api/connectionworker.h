// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_CONNECTIONWORKER_H
#define PEER_API_CONNECTIONWORKER_H

#include "api/connectionlink.h"
#include "api/handletable.h"
#include "api/iceservers.h"
#include "api/proxyquestions.h"
#include "api/tracktable.h"
#include "session/session.h"
#include "shell/sessiondriver.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerconnection.h>

#include <QtCore/qbasictimer.h>
#include <QtCore/qobject.h>
#include <QtNetwork/qsslcertificate.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace peer {

class NetworkRuntime;

struct DialParameters
{
    PeerAddress destination;
    std::optional<IdentityKey> identity;
    QList<QSslCertificate> authorities;
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
    /// For the offer; those that come later are commands.
    std::vector<command::AddTrack> tracks;
    command::SetAcceptedTracks acceptedTracks;
};

/// What a callee's worker gets from the listener's.
struct AnswerParameters
{
    /// How the rendezvous client names the call, and how the peers do (Signal::call).
    QString callId;
    std::string call;
    QString callerName;
    QString service;
    IdentityKey identity;
    QStringList allowedIds;
    IceServers servers;
    QList<QSslCertificate> authorities;
    PathPolicy paths = PathPolicy::All;
    bool isAutoAccept = false;
};

/// A call whose signals the application carries.
struct ExternalParameters
{
    SessionConfig::Role role = SessionConfig::Role::Caller;
    /// What the first signal calls it; a caller names it by itself.
    std::string call;
    /// The carrier may lose, double and reorder, for the peer restores it all.
    bool isLossy = true;
    std::optional<IdentityKey> identity;
    QStringList allowedIds;
    QNetworkProxy proxy;
    QList<QSslCertificate> authorities;
    QList<PeerIceServer> iceServers;
    PathPolicy paths = PathPolicy::All;
    bool withLoopback = false;
    std::vector<command::AddTrack> tracks;
    command::SetAcceptedTracks acceptedTracks;
};

/// One connection in the network thread: carries signals between the session and the rendezvous or
/// the application's carrier, commands from the application to the session and what happens back.
/// It deletes itself when the session is closed; if the application's carrier may lose signals,
/// once the session does not repeat its farewell any more.
class ConnectionWorker : public QObject
{
    Q_OBJECT

public:
    /// From any thread: dials in the network thread.
    static void startDialing(std::shared_ptr<ConnectionLink> link, DialParameters parameters);
    /// Likewise, without a rendezvous: calls, or waits for an offer.
    static void startExternal(std::shared_ptr<ConnectionLink> link, ExternalParameters parameters);

    /// A caller's.
    ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                     const DialParameters &parameters);
    /// A callee's.
    ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                     std::shared_ptr<RendezvousClient> client, std::shared_ptr<PortSet> ports,
                     const AnswerParameters &parameters);
    /// Without a rendezvous.
    ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                     const ExternalParameters &parameters);
    ~ConnectionWorker() override;

    const std::shared_ptr<ConnectionLink> &link() const { return m_link; }
    void handleSignal(const QJsonObject &json);
    void takeTunnel(const QUrl &url, const QString &token);
    /// Callee: the listener's worker, which passed the signals on, is going.
    void followRendezvous();

Q_SIGNALS:
    /// Callee: the offer was read and the caller's identity checked.
    void ringing(const peer::notice::PeerKnown &caller);

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    ConnectionWorker(NetworkRuntime &runtime, std::shared_ptr<ConnectionLink> link,
                     std::shared_ptr<RendezvousClient> client, std::shared_ptr<PortSet> ports,
                     const SessionConfig &config, const QString &callId);

    void start();
    void takeCommands();
    /// Closed, and nothing but the last signals goes in and out.
    bool isTakingLeave() const { return m_farewellTimer.isActive(); }
    /// The session is closed.
    void takeLeave();
    void process(command::Accept &command);
    void process(command::Reject &command);
    void process(command::Close &command);
    void process(command::Abort &command);
    void process(command::Abandon &command);
    void process(command::SetPatience &command);
    void process(command::OpenChannel &command);
    void process(command::Send &command);
    void process(command::CloseChannel &command);
    void process(command::Taken &command);
    void process(command::ProxyCredentials &command);
    void process(command::AddTrack &command);
    void process(command::SetTrackDirection &command);
    void process(command::EndTrack &command);
    void process(command::ServeTrack &command);
    void process(command::SetAcceptedTracks &command);
    void process(command::HandleSignal &command);

    void handle(event::StateChanged &event);
    void handle(event::SignalReady &event);
    void handle(event::OfferAccepted &event);
    void handle(event::PathChanged &event);
    void handle(event::ChannelOpened &event);
    void handle(event::ChannelMessage &event);
    void handle(event::ChannelDrained &event);
    void handle(event::ChannelClosed &event);
    void handle(event::Failed &event);

    /// Null if there are no sockets.
    static std::shared_ptr<PortSet> openOwnPorts(bool withLoopback, PathPolicy paths);
    static SessionConfig callerConfig(NetworkRuntime &runtime, const DialParameters &parameters);
    static SessionConfig calleeConfig(NetworkRuntime &runtime, const AnswerParameters &parameters);
    static SessionConfig externalConfig(NetworkRuntime &runtime,
                                        const ExternalParameters &parameters);

    void hangUp();
    void hangUpAfterDefaultChannel();
    void dialTunnel();
    void sendExternally(const Signal &signal);
    void watchRendezvous();
    void watchSignaling();
    /// A proxy has refused a relay's stream or the tunnel. False: nobody knows what it wants.
    bool askForProxy(const QNetworkProxy &refused);
    void notePresence(bool isThere);
    void useOwnServers();
    void useServers(const QStringList &further);
    bool checkPolicy();
    notice::PeerKnown peerKnown() const;
    void reportStatistics();
    void reportPaths();
    void reportDrained();
    void fail(PeerConnection::Error error, const QString &text);
    /// The call was not answered, or nobody wants it any more.
    void giveUp(PeerConnection::Error error, const QString &text, Signal::Reason reason);
    bool isCaller() const { return m_role == SessionConfig::Role::Caller; }

    /// RFC 8839 ice-chars; 22 of them are 132 random bits.
    static constexpr std::size_t CallIdSize = 22;

    NetworkRuntime &m_runtime;
    std::shared_ptr<ConnectionLink> m_link;
    /// Null if the application carries the signals.
    std::shared_ptr<RendezvousClient> m_client;
    const SessionConfig::Role m_role;
    const PathPolicy m_paths;
    const QString m_callId;
    QString m_peerName;
    QString m_service;
    bool m_isAutoAccept = false;
    bool m_offerSent = false;
    bool m_hasFailed = false;
    /// The rendezvous was there before: when it comes again, something may have been lost.
    bool m_hadRendezvous = false;
    bool m_serversUsed = false;
    bool m_isPolicyMet = false;
    /// Whether what the application's carrier loses comes again.
    bool m_isLossy = false;
    QNetworkProxy m_proxy;
    ProxyQuestions m_proxyQuestions;
    /// Besides what the rendezvous tells.
    IceServers m_servers;
    QList<QSslCertificate> m_authorities;
    /// Without a join message while the call has none.
    SessionTunnelOptions m_tunnelOptions;

    HandleTable m_channels;
    TrackTable m_tracks;
    /// Null if there are no sockets.
    std::unique_ptr<SessionDriver> m_driver;
    /// The call rings; then somebody gives up.
    QBasicTimer m_ringTimer;
    QBasicTimer m_statisticsTimer;
    int m_ticks = 0;
    /// The last that was sent.
    std::shared_ptr<notice::Report::Shared> m_report;
    /// Quiet notices wait for a louder one, but not for ever.
    QBasicTimer m_quietTimer;
    /// The application has hung up, and what it sent waits for the caller's default channel; the
    /// timer runs once the connection stands.
    bool m_isHangingUp = false;
    QBasicTimer m_closeTimer;
    /// There is no public object any more.
    bool m_isAbandoned = false;
    /// The session is closed, and may have to repeat that.
    QBasicTimer m_farewellTimer;
};

} // namespace peer

#endif // PEER_API_CONNECTIONWORKER_H
