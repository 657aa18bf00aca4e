// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/srtp/srtpkeys.h"

#include <openssl/crypto.h>

#include <utility>

namespace peer::srtp {

namespace {

struct Sizes
{
    std::size_t key;
    std::size_t salt;
};

Sizes sizesOf(Profile profile)
{
    switch (profile) {
    case Profile::AeadAes128Gcm: // RFC 7714 section 14.2
        return {16, 12};
    case Profile::Aes128CmSha1_80: // RFC 5764 section 4.1.2
        return {16, 14};
    }
    return {};
}

MasterKey join(ByteView key, ByteView salt)
{
    Bytes octets = toBytes(key);
    octets.reserve(key.size() + salt.size());
    octets.insert(octets.end(), salt.begin(), salt.end());
    return MasterKey(std::move(octets));
}

} // namespace

MasterKey::MasterKey(Bytes octets)
    : m_octets(std::move(octets))
{ }

MasterKey::~MasterKey()
{
    OPENSSL_cleanse(m_octets.data(), m_octets.size());
}

std::optional<Profile> profileNamed(std::string_view name)
{
    // OpenSSL's names.
    if (name == "SRTP_AEAD_AES_128_GCM")
        return Profile::AeadAes128Gcm;
    if (name == "SRTP_AES128_CM_SHA1_80")
        return Profile::Aes128CmSha1_80;
    return std::nullopt;
}

std::size_t keyingMaterialSize(Profile profile)
{
    const Sizes sizes = sizesOf(profile);
    return 2 * (sizes.key + sizes.salt);
}

std::optional<KeyPair> keysFrom(Profile profile, Role role, ByteView keyingMaterial)
{
    const auto [key, salt] = sizesOf(profile);
    if (keyingMaterial.size() != keyingMaterialSize(profile))
        return std::nullopt;
    MasterKey client = join(keyingMaterial.first(key), keyingMaterial.subspan(2 * key, salt));
    MasterKey server = join(keyingMaterial.subspan(key, key), keyingMaterial.last(salt));
    if (role == Role::Client)
        return KeyPair{std::move(client), std::move(server)};
    return KeyPair{std::move(server), std::move(client)};
}

} // namespace peer::srtp
