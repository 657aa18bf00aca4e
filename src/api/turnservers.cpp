// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/turnservers.h"

#include "signaling/serveruri.h"

#include <algorithm>

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

} // namespace

std::vector<TurnServer> turnServers(const RendezvousTurn &told, const QStringList &ofDestination)
{
    std::vector<TurnServer> servers;
    if (told.username.isEmpty())
        return servers;
    for (const QString &text : ofDestination + told.uris) {
        const auto uri = ServerUri::fromString(text);
        const auto transport = uri && uri->kind == ServerUri::Kind::Turn ? transportOf(*uri)
                                                                         : std::nullopt;
        if (!transport)
            continue;
        const TurnServer server{uri->host, uri->port, *transport, told.username, told.password};
        if (std::find(servers.begin(), servers.end(), server) == servers.end())
            servers.push_back(server);
    }
    return servers;
}

} // namespace peer
