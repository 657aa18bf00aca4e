// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_STUN_INTEGRITY_H
#define PEER_STUN_INTEGRITY_H

#include "core/base/bytes.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace peer::stun {

/// How a message is authenticated: not, by MESSAGE-INTEGRITY (HMAC-SHA1, RFC 8489 section 14.5)
/// or by MESSAGE-INTEGRITY-SHA256 (section 14.6).
enum class Integrity : std::uint8_t { Absent, Sha1, Sha256 };

/// Octets of the HMAC: 0, 20, 32. We neither send nor accept a truncated SHA-256: RFC 8489
/// section 14.6 leaves truncation to the STUN usage, and neither ICE nor TURN has it.
std::size_t integritySize(Integrity kind);

/// The key of a credential with its HMAC prepared, so that a message costs only the hashing of its
/// own octets. Make one when the credential becomes known and keep it. Movable; not to be used in
/// two threads at once, although it is const.
class IntegrityKey
{
public:
    /// No key: signs nothing, verifies nothing.
    IntegrityKey();
    explicit IntegrityKey(ByteView key);
    ~IntegrityKey();
    IntegrityKey(IntegrityKey &&) noexcept;
    IntegrityKey &operator=(IntegrityKey &&) noexcept;

    /// RFC 8489 section 9.1.1: the password itself. It has been through OpaqueString (RFC 8265)
    /// where that matters; ICE's is ASCII.
    static IntegrityKey shortTerm(std::string_view password);
    /// RFC 8489 section 9.2.2: the digest of username:realm:password, by MD5 unless the server
    /// offers SHA-256 in PASSWORD-ALGORITHMS (section 18.5.1).
    enum class PasswordAlgorithm : std::uint16_t { Md5 = 0x0001, Sha256 = 0x0002 };
    static IntegrityKey longTerm(std::string_view username, std::string_view realm,
                                 std::string_view password, PasswordAlgorithm algorithm);

    bool isNull() const { return !d; }

    /// The HMAC over the message's octets before the integrity attribute. The header's length
    /// counts as messageLength (all up to and with that attribute), whatever stands there.
    /// message holds at least a header; out takes integritySize(kind) octets. False without a key.
    bool sign(Integrity kind, ByteView message, std::uint16_t messageLength,
              MutableByteView out) const;
    /// Compares in constant time.
    bool verify(Integrity kind, ByteView message, std::uint16_t messageLength,
                ByteView expected) const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

/// USERHASH (RFC 8489 section 14.4): SHA-256 of username:realm.
std::array<std::uint8_t, 32> userHash(std::string_view username, std::string_view realm);

} // namespace peer::stun

#endif // PEER_STUN_INTEGRITY_H
