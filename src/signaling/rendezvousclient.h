// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSCLIENT_H
#define PEER_SIGNALING_RENDEZVOUSCLIENT_H

#include "signaling/rendezvousconfig.h"

#include <QtCore/qjsonobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <QtCore/qurl.h>

#include <memory>
#include <optional>

namespace peer {

/// TURN servers that the rendezvous names, with credentials for all of them. They are short-lived;
/// the client has them renewed in time while it is connected.
struct RendezvousTurn
{
    QStringList uris; ///< RFC 7065
    QString username;
    QString password;

    friend bool operator==(const RendezvousTurn &, const RendezvousTurn &) = default;
};

/// What the rendezvous told when the connection stood.
struct RendezvousInfo
{
    QStringList stunUris;    ///< RFC 7064
    QString observedAddress; ///< "IP:port" of our side of the connection
    RendezvousHost host;     ///< which of the hosts it is
    int maxSignalSize = 0;   ///< octets of JSON
    int maxCalls = 0;        ///< at a time
    /// None before Ready at a rendezvous that is closed to the public.
    std::optional<RendezvousTurn> turn{};
    bool hasTunnels = true; ///< calls have tunnels
};

/// One connection to a rendezvous, for any number of names and calls, kept up by itself until it is
/// deleted: it carries signals and decides nothing about sessions (D8, PROTOCOL.md).
///
/// Lives in one thread with an event loop, blocks never, may be deleted in any slot of its signals
/// and emits nothing from within its functions. Nothing needs to be waited for: names and calls
/// given before the connection stands go out with its first flight, and again after each
/// reconnection as far as the server needs it. Signals are delivered at most once but may be lost
/// when the connection breaks; the sessions repeat what was not acknowledged.
class RendezvousClient : public QObject
{
    Q_OBJECT

public:
    enum class State : quint8 { Idle, Connecting, Ready, Waiting };
    Q_ENUM(State)

    /// The connection goes on being tried after each of them, at growing intervals up to 30 s; an
    /// owner who has had enough deletes the client.
    enum class Error : quint8 {
        None,
        Unreachable,         ///< no host answered, or the connection was lost and did not return
        CertificateRefused,  ///< TLS: no trusted chain, another name, out of date
        PinMismatch,         ///< TLS: the server's key is not the pinned one
        NotRendezvous,       ///< something else answers there
        OtherVersion,        ///< another major version; the text has both
        TokenRefused,        ///< a closed rendezvous: no token, or a wrong one
        ProofRefused,        ///< the server does not take our proof of the key
        ProxyAuthentication, ///< refusedProxy() wants other credentials, or some at all
        Overloaded,          ///< a limit of the server on connections or rate
    };
    Q_ENUM(Error)

    enum class NameError : quint8 {
        Owned,    ///< by another key
        Replaced, ///< a newer registration by our own key took it; it is not registered again
        Unproven, ///< there is no identity
        Limit,    ///< of the server, on names
        Invalid,  ///< not a NAME as of D7
    };
    Q_ENUM(NameError)

    enum class CallError : quint8 {
        Offline, ///< nobody has registered that name, on any of the hosts
        Limit,   ///< of the server, on calls at a time
        RateLimited,
        TooLarge, ///< the offer is larger than the server takes
        Invalid,  ///< name, service or call are not as they must be, or the call is known already
        Refused,  ///< somebody else has a call of that id
    };
    Q_ENUM(CallError)

    enum class MintError : quint8 {
        Refused, ///< there are no tunnels, or no more for us at the moment
        TooOld,  ///< the server's version does not know of it
    };
    Q_ENUM(MintError)

    /// Signals of one call that wait for the connection, and offers that wait for an answer.
    static constexpr qsizetype MaxWaitingSignals = 64;
    /// Calls in both directions at a time; more incoming ones are not told.
    static constexpr qsizetype MaxCalls = 4096;
    /// Names that are watched at a time; the server may allow fewer.
    static constexpr qsizetype MaxWatches = 1024;
    /// Tunnels that were asked for and have not come.
    static constexpr qsizetype MaxMints = 64;

    explicit RendezvousClient(const RendezvousConfig &config, QObject *parent = nullptr);
    ~RendezvousClient() override;

    /// Starts connecting; registerName() and call() do it too.
    void open();
    State state() const;
    const RendezvousConfig &config() const;
    /// Of the present or the last connection; empty before the first.
    const RendezvousInfo &info() const;
    /// The last error since the connection stood, and a sentence for a user.
    Error error() const;
    QString errorString() const;
    /// With ProxyAuthentication. Once SystemProxies has its credentials, checkConnection().
    const QNetworkProxy &refusedProxy() const;

    /// Takes calls to name; empty = to the identity's id. Again after Replaced: takes it back.
    void registerName(const QString &name);
    void unregisterName(const QString &name);

    /// A new call. callId: 16 to 64 characters of RFC 8839's ice-char, '-' and '_'; random, for
    /// whoever knows it may claim it.
    void call(const QString &callId, const QString &targetName, const QString &service,
              const QJsonObject &offer);
    /// To the other side of a call of either direction: what call() or incomingCall() had. False if
    /// there is no such call, the signal is too large or too many wait already.
    bool sendSignal(const QString &callId, const QJsonObject &signal);
    /// Nothing more is delivered on that call, and nothing more sent than waits already.
    void endCall(const QString &callId);

    /// Wants to hear of name, whoever has it at the host that we are connected to: nameSeen()
    /// follows once that is known, and on every change. What the server refuses, or does not answer,
    /// is asked for again, at growing intervals. Each watch() is taken back by an unwatch().
    void watch(const QString &name);
    void unwatch(const QString &name);

    /// Asks for a tunnel that belongs to no call; the answer, tunnelMinted() or mintFailed(), has
    /// the request's id, which is returned. It may never come: the server need not answer.
    QString mintTunnel();
    /// It is not wanted any more: no answer follows.
    void cancelMint(const QString &request);

    /// The network may have changed or the machine has slept: makes a new connection at once, and
    /// gives the present one up when that stands.
    void checkConnection();

Q_SIGNALS:
    void stateChanged(peer::RendezvousClient::State state);
    /// The connection stands: info() is new.
    void serverInfo(const peer::RendezvousInfo &info);
    /// info().turn is new: first told after serverInfo(), or renewed.
    void turnChanged(const peer::RendezvousTurn &turn);
    void errorOccurred(peer::RendezvousClient::Error error, const QString &text);

    /// name: as registered; the id where none was given.
    void registered(const QString &name);
    void registrationFailed(const QString &name, peer::RendezvousClient::NameError error,
                            const QString &text);

    /// callId is opaque, and not that of the signal: a peer may call itself over one connection.
    /// callerName and callerId are proven to the server, or empty. signal is the offer, or if that
    /// was lost any later signal: the offer comes again if the caller repeats it.
    void incomingCall(const QString &callId, const QString &callerName, const QString &callerId,
                      const QString &targetName, const QString &service, const QJsonObject &signal);
    void signalReceived(const QString &callId, const QJsonObject &signal);
    /// Where the tunnel of the call is, for both sides the same one: after call(), incomingCall()
    /// or an offer, and anew when the rendezvous had to be told of the call again. token is a
    /// secret.
    void tunnelOffered(const QString &callId, const QUrl &url, const QString &token);
    /// Whoever is on the other side of that call has left the rendezvous (his program has ended,
    /// for all that can be known), or is back.
    void presenceChanged(const QString &callId, bool isThere);
    /// Of a watched name. Comes again, unchanged, after a reconnection.
    void nameSeen(const QString &name, bool isOnline);
    /// The server does not let us watch the name, and nothing is known of it meanwhile. Told once
    /// until it does, and to each further user.
    void watchRefused(const QString &name, const QString &text);
    /// The name is not valid, or one too many: it is not watched, nor asked for again.
    void watchFailed(const QString &name, const QString &text);
    /// token is a secret of those who are to use the tunnel.
    void tunnelMinted(const QString &request, const QUrl &url, const QString &token);
    void mintFailed(const QString &request, peer::RendezvousClient::MintError error,
                    const QString &text);
    /// A call of ours cannot be routed; it is forgotten here.
    void callFailed(const QString &callId, peer::RendezvousClient::CallError error,
                    const QString &text);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace peer

#endif // PEER_SIGNALING_RENDEZVOUSCLIENT_H
