// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peeraddress.h>

#include "signaling/peeraddress_p.h"
#include "signaling/peeraddressparser.h"

#include <QtCore/qdebug.h>

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
