// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/iceservers.h"

#include "signaling/serveruri.h"

#include <algorithm>

bool PeerIceServer::isValid() const
{
    const auto isShort = [](const QString &text) { return text.toUtf8().size() <= MaximumSize; };
    const bool hasCredentials = !username.isEmpty() && !credential.isEmpty();
    return !urls.isEmpty() && isShort(username) && isShort(credential)
        && std::all_of(urls.begin(), urls.end(), [hasCredentials](const QString &url) {
               const auto uri = peer::ServerUri::fromString(url);
               return uri && (uri->kind == peer::ServerUri::Kind::Stun || hasCredentials);
           });
}

namespace peer {

namespace {

std::optional<turn::Transport> transportOf(const ServerUri &uri)
{
    const bool isTcp = uri.transport == QLatin1StringView("tcp");
    if (uri.isSecure)
        return isTcp || uri.transport.isEmpty() ? std::optional(turn::Transport::Tls)
                                                : std::nullopt;
    if (isTcp)
        return turn::Transport::Tcp;
    const bool isUdp = uri.transport.isEmpty() || uri.transport == QLatin1StringView("udp");
    return isUdp ? std::optional(turn::Transport::Udp) : std::nullopt;
}

bool isSameServer(const TurnServer &a, const TurnServer &b)
{
    return a.host == b.host && a.port == b.port && a.transport == b.transport;
}

/// The first one counts: it has the better credentials.
void addTo(std::vector<TurnServer> &servers, const std::optional<TurnServer> &server)
{
    if (server && std::none_of(servers.begin(), servers.end(), [&](const TurnServer &each) {
            return isSameServer(each, *server);
        }))
        servers.push_back(*server);
}

void addTo(std::vector<StunServer> &servers, const QString &text)
{
    const auto uri = ServerUri::fromString(text);
    if (!uri || uri->kind != ServerUri::Kind::Stun || uri->isSecure)
        return;
    const StunServer server{uri->host, uri->port};
    if (std::find(servers.begin(), servers.end(), server) == servers.end())
        servers.push_back(server);
}

} // namespace

std::optional<TurnServer> turnServer(const QString &text, const QString &username,
                                     const QString &password)
{
    const auto uri = ServerUri::fromString(text);
    const auto transport = uri && uri->kind == ServerUri::Kind::Turn ? transportOf(*uri)
                                                                     : std::nullopt;
    if (!transport || username.isEmpty())
        return std::nullopt;
    return TurnServer{uri->host, uri->port, *transport, username, password};
}

bool IceServers::namesTurn() const
{
    return !turnUris.isEmpty() || !turn().empty();
}

std::vector<StunServer> IceServers::stun(const QStringList &further) const
{
    std::vector<StunServer> servers;
    for (const PeerIceServer &server : own) {
        for (const QString &url : server.urls)
            addTo(servers, url);
    }
    for (const QString &uri : stunUris + further)
        addTo(servers, uri);
    return servers;
}

std::vector<TurnServer> IceServers::turn(const RendezvousTurn &told) const
{
    std::vector<TurnServer> servers;
    for (const PeerIceServer &server : own) {
        for (const QString &url : server.urls)
            addTo(servers, turnServer(url, server.username, server.credential));
    }
    for (const QString &uri : turnUris + told.uris)
        addTo(servers, turnServer(uri, told.username, told.password));
    return servers;
}

} // namespace peer
