// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/certificatetools.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <memory>

namespace peer::rendezvous {

namespace {

template<auto Free>
struct Deleter
{
    template<typename Type>
    void operator()(Type *object) const
    {
        Free(object);
    }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

constexpr long X509Version3 = 2; // RFC 5280 section 4.1.2.1: one less
constexpr long SecondsADay = 24 * 60 * 60;
constexpr long Lifetime = 3652 * SecondsADay;
/// For clients whose clock is behind.
constexpr long Backdated = SecondsADay;

/// RFC 5280 section 4.1.2.2: positive, unpredictable.
bool setSerialNumber(X509 *certificate)
{
    unsigned char octets[8];
    if (RAND_bytes(octets, sizeof octets) != 1)
        return false;
    std::uint64_t number = 0;
    for (const unsigned char octet : octets)
        number = (number << 8) | octet;
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), (number >> 1) | 1) == 1;
}

CertificatePointer signedCertificate(EVP_PKEY *key)
{
    CertificatePointer certificate(X509_new());
    if (!certificate)
        return nullptr;
    X509_NAME *name = X509_get_subject_name(certificate.get());
    const auto *commonName = reinterpret_cast<const unsigned char *>("peer-rendezvous");
    const bool isMade = X509_set_version(certificate.get(), X509Version3) == 1
        && setSerialNumber(certificate.get())
        && X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -Backdated)
        && X509_gmtime_adj(X509_getm_notAfter(certificate.get()), Lifetime)
        && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, commonName, -1, -1, 0) == 1
        && X509_set_issuer_name(certificate.get(), name) == 1
        && X509_set_pubkey(certificate.get(), key) == 1
        && X509_sign(certificate.get(), key, EVP_sha256()) != 0;
    return isMade ? std::move(certificate) : nullptr;
}

QByteArray contentsOf(BIO *bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return QByteArray(data, size);
}

} // namespace

std::optional<SelfSignedCertificate> makeSelfSignedCertificate()
{
    const KeyPointer key(EVP_EC_gen("P-256"));
    const CertificatePointer certificate = key ? signedCertificate(key.get()) : nullptr;
    const BioPointer certificateText(BIO_new(BIO_s_mem()));
    const BioPointer keyText(BIO_new(BIO_s_secmem()));
    if (!certificate || !certificateText || !keyText
        || PEM_write_bio_X509(certificateText.get(), certificate.get()) != 1
        || PEM_write_bio_PKCS8PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                         nullptr)
            != 1) {
        return std::nullopt;
    }
    return SelfSignedCertificate{contentsOf(certificateText.get()), contentsOf(keyText.get())};
}

bool isKeyOfCertificate(const QByteArray &key, const QByteArray &certificate)
{
    const BioPointer keyText(BIO_new_mem_buf(key.constData(), int(key.size())));
    const BioPointer certificateText(
        BIO_new_mem_buf(certificate.constData(), int(certificate.size())));
    if (!keyText || !certificateText)
        return false;
    const KeyPointer readKey(PEM_read_bio_PrivateKey(keyText.get(), nullptr, nullptr, nullptr));
    const CertificatePointer readCertificate(
        PEM_read_bio_X509(certificateText.get(), nullptr, nullptr, nullptr));
    const bool isIt = readKey && readCertificate
        && X509_check_private_key(readCertificate.get(), readKey.get()) == 1;
    ERR_clear_error();
    return isIt;
}

} // namespace peer::rendezvous
