// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/dtls/openssl_p.h"

namespace peer::dtls {

namespace {

/// Forward secrecy and AEAD only (RFC 8827 section 6.5). AES-128 first, for processors have it.
/// The RSA suites are for servers with an RSA certificate; ours is ECDSA.
constexpr const char *CipherSuites = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"
                                     "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";

/// P-256 is everybody's (RFC 8827 section 6.5); in (D)TLS 1.2 the list also bounds the curve of
/// the peer's certificate.
constexpr const char *Groups = "P-256:X25519:P-384";

/// use_srtp (RFC 5764) with the profiles of RFC 7714 and RFC 5764, in order of preference.
constexpr const char *SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

/// 112 bits: no RSA below 2048, no SHA-1 signatures. Set here, for the system's configuration
/// could say something else.
constexpr int SecurityLevel = 2;

/// Stands in for the verification of a chain: a self-signed certificate is known by its
/// fingerprint or not at all (RFC 8827 section 6.5).
int verifyPeer(X509_STORE_CTX *store, void *)
{
    const auto *ssl = static_cast<const SSL *>(
        X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    HandshakeTerms &terms = HandshakeTerms::of(ssl);
    const X509 *certificate = X509_STORE_CTX_get0_cert(store);
    terms.isPeerVerified = certificate && matchesAny(certificate, terms.peerFingerprints);
    terms.isFingerprintWrong = !terms.isPeerVerified;
    // What the alert to the peer is made from: bad_certificate.
    X509_STORE_CTX_set_error(store, terms.isPeerVerified ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return terms.isPeerVerified;
}

} // namespace

SslContext makeContext(X509 *certificate, EVP_PKEY *key)
{
    SslContext context(SSL_CTX_new(DTLS_method()));
    SSL_CTX *ctx = context.get();
    if (!ctx)
        return {};
    SSL_CTX_set_security_level(ctx, SecurityLevel);
    const bool isComplete = SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1
        && SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) == 1
        && SSL_CTX_set_cipher_list(ctx, CipherSuites) == 1
        && SSL_CTX_set1_groups_list(ctx, Groups) == 1
        && SSL_CTX_set_tlsext_use_srtp(ctx, SrtpProfiles) == 0 // 0 is success here
        && SSL_CTX_use_certificate(ctx, certificate) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1
        && SSL_CTX_check_private_key(ctx) == 1;
    if (!isComplete)
        return {};
    // Sessions are neither resumed nor renegotiated: a fingerprint speaks for one handshake.
    // The MTU is given (D2), not asked from a socket.
    SSL_CTX_set_options(ctx,
                        SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                            | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(ctx, verifyPeer, nullptr);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    return context;
}

} // namespace peer::dtls
