// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_OPENSSL_P_H
#define PEER_DTLS_OPENSSL_P_H

// For the .cpp files of this folder only: nobody else sees OpenSSL.

#include "core/base/time.h"
#include "secure/dtls/certificate.h"

#include <openssl/ssl.h>

#include <memory>
#include <vector>

namespace peer::dtls {

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
using X509Certificate = std::unique_ptr<X509, Releaser<X509_free>>;
using SslContext = std::unique_ptr<SSL_CTX, Releaser<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Releaser<SSL_free>>;

/// Settings, certificate and key: one OpenSSL context for all sessions of a certificate.
struct Certificate::Content
{
    SslContext context;
    CertificateDigest digest;
};

/// What OpenSSL's callbacks need to know of a session: its app data. It must outlive the SSL.
struct HandshakeTerms
{
    std::vector<Fingerprint> peerFingerprints;
    Duration initialRetransmission{};
    bool isPeerVerified = false;
    bool isFingerprintWrong = false;

    static HandshakeTerms &of(const SSL *ssl)
    {
        return *static_cast<HandshakeTerms *>(SSL_get_app_data(ssl));
    }
};

/// The settings of RFC 8827 section 6.5 for either role. Null if OpenSSL refuses one. Each of its
/// sessions needs HandshakeTerms.
SslContext makeContext(X509 *certificate, EVP_PKEY *key);

/// Whether the certificate hashes to one of the fingerprints.
bool matchesAny(const X509 *certificate, const std::vector<Fingerprint> &fingerprints);

} // namespace peer::dtls

#endif // PEER_DTLS_OPENSSL_P_H
