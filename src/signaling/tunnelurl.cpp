// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/tunnelurl.h"

#include "signaling/protocolmessages.h"

namespace peer {

using namespace Qt::StringLiterals;

QUrl rendezvousUrl(const RendezvousConfig &config, const RendezvousHost &host)
{
    QUrl url;
    url.setScheme(config.tls == RendezvousConfig::Tls::Off ? "ws"_L1 : "wss"_L1);
    url.setHost(host.host);
    url.setPort(host.port);
    url.setPath(rendezvous::SocketPath.toString());
    return url;
}

std::optional<QUrl> resolveTunnelUrl(const RendezvousConfig &config, const RendezvousHost &host,
                                     const QString &reference)
{
    const QUrl relative(reference, QUrl::StrictMode);
    if (!relative.isValid())
        return std::nullopt;
    const QUrl url = rendezvousUrl(config, host).resolved(relative);
    const bool isSecure = url.scheme() == "wss"_L1;
    const bool isPlain = url.scheme() == "ws"_L1;
    if (!isSecure && !(isPlain && config.tls == RendezvousConfig::Tls::Off))
        return std::nullopt;
    if (!url.isValid() || url.host().isEmpty() || !url.userInfo().isEmpty() || url.hasFragment())
        return std::nullopt;
    return url;
}

} // namespace peer
