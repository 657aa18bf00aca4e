// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/serveruri.h"

#include "signaling/hostport.h"

#include <algorithm>

namespace peer {

using namespace Qt::StringLiterals;

namespace {

/// RFC 7064 section 3.2, RFC 7065 section 3.2.
quint16 defaultPort(bool isSecure)
{
    return isSecure ? 5349 : 3478;
}

/// RFC 7065 section 3.1: transport = "udp" / "tcp" / transport-ext, which is 1*unreserved.
bool isTransport(QStringView text)
{
    return !text.isEmpty() && text.size() <= 32
        && std::all_of(text.begin(), text.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z')
                   || (c >= u'0' && c <= u'9') || QStringView(u"-._~").contains(c);
           });
}

} // namespace

std::optional<ServerUri> ServerUri::fromString(QStringView text)
{
    const qsizetype colon = text.indexOf(u':');
    if (colon < 0 || text.size() > 512)
        return std::nullopt;
    ServerUri uri;
    const QString scheme = text.first(colon).toString().toLower();
    if (scheme == "turn"_L1 || scheme == "turns"_L1)
        uri.kind = Kind::Turn;
    else if (scheme != "stun"_L1 && scheme != "stuns"_L1)
        return std::nullopt;
    uri.isSecure = scheme.endsWith(u's');
    QStringView rest = text.mid(colon + 1);
    const qsizetype question = rest.indexOf(u'?');
    if (question >= 0) {
        const QStringView query = rest.mid(question + 1);
        const bool isKnown = query.startsWith("transport="_L1) && isTransport(query.mid(10));
        if (uri.kind == Kind::Stun || !isKnown)
            return std::nullopt;
        uri.transport = query.mid(10).toString().toLower();
        rest = rest.first(question);
    }
    HostPort server;
    if (parseHostPort(rest, server))
        return std::nullopt;
    uri.host = server.host;
    uri.port = server.port.value_or(defaultPort(uri.isSecure));
    return uri;
}

QString ServerUri::toString() const
{
    QString text = kind == Kind::Stun ? u"stun"_s : u"turn"_s;
    text += isSecure ? "s:"_L1 : ":"_L1;
    text += hostForUri(host);
    if (port != defaultPort(isSecure))
        text += u':' + QString::number(port);
    if (!transport.isEmpty())
        text += "?transport="_L1 + transport;
    return text;
}

} // namespace peer
