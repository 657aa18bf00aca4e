// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_POLICYCHECK_H
#define PEER_API_POLICYCHECK_H

#include "session/sessionconfig.h"
#include "signaling/rendezvousclient.h"

#include <QtCore/qstring.h>

namespace peer {

/// Why no path can come about under the policy, as a sentence; empty if one may. hasNamedRelays:
/// there are URIs of TURN servers; hasRelays: with credentials, too.
QString faultOfPolicy(PathPolicy policy, const RendezvousInfo &info, bool hasNamedRelays,
                      bool hasRelays);

} // namespace peer

#endif // PEER_API_POLICYCHECK_H
