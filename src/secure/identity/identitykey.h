// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_IDENTITY_IDENTITYKEY_H
#define PEER_IDENTITY_IDENTITYKEY_H

#include "core/base/bytes.h"
#include "secure/identity/encoding.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace peer {

/// A P-256 key pair that says who somebody is, apart from DTLS. The id is the base32 (lower case,
/// no padding: 52 characters) of the SHA-256 of the SubjectPublicKeyInfo. Immutable and cheap to
/// copy; usable from any thread. Key generation and signing take their randomness from OpenSSL.
class IdentityKey
{
public:
    /// Null if the generator fails.
    static std::optional<IdentityKey> generate();
    /// PKCS#8 PEM (RFC 7468 section 10), unencrypted; text around the block is ignored. Null if
    /// the first block is not a P-256 private key.
    static std::optional<IdentityKey> fromPem(std::string_view pem);
    /// A secret: for a file that only its owner can read.
    std::string toPem() const;

    const std::string &id() const;
    /// DER SubjectPublicKeyInfo (RFC 5480), the point uncompressed: 91 octets.
    const Bytes &publicKey() const;
    /// ECDSA with SHA-256, 64 octets r||s; empty if OpenSSL fails.
    Bytes sign(std::string_view text) const;

private:
    struct Content;
    explicit IdentityKey(std::shared_ptr<const Content> content);

    std::shared_ptr<const Content> m_content;
};

/// The id that belongs to a DER SubjectPublicKeyInfo; empty if that is no P-256 key in the one
/// form that IdentityKey::publicKey() has. Network input.
std::string identityOf(ByteView publicKey);
/// Whether signature (64 octets r||s) is that of the key's owner under text. False for a bad key.
/// Network input.
bool verifyIdentity(ByteView publicKey, std::string_view text, ByteView signature);

} // namespace peer

#endif // PEER_IDENTITY_IDENTITYKEY_H
