// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_PATHINFO_H
#define PEER_API_PATHINFO_H

#include "core/base/address.h"
#include "core/base/time.h"

#include <PeerConnection/peerpath.h>

namespace peer {

double toMilliseconds(Duration duration);
PeerPath toPeerPath(const Route &route, Duration roundTrip);

} // namespace peer

#endif // PEER_API_PATHINFO_H
