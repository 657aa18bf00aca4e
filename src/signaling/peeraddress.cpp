// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include "signaling/hostport.h"
#include "signaling/peeraddress_p.h"
#include "signaling/peeraddressgrammar.h"
#include "signaling/peeraddressparser.h"
#include "signaling/serveruri.h"

#include <QtCore/qdebug.h>

#include <algorithm>

using namespace Qt::StringLiterals;

/*!
    \class PeerAddress
    \inmodule PeerConnection
    \brief The PeerAddress class is where to find a peer, and how to know that it is the right one.

    \code
    peer://NAME@HOST[:PORT][/SERVICE][?id=…&rv=…&paths=…&stun=…&turn=…&tls=…][#TOKEN]
    \endcode

    NAME is the peer's name at the rendezvous; a listener that is known by its id alone has none.
    HOST and PORT are the rendezvous, reached by TLS at port 443 unless the address says otherwise.
    SERVICE is one of the services at that peer. The parameters:

    \list
    \li \c id: the peer's identity, the base32 form of the SHA-256 of its identity key. May stand
        several times, for a key that is being replaced by another.
    \li \c rv: a further rendezvous, HOST[:PORT]. May stand several times.
    \li \c paths: \c all, \c direct, \c relay or \c tunnel.
    \li \c stun, \c turn: servers, as in RFC 7064 and RFC 7065, besides those that the rendezvous
        tells. May stand several times.
    \li \c tls: \c off, or the base32 form of the SHA-256 of the rendezvous' public key.
    \li \c x-…: ignored.
    \endlist

    TOKEN admits to a rendezvous that is closed to the public. It is a secret: it stands in the
    fragment, which no server gets to see in a request, and neither toString() nor QDebug shows it
    unless asked to.

    The whole grammar, in the notation of RFC 5234 and with the rules of RFC 3986:

    \code
    address    = "peer://" [ name "@" ] host [ ":" port ] [ "/" [ service ] ]
                 [ "?" parameter *( "&" parameter ) ] [ "#" token ]   ; at most 512 octets of UTF-8
    name       = 1*64unreserved
    service    = 1*64unreserved                                       ; neither "." nor ".."
    host       = IPv4address / "[" IPv6address "]" / host-name
    host-name  = label *( "." label )                                 ; 253 octets as A-labels
    label      = 1*63( ALPHA / DIGIT / "-" / "_" / ucschar )          ; RFC 3987, mapped by UTS 46;
                                                                      ; the last not like a number
    port       = %x31-39 *4DIGIT                                      ; 1 to 65535
    parameter  = "id=" digest
               / "rv=" host [ ":" port ]
               / "paths=" ( "all" / "direct" / "relay" / "tunnel" )
               / "stun=" ( "stun:" / "stuns:" ) host [ ":" port ]
               / "turn=" ( "turn:" / "turns:" ) host [ ":" port ]
                         [ "?transport=" 1*32unreserved ]
               / "tls=" ( "off" / digest )
               / "x-" *character [ "=" *character ]
    digest     = 51base32 ( "a" / "q" )
    base32     = %x61-7A / %x32-37                                    ; a-z and 2-7
    token      = 1*256VCHAR
    character  = any but controls, spaces and <"> "<" ">" "\" "^" "`" "{" "|" "}" "#" "&"
    \endcode

    Values of parameters and the token may be percent-encoded, and must be where they contain a
    forbidden character or \c{"&"}, \c{"#"} or \c{"%"}; name, host, port and service must not.
    \c paths and \c tls stand at most once. Everything but scheme, host names and the schemes and
    transports of servers is case-sensitive.

    Two addresses are equal if their canonical forms are, token included. The canonical form has the
    scheme and the hosts in lower case, hosts as A-labels, IPv6 addresses as in RFC 5952, no port
    where it is the default, no double values, and the parameters in the order of the list above.

    This class is implicitly shared and reentrant.

    \sa PeerConnection, PeerListener
*/

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
    Constructs an invalid address, which has no host.
*/
PeerAddress::PeerAddress()
    : d(new PeerAddressData)
{ }

PeerAddress::PeerAddress(const PeerAddress &other) = default;
PeerAddress::PeerAddress(PeerAddress &&other) noexcept = default;
PeerAddress &PeerAddress::operator=(const PeerAddress &other) = default;
PeerAddress &PeerAddress::operator=(PeerAddress &&other) noexcept = default;
PeerAddress::~PeerAddress() = default;

/*!
    Reads an address strictly: nothing is trimmed, completed or repaired. If the text is none,
    returns an invalid address and tells in \a error why.

    Prefer it to fromUrl(): a QUrl made from a text has repaired it silently.
*/
PeerAddress PeerAddress::fromString(QStringView text, PeerAddressError *error)
{
    PeerAddressError fault;
    PeerAddress address;
    const bool isRead = peer::PeerAddressParser::parse(text, *address.d, fault);
    if (isRead && !address.isValid()) {
        // A-labels are longer than the U-labels that they stand for, for instance.
        fault = PeerAddressError(PeerAddressError::Fault::TooLong, 0,
                                 u"The address is longer than 512 bytes in canonical form."_s);
    }
    if (fault)
        address = PeerAddress();
    if (error)
        *error = fault;
    return address;
}

/*!
    Reads the address from the encoded form of \a url, by the rules of fromString(). Columns of
    \a error are those of that form.

    \note QUrl repairs what it is given: it completes abbreviated IPv4 addresses ("127.1"), encodes
    stray spaces and percent signs, and decodes what needs no encoding. Such faults cannot be seen
    here any more. Where the text is at hand use fromString().
*/
PeerAddress PeerAddress::fromUrl(const QUrl &url, PeerAddressError *error)
{
    if (!url.isEmpty() && !url.isValid()) {
        if (error)
            *error = PeerAddressError(PeerAddressError::Fault::InvalidUrl, 0, url.errorString());
        return {};
    }
    return fromString(QString::fromLatin1(url.toEncoded()), error);
}

/*!
    Returns whether there is a host, and the address is not too long to be written with its token.
*/
bool PeerAddress::isValid() const
{
    return !d->rendezvous.host.isEmpty() && toString(Format::WithToken).size() <= MaximumLength;
}

/*!
    Returns toString() as a URL; an empty one if there is no host.
*/
QUrl PeerAddress::toUrl(Format format) const
{
    return QUrl(toString(format), QUrl::StrictMode);
}

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

bool operator==(const PeerAddress &left, const PeerAddress &right)
{
    return left.d == right.d
        || left.toString(PeerAddress::Format::WithToken)
        == right.toString(PeerAddress::Format::WithToken);
}

/*!
    \relates PeerAddress
*/
size_t qHash(const PeerAddress &address, size_t seed) noexcept
{
    return qHash(address.toString(PeerAddress::Format::WithToken), seed);
}

#ifndef QT_NO_DEBUG_STREAM
/*!
    \relates PeerAddress

    Writes the address; of the token only that there is one.
*/
QDebug operator<<(QDebug debug, const PeerAddress &address)
{
    QDebugStateSaver saver(debug);
    debug.nospace().noquote() << "PeerAddress(" << address.toString()
                              << (address.token().isEmpty() ? "" : "#…") << ')';
    return debug;
}
#endif
