// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerlistener.h>

#include "api/addresscheck.h"
#include "api/listenerworker.h"
#include "api/peerconnection_p.h"
#include "api/peeridentity_p.h"
#include "api/peerlistener_p.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qauthenticator.h>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

/*!
    \class PeerListener
    \inmodule PeerConnection
    \brief Takes the calls of a name at a rendezvous.

    \code
    PeerListener listener(QUrl(u"peer://alice@rendezvous.example.org"_s));
    QObject::connect(&listener, &PeerListener::incomingConnection, [](PeerConnection *call) {
        QObject::connect(call, &PeerConnection::textReceived, call, &PeerConnection::sendText);
        call->accept();
    });
    \endcode

    The listener registers its name with the rendezvous by proving its identity; the name then
    belongs to that identity. address() is what callers dial: it has the identity's id, so that
    they can be sure whom they reach. While the rendezvous is out of reach the listener keeps
    trying; calls that stand are not touched.

    A name leads to one listener. If another one registers it later with the same identity, in this
    process or elsewhere, the newer one gets the calls from then on, and the older one is Closed by
    RendezvousRefused; its calls go on. To offer several services at one name, let one listener
    without a service take them all: PeerConnection::service tells which one is called.

    The object lives in the thread that made it, which must run an event loop; no function blocks,
    and signals are emitted from the event loop only. It may be deleted in a slot of any of its
    signals. Deleting it ends the listening and the connections that are still its children.

    \sa PeerConnection
*/

/*!
    \enum PeerListener::State
    \value Idle         Nothing was started.
    \value Registering  The rendezvous is asked for the name.
    \value Listening    Calls can come.
    \value Interrupted  The rendezvous is out of reach; the listener keeps trying.
    \value Closed       The end; error() tells whether it was meant.
*/

PeerListener::PeerListener(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerListenerPrivate>())
{
    d_ptr->q_ptr = this;
    d_ptr->link->notices.attach(this, [this] { d_func()->takeNotices(); });
}

/*! Listens for calls to \a listenAddress from the next turn of the event loop on. */
PeerListener::PeerListener(const QUrl &listenAddress, QObject *parent)
    : PeerListener(listenAddress, PeerIdentity(), parent)
{ }

/*! Listens for calls to \a listenAddress as \a identity, from the next turn of the event loop on.
 */
PeerListener::PeerListener(const QUrl &listenAddress, const PeerIdentity &identity, QObject *parent)
    : PeerListener(parent)
{
    setListenAddress(listenAddress);
    setIdentity(identity);
    QMetaObject::invokeMethod(this, &PeerListener::listen, Qt::QueuedConnection);
}

PeerListener::~PeerListener()
{
    Q_D(PeerListener);
    for (peer::ListenerNotice &notice : d->link->notices.detach())
        PeerListenerPrivate::decline(notice);
    for (peer::ListenerNotice &notice : d->pending)
        PeerListenerPrivate::decline(notice);
    d->link->commands.put(peer::command::StopListening{});
}

/*!
    \property PeerListener::listenAddress
    The name to take calls for, and the rendezvous to take them from; see PeerAddress. Without a
    name the identity's id is the name. With a service, calls for other services are declined. Only
    a listener in state Idle takes another address; a malformed one is reported by listen().
*/
QUrl PeerListener::listenAddress() const
{
    return d_func()->listenUrl;
}

void PeerListener::setListenAddress(const QUrl &address)
{
    Q_D(PeerListener);
    if (d->state != State::Idle)
        return;
    PeerAddressError fault;
    const PeerAddress parsed = PeerAddress::fromUrl(address, &fault);
    d->listenAddress = parsed.isValid() ? std::optional(parsed) : std::nullopt;
    d->addressFault = peer::faultText(fault);
    if (d->listenUrl == address)
        return;
    d->listenUrl = address;
    Q_EMIT listenAddressChanged(address);
}

/*!
    \property PeerListener::identity
    Who we are; the name at the rendezvous belongs to it. If null, listen() makes an identity that
    lasts as long as the object. Before listen().
*/
PeerIdentity PeerListener::identity() const
{
    return d_func()->identity;
}

void PeerListener::setIdentity(const PeerIdentity &identity)
{
    Q_D(PeerListener);
    if (d->identity == identity)
        return;
    d->identity = identity;
    Q_EMIT identityChanged();
}

/*! Trusts these \a authorities for the rendezvous, besides those of the system. Before listen(). */
void PeerListener::setTrustedCertificates(const QList<QSslCertificate> &authorities)
{
    d_func()->authorities = authorities;
}

/*!
    \property PeerListener::plainAllowed
    Allows \c tls=off for a rendezvous that is not on this machine. False at first. Before listen().
*/
bool PeerListener::isPlainAllowed() const
{
    return d_func()->isPlainAllowed;
}

void PeerListener::setPlainAllowed(bool allowed)
{
    Q_D(PeerListener);
    if (d->isPlainAllowed == allowed)
        return;
    d->isPlainAllowed = allowed;
    Q_EMIT plainAllowedChanged();
}

/*!
    Makes all TCP connections go by \a proxy: an HTTP proxy, by CONNECT, or a SOCKS5 one. At first
    it is QNetworkProxy::DefaultProxy, which means the application's proxy if it has one, or else
    what the system is configured to. QNetworkProxy::NoProxy means none. UDP never takes one. Before
    listen().

    \sa proxyAuthenticationRequired()
*/
void PeerListener::setProxy(const QNetworkProxy &proxy)
{
    d_func()->proxy = proxy;
}

QNetworkProxy PeerListener::proxy() const
{
    return d_func()->proxy;
}

/*!
    Uses these STUN and TURN \a servers, each with its own credentials, besides those that the
    rendezvous and the address name. Before listen(). False, and nothing is changed, if one of them
    is not valid. At most eight ways to TURN servers are used, these first.

    \sa PeerIceServer
*/
bool PeerListener::setIceServers(const QList<PeerIceServer> &servers)
{
    if (!std::all_of(servers.begin(), servers.end(),
                     [](const PeerIceServer &server) { return server.isValid(); }))
        return false;
    d_func()->iceServers = servers;
    return true;
}

QList<PeerIceServer> PeerListener::iceServers() const
{
    return d_func()->iceServers;
}

/*!
    \property PeerListener::autoAccept
    If true, calls are accepted at once, without PeerConnection::accept(). Before listen(); false at
    first.
*/
bool PeerListener::isAutoAccept() const
{
    return d_func()->isAutoAccept;
}

void PeerListener::setAutoAccept(bool autoAccept)
{
    Q_D(PeerListener);
    if (d->isAutoAccept == autoAccept || d->state != State::Idle)
        return;
    d->isAutoAccept = autoAccept;
    Q_EMIT autoAcceptChanged(autoAccept);
}

/*!
    \property PeerListener::maxConnections
    Calls that ring or stand at a time; further callers are told that the peer is busy. 1 to 65535,
    256 at first.
*/
int PeerListener::maxConnections() const
{
    return d_func()->maxConnections;
}

void PeerListener::setMaxConnections(int connections)
{
    Q_D(PeerListener);
    connections = std::clamp(connections, 1, 65535);
    if (d->maxConnections == connections)
        return;
    d->maxConnections = connections;
    d->link->commands.put(peer::command::SetMaxConnections{connections});
    Q_EMIT maxConnectionsChanged(connections);
}

/*!
    \property PeerListener::allowedIds
    The identities whose calls are taken; empty if everybody's are. Callers must prove to be one of
    them. Before listen().
*/
QStringList PeerListener::allowedIds() const
{
    return d_func()->allowedIds;
}

void PeerListener::setAllowedIds(const QStringList &ids)
{
    Q_D(PeerListener);
    if (d->allowedIds == ids)
        return;
    d->allowedIds = ids;
    Q_EMIT allowedIdsChanged();
}

/*!
    \property PeerListener::address
    What callers dial: name, rendezvous, and the id of our identity. Empty until listening. It holds
    no access token.
*/
QUrl PeerListener::address() const
{
    return d_func()->address;
}

/*!
    \property PeerListener::state
    Whether calls can come.
*/
PeerListener::State PeerListener::state() const
{
    return d_func()->state;
}

/*!
    \property PeerListener::error
    Why the listener is closed; None unless errorOccurred() was emitted.
*/
PeerConnection::Error PeerListener::error() const
{
    return d_func()->error;
}

/*!
    \property PeerListener::errorString
    The same as a sentence for a user.
*/
QString PeerListener::errorString() const
{
    return d_func()->errorString;
}

/*!
    Registers with the rendezvous. Only in state Idle; the constructors with an address do it by
    themselves.
*/
void PeerListener::listen()
{
    Q_D(PeerListener);
    if (d->state != State::Idle)
        return;
    PeerConnection::Error cause = PeerConnection::Error::BadAddress;
    QString fault = d->addressFault;
    if (d->listenAddress)
        fault = peer::faultOfAddress(*d->listenAddress, d->isPlainAllowed, cause);
    else if (d->listenUrl.isEmpty())
        fault = u"there is no address to listen at"_s;
    const bool isIdentityNew = d->identity.isNull();
    if (isIdentityNew)
        d->identity = PeerIdentity::create();
    if (fault.isEmpty() && d->identity.isNull())
        fault = u"the system gave no randomness for an identity"_s;
    if (!fault.isEmpty()) {
        QMetaObject::invokeMethod(
            this, [this, cause, fault] { d_func()->fail(cause, fault); }, Qt::QueuedConnection);
        return;
    }
    peer::ListenParameters parameters{*d->listenAddress, *PeerIdentityData::keyOf(d->identity),
                                      d->authorities,    d->allowedIds,
                                      d->isAutoAccept,   d->maxConnections,
                                      d->proxy,          d->iceServers};
    peer::ListenerWorker::startListening(d->link, parameters);
    const QPointer<PeerListener> guard(this);
    if (isIdentityNew)
        Q_EMIT identityChanged();
    if (guard && d->state == State::Idle)
        d->setState(State::Registering);
}

/*! Takes no more calls. The connections that stand go on. */
void PeerListener::close()
{
    Q_D(PeerListener);
    if (d->state == State::Closed)
        return;
    d->link->commands.put(peer::command::StopListening{});
    d->setState(State::Closed);
}

/*!
    \fn void PeerListener::proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator)
    The \a proxy wants a user name and a password, or other ones than it got: a slot that knows them
    puts them into \a authenticator, directly, and they serve all connections of this process. It is
    asked three times at most; if nobody knows them, the error is RendezvousUnreachable. Incoming
    connections ask for their relays by PeerConnection::proxyAuthenticationRequired().
*/
/*!
    \fn void PeerListener::listening()
    Calls can come: address is known. Emitted again when the rendezvous is back after an
    interruption.
*/
/*!
    \fn void PeerListener::incomingConnection(PeerConnection *connection)
    Somebody calls: \a connection is in state Ringing, unless autoAccept is set. Who it is, and
    whether sound or picture is wanted (PeerConnection::videoOffered), is known. Accept it or reject
    it, now or within 60 s; then the caller is told that nobody answers. It is a child of the
    listener; give it another parent to keep it longer, delete it when it is closed.
*/
/*!
    \fn void PeerListener::errorOccurred(PeerConnection::Error error)
    The listener is closed by a fault, which errorString() explains.
*/

void PeerListenerPrivate::takeNotices()
{
    for (peer::ListenerNotice &notice : link->notices.takeAll())
        pending.push_back(std::move(notice));
    processNotices();
}

// A slot may run an event loop of its own, and what is pending has its turn there: the order stays.
void PeerListenerPrivate::processNotices()
{
    Q_Q(PeerListener);
    const QPointer<PeerListener> guard(q);
    while (guard && !pending.empty()) {
        peer::ListenerNotice notice = std::move(pending.front());
        pending.pop_front();
        if (!pending.empty() && !std::exchange(isTurnPosted, true)) {
            const auto goOn = [this] {
                isTurnPosted = false;
                processNotices();
            };
            QMetaObject::invokeMethod(q, goOn, Qt::QueuedConnection);
        }
        if (state == PeerListener::State::Closed)
            decline(notice);
        else
            std::visit([this](auto &which) { process(which); }, notice);
    }
}

void PeerListenerPrivate::decline(peer::ListenerNotice &notice)
{
    if (const auto *call = std::get_if<peer::notice::IncomingCall>(&notice))
        call->link->commands.put(peer::command::Abandon{});
}

void PeerListenerPrivate::process(peer::notice::Registered &notice)
{
    Q_Q(PeerListener);
    PeerAddress dialled = *listenAddress;
    dialled.setName(notice.name);
    dialled.setIds({identity.id()});
    const QUrl url = dialled.toUrl();
    const QPointer<PeerListener> guard(q);
    if (address != url) {
        address = url;
        Q_EMIT q->addressChanged(url);
    }
    if (guard && state != PeerListener::State::Closed)
        setState(PeerListener::State::Listening);
}

void PeerListenerPrivate::process(peer::notice::Interrupted &)
{
    setState(PeerListener::State::Interrupted);
}

void PeerListenerPrivate::process(peer::notice::ListenerFailed &notice)
{
    fail(notice.error, notice.text);
}

void PeerListenerPrivate::process(peer::notice::IncomingCall &notice)
{
    Q_Q(PeerListener);
    PeerConnection *connection =
        PeerConnectionPrivate::makeIncoming(std::move(notice.link), notice.caller, q).release();
    Q_EMIT q->incomingConnection(connection);
}

void PeerListenerPrivate::setState(PeerListener::State next)
{
    Q_Q(PeerListener);
    if (state == next)
        return;
    state = next;
    const QPointer<PeerListener> guard(q);
    Q_EMIT q->stateChanged(next);
    if (guard && next == PeerListener::State::Listening)
        Q_EMIT q->listening();
}

void PeerListenerPrivate::fail(PeerConnection::Error cause, const QString &text)
{
    Q_Q(PeerListener);
    if (state == PeerListener::State::Closed)
        return;
    error = cause;
    errorString = text;
    const QPointer<PeerListener> guard(q);
    setState(PeerListener::State::Closed);
    if (guard)
        Q_EMIT q->errorOccurred(cause);
}

void PeerListenerPrivate::process(peer::notice::ProxyAuthentication &notice)
{
    Q_Q(PeerListener);
    QAuthenticator authenticator;
    const std::shared_ptr<peer::ListenerLink> worker = link;
    Q_EMIT q->proxyAuthenticationRequired(notice.proxy, &authenticator);
    worker->commands.put(peer::command::ProxyCredentials{notice.proxy, authenticator.user(),
                                                         authenticator.password()});
}
