// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_AUTHENTICATION_H
#define PEER_TURN_AUTHENTICATION_H

#include "core/stun/integrity.h"
#include "core/stun/message.h"
#include "core/stun/messagewriter.h"

#include <array>
#include <string>

namespace peer::turn {

/// The long-term credentials of a client at one server (RFC 8489 section 9.2): what it has said in
/// its last challenge, and the key that follows from it.
///
/// How to drive it: requests without a challenge go out bare; give each 401 and 438 to challenge(),
/// and if that says Retry write the request anew with sign(). Look at other responses only if
/// accepts().
class Authentication
{
public:
    /// username and password have been through OpaqueString (RFC 8265) where that matters.
    Authentication(std::string username, std::string password);

    enum class Verdict : std::uint8_t {
        Retry,   ///< the challenge is new: send the request again, as a new transaction
        Refused, ///< the credentials are wrong: the same challenge again
        Invalid, ///< no challenge, one that we cannot meet, or one that somebody has weakened
    };
    /// A 401 or 438. request: what was answered: whether it was signed, and by which nonce.
    struct Attempt
    {
        bool isSigned = false;
        std::uint64_t challenge = 0;
    };
    Verdict challenge(const stun::Message &response, const Attempt &request);
    /// Of a request that is written now.
    Attempt attempt() const { return {m_challenges != 0, m_challenges}; }

    /// Adds what a request needs behind its other attributes: USERNAME or USERHASH, REALM, NONCE,
    /// the algorithms, and integrity. Nothing before the first challenge.
    void sign(stun::MessageWriter &writer) const;
    /// Whether a response to a signed request is the server's: section 9.2.5, with the kind of
    /// integrity that the request had.
    bool accepts(const stun::Message &response) const;

private:
    bool readChallenge(const stun::Message &response);

    /// Bounds of what is kept (RFC 8489 sections 14.9 and 14.10: fewer than 128 characters, 763
    /// octets) and of the list of algorithms, which has one of 4 octets for each.
    static constexpr std::size_t MaxText = 763;
    static constexpr std::size_t MaxAlgorithms = 64;

    std::string m_username;
    std::string m_password;

    /// How many challenges were taken; 0 = none yet.
    std::uint64_t m_challenges = 0;
    std::string m_realm;
    std::string m_nonce;
    /// PASSWORD-ALGORITHMS as it came, for it goes back (against bid-down); empty if none came.
    Bytes m_algorithms;
    stun::IntegrityKey::PasswordAlgorithm m_algorithm = stun::IntegrityKey::PasswordAlgorithm::Md5;
    /// The security feature "username anonymity".
    bool m_hidesUsername = false;
    std::array<std::uint8_t, 32> m_userHash{};
    stun::IntegrityKey m_key;
};

} // namespace peer::turn

#endif // PEER_TURN_AUTHENTICATION_H
