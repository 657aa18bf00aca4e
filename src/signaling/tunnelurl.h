// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_TUNNELURL_H
#define PEER_SIGNALING_TUNNELURL_H

#include "signaling/rendezvousconfig.h"

#include <QtCore/qstring.h>
#include <QtCore/qurl.h>

#include <optional>

namespace peer {

/// Of the signaling WebSocket at one host of a configuration.
QUrl rendezvousUrl(const RendezvousConfig &config, const RendezvousHost &host);

/// Where the tunnel is that the rendezvous at host tells of: reference is a URL, or relative to
/// that of the signaling (RFC 3986 section 4.2). Null if it is no WebSocket URL, has more than
/// host, port, path and query, or is plain where the signaling is not. Network input.
std::optional<QUrl> resolveTunnelUrl(const RendezvousConfig &config, const RendezvousHost &host,
                                     const QString &reference);

} // namespace peer

#endif // PEER_SIGNALING_TUNNELURL_H
