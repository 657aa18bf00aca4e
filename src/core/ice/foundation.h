// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_FOUNDATION_H
#define PEER_ICE_FOUNDATION_H

#include "core/base/candidate.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace peer::ice {

/// A foundation (RFC 8445 section 5.1.1.3) as a number: equal for equal foundations, and different
/// for others but for a chance of 2^-64. A number needs no table that grows with every address
/// that comes and goes. A clash would at worst freeze a pair a moment longer than necessary.
enum class Foundation : std::uint64_t {};

/// Of our own candidate: the same for the same type, transport protocol (UDP or TCP), base IP
/// address and STUN server (null for none). seed: one random number an agent, so that nobody can
/// guess a hidden base address by trying them all.
Foundation localFoundation(std::uint64_t seed, CandidateType type, const IpAddress &base,
                           const IpAddress &server, bool isTcp = false);

/// Of the peer's candidate, as it was signaled.
Foundation remoteFoundation(std::string_view signaled);

/// Of a peer-reflexive candidate of the peer: different from all others (section 7.3.1.3). count
/// must not repeat.
Foundation arbitraryFoundation(std::uint64_t seed, std::uint64_t count);

/// Of a pair (section 5.4): the two together, in that order.
Foundation pairFoundation(Foundation local, Foundation remote);

/// At most 13 ice-chars.
std::string foundationText(Foundation foundation);

} // namespace peer::ice

#endif // PEER_ICE_FOUNDATION_H
