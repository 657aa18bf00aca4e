// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_PRIORITY_H
#define PEER_ICE_PRIORITY_H

#include "core/base/candidate.h"
#include "core/turn/allocation.h"

#include <cstdint>

namespace peer::ice {

/// RFC 8445 section 5.1.2.2: 0 to 126, and peer-reflexive above server-reflexive. We take the
/// recommended 126, 110, 100, and for relayed candidates over UDP 10 instead of the recommended 0,
/// because 5, 2 and 0 are needed below it for relays over TCP and TLS and for the tunnel.
std::uint32_t typePreference(CandidateType type);

/// RFC 8445 section 5.1.2.1: 2^24 * type preference + 2^8 * local preference + (256 - component).
/// The only component is 1.
std::uint32_t candidatePriority(CandidateType type, std::uint16_t localPreference);

/// Of a TCP candidate, by RFC 6544 section 4.2: the type preference is 90 for host, 85 for
/// peer-reflexive and 80 for server-reflexive candidates (there: less than those of UDP), and the
/// local preference is 2^13 * direction-pref + other-pref. direction-pref: 6 for active, 4 for
/// passive and 2 for simultaneous-open host candidates; 4, 2 and 6 for reflexive ones. other-pref:
/// 8191 for the best address, less for each that localPreference puts below it, 0 at least.
std::uint32_t tcpPriority(CandidateType type, CandidateProtocol protocol,
                          std::uint16_t localPreference);

/// Of a relayed candidate, whose type preference is by the way to the server: 10, 5 and 2 for UDP,
/// TCP and TLS.
std::uint32_t relayedPriority(turn::Transport protocol, std::uint16_t localPreference);
/// Which way a relayed candidate with that priority has; Udp if it is none of these. Of an agent
/// like this one: others have other numbers (libwebrtc's are 2, 1 and 0).
turn::Transport relayProtocol(std::uint32_t priority);
/// Whether a candidate's priority says that it is relayed, or still less. Nobody gives others so
/// low a type preference (the standard's are 126, 110, 100, and 0).
bool isRelayedPriority(std::uint32_t priority);

/// Of both ends of a tunnel: type preference 0, the lowest of all.
std::uint32_t tunnelPriority();

/// RFC 8445 section 6.1.2.3, G being the controlling agent's candidate and D the controlled one's:
/// 2^32 * min(G, D) + 2 * max(G, D) + (G > D ? 1 : 0).
std::uint64_t pairPriority(std::uint32_t controlling, std::uint32_t controlled);

/// What a pair is, as far as one kind is preferred to another whatever the figures say. The better
/// one compares greater.
enum class PathKind : std::uint8_t {
    Tunnel, ///< a WebSocket through the rendezvous
    Relayed,
    Direct,
};
/// Of a pair of candidates.
PathKind pathKind(CandidateType local, CandidateType remote);

} // namespace peer::ice

#endif // PEER_ICE_PRIORITY_H
