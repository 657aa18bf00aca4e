// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_CHECKMESSAGE_H
#define PEER_ICE_CHECKMESSAGE_H

#include "core/ice/candidatepair.h"
#include "core/stun/message.h"

#include <optional>
#include <string_view>

namespace peer::ice {

/// A connectivity check as a STUN message (RFC 8445 section 7.1), in or out.
struct CheckRequest
{
    stun::TransactionId id{};
    /// "theirs:ours" as the sender of the check sees it (section 7.2.2).
    std::string_view username;
    std::uint32_t priority = 0;
    /// The sender's; none if it names no role, as only a STUN client does that is no ICE agent.
    std::optional<Role> role;
    std::uint64_t tieBreaker = 0;
    Nomination nomination = Nomination::None;
    std::uint32_t nominationValue = 0;
    /// From the controlled agent: the value of the nomination whose pair it finds poor.
    std::optional<std::uint32_t> unfitNominee;

    /// The part of the receiver before the colon, and the part of the sender behind it.
    std::string_view receiverFragment() const;
    std::string_view senderFragment() const;
};

/// Each writes into out, allocates nothing, and gives the octets; empty when they do not fit.
ByteView writeCheckRequest(MutableByteView out, const CheckRequest &request,
                           const stun::IntegrityKey &key);
ByteView writeCheckSuccess(MutableByteView out, const stun::TransactionId &id,
                           const TransportAddress &mapped, const stun::IntegrityKey &key);
/// key: null when the request did not authenticate.
ByteView writeCheckError(MutableByteView out, const stun::TransactionId &id, int code,
                         const stun::AttributeTypes &unknown, const stun::IntegrityKey &key);

/// What a Binding request says as a check. The views are those of the message.
CheckRequest readCheckRequest(const stun::Message &message);

} // namespace peer::ice

#endif // PEER_ICE_CHECKMESSAGE_H
