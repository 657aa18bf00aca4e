// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_TUNNELJOIN_H
#define PEER_SIGNALING_TUNNELJOIN_H

#include "signaling/protocolmessages.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

#include <optional>

namespace peer::rendezvous {

/// The one text message of a tunnel's WebSocket, from the peer and first (PROTOCOL.md): which
/// tunnel, and which of its ends. All others are binary, a datagram each.
struct TunnelJoin
{
    QString token;
    CallSide side = CallSide::Caller;

    friend bool operator==(const TunnelJoin &, const TunnelJoin &) = default;
};

QByteArray toJson(const TunnelJoin &join);
/// Null if it is none. Network input.
std::optional<TunnelJoin> parseTunnelJoin(const QByteArray &utf8);

/// Why the server closes a tunnel's WebSocket (RFC 6455 section 7.4.2: private use).
enum class TunnelClose : quint16 {
    BadToken = 4001, ///< not minted here, or too old
    Limit = 4002,    ///< on tunnels, on one address's, or on octets
    Idle = 4003,     ///< no datagram for long
    Replaced = 4004, ///< the same end was dialled again
};

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_TUNNELJOIN_H
