// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_TUNNEL_H
#define PEER_ICE_TUNNEL_H

#include "core/base/address.h"

#include <cstdint>

namespace peer::ice {

/// The two ends of a tunnel: who made the call, and who took it.
enum class TunnelEnd : std::uint8_t { Caller, Callee };

/// The route that stands for a tunnel (WIRE-EXTENSIONS.md): a WebSocket has no addresses that a
/// check could name, so its ends have these, of the prefix that leads nowhere (RFC 6666, 100::/64):
///
///     [100::1]:9   the caller's end          [100::2]:9   the callee's
///
/// Both sides use the same, so a check's XOR-MAPPED-ADDRESS is what the sender has as its own. They
/// stand in STUN messages within the tunnel alone, never in a candidate.
Route tunnelRoute(TransportId transport, TunnelEnd ownEnd);

} // namespace peer::ice

#endif // PEER_ICE_TUNNEL_H
