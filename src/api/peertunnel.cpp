// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peertunnel.h>

#include "api/addresscheck.h"
#include "api/tunnelworker.h"
#include "signaling/hostport.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qauthenticator.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

using namespace Qt::StringLiterals;

/*!
    \class PeerTunnel
    \inmodule PeerConnection
    \brief Datagrams between two programs through a rendezvous server, where nothing else gets
    through.

    \code
    PeerTunnel ours, theirs;
    QObject::connect(&ours, &PeerTunnel::ticketChanged, &theirs, &PeerTunnel::join);
    QObject::connect(&theirs, &PeerTunnel::joined, [&] { theirs.sendDatagram("hello"); });
    ours.mint(QUrl(u"peer://rendezvous.example.org"_s));
    \endcode

    One side mints a tunnel, and gives its ticket to the other by whatever way the two have; whoever
    has the ticket can join. A datagram is one message of a WebSocket (RFC 6455), so that it passes
    where TLS to port 443 does, by a proxy too. Its order is kept, but not all arrive: what comes
    while the other end is not there is dropped, and so is what has waited for a slow network for
    more than a quarter of a second, the oldest first. The server sees the datagrams as they are:
    encrypt what is not for it. (In a PeerConnection the tunnel is one of the paths, and everything
    in it is encrypted.) How much a tunnel may carry is the server's to limit; see
    PeerRendezvousServer::setLimits().

    A connection that is lost is made again, at growing intervals from 250 ms to 30 s, until
    close() or until the server refuses the ticket: it is good for 12 hours, and not after a restart
    of the server. A tunnel that carries nothing for two minutes is closed by the server and joined
    again by us.

    The object lives in the thread that made it, which must run an event loop; the network runs in a
    thread of its own and no function blocks. Signals are emitted from the event loop only. It may be
    deleted in a slot of any of its signals.

    \sa PeerConnection, PeerDatagramSocket
*/

/*!
    \enum PeerTunnel::State
    \value Idle         Nothing was started.
    \value Minting      The rendezvous is asked for a tunnel.
    \value Joining      The server is being connected to.
    \value Joined       Datagrams go through, if the other end is there too.
    \value Interrupted  The connection is lost and is made again.
    \value Closed       The end; error() tells whether it was meant.
*/
/*!
    \variable PeerTunnel::MaximumDatagramSize
    Octets.
*/

class PeerTunnelPrivate
{
    Q_DECLARE_PUBLIC(PeerTunnel)

public:
    using State = PeerTunnel::State;

    void takeNotices();
    void process(const peer::notice::TunnelMinted &notice);
    void process(const peer::notice::TunnelJoined &);
    void process(const peer::notice::TunnelInterrupted &);
    void process(const peer::notice::TunnelFailed &notice);
    void process(const peer::notice::TunnelDatagrams &);
    void process(const peer::notice::ProxyAuthentication &notice);
    void setState(State next);
    void failLater(PeerConnection::Error cause, const QString &text);

    PeerTunnel *q_ptr = nullptr;
    std::shared_ptr<peer::TunnelLink> link = std::make_shared<peer::TunnelLink>();
    QList<QSslCertificate> authorities;
    bool isPlainAllowed = false;
    QNetworkProxy proxy;
    std::chrono::milliseconds patience{30'000};
    State state = State::Idle;
    QUrl ticket;
    PeerConnection::Error error = PeerConnection::Error::None;
    QString errorString;
    /// What has come and has not had its turn: a slot may run an event loop of its own.
    std::deque<peer::TunnelNotice> pending;
};

PeerTunnel::PeerTunnel(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerTunnelPrivate>())
{
    d_ptr->q_ptr = this;
    d_ptr->link->notices.attach(this, [this] { d_func()->takeNotices(); });
}

PeerTunnel::~PeerTunnel()
{
    Q_D(PeerTunnel);
    d->link->notices.detach();
    d->link->commands.put(peer::command::CloseTunnel{});
}

/*! Trusts these \a authorities for the server, besides those of the system. Before mint() or
    join(). */
void PeerTunnel::setTrustedCertificates(const QList<QSslCertificate> &authorities)
{
    d_func()->authorities = authorities;
}

/*!
    \property PeerTunnel::plainAllowed
    Allows a server without TLS that is not on this machine. False at first. Before mint() or join().
*/
bool PeerTunnel::isPlainAllowed() const
{
    return d_func()->isPlainAllowed;
}

void PeerTunnel::setPlainAllowed(bool allowed)
{
    Q_D(PeerTunnel);
    if (d->isPlainAllowed == allowed)
        return;
    d->isPlainAllowed = allowed;
    Q_EMIT plainAllowedChanged();
}

/*!
    Goes to the server by \a proxy; see PeerListener::setProxy(). Before mint() or join().

    \sa proxyAuthenticationRequired()
*/
void PeerTunnel::setProxy(const QNetworkProxy &proxy)
{
    d_func()->proxy = proxy;
}

QNetworkProxy PeerTunnel::proxy() const
{
    return d_func()->proxy;
}

/*!
    \property PeerTunnel::patience
    How long mint() waits for the answer of the rendezvous, in milliseconds; at least one second.
    30000 at first. Then the tunnel is Closed by RendezvousUnreachable, or by what the last attempt to
    connect has told. While a slot is asked about a proxy the time stands still. Before mint().
*/
int PeerTunnel::patience() const
{
    return int(d_func()->patience.count());
}

void PeerTunnel::setPatience(int milliseconds)
{
    Q_D(PeerTunnel);
    const std::chrono::milliseconds patience(std::max(milliseconds, 1000));
    if (d->patience == patience)
        return;
    d->patience = patience;
    Q_EMIT patienceChanged();
}

/*!
    \property PeerTunnel::state
    What has become of the tunnel.
*/
PeerTunnel::State PeerTunnel::state() const
{
    return d_func()->state;
}

/*!
    \property PeerTunnel::ticket
    What the other end joins by: a secret of the two. Empty before it is minted or joined.
*/
QUrl PeerTunnel::ticket() const
{
    return d_func()->ticket;
}

/*!
    \property PeerTunnel::error
    Why the tunnel is Closed; None if that was meant.
*/
PeerConnection::Error PeerTunnel::error() const
{
    return d_func()->error;
}

/*!
    \property PeerTunnel::errorString
    The same as a sentence for a user.
*/
QString PeerTunnel::errorString() const
{
    return d_func()->errorString;
}

/*!
    Datagrams that were refused by sendDatagram() because too many waited, and those that came in
    faster than the event loop took them: at most 1024, and 1 MiB, wait each way, and of the incoming
    ones the oldest give way. What the network drops is not counted.
*/
quint64 PeerTunnel::droppedDatagrams() const
{
    Q_D(const PeerTunnel);
    return d->link->incoming.dropped() + d->link->outgoing.dropped();
}

/*!
    Asks the \a rendezvous, an address as of PeerRendezvous::address, for a tunnel, and joins one end
    of it. ticketChanged() follows, then joined(); or errorOccurred(), after patience at the latest.
    close() takes it back. Only in state Idle.
*/
void PeerTunnel::mint(const QUrl &rendezvous)
{
    Q_D(PeerTunnel);
    if (d->state != State::Idle)
        return;
    PeerAddressError syntax;
    const PeerAddress address = PeerAddress::fromUrl(rendezvous, &syntax);
    PeerConnection::Error cause = PeerConnection::Error::BadAddress;
    const QString fault = address.isValid()
        ? peer::faultOfAddress(address, d->isPlainAllowed, cause)
        : peer::faultText(syntax);
    if (!fault.isEmpty())
        d->failLater(cause, fault);
    else
        peer::TunnelWorker::start(d->link, {address, {}, d->authorities, d->proxy, d->patience});
    d->setState(State::Minting);
}

/*!
    Joins the other end of the tunnel with that \a ticket: joined() follows, or errorOccurred(). Who
    joins an end that somebody else has joined takes his place. Only in state Idle.
*/
void PeerTunnel::join(const QUrl &ticket)
{
    Q_D(PeerTunnel);
    if (d->state != State::Idle)
        return;
    const auto read = peer::TunnelTicket::fromUrl(ticket);
    const bool isPlain = read && read->url.scheme() == "ws"_L1;
    if (!read) {
        d->failLater(PeerConnection::Error::BadAddress, u"this is no ticket of a tunnel"_s);
    } else if (isPlain && !d->isPlainAllowed && !peer::isLoopbackHost(read->url.host())) {
        d->failLater(PeerConnection::Error::BadAddress,
                     u"a tunnel without TLS is joined on this machine alone, unless plain "
                     "connections are allowed expressly"_s);
    } else {
        d->ticket = ticket;
        peer::TunnelWorker::start(d->link,
                                  {std::nullopt, *read, d->authorities, d->proxy, d->patience});
    }
    d->setState(State::Joining);
}

/*!
    Sends a \a datagram of 1 to MaximumDatagramSize octets. False if the state is not Joined, the
    size is another, or too many wait already. That it arrives is not certain.
*/
bool PeerTunnel::sendDatagram(const QByteArray &datagram)
{
    Q_D(PeerTunnel);
    if (d->state != State::Joined || datagram.isEmpty() || datagram.size() > MaximumDatagramSize)
        return false;
    switch (d->link->outgoing.put({QString(), datagram}, peer::DatagramBox::WhenFull::Refuse)) {
    case peer::DatagramBox::Put::Refused:
        return false;
    case peer::DatagramBox::Put::First:
        d->link->commands.put(peer::command::SendThroughTunnel{});
        break;
    case peer::DatagramBox::Put::Behind:
        break;
    }
    return true;
}

/*! Leaves the tunnel. The other end is not told. */
void PeerTunnel::close()
{
    Q_D(PeerTunnel);
    if (d->state == State::Closed)
        return;
    d->link->commands.put(peer::command::CloseTunnel{});
    d->setState(State::Closed);
}

/*!
    \fn void PeerTunnel::joined()
    Datagrams can be sent; again after each interruption. It does not mean that the other end is
    there.
*/
/*!
    \fn void PeerTunnel::datagramReceived(const QByteArray &datagram)
    A \a datagram came from the other end.
*/
/*!
    \fn void PeerTunnel::errorOccurred(PeerConnection::Error error)
    The tunnel is closed by a fault, which errorString() explains.
*/
/*!
    \fn void PeerTunnel::proxyAuthenticationRequired(const QNetworkProxy &proxy, QAuthenticator *authenticator)
    The \a proxy wants a user name and a password, or other ones than it got: a slot that knows them
    puts them into \a authenticator, directly, and they serve all connections of this process. It is
    asked three times at most; if nobody knows them, the error is RendezvousUnreachable.
*/

void PeerTunnelPrivate::takeNotices()
{
    for (peer::TunnelNotice &notice : link->notices.takeAll())
        pending.push_back(std::move(notice));
    const QPointer<PeerTunnel> guard(q_ptr);
    while (guard && !pending.empty()) {
        const peer::TunnelNotice notice = std::move(pending.front());
        pending.pop_front();
        if (state != State::Closed)
            std::visit([this](const auto &which) { process(which); }, notice);
    }
}

void PeerTunnelPrivate::process(const peer::notice::TunnelMinted &notice)
{
    Q_Q(PeerTunnel);
    ticket = notice.ticket;
    const QPointer<PeerTunnel> guard(q);
    setState(State::Joining);
    if (guard)
        Q_EMIT q->ticketChanged(notice.ticket);
}

void PeerTunnelPrivate::process(const peer::notice::TunnelJoined &)
{
    Q_Q(PeerTunnel);
    const QPointer<PeerTunnel> guard(q);
    setState(State::Joined);
    if (guard)
        Q_EMIT q->joined();
}

void PeerTunnelPrivate::process(const peer::notice::TunnelInterrupted &)
{
    setState(State::Interrupted);
}

void PeerTunnelPrivate::process(const peer::notice::TunnelFailed &notice)
{
    Q_Q(PeerTunnel);
    error = notice.error;
    errorString = notice.text;
    const QPointer<PeerTunnel> guard(q);
    setState(State::Closed);
    if (guard)
        Q_EMIT q->errorOccurred(notice.error);
}

void PeerTunnelPrivate::process(const peer::notice::TunnelDatagrams &)
{
    Q_Q(PeerTunnel);
    const QPointer<PeerTunnel> guard(q);
    for (const peer::BoxedDatagram &datagram : link->incoming.takeAll()) {
        Q_EMIT q->datagramReceived(datagram.payload);
        if (!guard)
            return;
    }
}

void PeerTunnelPrivate::process(const peer::notice::ProxyAuthentication &notice)
{
    Q_Q(PeerTunnel);
    QAuthenticator authenticator;
    const std::shared_ptr<peer::TunnelLink> worker = link;
    const QNetworkProxy asking = notice.proxy;
    Q_EMIT q->proxyAuthenticationRequired(asking, &authenticator);
    worker->commands.put(
        peer::command::ProxyCredentials{asking, authenticator.user(), authenticator.password()});
}

void PeerTunnelPrivate::setState(State next)
{
    Q_Q(PeerTunnel);
    if (state == next)
        return;
    state = next;
    Q_EMIT q->stateChanged(next);
}

void PeerTunnelPrivate::failLater(PeerConnection::Error cause, const QString &text)
{
    link->notices.put(peer::notice::TunnelFailed{cause, text});
}
