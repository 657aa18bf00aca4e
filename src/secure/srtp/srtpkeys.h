// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SRTP_SRTPKEYS_H
#define PEER_SRTP_SRTPKEYS_H

#include "core/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace peer::srtp {

/// The protection profiles that DTLS offers (RFC 5764 section 4.1.2, RFC 7714 section 14.2), in our
/// order of preference.
enum class Profile : std::uint8_t {
    AeadAes128Gcm,   ///< SRTP_AEAD_AES_128_GCM
    Aes128CmSha1_80, ///< SRTP_AES128_CM_HMAC_SHA1_80
};

/// By the name that a DTLS handshake tells (dtls::Connected::srtpProfile). Nothing for "" and for
/// a profile that was not offered.
std::optional<Profile> profileNamed(std::string_view name);

/// What the DTLS exporter (RFC 5705) is asked for (RFC 5764 section 4.2).
inline constexpr std::string_view ExporterLabel = "EXTRACTOR-dtls_srtp";
/// How many octets of it: two master keys and two master salts.
std::size_t keyingMaterialSize(Profile profile);

/// Which end of the DTLS handshake an endpoint was: each writes with its own key.
enum class Role : std::uint8_t { Client, Server };

/// A master key with its master salt behind it, as RFC 3711 section 4.3 derives session keys from
/// them. Wiped when it goes.
class MasterKey
{
public:
    explicit MasterKey(Bytes octets);
    ~MasterKey();
    MasterKey(MasterKey &&other) noexcept = default;
    MasterKey &operator=(MasterKey &&) = delete;

    ByteView octets() const { return m_octets; }

private:
    Bytes m_octets;
};

struct KeyPair
{
    MasterKey local;  ///< of what we send
    MasterKey remote; ///< of what we receive
};

/// Cuts the exporter's octets: client key, server key, client salt, server salt (RFC 5764 section
/// 4.2). Nothing unless there are keyingMaterialSize() of them.
std::optional<KeyPair> keysFrom(Profile profile, Role role, ByteView keyingMaterial);

} // namespace peer::srtp

#endif // PEER_SRTP_SRTPKEYS_H
