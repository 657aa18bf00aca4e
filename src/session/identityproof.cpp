// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/identityproof.h"

namespace peer {

std::string IdentityClaim::text() const
{
    static constexpr char Digits[] = "0123456789abcdef";
    std::string lines = "peer-identity-1\n";
    for (const std::string_view part :
         {call, std::string_view(isOffer ? "offer" : "answer"), senderId, receiverId}) {
        lines += part;
        lines += '\n';
    }
    for (const std::uint8_t octet : certificateDigest) {
        lines += Digits[octet >> 4];
        lines += Digits[octet & 15];
    }
    lines += '\n';
    return lines;
}

sdp::IdentityAttribute signClaim(const IdentityKey &key, IdentityClaim claim)
{
    claim.senderId = key.id();
    return {toBase64Url(key.publicKey()), toBase64Url(key.sign(claim.text()))};
}

std::optional<std::string> verifyClaim(const sdp::IdentityAttribute &proof, IdentityClaim claim)
{
    const auto publicKey = fromBase64Url(proof.publicKey);
    const auto signature = fromBase64Url(proof.signature);
    if (!publicKey || !signature)
        return std::nullopt;
    const std::string id = identityOf(*publicKey);
    if (id.empty())
        return std::nullopt;
    claim.senderId = id;
    if (!verifyIdentity(*publicKey, claim.text(), *signature))
        return std::nullopt;
    return id;
}

} // namespace peer
