// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/identity/identitykey.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace peer {

namespace {

template<auto release>
struct Releaser
{
    template<typename Object>
    void operator()(Object *object) const
    {
        release(object);
    }
};

using PKey = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using PKeyContext = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Releaser<ECDSA_SIG_free>>;
using MemoryBio = std::unique_ptr<BIO, Releaser<BIO_free>>;

/// OpenSSL's error queue is the thread's, shared with every other user of the library in it: what
/// this file's calls add is removed again, what was there before stays.
class ErrorQueueGuard
{
public:
    ErrorQueueGuard() { ERR_set_mark(); }
    ~ErrorQueueGuard() { ERR_pop_to_mark(); }
    ErrorQueueGuard(const ErrorQueueGuard &) = delete;
    ErrorQueueGuard &operator=(const ErrorQueueGuard &) = delete;
};

/// What a P-256 SubjectPublicKeyInfo starts with (RFC 5480): SEQUENCE { SEQUENCE { id-ecPublicKey,
/// secp256r1 }, BIT STRING of 65 octets, of which the first says that the point is uncompressed }.
constexpr std::array<std::uint8_t, 27> PublicKeyPrefix = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};
constexpr std::size_t CoordinateSize = 32;
constexpr std::size_t PointSize = 1 + 2 * CoordinateSize;
constexpr std::size_t PublicKeySize = PublicKeyPrefix.size() + 2 * CoordinateSize;
constexpr std::size_t SignatureSize = 2 * CoordinateSize;

/// One key has one encoding, so that it has one id.
bool hasCanonicalForm(ByteView publicKey)
{
    return publicKey.size() == PublicKeySize
        && std::equal(PublicKeyPrefix.begin(), PublicKeyPrefix.end(), publicKey.begin());
}

/// The form leaves nothing to decode but the point, for which d2i_PUBKEY() would first look for a
/// decoder among all of OpenSSL's, in as much time as a verification takes.
PKey parsePublicKey(ByteView publicKey)
{
    if (!hasCanonicalForm(publicKey))
        return {};
    std::array<char, 6> group{"P-256"};
    Bytes point = toBytes(publicKey.last(PointSize));
    std::array<OSSL_PARAM, 3> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end(),
    };
    const PKeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY *made = nullptr;
    if (!maker || EVP_PKEY_fromdata_init(maker.get()) != 1
        || EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.data()) != 1) {
        return {};
    }
    PKey key(made);
    // On the curve? That is enough, for the cofactor of P-256 is 1: no point has another order.
    const PKeyContext checker(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!checker || EVP_PKEY_public_check_quick(checker.get()) != 1)
        return {};
    return key;
}

Bytes encodePublicKey(EVP_PKEY *key)
{
    unsigned char *der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    if (size <= 0)
        return {};
    Bytes octets(der, der + size);
    OPENSSL_free(der);
    return octets;
}

std::string identityOfCanonical(ByteView publicKey)
{
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
    SHA256(publicKey.data(), publicKey.size(), digest.data());
    return toBase32(digest);
}

} // namespace

struct IdentityKey::Content
{
    PKey key;
    Bytes publicKey;
    std::string id;

    static std::shared_ptr<const Content> adopt(PKey key);
};

/// Null unless key is a consistent P-256 pair.
std::shared_ptr<const IdentityKey::Content> IdentityKey::Content::adopt(PKey key)
{
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC)
        return {};
    const PKeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!context || EVP_PKEY_check(context.get()) != 1)
        return {};
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
    Bytes publicKey = encodePublicKey(key.get());
    if (!hasCanonicalForm(publicKey))
        return {};
    std::string id = identityOfCanonical(publicKey);
    return std::make_shared<const Content>(
        Content{std::move(key), std::move(publicKey), std::move(id)});
}

IdentityKey::IdentityKey(std::shared_ptr<const Content> content)
    : m_content(std::move(content))
{ }

std::optional<IdentityKey> IdentityKey::generate()
{
    const ErrorQueueGuard guard;
    auto content = Content::adopt(PKey(EVP_EC_gen("P-256")));
    if (!content)
        return std::nullopt;
    return IdentityKey(std::move(content));
}

std::optional<IdentityKey> IdentityKey::fromPem(std::string_view pem)
{
    const ErrorQueueGuard guard;
    constexpr std::size_t largestFile = 1 << 20;
    if (pem.size() > largestFile)
        return std::nullopt;
    const MemoryBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    char *label = nullptr;
    char *header = nullptr;
    unsigned char *der = nullptr;
    long size = 0;
    if (!bio || PEM_read_bio(bio.get(), &label, &header, &der, &size) != 1)
        return std::nullopt;
    PKey key;
    // Not PEM_read_bio_PrivateKey(): it takes other forms too and would ask for a passphrase.
    if (std::string_view(label) == PEM_STRING_PKCS8INF && std::string_view(header).empty()) {
        const unsigned char *at = der;
        PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, size);
        if (info && at == der + size)
            key.reset(EVP_PKCS82PKEY(info));
        PKCS8_PRIV_KEY_INFO_free(info);
    }
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, static_cast<std::size_t>(size));
    auto content = Content::adopt(std::move(key));
    if (!content)
        return std::nullopt;
    return IdentityKey(std::move(content));
}

std::string IdentityKey::toPem() const
{
    const ErrorQueueGuard guard;
    const MemoryBio bio(BIO_new(BIO_s_secmem()));
    if (!bio
        || PEM_write_bio_PKCS8PrivateKey(bio.get(), m_content->key.get(), nullptr, nullptr, 0,
                                         nullptr, nullptr)
            != 1) {
        return {};
    }
    char *text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
}

const std::string &IdentityKey::id() const
{
    return m_content->id;
}

const Bytes &IdentityKey::publicKey() const
{
    return m_content->publicKey;
}

Bytes IdentityKey::sign(std::string_view text) const
{
    const ErrorQueueGuard guard;
    const DigestContext context(EVP_MD_CTX_new());
    if (!context
        || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, m_content->key.get())
            != 1) {
        return {};
    }
    const ByteView octets = asBytes(text);
    std::array<std::uint8_t, 128> der; // 72 octets at most: two INTEGERs of 33 in a SEQUENCE
    std::size_t derSize = der.size();
    if (EVP_DigestSign(context.get(), der.data(), &derSize, octets.data(), octets.size()) != 1)
        return {};
    const unsigned char *at = der.data();
    const EcdsaSignature parsed(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(derSize)));
    if (!parsed)
        return {};
    Bytes signature(SignatureSize);
    constexpr int width = CoordinateSize;
    if (BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), signature.data(), width) != width
        || BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), signature.data() + width, width) != width) {
        return {};
    }
    return signature;
}

std::string identityOf(ByteView publicKey)
{
    const ErrorQueueGuard guard;
    return parsePublicKey(publicKey) ? identityOfCanonical(publicKey) : std::string();
}

bool verifyIdentity(ByteView publicKey, std::string_view text, ByteView signature)
{
    if (signature.size() != SignatureSize)
        return false;
    const ErrorQueueGuard guard;
    const PKey key = parsePublicKey(publicKey);
    const EcdsaSignature parsed(ECDSA_SIG_new());
    const DigestContext context(EVP_MD_CTX_new());
    if (!key || !parsed || !context)
        return false;
    BIGNUM *r = BN_bin2bn(signature.data(), CoordinateSize, nullptr);
    BIGNUM *s = BN_bin2bn(signature.data() + CoordinateSize, CoordinateSize, nullptr);
    if (ECDSA_SIG_set0(parsed.get(), r, s) != 1) { // takes ownership when it succeeds
        BN_free(r);
        BN_free(s);
        return false;
    }
    unsigned char *der = nullptr;
    const int derSize = i2d_ECDSA_SIG(parsed.get(), &der);
    if (derSize <= 0)
        return false;
    const ByteView octets = asBytes(text);
    const bool isValid = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                                              key.get())
            == 1
        && EVP_DigestVerify(context.get(), der, static_cast<std::size_t>(derSize), octets.data(),
                            octets.size())
            == 1;
    OPENSSL_free(der);
    return isValid;
}

} // namespace peer
