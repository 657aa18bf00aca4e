// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_TURNSERVERS_H
#define PEER_API_TURNSERVERS_H

#include "shell/sessiondriver.h"
#include "signaling/rendezvousclient.h"

#include <vector>

namespace peer {

/// The servers that the rendezvous names and those of the destination's "turn", all with the
/// credentials that the rendezvous hands out, for none stand in a URI (D7). RFC 7065: turn is UDP
/// unless it says TCP, turns is TLS; DTLS to a server is not spoken here. None without credentials.
std::vector<TurnServer> turnServers(const RendezvousTurn &told, const QStringList &ofDestination);

} // namespace peer

#endif // PEER_API_TURNSERVERS_H
