// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "testcertificate.h"

#include <QtCore/qcryptographichash.h>
#include <QtCore/qstring.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

using namespace Qt::StringLiterals;

namespace {

template<auto function>
struct Free
{
    template<typename T>
    void operator()(T *object) const
    {
        function(object);
    }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using CertificatePointer = std::unique_ptr<X509, Free<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Free<BIO_free_all>>;

QByteArray content(BIO *bio)
{
    char *octets = nullptr;
    const long size = BIO_get_mem_data(bio, &octets);
    return QByteArray(octets, qsizetype(size));
}

QByteArray toPem(EVP_PKEY *key)
{
    const BioPointer bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return content(bio.get());
}

KeyPointer keyFromPem(const QByteArray &pem)
{
    const BioPointer bio(BIO_new_mem_buf(pem.constData(), int(pem.size())));
    return KeyPointer(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

void addExtension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION *const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

} // namespace

TestCertificate makeTestCertificate(const QByteArray &subjectAltName, const TestCertificate *issuer)
{
    static long serial = 0;
    const KeyPointer key(EVP_EC_gen("P-256"));
    const CertificatePointer x509(X509_new());
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 86400);
    X509_set_pubkey(x509.get(), key.get());
    const QByteArray name = "test "_ba + QByteArray::number(qlonglong(serial));
    X509_NAME *const subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char *>(name.constData()), -1, -1,
                               0);
    if (subjectAltName.isEmpty())
        addExtension(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    else
        addExtension(x509.get(), NID_subject_alt_name, subjectAltName.constData());

    if (issuer) {
        const QByteArray der = issuer->certificate.toDer();
        const auto *at = reinterpret_cast<const unsigned char *>(der.constData());
        const CertificatePointer parent(d2i_X509(nullptr, &at, long(der.size())));
        X509_set_issuer_name(x509.get(), X509_get_subject_name(parent.get()));
        const KeyPointer parentKey = keyFromPem(issuer->keyPem);
        X509_sign(x509.get(), parentKey.get(), EVP_sha256());
    } else {
        X509_set_issuer_name(x509.get(), subject);
        X509_sign(x509.get(), key.get(), EVP_sha256());
    }

    TestCertificate made;
    made.keyPem = toPem(key.get());
    made.key = QSslKey(made.keyPem, QSsl::Ec);
    unsigned char *octets = nullptr;
    int size = i2d_X509(x509.get(), &octets);
    made.certificate = QSslCertificate(QByteArray(reinterpret_cast<char *>(octets), size),
                                       QSsl::Der);
    OPENSSL_free(octets);
    octets = nullptr;
    size = i2d_PUBKEY(key.get(), &octets);
    made.publicKeyHash = QCryptographicHash::hash(
        QByteArrayView(reinterpret_cast<char *>(octets), size), QCryptographicHash::Sha256);
    OPENSSL_free(octets);
    return made;
}
