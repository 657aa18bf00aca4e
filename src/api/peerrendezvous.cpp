// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerrendezvous.h>

#include "api/addresscheck.h"
#include "api/peeridentity_p.h"
#include "api/peerrendezvous_p.h"

#include <PeerConnection/peerlistener.h>

#include <QtCore/qpointer.h>

#include <optional>

using namespace Qt::StringLiterals;

/*!
    \class PeerRendezvous
    \inmodule PeerConnection
    \brief The connection to a rendezvous, as an object that calls and listeners share.

    \code
    PeerRendezvous rendezvous(QUrl(u"peer://rendezvous.example.org"_s), identity);
    rendezvous.listen(u"alice"_s);
    rendezvous.watch(u"bob"_s);
    QObject::connect(&rendezvous, &PeerRendezvous::peerOnline, [&](const QString &name) {
        rendezvous.dial(name)->sendText(u"hello"_s);
    });
    \endcode

    Nobody needs one: PeerConnection and PeerListener find their way to the rendezvous by
    themselves, and those of a process that name the same hosts in the same order, with the same
    trust, token, proxy and identity, share one connection anyway. It is kept for 30 seconds after
    its last user is gone, for the next one to find it ready, and then closed; a call that finds none
    sends its offer in the first flight after the connection stands, without waiting for an answer.
    An object of this class is a user of that connection. It keeps it open, tells what becomes of
    it, makes calls and listeners that share it for certain, and tells who is there.

    The address may name further hosts (\c rv): they are tried in order, each 250 ms after the one
    before (RFC 8305 section 5), and the first that answers is kept. When it is lost the search
    begins again, at growing intervals up to 30 seconds, as often as it takes; calls that stand are
    not touched.

    The object lives in the thread that made it, which must run an event loop; no function blocks,
    and signals are emitted from the event loop only. It may be deleted in a slot of any of its
    signals. Deleting it ends the calls and listeners that are still its children.

    \sa PeerConnection, PeerListener, PeerRendezvousServer
*/

/*!
    \enum PeerRendezvous::State
    \value Idle         Nothing was started.
    \value Connecting   The hosts are tried for the first time.
    \value Connected    The rendezvous is there, and has taken our proof of the identity.
    \value Interrupted  It is out of reach; it is tried again and again. errorString() tells why.
    \value Closed       close() was called, or the address was no good.
*/
/*!
    \enum PeerRendezvous::Presence
    \value Unknown  The name is not watched, or the rendezvous has not answered, or is out of reach.
    \value Offline  Nobody has registered the name: a call would end with PeerOffline.
    \value Online   A call would ring.
*/
/*!
    \variable PeerRendezvous::MaximumWatches
    Names that one object watches at a time. A server may allow fewer on a connection, which all of
    its users share (PeerRendezvousLimits::watchesPerConnection), and to all who come from one
    address (watchesPerAddress).
*/

PeerRendezvous::PeerRendezvous(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerRendezvousPrivate>())
{
    d_ptr->q_ptr = this;
    d_ptr->link->notices.attach(this, [this] { d_func()->takeNotices(); });
}

/*! Connects to the rendezvous of \a address from the next turn of the event loop on. */
PeerRendezvous::PeerRendezvous(const QUrl &address, QObject *parent)
    : PeerRendezvous(address, PeerIdentity(), parent)
{ }

/*! Connects as \a identity to the rendezvous of \a address from the next turn of the event loop
    on. */
PeerRendezvous::PeerRendezvous(const QUrl &address, const PeerIdentity &identity, QObject *parent)
    : PeerRendezvous(parent)
{
    setAddress(address);
    setIdentity(identity);
    QMetaObject::invokeMethod(this, &PeerRendezvous::open, Qt::QueuedConnection);
}

PeerRendezvous::~PeerRendezvous()
{
    Q_D(PeerRendezvous);
    d->link->notices.detach();
    d->link->commands.put(peer::command::LeaveRendezvous{});
}

/*!
    \property PeerRendezvous::address
    Which rendezvous: as the address of a peer, whose name and identities do not matter here, for
    example \c {peer://rendezvous.example.org?rv=other.example.org}. What it says of paths, STUN and
    TURN servers goes for the calls and listeners too. Only an object in state Idle takes another
    one; a malformed one is reported by open().
*/
QUrl PeerRendezvous::address() const
{
    return d_func()->url;
}

void PeerRendezvous::setAddress(const QUrl &address)
{
    Q_D(PeerRendezvous);
    if (d->state != State::Idle)
        return;
    PeerAddressError fault;
    const PeerAddress parsed = PeerAddress::fromUrl(address, &fault);
    d->parsed = parsed.isValid() ? std::optional(parsed) : std::nullopt;
    d->addressFault = peer::faultText(fault);
    if (d->url == address)
        return;
    d->url = address;
    Q_EMIT addressChanged(address);
}

/*!
    \property PeerRendezvous::identity
    Who we are, in all calls and as all listeners. If null, open() makes an identity that lasts as
    long as the object. Before open().
*/
PeerIdentity PeerRendezvous::identity() const
{
    return d_func()->identity;
}

void PeerRendezvous::setIdentity(const PeerIdentity &identity)
{
    Q_D(PeerRendezvous);
    if (d->identity == identity || d->state != State::Idle)
        return;
    d->identity = identity;
    Q_EMIT identityChanged();
}

/*! Trusts these \a authorities for the rendezvous, besides those of the system. Before open(). */
void PeerRendezvous::setTrustedCertificates(const QList<QSslCertificate> &authorities)
{
    d_func()->authorities = authorities;
}

/*!
    \property PeerRendezvous::plainAllowed
    Allows \c tls=off for a rendezvous that is not on this machine. False at first. Before open().
*/
bool PeerRendezvous::isPlainAllowed() const
{
    return d_func()->isPlainAllowed;
}

void PeerRendezvous::setPlainAllowed(bool allowed)
{
    Q_D(PeerRendezvous);
    if (d->isPlainAllowed == allowed)
        return;
    d->isPlainAllowed = allowed;
    Q_EMIT plainAllowedChanged();
}

/*!
    Goes to the rendezvous by \a proxy; see PeerListener::setProxy(). Calls and listeners made here
    take it too. Before open().
*/
void PeerRendezvous::setProxy(const QNetworkProxy &proxy)
{
    d_func()->proxy = proxy;
}

QNetworkProxy PeerRendezvous::proxy() const
{
    return d_func()->proxy;
}

/*!
    \property PeerRendezvous::state
    What has become of the connection.
*/
PeerRendezvous::State PeerRendezvous::state() const
{
    return d_func()->state;
}

/*!
    \property PeerRendezvous::host
    Which of the hosts we are connected to, or were last: \c HOST:PORT, empty before the first.
*/
QString PeerRendezvous::host() const
{
    return d_func()->host;
}

/*!
    \property PeerRendezvous::observedAddress
    \c IP:PORT of our end of that connection as the server sees it; it may be that of a proxy.
*/
QString PeerRendezvous::observedAddress() const
{
    return d_func()->observedAddress;
}

/*!
    \property PeerRendezvous::error
    Why the rendezvous is out of reach, or the object Closed; None again once it is Connected.
*/
PeerConnection::Error PeerRendezvous::error() const
{
    return d_func()->error;
}

/*!
    \property PeerRendezvous::errorString
    The same as a sentence for a user.
*/
QString PeerRendezvous::errorString() const
{
    return d_func()->errorString;
}

/*!
    Connects. An object that is not Idle does nothing. What is wrong with the address is told by
    errorOccurred(), and closes the object; anything else is tried again.
*/
void PeerRendezvous::open()
{
    Q_D(PeerRendezvous);
    if (d->state != State::Idle)
        return;
    PeerConnection::Error cause = PeerConnection::Error::BadAddress;
    QString fault = d->addressFault;
    if (d->parsed)
        fault = peer::faultOfAddress(*d->parsed, d->isPlainAllowed, cause);
    else if (d->url.isEmpty())
        fault = u"there is no address of a rendezvous"_s;
    const bool isIdentityNew = fault.isEmpty() && d->identity.isNull();
    if (isIdentityNew)
        d->identity = PeerIdentity::create();
    if (fault.isEmpty() && d->identity.isNull())
        fault = u"the system gave no randomness for an identity"_s;
    if (!fault.isEmpty()) {
        QMetaObject::invokeMethod(
            this,
            [this, cause, fault] {
                Q_D(PeerRendezvous);
                const QPointer<PeerRendezvous> guard(this);
                d->setState(State::Closed);
                if (guard)
                    d->fail(cause, fault);
            },
            Qt::QueuedConnection);
        return;
    }
    peer::RendezvousWorker::start(
        d->link, {*d->parsed, *PeerIdentityData::keyOf(d->identity), d->authorities, d->proxy});
    const QPointer<PeerRendezvous> guard(this);
    if (isIdentityNew)
        Q_EMIT identityChanged();
    if (guard && d->state == State::Idle)
        d->setState(State::Connecting);
}

/*!
    Lets go of the connection and of all watches. Calls and listeners that stand go on, and the
    connection with them; once none is left it is closed after 30 seconds.
*/
void PeerRendezvous::close()
{
    Q_D(PeerRendezvous);
    if (d->state == State::Closed)
        return;
    d->link->commands.put(peer::command::LeaveRendezvous{});
    const QPointer<PeerRendezvous> guard(this);
    d->setState(State::Closed);
    if (guard)
        d->forgetPresence();
}

/*!
    Calls \a name by this connection: a connection that dials at the next turn of the event loop. It
    is a child of this object; give it another parent to keep it longer, delete it when it is
    closed. With \a ids, the peer must prove to be one of them; see PeerAddress::ids(). Null, with a
    warning, if name or ids are not valid, or if the object is not open.
*/
PeerConnection *PeerRendezvous::dial(const QString &name, const QStringList &ids)
{
    Q_D(PeerRendezvous);
    const std::optional<PeerAddress> destination = d->destination(name, ids);
    if (!destination || (name.isEmpty() && ids.isEmpty())) {
        qWarning("PeerRendezvous::dial: there is no such address, or the rendezvous is not open");
        return nullptr;
    }
    auto *connection = new PeerConnection(*destination, this);
    connection->setIdentity(d->identity);
    connection->setTrustedCertificates(d->authorities);
    connection->setPlainAllowed(d->isPlainAllowed);
    connection->setProxy(d->proxy);
    return connection;
}

/*!
    Takes calls to \a name by this connection, or to the identity's id if there is no name: a
    listener that starts at the next turn of the event loop, and is a child of this object. It takes
    the name over from an older listener, which is closed. Null, with a warning, if the name is not
    valid, or if the object is not open.
*/
PeerListener *PeerRendezvous::listen(const QString &name)
{
    Q_D(PeerRendezvous);
    const std::optional<PeerAddress> address = d->destination(name, {});
    if (!address) {
        qWarning("PeerRendezvous::listen: the name is not valid, or the rendezvous is not open");
        return nullptr;
    }
    auto *listener = new PeerListener(address->toUrl(PeerAddress::Format::WithToken), d->identity,
                                      this);
    listener->setTrustedCertificates(d->authorities);
    listener->setPlainAllowed(d->isPlainAllowed);
    listener->setProxy(d->proxy);
    return listener;
}

/*!
    \property PeerRendezvous::watchedNames
    The names that are watched, in alphabetical order.
*/
QStringList PeerRendezvous::watchedNames() const
{
    return d_func()->watches.keys();
}

/*! What is known of \a name. */
PeerRendezvous::Presence PeerRendezvous::presence(const QString &name) const
{
    return d_func()->watches.value(name, Presence::Unknown);
}

/*!
    Wants to hear of \a name, whoever has it: by presenceChanged(), and by peerOnline() or
    peerOffline(). May be called before open(). That somebody is online is told at once, that he is
    offline after a second, so that a peer that changes its network does not seem to leave; a peer
    whose network has died is noticed when nothing was heard from it for 50 seconds. With several
    hosts it is the one that we are connected to that is asked: a peer that is registered at
    another one seems offline, though a call would find it.

    False if the name is not valid, the object is Closed, or MaximumWatches are watched already.
    Watching a name again changes nothing.
*/
bool PeerRendezvous::watch(const QString &name)
{
    Q_D(PeerRendezvous);
    if (d->watches.contains(name))
        return true;
    PeerAddress tried;
    if (d->state == State::Closed || d->watches.size() >= MaximumWatches || name.isEmpty()
        || !tried.setName(name)) {
        return false;
    }
    d->watches.insert(name, Presence::Unknown);
    d->link->commands.put(peer::command::Watch{name});
    Q_EMIT watchedNamesChanged();
    return true;
}

/*! Wants to hear no more of \a name. */
void PeerRendezvous::unwatch(const QString &name)
{
    Q_D(PeerRendezvous);
    if (d->watches.remove(name) == 0)
        return;
    d->link->commands.put(peer::command::Unwatch{name});
    Q_EMIT watchedNamesChanged();
}

/*!
    \fn void PeerRendezvous::connected()
    The rendezvous is there; again after each interruption.
*/
/*!
    \fn void PeerRendezvous::presenceChanged(const QString &name, PeerRendezvous::Presence presence)
    Something else is known of \a name, which is watched. After an interruption it is Unknown until
    the rendezvous is back.
*/
/*!
    \fn void PeerRendezvous::peerOnline(const QString &name)
    The presence of \a name has become Online.
*/
/*!
    \fn void PeerRendezvous::peerOffline(const QString &name)
    The presence of \a name has become Offline.
*/
/*!
    \fn void PeerRendezvous::watchFailed(const QString &name, const QString &reason)
    The rendezvous does not let us watch \a name for now: we, or all who come from our address,
    watch too many names or ask too fast; too many watch this one; or it is too old to know of
    presence. \a reason is a sentence for a user. The name stays watched, its presence is Unknown,
    and it is asked for again, at intervals that grow from some seconds to five minutes. This is told
    once until that succeeds.

    If \a name is not among the watchedNames any more it is not asked for again: the objects of this
    process that share a connection watch more than 1024 names.
*/
/*!
    \fn void PeerRendezvous::errorOccurred(PeerConnection::Error error)
    The rendezvous is out of reach, or the address is no good.
*/
/*!
    \fn void PeerRendezvous::proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator)
    As PeerListener::proxyAuthenticationRequired().
*/
