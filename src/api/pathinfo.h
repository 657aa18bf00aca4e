// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_PATHINFO_H
#define PEER_API_PATHINFO_H

#include "core/base/address.h"
#include "core/base/time.h"
#include "core/ice/priority.h"
#include "core/turn/allocation.h"
#include "session/sessionconfig.h"

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerpath.h>

#include <QtCore/qurl.h>

namespace peer {

PathPolicy toPathPolicy(PeerAddress::Paths paths);
double toMilliseconds(Duration duration);
/// protocol: of a relay, how our end reaches it. tunnel: its URL, if there is one.
PeerPath toPeerPath(const Route &route, ice::PathKind kind, turn::Transport protocol,
                    Duration roundTrip, const QUrl &tunnel);
/// Of what kind the addresses at both ends are; nothing of the tunnel's.
void setEnds(PeerPath &path, CandidateType local, CandidateType remote);

} // namespace peer

#endif // PEER_API_PATHINFO_H
