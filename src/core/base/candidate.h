// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_CANDIDATE_H
#define PEER_BASE_CANDIDATE_H

#include "core/base/address.h"

#include <cstdint>
#include <optional>
#include <string>

namespace peer {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };

enum class CandidateProtocol : std::uint8_t {
    Udp,
    TcpActive, ///< RFC 6544
    TcpPassive,
    TcpSimultaneousOpen,
};

/// An ICE candidate as it is exchanged (RFC 8445 section 5.3, RFC 8839 section 5.1).
struct Candidate
{
    /// 1 to 32 ice-chars. Equal for candidates of the same type, base and server.
    std::string foundation;
    std::uint16_t component = 1;
    CandidateProtocol protocol = CandidateProtocol::Udp;
    std::uint32_t priority = 0;
    /// Its IP is null while only hostName is known.
    TransportAddress address;
    /// A name that stands where the address would, such as "….local" (mDNS); mostly empty.
    std::string hostName;
    CandidateType type = CandidateType::Host;
    /// raddr and rport; null where there is none or policy hides it.
    TransportAddress relatedAddress;
    /// The ufrag extension (RFC 8839 section 5.1); empty if absent.
    std::string usernameFragment;

    friend bool operator==(const Candidate &, const Candidate &) = default;
};

} // namespace peer

#endif // PEER_BASE_CANDIDATE_H
