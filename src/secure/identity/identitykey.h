// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_IDENTITY_IDENTITYKEY_H
#define PEER_IDENTITY_IDENTITYKEY_H

#include "core/base/bytes.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace peer {

/// A P-256 key pair that says who somebody is, apart from DTLS. The id is the base32 (lower case,
/// no padding: 52 characters) of the SHA-256 of the SubjectPublicKeyInfo. Immutable and cheap to
/// copy; usable from any thread.
class IdentityKey
{
public:
    /// Null if the generator fails.
    static std::optional<IdentityKey> generate();
    /// PKCS#8 PEM, unencrypted. Null if it is not a P-256 private key.
    static std::optional<IdentityKey> fromPem(std::string_view pem);
    std::string toPem() const;

    const std::string &id() const;
    /// DER SubjectPublicKeyInfo.
    const Bytes &publicKey() const;
    /// ECDSA with SHA-256, 64 octets r||s.
    Bytes sign(std::string_view text) const;

private:
    struct Content;
    std::shared_ptr<const Content> m_content;
};

/// The id that belongs to a DER SubjectPublicKeyInfo; empty if that is no P-256 key.
std::string identityOf(ByteView publicKey);
bool verifyIdentity(ByteView publicKey, std::string_view text, ByteView signature);

std::string toBase32(ByteView octets);
std::optional<Bytes> fromBase32(std::string_view text);
std::string toBase64Url(ByteView octets);
/// Strict: no padding, no white space, no stray bits.
std::optional<Bytes> fromBase64Url(std::string_view text);

} // namespace peer

#endif // PEER_IDENTITY_IDENTITYKEY_H
