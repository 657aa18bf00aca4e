// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_SELFSIGNEDCERTIFICATE_H
#define PEER_RENDEZVOUS_SELFSIGNEDCERTIFICATE_H

#include <QtCore/qbytearray.h>

#include <optional>

namespace peer::rendezvous {

/// A key and a certificate for a server that is known by its key's digest alone (D7).
struct SelfSignedCertificate
{
    QByteArray certificate; ///< PEM
    QByteArray key;         ///< PEM, PKCS#8, unencrypted: a secret
};

/// P-256, valid from a day ago for ten years, common name "peer-rendezvous": clients that pin it
/// look at neither. Null if OpenSSL fails.
std::optional<SelfSignedCertificate> makeSelfSignedCertificate();

/// Whether the key is the certificate's; both as PEM.
bool isKeyOfCertificate(const QByteArray &key, const QByteArray &certificate);

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_SELFSIGNEDCERTIFICATE_H
