// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The canonical form of an address.

#include <PeerConnection/peeraddress.h>

#include "signaling/hostport.h"
#include "signaling/peeraddress_p.h"
#include "signaling/peeraddressgrammar.h"

using namespace Qt::StringLiterals;

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

} // namespace

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
