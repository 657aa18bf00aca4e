// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerdatagramsocket.h>

#include "api/datagramsocketworker.h"
#include "shell/systemrandom.h"

#include <QtCore/qpointer.h>
#include <QtCore/qset.h>

#include <deque>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;

/*!
    \class PeerDatagramSocket
    \inmodule PeerConnection
    \brief A bare UDP port that sends only where a handshake has proven that somebody wants it.

    \code
    PeerDatagramSocket socket;
    QObject::connect(&socket, &PeerDatagramSocket::connectivitySucceeded,
                     [&](const QString &address) {
                         socket.openSession(address);
                         socket.sendDatagram(address, "hello");
                     });
    socket.testConnectivity(theirAddress, theirUsernameFragment, theirPassword);
    \endcode

    Both sides tell each other, by whatever way they have, usernameFragment, password and their
    addresses, and test each other's addresses: by STUN connectivity checks with these credentials
    (RFC 8445 section 7). The socket answers to such checks by itself. A successful test proves that
    whoever has the password is at that address and wants to be sent to; then, and only then, a
    session with it can be opened and datagrams go to and fro. Nothing in them is encrypted or
    ordered, nothing is repeated, and there is no congestion control: that is the application's
    business (RFC 8085).

    Consent is renewed every 4 to 6 seconds and ends 30 seconds after the last answer (RFC 7675);
    then the session ends, and the address is tested again only with another password and fragment
    of the peer's. To addresses that have proven nothing there goes nothing but one STUN request in
    50 ms in all; each test is 7 of them in 3.2 seconds, and fails after 7.9. To who proves to have
    our password one answer goes in 5 ms, to who does not one in 20 ms, no longer than what he sent.
    64 addresses are tested or proven at a time.

    Addresses are texts, \c 192.0.2.1:5000 or \c {[2001:db8::1]:5000}; names are not looked up.

    The object lives in the thread that made it, which must run an event loop; the network runs in a
    thread of its own and no function blocks. Signals are emitted from the event loop only. It may be
    deleted in a slot of any of its signals.

    \sa PeerConnection, PeerTunnel
*/

/*!
    \enum PeerDatagramSocket::State
    \value Opening  The port is being opened, from the next turn of the event loop on.
    \value Open     localAddresses() are known.
    \value Closed   close() was called, or errorString() tells why there is no port.
*/
/*!
    \enum PeerDatagramSocket::Failure
    \value None
    \value Unanswered      Nobody has answered for 7.9 seconds.
    \value Refused         Whoever is there has answered with an error, or the address is one that
                           nobody can be at.
    \value TooMany         64 addresses are tested or proven.
    \value ConsentWasLost  The consent of these credentials has ended; there are to be others.
    \value NoSocket        This machine has no socket of that address family.
*/
/*!
    \variable PeerDatagramSocket::MaximumDatagramSize
    Octets; what larger ones need to get through, fragmentation, many NATs do not do.
*/

class PeerDatagramSocketPrivate
{
    Q_DECLARE_PUBLIC(PeerDatagramSocket)

public:
    using State = PeerDatagramSocket::State;

    void start(PeerDatagramSocket *socket);
    void open();
    void takeNotices();
    void process(const peer::notice::SocketOpened &);
    void process(const peer::notice::SocketFailed &notice);
    void process(const peer::notice::LocalAddresses &notice);
    void process(const peer::notice::Tested &notice);
    void process(const peer::notice::Proven &notice);
    void process(const peer::notice::TestFailed &notice);
    void process(const peer::notice::ConsentLost &notice);
    void process(const peer::notice::ReflexiveAddress &notice);
    void process(const peer::notice::DatagramsReady &);
    void setState(State next);

    PeerDatagramSocket *q_ptr = nullptr;
    std::shared_ptr<peer::DatagramSocketLink> link = std::make_shared<peer::DatagramSocketLink>();
    QString fragment;
    QString password;
    quint16 port = 0;
    State state = State::Opening;
    QString errorString;
    QStringList localAddresses;
    QSet<QString> proven;
    QSet<QString> sessions;
    /// What has come and has not had its turn: a slot may run an event loop of its own.
    std::deque<peer::DatagramSocketNotice> pending;
};

namespace {

/// RFC 8839 section 5.4: at least 24 and 128 random bits.
constexpr std::size_t FragmentSize = 8;
constexpr std::size_t PasswordSize = 24;

std::optional<peer::TransportAddress> parsed(const QString &address)
{
    return peer::TransportAddress::fromString(address.toStdString());
}

/// As the worker writes it.
QString canonical(const QString &address)
{
    const auto parsedAddress = parsed(address);
    return parsedAddress ? QString::fromStdString(parsedAddress->toString()) : QString();
}

} // namespace

/*! Opens a port from the next turn of the event loop on, with random credentials. */
PeerDatagramSocket::PeerDatagramSocket(QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerDatagramSocketPrivate>())
{
    peer::SystemRandom random;
    d_ptr->fragment = QString::fromStdString(random.iceCharacters(FragmentSize));
    d_ptr->password = QString::fromStdString(random.iceCharacters(PasswordSize));
    d_ptr->start(this);
}

/*!
    Opens a port from the next turn of the event loop on, with these credentials: \a usernameFragment
    of 4 to 250, \a password of 22 to 250 letters, digits, \c + and \c / (RFC 8839 section 5.4),
    chosen at random for this socket.
*/
PeerDatagramSocket::PeerDatagramSocket(const QString &usernameFragment, const QString &password,
                                       QObject *parent)
    : QObject(parent)
    , d_ptr(std::make_unique<PeerDatagramSocketPrivate>())
{
    d_ptr->fragment = usernameFragment;
    d_ptr->password = password;
    d_ptr->start(this);
}

PeerDatagramSocket::~PeerDatagramSocket()
{
    Q_D(PeerDatagramSocket);
    d->link->notices.detach();
    d->link->commands.put(peer::command::CloseSocket{});
}

void PeerDatagramSocketPrivate::start(PeerDatagramSocket *socket)
{
    q_ptr = socket;
    link->notices.attach(socket, [this] { takeNotices(); });
    QMetaObject::invokeMethod(
        socket, [this] { open(); }, Qt::QueuedConnection);
}

void PeerDatagramSocketPrivate::open()
{
    if (state == State::Closed)
        return;
    const std::string ownFragment = fragment.toStdString();
    const std::string ownPassword = password.toStdString();
    if (!peer::ice::ConsentPort::isValidFragment(ownFragment)
        || !peer::ice::ConsentPort::isValidPassword(ownPassword)) {
        process(peer::notice::SocketFailed{
            u"the credentials are not as RFC 8839 section 5.4 wants them"_s});
        return;
    }
    peer::DatagramSocketWorker::start(link, {ownFragment, ownPassword, port});
}

/*!
    \property PeerDatagramSocket::usernameFragment
    What the peer has to name us by in its tests.
*/
QString PeerDatagramSocket::usernameFragment() const
{
    return d_func()->fragment;
}

/*!
    \property PeerDatagramSocket::password
    What the peer has to know in its tests: a secret of both.
*/
QString PeerDatagramSocket::password() const
{
    return d_func()->password;
}

/*!
    Opens that \a port instead of a random one, for IPv4 and, if it is free there, for IPv6. Before
    the next turn of the event loop.
*/
void PeerDatagramSocket::setLocalPort(quint16 port)
{
    d_func()->port = port;
}

/*!
    \property PeerDatagramSocket::state
    What has become of the port.
*/
PeerDatagramSocket::State PeerDatagramSocket::state() const
{
    return d_func()->state;
}

/*!
    \property PeerDatagramSocket::errorString
    Why there is no port; empty if all is well.
*/
QString PeerDatagramSocket::errorString() const
{
    return d_func()->errorString;
}

/*!
    \property PeerDatagramSocket::localAddresses
    This machine's addresses, eight at most, with the port, loopback first: what to tell the peer.
    Behind a NAT there is also the one that findReflexiveAddress() finds.
*/
QStringList PeerDatagramSocket::localAddresses() const
{
    return d_func()->localAddresses;
}

/*!
    \property PeerDatagramSocket::provenAddresses
    Where a session may be opened, in alphabetical order.
*/
QStringList PeerDatagramSocket::provenAddresses() const
{
    QStringList addresses = d_func()->proven.values();
    addresses.sort();
    return addresses;
}

/*!
    Datagrams that were refused by sendDatagram() because too many waited, and those that came in
    faster than the event loop took them: at most 1024, and 1 MiB, wait each way, and of the incoming
    ones the oldest give way.
*/
quint64 PeerDatagramSocket::droppedDatagrams() const
{
    Q_D(const PeerDatagramSocket);
    return d->link->incoming.dropped() + d->link->outgoing.dropped();
}

/*!
    Tests whether whoever has \a usernameFragment and \a password is at \a address:
    connectivitySucceeded() or connectivityFailed() follows. An address that is being tested, or is
    proven, is not tested again. False if the address or the credentials are malformed, or the socket
    is Closed.
*/
bool PeerDatagramSocket::testConnectivity(const QString &address, const QString &usernameFragment,
                                          const QString &password)
{
    Q_D(PeerDatagramSocket);
    const auto remote = parsed(address);
    const std::string fragment = usernameFragment.toStdString();
    const std::string secret = password.toStdString();
    if (d->state == State::Closed || !remote || !peer::ice::ConsentPort::isValidFragment(fragment)
        || !peer::ice::ConsentPort::isValidPassword(secret)) {
        return false;
    }
    return d->link->commands.put(peer::command::TestConnectivity{*remote, fragment, secret});
}

/*!
    Asks \a stunServer, as an address, under which address we are seen there (RFC 8489):
    reflexiveAddressFound() or connectivityFailed() follows. It proves nothing of the server: no
    session can be opened with it. False if the address is malformed, or the socket is Closed.
*/
bool PeerDatagramSocket::findReflexiveAddress(const QString &stunServer)
{
    Q_D(PeerDatagramSocket);
    const auto server = parsed(stunServer);
    return server && d->state != State::Closed
        && d->link->commands.put(peer::command::FindReflexiveAddress{*server});
}

/*!
    From now on datagrams go to and come from \a address. False, at once, unless the address is
    proven.
*/
bool PeerDatagramSocket::openSession(const QString &address)
{
    Q_D(PeerDatagramSocket);
    const QString known = canonical(address);
    if (!d->proven.contains(known))
        return false;
    if (!d->sessions.contains(known)) {
        d->sessions.insert(known);
        d->link->commands.put(peer::command::OpenSession{*parsed(known)});
    }
    return true;
}

/*! No more datagrams go to \a address or come from it. It remains proven. */
void PeerDatagramSocket::closeSession(const QString &address)
{
    Q_D(PeerDatagramSocket);
    const QString known = canonical(address);
    if (d->sessions.remove(known))
        d->link->commands.put(peer::command::CloseSession{*parsed(known)});
}

/*!
    Sends a \a datagram of at most MaximumDatagramSize octets to \a address. False if there is no
    session with it, the datagram is too large, or too many wait already. What the network does not
    take is lost.
*/
bool PeerDatagramSocket::sendDatagram(const QString &address, const QByteArray &datagram)
{
    Q_D(PeerDatagramSocket);
    const QString known = canonical(address);
    if (!d->sessions.contains(known) || datagram.size() > MaximumDatagramSize)
        return false;
    switch (d->link->outgoing.put({known, datagram}, peer::DatagramBox::WhenFull::Refuse)) {
    case peer::DatagramBox::Put::Refused:
        return false;
    case peer::DatagramBox::Put::First:
        d->link->commands.put(peer::command::SendDatagrams{});
        break;
    case peer::DatagramBox::Put::Behind:
        break;
    }
    return true;
}

/*! Closes the port. All sessions end, and nothing is answered any more. */
void PeerDatagramSocket::close()
{
    Q_D(PeerDatagramSocket);
    if (d->state == State::Closed)
        return;
    d->link->commands.put(peer::command::CloseSocket{});
    const bool hadProven = !d->proven.isEmpty();
    d->proven.clear();
    d->sessions.clear();
    const QPointer<PeerDatagramSocket> guard(this);
    d->setState(State::Closed);
    if (guard && hadProven)
        Q_EMIT provenAddressesChanged();
}

/*!
    \fn void PeerDatagramSocket::connectivityTested(const QString &address, const QString &usernameFragment)
    Somebody who has our password has tested us from \a address, and was answered; the peer calls
    itself \a usernameFragment. It may be an address that nobody has told us (a NAT's): test it too,
    and there is a path both ways. Comes with each test, and each renewal of the peer's consent.
*/
/*!
    \fn void PeerDatagramSocket::connectivitySucceeded(const QString &address, const QString &reflexiveAddress)
    The peer is at \a address: openSession() may be called. There we are seen at \a
    reflexiveAddress.
*/
/*!
    \fn void PeerDatagramSocket::connectivityFailed(const QString &address, PeerDatagramSocket::Failure failure)
    The test of \a address, or the question to the STUN server there, has failed.
*/
/*!
    \fn void PeerDatagramSocket::consentLost(const QString &address)
    The peer at \a address has not answered for 30 seconds. Its session has ended.
*/
/*!
    \fn void PeerDatagramSocket::reflexiveAddressFound(const QString &stunServer, const QString &reflexiveAddress)
    Seen from \a stunServer we are at \a reflexiveAddress.
*/
/*!
    \fn void PeerDatagramSocket::datagramReceived(const QString &address, const QByteArray &datagram)
    A \a datagram came from \a address, with which there is a session.
*/

void PeerDatagramSocketPrivate::takeNotices()
{
    for (peer::DatagramSocketNotice &notice : link->notices.takeAll())
        pending.push_back(std::move(notice));
    const QPointer<PeerDatagramSocket> guard(q_ptr);
    while (guard && !pending.empty()) {
        const peer::DatagramSocketNotice notice = std::move(pending.front());
        pending.pop_front();
        if (state != State::Closed)
            std::visit([this](const auto &which) { process(which); }, notice);
    }
}

void PeerDatagramSocketPrivate::process(const peer::notice::SocketOpened &)
{
    setState(State::Open);
}

void PeerDatagramSocketPrivate::process(const peer::notice::SocketFailed &notice)
{
    errorString = notice.text;
    q_ptr->close();
}

void PeerDatagramSocketPrivate::process(const peer::notice::LocalAddresses &notice)
{
    Q_Q(PeerDatagramSocket);
    if (std::exchange(localAddresses, notice.addresses) != notice.addresses)
        Q_EMIT q->localAddressesChanged();
}

void PeerDatagramSocketPrivate::process(const peer::notice::Tested &notice)
{
    Q_Q(PeerDatagramSocket);
    --link->testsToTell;
    Q_EMIT q->connectivityTested(notice.address, notice.fragment);
}

void PeerDatagramSocketPrivate::process(const peer::notice::Proven &notice)
{
    Q_Q(PeerDatagramSocket);
    proven.insert(notice.address);
    const QPointer<PeerDatagramSocket> guard(q);
    Q_EMIT q->provenAddressesChanged();
    if (guard)
        Q_EMIT q->connectivitySucceeded(notice.address, notice.reflexive);
}

void PeerDatagramSocketPrivate::process(const peer::notice::TestFailed &notice)
{
    Q_Q(PeerDatagramSocket);
    Q_EMIT q->connectivityFailed(notice.address, notice.failure);
}

void PeerDatagramSocketPrivate::process(const peer::notice::ConsentLost &notice)
{
    Q_Q(PeerDatagramSocket);
    sessions.remove(notice.address);
    const QPointer<PeerDatagramSocket> guard(q);
    if (proven.remove(notice.address))
        Q_EMIT q->provenAddressesChanged();
    if (guard)
        Q_EMIT q->consentLost(notice.address);
}

void PeerDatagramSocketPrivate::process(const peer::notice::ReflexiveAddress &notice)
{
    Q_Q(PeerDatagramSocket);
    Q_EMIT q->reflexiveAddressFound(notice.server, notice.reflexive);
}

void PeerDatagramSocketPrivate::process(const peer::notice::DatagramsReady &)
{
    Q_Q(PeerDatagramSocket);
    const QPointer<PeerDatagramSocket> guard(q);
    for (const peer::BoxedDatagram &datagram : link->incoming.takeAll()) {
        if (sessions.contains(datagram.address))
            Q_EMIT q->datagramReceived(datagram.address, datagram.payload);
        if (!guard)
            return;
    }
}

void PeerDatagramSocketPrivate::setState(State next)
{
    Q_Q(PeerDatagramSocket);
    if (state == next)
        return;
    state = next;
    Q_EMIT q->stateChanged(next);
}
