// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerconnection.h>

#include "api/addresscheck.h"
#include "api/connectionworker.h"
#include "api/peerchannel_p.h"
#include "api/peerconnection_p.h"
#include "api/peeridentity_p.h"
#include "api/reportinfo.h"

#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

/*!
    \class PeerConnection
    \inmodule PeerConnection
    \brief One object, one destination, and two programs are connected.

    \code
    PeerConnection call(QUrl(u"peer://alice@rendezvous.example.org"_s));
    QObject::connect(&call, &PeerConnection::connected, [&] { call.sendText(u"hello"_s); });
    \endcode

    The destination names a peer and the rendezvous server that it is reached through; see
    PeerAddress. Every way to the peer is tried at once, and the best that works carries the
    traffic, encrypted from end to end. If the destination has an \c id, the peer must prove to own
    that identity before anything is exchanged: then not even the rendezvous can listen in.

    At the other side a PeerListener emits incomingConnection() with an object of this class.

    The object lives in the thread that made it, which must run an event loop; the network runs in a
    thread of its own and no function blocks. Signals are emitted from the event loop only. The
    object may be deleted in a slot of any of its signals; deleting it ends the call, and what was
    sent before is still delivered in the background while the application runs, see close().

    \sa PeerListener, PeerChannel, PeerTrack
*/

/*!
    \enum PeerConnection::State
    \value Idle        Nothing was started.
    \value Dialing     The rendezvous is asked for the peer.
    \value Ringing     Caller: the peer has been told. Callee: nobody has accepted yet.
    \value Connecting  Accepted; paths are tried and the secure connection is set up.
    \value Connected   Messages flow.
    \value Reconnecting  Nothing is heard on any path. Messages are kept, and sent once there is a
                         path again; after 60 seconds, or sooner if the peer's program has left the
                         rendezvous, the connection ends with ConnectionLost.
    \value Closing     close() was called; what was sent before is still being delivered.
    \value Closed      The end; error() tells whether it was meant.
*/

/*!
    \enum PeerConnection::Error
    \value None                    All is well, or one side closed the connection.
    \value BadAddress              The destination is malformed, or not allowed.
    \value PathPolicyUnavailable   The destination allows no path but by relays or by the tunnel,
                                   and there is no TURN server or no tunnel.
    \value RendezvousUnreachable   No rendezvous server answered.
    \value RendezvousCertificate   Its certificate or key is not the right one.
    \value RendezvousProtocol      Something else answers there.
    \value RendezvousVersion       It speaks another version of the protocol.
    \value RendezvousRefused       It asks for a token, the name belongs to somebody else, or a
                                   limit is reached.
    \value PeerOffline             Nobody is registered under that name.
    \value PeerBusy                The peer has as many calls as it takes.
    \value PeerRejected            The peer does not want to talk.
    \value PeerSilent              The peer did not answer within 60 s.
    \value Cancelled               The caller hung up before the call was answered.
    \value IdentityMismatch        The peer is not who the address asks for.
    \value BadDescription          The peer's description cannot be understood.
    \value NoPath                  The networks let no packet through.
    \value HandshakeFailed         The secure connection did not come up.
    \value ConnectionLost          The peer is not heard any more, or has broken the protocol.
    \value PeerFailed              The peer gave up; the text is its own.
*/

PeerConnection::PeerConnection(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerConnectionPrivate>())
{
    d_ptr->start(this);
}

/*! Dials \a destination at the next turn of the event loop. */
PeerConnection::PeerConnection(const QUrl &destination, QObject *parent)
    : PeerConnection(parent)
{
    setDestination(destination);
    d_ptr->openLater();
}

/*! Dials \a destination at the next turn of the event loop. */
PeerConnection::PeerConnection(const PeerAddress &destination, QObject *parent)
    : PeerConnection(parent)
{
    setDestination(destination);
    d_ptr->openLater();
}

PeerConnection::PeerConnection(std::unique_ptr<PeerConnectionPrivate> dd, QObject *parent)
    : QObject(parent)
    , d_ptr(std::move(dd))
{
    d_ptr->start(this);
}

PeerConnection::~PeerConnection()
{
    Q_D(PeerConnection);
    d->link->notices.detach();
    // The channels' destructors would say goodbye one by one.
    for (PeerChannel *channel : std::as_const(d->channels))
        channel->d_func()->state = PeerChannel::State::Closed;
    d->forgetTracks();
    d->link->commands.put(peer::command::Abandon{});
}

/*!
    \property PeerConnection::destination
    Whom to call; see PeerAddress for the form. Only a connection in state Idle takes another one.
    A malformed destination is reported by open(). QUrl repairs some mistakes silently; give a
    PeerAddress where that matters.
*/
QUrl PeerConnection::destination() const
{
    return d_func()->destinationUrl;
}

void PeerConnection::setDestination(const QUrl &destination)
{
    Q_D(PeerConnection);
    PeerAddressError fault;
    const PeerAddress address = PeerAddress::fromUrl(destination, &fault);
    d->setDestination(address.isValid() ? std::optional(address) : std::nullopt, destination,
                      peer::faultText(fault));
}

void PeerConnection::setDestination(const PeerAddress &destination)
{
    d_func()->setDestination(destination, destination.toUrl(PeerAddress::Format::WithToken), {});
}

/*!
    \property PeerConnection::identity
    Who we are: the callee's side can verify it. Null, as at first, if we are nobody in particular.
    Before open().
*/
PeerIdentity PeerConnection::identity() const
{
    return d_func()->identity;
}

void PeerConnection::setIdentity(const PeerIdentity &identity)
{
    Q_D(PeerConnection);
    if (d->identity == identity)
        return;
    d->identity = identity;
    Q_EMIT identityChanged();
}

/*! Trusts these \a authorities for the rendezvous, besides those of the system. Before open(). */
void PeerConnection::setTrustedCertificates(const QList<QSslCertificate> &authorities)
{
    d_func()->authorities = authorities;
}

/*!
    \property PeerConnection::plainAllowed
    Allows destinations with \c tls=off whose rendezvous is not on this machine. Then whoever is on
    the way to the rendezvous sees who calls whom, and can pose as the peer unless the destination
    has an \c id. False at first. Before open().
*/
bool PeerConnection::isPlainAllowed() const
{
    return d_func()->isPlainAllowed;
}

void PeerConnection::setPlainAllowed(bool allowed)
{
    Q_D(PeerConnection);
    if (d->isPlainAllowed == allowed)
        return;
    d->isPlainAllowed = allowed;
    Q_EMIT plainAllowedChanged();
}

/*!
    \property PeerConnection::patience
    How long a connection without any path stays Reconnecting before it ends with ConnectionLost, in
    milliseconds; at least one second. 60000 at first. May be set at any time.
*/
int PeerConnection::patience() const
{
    return int(d_func()->patience.count());
}

void PeerConnection::setPatience(int milliseconds)
{
    Q_D(PeerConnection);
    const std::chrono::milliseconds patience(std::max(milliseconds, 1000));
    if (d->patience == patience)
        return;
    d->patience = patience;
    d->link->commands.put(peer::command::SetPatience{patience});
    Q_EMIT patienceChanged();
}

/*!
    Makes all TCP connections go by \a proxy: an HTTP proxy, by CONNECT, or a SOCKS5 one. At first
    it is QNetworkProxy::DefaultProxy, which means the application's proxy if it has one, or else
    what the system is configured to. QNetworkProxy::NoProxy means none. UDP never takes one. Before
    open().

    \sa proxyAuthenticationRequired()
*/
void PeerConnection::setProxy(const QNetworkProxy &proxy)
{
    d_func()->proxy = proxy;
}

QNetworkProxy PeerConnection::proxy() const
{
    return d_func()->proxy;
}

/*!
    Uses these STUN and TURN \a servers, each with its own credentials, besides those that the
    rendezvous and the destination name. Before open(). False, and nothing is changed, if one of
    them is not valid. At most eight ways to TURN servers are used, these first.

    \sa PeerIceServer
*/
bool PeerConnection::setIceServers(const QList<PeerIceServer> &servers)
{
    if (!std::all_of(servers.begin(), servers.end(),
                     [](const PeerIceServer &server) { return server.isValid(); }))
        return false;
    d_func()->iceServers = servers;
    return true;
}

QList<PeerIceServer> PeerConnection::iceServers() const
{
    return d_func()->iceServers;
}

/*!
    \property PeerConnection::state
    Where the call stands.
*/
PeerConnection::State PeerConnection::state() const
{
    return d_func()->state;
}

/*!
    \property PeerConnection::error
    Why the connection is closed; None unless errorOccurred() was emitted.
*/
PeerConnection::Error PeerConnection::error() const
{
    return d_func()->error;
}

/*!
    \property PeerConnection::errorString
    The same as a sentence for a user.
*/
QString PeerConnection::errorString() const
{
    return d_func()->errorString;
}

/*!
    \property PeerConnection::peerName
    Caller: the name in the destination. Callee: the caller's name at the rendezvous, which vouches
    for it; empty if it has none.
*/
QString PeerConnection::peerName() const
{
    return d_func()->peerName;
}

/*!
    \property PeerConnection::peerId
    The identity that the peer has proven to own; empty if it has shown none.
*/
QString PeerConnection::peerId() const
{
    return d_func()->peerId;
}

/*!
    \property PeerConnection::identityVerified
    True if the peer has proven the identity that is expected of it. A caller expects one if the
    destination has an \c id; a callee verifies whatever identity the caller shows.
*/
bool PeerConnection::isIdentityVerified() const
{
    return d_func()->isIdentityVerified;
}

/*!
    \property PeerConnection::service
    The service at the callee that is called; may be empty.
*/
QString PeerConnection::service() const
{
    return d_func()->service;
}

/*!
    \property PeerConnection::audioOffered
    Whether who calls us offers tracks of audio, be it to send or to receive: known while it rings,
    from PeerListener::incomingConnection() on, and not changed by what comes of it. False of a
    connection that dials.

    \sa videoOffered, accept(), refuseTracks()
*/
bool PeerConnection::isAudioOffered() const
{
    return d_func()->isAudioOffered;
}

/*!
    \property PeerConnection::videoOffered
    Whether who calls us offers tracks of video, likewise: with it a call is a video call.
*/
bool PeerConnection::isVideoOffered() const
{
    return d_func()->isVideoOffered;
}

/*!
    \property PeerConnection::report
    What was tried to reach the peer, what answered, and why no better path is in use. It is brought
    up to date when the state or the path changes, and every five seconds; after an error it tells
    what had been tried. Empty before open().
*/
PeerReport PeerConnection::report() const
{
    Q_D(const PeerConnection);
    return d->report ? peer::toPeerReport(d->report->report) : PeerReport();
}

/*!
    \property PeerConnection::path
    The way that packets take at present.
*/
PeerPath PeerConnection::path() const
{
    return d_func()->path;
}

/*!
    \property PeerConnection::statistics
    Counters; while connected they are brought up to date once a second.
*/
PeerStatistics PeerConnection::statistics() const
{
    return d_func()->statistics;
}

/*!
    Calls the destination; without a rendezvous (\l signaling) it makes an offer. Only in state
    Idle; the constructors with a destination do it by themselves.
*/
void PeerConnection::open()
{
    Q_D(PeerConnection);
    if (!d->isUntouched())
        return;
    const auto dialLater = [this] {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (d_func()->state == State::Idle)
                    d_func()->setState(State::Dialing);
            },
            Qt::QueuedConnection);
    };
    if (d->signaling != Signaling::Rendezvous) {
        d->startExternal(std::nullopt);
        dialLater();
        return;
    }
    Error cause = Error::None;
    if (const QString fault = d->faultOfAddress(cause); !fault.isEmpty()) {
        QMetaObject::invokeMethod(
            this, [this, cause, fault] { d_func()->fail(cause, fault); }, Qt::QueuedConnection);
        return;
    }
    d->isStarted = true;
    d->peerName = d->destination->name();
    d->service = d->destination->service();
    d->addDefaultChannel();
    peer::DialParameters parameters;
    parameters.destination = *d->destination;
    parameters.identity = PeerIdentityData::keyOf(d->identity);
    parameters.authorities = d->authorities;
    parameters.proxy = d->proxy;
    parameters.iceServers = d->iceServers;
    parameters.tracks = d->tracksForOffer();
    parameters.acceptedTracks = {peer::toTrackOptions(d->acceptedTracks)};
    peer::ConnectionWorker::startDialing(d->link, parameters);
    dialLater();
}

/*!
    Calls \a destination, which is read by the strict rules of PeerAddress::fromString(): what is
    wrong with it is told by errorString(), after errorOccurred(). Only in state Idle.
*/
void PeerConnection::dial(const QString &destination)
{
    Q_D(PeerConnection);
    if (!d->isUntouched())
        return;
    const QPointer<PeerConnection> guard(this);
    PeerAddressError fault;
    const PeerAddress address = PeerAddress::fromString(destination, &fault);
    if (address.isValid())
        setDestination(address);
    else
        d->setDestination(std::nullopt, QUrl(destination), peer::faultText(fault));
    if (guard)
        open();
}

/*!
    Takes an incoming call that rings; open channels and add tracks before it, if the caller is to
    find them.
*/
void PeerConnection::accept()
{
    Q_D(PeerConnection);
    if (d->isIncoming && d->state == State::Ringing)
        d->link->commands.put(peer::command::Accept{});
}

/*! Declines an incoming call that rings; the caller is told the \a reason. */
void PeerConnection::reject(RejectReason reason)
{
    Q_D(PeerConnection);
    if (d->isIncoming && d->state == State::Ringing)
        d->link->commands.put(peer::command::Reject{reason});
}

/*!
    Hangs up, in any state; then closed() is emitted.

    A call that was not answered yet is cancelled at once, and what was sent in it is dropped. From
    the answer on this works like QAbstractSocket::disconnectFromHost(): what was sent before on
    reliable channels is delivered first, also if the secure connection has yet to come about, and
    as long as the peer takes some of it every 20 s. If it does not, or what was sent cannot be
    delivered because the connection fails, errorOccurred() says so; connected() is not emitted any
    more.

    \sa abort()
*/
void PeerConnection::close()
{
    Q_D(PeerConnection);
    if (d->state == State::Closing || d->state == State::Closed || d->isEnding)
        return;
    d->isEnding = true;
    for (PeerChannel *channel : std::as_const(d->channels))
        channel->d_func()->isEnding = true;
    if (!d->isIncoming && !d->isStarted) {
        QMetaObject::invokeMethod(
            this, [this] { d_func()->setState(State::Closed); }, Qt::QueuedConnection);
        return;
    }
    d->link->commands.put(peer::command::Close{});
}

/*!
    Hangs up at once, in any state and after close() too: what was sent and has not been delivered
    is dropped. Then closed() is emitted.
*/
void PeerConnection::abort()
{
    Q_D(PeerConnection);
    close();
    if (d->state != State::Closed && (d->isIncoming || d->isStarted))
        d->link->commands.put(peer::command::Abort{});
}

/*!
    \fn void PeerConnection::proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator)
    The \a proxy wants a user name and a password, or other ones than it got: a slot that knows them
    puts them into \a authenticator, directly, and they serve all connections of this process: to
    the rendezvous, to TURN servers and of the tunnel. A proxy is asked about once, however many of
    them it refuses, and again when it refuses the answer, but three times in all. If nobody knows
    them, connections to the rendezvous end with the error RendezvousUnreachable, and relays are
    done without, which report() tells.
*/
/*!
    \fn void PeerConnection::connected()
    The secure connection stands; emitted once.
*/
/*!
    \fn void PeerConnection::closed()
    The connection has ended, whoever ended it; everything received has been handed out, so this
    waits for channels whose PeerChannel::receivingPaused holds messages back. The last signal.
*/
/*!
    \fn void PeerConnection::errorOccurred(PeerConnection::Error error)
    The connection ends by a fault; errorString() explains it. closed() follows.
*/
/*!
    \fn void PeerConnection::peerChanged()
    peerName, peerId, identityVerified, service, audioOffered or videoOffered are known.
*/
/*!
    \fn void PeerConnection::pathChanged()
    Packets take another way.
*/
/*!
    \fn void PeerConnection::statisticsChanged()
    statistics were brought up to date.
*/
/*!
    \fn void PeerConnection::reportChanged()
    report was brought up to date.
*/
/*!
    \fn void PeerConnection::channelOpened(PeerChannel *channel)
    The peer has opened \a channel, which belongs to this object. Its messages are emitted after
    this signal: connect to it in the slot.
*/
/*!
    \fn void PeerConnection::trackAdded(PeerTrack *track)
    The peer has opened \a track, which belongs to this object and receives. The last
    PeerRtpPort::EarlyQueueSize packets that have come wait for its first handler. It goes by itself
    after PeerTrack::ended().
*/
/*!
    \fn void PeerConnection::messageReceived(const QByteArray &message)
    A binary message has arrived on the default channel.
*/
/*!
    \fn void PeerConnection::textReceived(const QString &text)
    A text message has arrived on the default channel.
*/
