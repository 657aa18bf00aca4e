// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The parts of a PeerAddress: each is read as it stands and set only in its canonical form.

#include <PeerConnection/peeraddress.h>

#include "signaling/hostport.h"
#include "signaling/peeraddress_p.h"
#include "signaling/peeraddressgrammar.h"
#include "signaling/serveruri.h"

#include <algorithm>

/*!
    \enum PeerAddress::Paths

    Which paths to the peer may be used.

    \value All Whatever is best.
    \value Direct No relay and no tunnel.
    \value Relay TURN only: the peer does not get to know this host's addresses.
    \value Tunnel The rendezvous' tunnel only: likewise.
*/

/*!
    \enum PeerAddress::Tls

    How the rendezvous is authenticated.

    \value Verified By a certificate chain to a known authority, for the host's name.
    \value Off Not at all: plain WebSocket. Taken for loopback hosts only unless the application
           allows it.
    \value Pinned By its public key, whose SHA-256 is tlsPin().
*/

/*!
    \class PeerAddress::RendezvousHost
    \inmodule PeerConnection
    \brief The RendezvousHost struct is a rendezvous: a name as A-labels or an IP address, IPv6
    without brackets, and a port.
*/

namespace {

/// Sets values that have all passed their check, without doubles. False and unchanged otherwise.
template<typename Canonical>
bool setList(QStringList &list, const QStringList &values, Canonical canonical)
{
    QStringList checked;
    for (const QString &value : values) {
        const QString text = canonical(value);
        if (text.isEmpty())
            return false;
        if (!checked.contains(text))
            checked += text;
    }
    list = checked;
    return true;
}

QString canonicalServer(const QString &text, peer::ServerUri::Kind kind)
{
    const auto uri = peer::ServerUri::fromString(text);
    return uri && uri->kind == kind ? uri->toString() : QString();
}

} // namespace

/*!
    \property PeerAddress::name
    \brief the peer's name at the rendezvous, 1 to 64 unreserved characters, or empty.
*/
QString PeerAddress::name() const
{
    return d->name;
}

/*!
    Sets the \a name, which may be empty. Like all setters that return a \c bool: returns \c false
    and changes nothing if the value is not allowed.
*/
bool PeerAddress::setName(const QString &name)
{
    if (!name.isEmpty() && !peer::isUnreserved(name, peer::MaxNameLength))
        return false;
    d->name = name;
    return true;
}

/*!
    \property PeerAddress::host
    \brief the host of the rendezvous: a name as A-labels or an IP address, IPv6 without brackets.
*/
QString PeerAddress::host() const
{
    return d->rendezvous.host;
}

/*!
    Sets the \a host. A name may be Unicode, an IPv6 address may stand in brackets.
*/
bool PeerAddress::setHost(const QString &host)
{
    const QString canonical = peer::canonicalHost(host);
    if (canonical.isEmpty())
        return false;
    d->rendezvous.host = canonical;
    d->furtherRendezvous.removeAll(d->rendezvous);
    return true;
}

/*!
    \property PeerAddress::port
    \brief the port of the rendezvous, 443 by default.
*/
quint16 PeerAddress::port() const
{
    return d->rendezvous.port;
}

bool PeerAddress::setPort(quint16 port)
{
    if (port == 0)
        return false;
    d->rendezvous.port = port;
    d->furtherRendezvous.removeAll(d->rendezvous);
    return true;
}

/*!
    Returns where the peer can be found, in order of preference: host() and port(), then those of
    the parameters \c rv. Empty if there is no host.
*/
QList<PeerAddress::RendezvousHost> PeerAddress::rendezvousHosts() const
{
    if (d->rendezvous.host.isEmpty())
        return {};
    return QList<RendezvousHost>{d->rendezvous} + d->furtherRendezvous;
}

/*!
    Sets the \a hosts of the parameters \c rv.
*/
bool PeerAddress::setFurtherRendezvousHosts(const QList<RendezvousHost> &hosts)
{
    QList<RendezvousHost> checked;
    for (const RendezvousHost &host : hosts) {
        const RendezvousHost canonical{peer::canonicalHost(host.host), host.port};
        if (canonical.host.isEmpty() || canonical.port == 0)
            return false;
        if (canonical != d->rendezvous && !checked.contains(canonical))
            checked += canonical;
    }
    d->furtherRendezvous = checked;
    return true;
}

/*!
    Returns whether all rendezvousHosts() are this machine by their very form: a loopback address,
    \c localhost or a name below it.
*/
bool PeerAddress::isLoopback() const
{
    const QList<RendezvousHost> hosts = rendezvousHosts();
    return !hosts.isEmpty() && std::all_of(hosts.begin(), hosts.end(), [](const auto &host) {
        return peer::isLoopbackHost(host.host);
    });
}

/*!
    \property PeerAddress::service
    \brief the service at the peer, 1 to 64 unreserved characters, or empty.
*/
QString PeerAddress::service() const
{
    return d->service;
}

bool PeerAddress::setService(const QString &service)
{
    if (!service.isEmpty() && !peer::isService(service))
        return false;
    d->service = service;
    return true;
}

/*!
    \property PeerAddress::ids
    \brief the identities of which the peer must have one; empty = anybody's.
*/
QStringList PeerAddress::ids() const
{
    return d->ids;
}

bool PeerAddress::setIds(const QStringList &ids)
{
    return setList(d->ids, ids, [](const QString &id) {
        return peer::digestFromText(id).isEmpty() ? QString() : id;
    });
}

/*!
    \property PeerAddress::paths
    \brief which paths to the peer may be used.
*/
PeerAddress::Paths PeerAddress::paths() const
{
    return d->paths;
}

void PeerAddress::setPaths(Paths paths)
{
    d->paths = paths;
}

/*!
    Returns the STUN servers as canonical URIs.
*/
QStringList PeerAddress::stunUris() const
{
    return d->stunUris;
}

bool PeerAddress::setStunUris(const QStringList &uris)
{
    return setList(d->stunUris, uris, [](const QString &uri) {
        return canonicalServer(uri, peer::ServerUri::Kind::Stun);
    });
}

/*!
    Returns the TURN servers as canonical URIs, which hold no credentials.
*/
QStringList PeerAddress::turnUris() const
{
    return d->turnUris;
}

bool PeerAddress::setTurnUris(const QStringList &uris)
{
    return setList(d->turnUris, uris, [](const QString &uri) {
        return canonicalServer(uri, peer::ServerUri::Kind::Turn);
    });
}

/*!
    \property PeerAddress::tls
    \brief how the rendezvous is authenticated.
*/
PeerAddress::Tls PeerAddress::tls() const
{
    return d->tls;
}

/*!
    Returns the SHA-256 of the rendezvous' SubjectPublicKeyInfo, 32 octets, if tls() is Pinned;
    else nothing.
*/
QByteArray PeerAddress::tlsPin() const
{
    return d->tlsPin;
}

void PeerAddress::setTlsVerified()
{
    d->tls = Tls::Verified;
    d->tlsPin.clear();
}

void PeerAddress::setTlsOff()
{
    d->tls = Tls::Off;
    d->tlsPin.clear();
}

/*!
    Pins the rendezvous' key by the 32 octets of \a digest.
*/
bool PeerAddress::setTlsPin(const QByteArray &digest)
{
    if (digest.size() != 32)
        return false;
    d->tls = Tls::Pinned;
    d->tlsPin = digest;
    return true;
}

/*!
    Returns the token, which admits to a closed rendezvous; mostly empty. It is a secret.
*/
QString PeerAddress::token() const
{
    return d->token;
}

/*!
    Sets the \a token, 1 to 256 visible characters of ASCII; an empty one removes it.
*/
bool PeerAddress::setToken(const QString &token)
{
    if (!token.isEmpty() && !peer::isToken(token))
        return false;
    d->token = token;
    return true;
}
