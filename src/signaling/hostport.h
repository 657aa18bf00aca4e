// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_HOSTPORT_H
#define PEER_SIGNALING_HOSTPORT_H

#include <QtCore/qstring.h>

#include <optional>

namespace peer {

/// HOST[:PORT] in canonical form: a name as lower-case A-labels, an IPv4 address, or an IPv6
/// address in RFC 5952's form without brackets.
struct HostPort
{
    QString host;
    std::optional<quint16> port; ///< never 0

    friend bool operator==(const HostPort &, const HostPort &) = default;
};

/// Why a text is no HOST[:PORT].
struct HostPortFault
{
    bool isInPort = false;
    qsizetype at = 0; ///< index of the first character at fault
    QString message;  ///< a sentence
};

/// HOST: a name (A- or U-labels; letters, digits, "-" and "_", 253 octets as A-labels, no dot at
/// the end), a whole IPv4 address in decimal without leading zeros, or an IPv6 address in brackets
/// without a zone. Anything that some resolver would take for a shortened or hexadecimal IPv4
/// address is refused, and so are A-labels that do not come from the name they stand for.
/// PORT: 1 to 65535 without leading zeros. Null = taken.
std::optional<HostPortFault> parseHostPort(QStringView text, HostPort &result);

/// HOST alone; an IPv6 address with or without brackets. Empty if it is none.
QString canonicalHost(QStringView text);

/// With brackets around an IPv6 address.
QString hostForUri(const QString &host);

/// Whether a canonical host is this machine by its very form: localhost, a name below it
/// (RFC 6761 section 6.3), or a loopback address.
bool isLoopbackHost(const QString &host);

} // namespace peer

#endif // PEER_SIGNALING_HOSTPORT_H
