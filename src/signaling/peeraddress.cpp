// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include "secure/identity/identitykey.h"
#include "signaling/hostport.h"
#include "signaling/peeraddress_p.h"
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
    \class PeerAddressError
    \inmodule PeerConnection
    \brief The PeerAddressError class tells why a text is no PeerAddress.

    It converts to \c true if there is an error.
*/

/*!
    \enum PeerAddressError::Fault

    \value None No error.
    \value TooLong More than 512 octets of UTF-8.
    \value ForbiddenCharacter A control character, a space or another character that a URI must
           not have.
    \value BadEncoding "%" without two hexadecimal digits behind it, or octets that are no UTF-8.
    \value BadScheme It does not begin with "peer://".
    \value PasswordGiven There is a ":" before the "@".
    \value BadName The name is empty, too long or has other than unreserved characters.
    \value BadHost The host is missing or is neither a name nor an address.
    \value BadPort The port is not a number from 1 to 65535 without leading zeros.
    \value BadService The service is too long or has other than unreserved characters.
    \value UnknownParameter A parameter that is unknown and does not begin with "x-".
    \value RepeatedParameter A parameter that may stand once stands twice.
    \value BadParameter The value of a parameter is missing or not as it must be.
    \value BadToken The token is empty, too long or has other than visible characters of ASCII.
    \value InvalidUrl The QUrl given is not valid; the message is QUrl's own.
*/

/*!
    \fn int PeerAddressError::column() const

    Returns where in the text the fault is: 1 for the first QChar, 0 if there is no telling. For a
    value that is percent-encoded it is where the value begins.
*/

/*!
    \fn QString PeerAddressError::message() const

    Returns a sentence for the user that names the fault. It never holds the token.
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

namespace peer {

bool isUnreserved(QStringView text, qsizetype longest)
{
    return !text.isEmpty() && text.size() <= longest
        && std::all_of(text.begin(), text.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z')
                   || (c >= u'0' && c <= u'9') || QStringView(u"-._~").contains(c);
           });
}

bool isService(QStringView text)
{
    return isUnreserved(text, MaxServiceLength) && text != u"." && text != u"..";
}

bool isToken(QStringView text)
{
    return !text.isEmpty() && text.size() <= MaxTokenLength
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c < u'\x7f'; });
}

QByteArray digestFromText(QStringView text)
{
    if (text.size() != DigestTextLength)
        return {};
    const auto octets = fromBase32(text.toLatin1().toStdString());
    if (!octets || octets->size() != 32)
        return {};
    return QByteArray(reinterpret_cast<const char *>(octets->data()), 32);
}

QString digestToText(const QByteArray &digest)
{
    return QString::fromStdString(
        toBase32(asBytes({digest.constData(), static_cast<std::size_t>(digest.size())})));
}

} // namespace peer

namespace {

QString hostAndPort(const PeerAddress::RendezvousHost &host)
{
    const QString text = peer::hostForUri(host.host);
    return host.port == 443 ? text : text + u':' + QString::number(host.port);
}

QLatin1StringView pathsName(PeerAddress::Paths paths)
{
    switch (paths) {
    case PeerAddress::Paths::All:
        return "all"_L1;
    case PeerAddress::Paths::Direct:
        return "direct"_L1;
    case PeerAddress::Paths::Relay:
        return "relay"_L1;
    case PeerAddress::Paths::Tunnel:
        return "tunnel"_L1;
    }
    return "all"_L1;
}

/// The parameters in canonical order. Nothing in their values needs to be encoded: the grammar of
/// each has only characters that a query may hold, or that all URL parsers let stand there ("[").
QStringList parametersOf(const PeerAddressData &data)
{
    QStringList parameters;
    for (const QString &id : data.ids)
        parameters += "id="_L1 + id;
    for (const PeerAddress::RendezvousHost &host : data.furtherRendezvous)
        parameters += "rv="_L1 + hostAndPort(host);
    if (data.paths != PeerAddress::Paths::All)
        parameters += "paths="_L1 + pathsName(data.paths);
    for (const QString &uri : data.stunUris)
        parameters += "stun="_L1 + uri;
    for (const QString &uri : data.turnUris)
        parameters += "turn="_L1 + uri;
    if (data.tls == PeerAddress::Tls::Off)
        parameters += u"tls=off"_s;
    else if (data.tls == PeerAddress::Tls::Pinned)
        parameters += "tls="_L1 + peer::digestToText(data.tlsPin);
    return parameters;
}

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
    if (!peer::PeerAddressParser::parse(text, *address.d, fault))
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
    Returns the canonical form, in ASCII; empty if there is no host. The token is left out unless
    \a format asks for it.
*/
QString PeerAddress::toString(Format format) const
{
    if (d->rendezvous.host.isEmpty())
        return {};
    QString text = u"peer://"_s;
    if (!d->name.isEmpty())
        text += d->name + u'@';
    text += hostAndPort(d->rendezvous);
    if (!d->service.isEmpty())
        text += u'/' + d->service;
    const QStringList parameters = parametersOf(*d);
    if (!parameters.isEmpty())
        text += u'?' + parameters.join(u'&');
    if (format == Format::WithToken && !d->token.isEmpty()) {
        // RFC 3986 section 3.5: pchar / "/" / "?".
        text += u'#' + QString::fromLatin1(QUrl::toPercentEncoding(d->token, "!$&'()*+,;=:@/?"));
    }
    return text;
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

/*!
    \relates PeerAddressError
*/
QDebug operator<<(QDebug debug, const PeerAddressError &error)
{
    QDebugStateSaver saver(debug);
    debug.nospace().noquote() << "PeerAddressError(" << error.fault() << ", column "
                              << error.column() << ", " << error.message() << ')';
    return debug;
}
#endif
