// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_SERVERURI_H
#define PEER_SIGNALING_SERVERURI_H

#include <QtCore/qstring.h>

#include <optional>

namespace peer {

/// A STUN or TURN server's URI (RFC 7064, RFC 7065). It holds no credentials.
struct ServerUri
{
    enum class Kind : quint8 { Stun, Turn };

    Kind kind = Kind::Stun;
    bool isSecure = false; ///< stuns:, turns:
    QString host;          ///< canonical, IPv6 without brackets (hostport.h)
    quint16 port = 3478;   ///< 5349 by default if secure
    /// turn: and turns: only: "udp", "tcp" or an extension, in lower case; empty if absent.
    QString transport;

    /// Strict, of at most 512 characters; the scheme and the transport in any case.
    static std::optional<ServerUri> fromString(QStringView text);
    /// Canonical: a default port is left out.
    QString toString() const;

    friend bool operator==(const ServerUri &, const ServerUri &) = default;
};

} // namespace peer

#endif // PEER_SIGNALING_SERVERURI_H
