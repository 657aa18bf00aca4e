// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_IDENTITYPROOF_H
#define PEER_SESSION_IDENTITYPROOF_H

#include "core/sdp/sessiondescription.h"
#include "secure/identity/identitykey.h"

#include <optional>
#include <string>
#include <string_view>

namespace peer {

/// What the signature of a=peer-identity covers. It ties the DTLS certificate of this call to the
/// sender's identity key, so that whoever carries the descriptions cannot exchange the
/// certificate, replay it in another call, or turn an offer into an answer.
struct IdentityClaim
{
    std::string_view call;
    bool isOffer = true;
    std::string_view senderId;
    /// Empty while the sender does not know to whom it speaks.
    std::string_view receiverId;
    /// SHA-256 of the sender's DTLS certificate.
    ByteView certificateDigest;

    /// The lines "peer-identity-1", call, "offer" or "answer", sender, receiver, and the digest in
    /// lower-case hexadecimal, each ended by a line feed.
    std::string text() const;
};

sdp::IdentityAttribute signClaim(const IdentityKey &key, IdentityClaim claim);

/// The id of the key that made the proof, or nothing if the proof does not hold. claim.senderId is
/// taken from the proof.
std::optional<std::string> verifyClaim(const sdp::IdentityAttribute &proof, IdentityClaim claim);

} // namespace peer

#endif // PEER_SESSION_IDENTITYPROOF_H
