// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_DTLS_CERTIFICATE_H
#define PEER_DTLS_CERTIFICATE_H

#include "core/base/bytes.h"

#include <cstdint>
#include <memory>
#include <string>

namespace peer::dtls {

/// SHA-256 digest of a certificate's DER form (RFC 8122).
using CertificateDigest = Bytes;

/// What a certificate must hash to: a line a=fingerprint (RFC 8122 section 5).
struct Fingerprint
{
    /// "sha-256", "sha-384" or "sha-512", in any case; a certificate matches no other.
    std::string hashFunction;
    Bytes digest;
};

/// A self-signed P-256 certificate and its key; made once a process, shared by its sessions
/// (usable from any thread). Randomness is OpenSSL's.
class Certificate
{
public:
    /// Null if the system's generator fails. The validity starts a day back and lasts 30 days
    /// from systemSeconds (seconds since 1970).
    static std::shared_ptr<const Certificate> generate(std::int64_t systemSeconds);
    ~Certificate();
    /// SHA-256 of the DER form, as it goes into a=fingerprint.
    const CertificateDigest &digest() const;

private:
    friend class Transport;
    struct Content;
    explicit Certificate(std::unique_ptr<Content> content);

    std::unique_ptr<Content> m_content;
};

} // namespace peer::dtls

#endif // PEER_DTLS_CERTIFICATE_H
