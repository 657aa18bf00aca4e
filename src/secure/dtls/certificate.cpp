// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/certificate.h"

#include "secure/dtls/openssl_p.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <utility>

namespace peer::dtls {

namespace {

constexpr std::int64_t SecondsOfDay = 24 * 60 * 60;
/// Clocks differ, and some peers check the dates although nobody signs for them.
constexpr std::int64_t SecondsValidBefore = SecondsOfDay;
constexpr std::int64_t SecondsValidAfter = 30 * SecondsOfDay;

bool setSerialNumber(X509 *certificate)
{
    std::uint64_t serial = 0;
    if (RAND_bytes(reinterpret_cast<unsigned char *>(&serial), sizeof serial) != 1)
        return false;
    serial = (serial >> 1) | 1; // positive (RFC 5280 section 4.1.2.2)
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1;
}

X509Certificate makeCertificate(EVP_PKEY *key, std::int64_t systemSeconds)
{
    static constexpr std::string_view commonName = "WebRTC"; // names nobody, as RFC 8827 wants it
    X509Certificate certificate(X509_new());
    if (!certificate)
        return {};
    X509 *x509 = certificate.get();
    const auto notBefore = static_cast<std::time_t>(systemSeconds - SecondsValidBefore);
    const auto notAfter = static_cast<std::time_t>(systemSeconds + SecondsValidAfter);
    X509_NAME *name = X509_get_subject_name(x509);
    const bool isComplete = X509_set_version(x509, X509_VERSION_3) == 1 && setSerialNumber(x509)
        && ASN1_TIME_set(X509_getm_notBefore(x509), notBefore)
        && ASN1_TIME_set(X509_getm_notAfter(x509), notAfter)
        && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      reinterpret_cast<const unsigned char *>(commonName.data()),
                                      static_cast<int>(commonName.size()), -1, 0)
            == 1
        && X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1
        && X509_sign(x509, key, EVP_sha256()) != 0;
    return isComplete ? std::move(certificate) : X509Certificate();
}

Bytes digestOf(const X509 *certificate, const EVP_MD *hash)
{
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (X509_digest(certificate, hash, digest.data(), &size) != 1)
        return {};
    return Bytes(digest.begin(), digest.begin() + size);
}

/// The hash functions that we trust. SHA-1 and MD5 can be made to collide.
const EVP_MD *hashNamed(std::string_view name)
{
    std::string lowerCase(name);
    for (char &character : lowerCase) {
        if (character >= 'A' && character <= 'Z')
            character = static_cast<char>(character - 'A' + 'a');
    }
    if (lowerCase == "sha-256")
        return EVP_sha256();
    if (lowerCase == "sha-384")
        return EVP_sha384();
    if (lowerCase == "sha-512")
        return EVP_sha512();
    return nullptr;
}

} // namespace

bool matchesAny(const X509 *certificate, const std::vector<Fingerprint> &fingerprints)
{
    return std::any_of(fingerprints.begin(), fingerprints.end(), [&](const Fingerprint &expected) {
        const EVP_MD *hash = hashNamed(expected.hashFunction);
        if (!hash)
            return false;
        const Bytes digest = digestOf(certificate, hash);
        return !digest.empty() && digest.size() == expected.digest.size()
            && CRYPTO_memcmp(digest.data(), expected.digest.data(), digest.size()) == 0;
    });
}

Certificate::Certificate(std::unique_ptr<Content> content)
    : m_content(std::move(content))
{ }

Certificate::~Certificate() = default;

std::shared_ptr<const Certificate> Certificate::generate(std::int64_t systemSeconds)
{
    std::shared_ptr<const Certificate> result;
    const PKey key(EVP_EC_gen("P-256"));
    const X509Certificate certificate = key ? makeCertificate(key.get(), systemSeconds)
                                            : X509Certificate();
    if (certificate) {
        auto content = std::make_unique<Content>();
        content->context = makeContext(certificate.get(), key.get());
        content->digest = digestOf(certificate.get(), EVP_sha256());
        if (content->context && !content->digest.empty())
            result.reset(new Certificate(std::move(content)));
    }
    ERR_clear_error();
    return result;
}

const CertificateDigest &Certificate::digest() const
{
    return m_content->digest;
}

} // namespace peer::dtls
