// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_ICESERVERS_H
#define PEER_API_ICESERVERS_H

#include "shell/sessiondriver.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peericeserver.h>

#include <QtCore/qlist.h>

#include <vector>

namespace peer {

/// Where the STUN and TURN servers of a call come from.
struct IceServers
{
    /// The application's own, with their credentials.
    QList<PeerIceServer> own;
    /// "stun" and "turn" of the address. Those of TURN get the credentials that the rendezvous
    /// hands out, for none stand in an address (D7).
    QStringList stunUris;
    QStringList turnUris;

    bool namesTurn() const;
    /// further: those that the rendezvous tells.
    std::vector<StunServer> stun(const QStringList &further = {}) const;
    /// Those with credentials, the application's own first. RFC 7065: turn is UDP unless it says
    /// TCP, turns is TLS; DTLS to a server is not spoken here.
    std::vector<TurnServer> turn(const RendezvousTurn &told = {}) const;
};

/// A TURN server by its URI, with those credentials; none if it is none that can be used.
std::optional<TurnServer> turnServer(const QString &uri, const QString &username,
                                     const QString &password);

} // namespace peer

#endif // PEER_API_ICESERVERS_H
