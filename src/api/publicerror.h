// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_PUBLICERROR_H
#define PEER_API_PUBLICERROR_H

#include "session/sessionevent.h"
#include "signaling/rendezvousclient.h"

#include <PeerConnection/peerconnection.h>

namespace peer {

// The errors of the layers beneath as the application knows them.

PeerConnection::Error toPublicError(RendezvousClient::Error error);
PeerConnection::Error toPublicError(RendezvousClient::NameError error);
PeerConnection::Error toPublicError(RendezvousClient::CallError error);
PeerConnection::Error toPublicError(RendezvousClient::MintError error);
PeerConnection::Error toPublicError(SessionError error);

} // namespace peer

#endif // PEER_API_PUBLICERROR_H
