// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_TUNNELTICKET_H
#define PEER_SIGNALING_TUNNELTICKET_H

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>
#include <QtCore/qurl.h>

#include <optional>

namespace peer {

/// What the other end of a tunnel needs to join it: the URL of its WebSocket, and in the fragment,
/// which no server is ever sent,
///
///     wss://rendezvous.example.org/tunnel#token=TOKEN&pin=BASE32
///
/// the token, and the SHA-256 of the server's public key where a pin is what proves it.
struct TunnelTicket
{
    QUrl url; ///< ws: or wss:, without a fragment
    QString token;
    QByteArray pin; ///< 32 octets, or empty

    QUrl toUrl() const;
    /// Null if it is none. Network input.
    static std::optional<TunnelTicket> fromUrl(const QUrl &url);
};

} // namespace peer

#endif // PEER_SIGNALING_TUNNELTICKET_H
