// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_SERVERCERTIFICATE_H
#define PEER_RENDEZVOUS_SERVERCERTIFICATE_H

#include "signaling/protocolmessages.h"

#include <QtCore/qstring.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslconfiguration.h>
#include <QtNetwork/qsslkey.h>

#include <optional>

namespace peer::rendezvous {

/// The certificate that a server shows, and what follows from it.
class ServerCertificate
{
public:
    /// A new key that nobody has certified; null if OpenSSL fails.
    static std::optional<ServerCertificate> makeSelfSigned();
    /// chain: the server's first.
    ServerCertificate(const QList<QSslCertificate> &chain, const QSslKey &key);

    /// The key is that of the certificate.
    bool isUsable() const;
    QSslConfiguration configuration() const;
    /// Base32 of the SHA-256 of the SubjectPublicKeyInfo.
    const QString &pin() const { return m_pin; }
    /// No authority has signed it: clients must pin it.
    bool isSelfSigned() const;
    /// host: "HOST:PORT". As RFC 6125 section 6.4: a wildcard stands for one whole first label.
    bool isFor(QStringView host) const;
    /// Whether a proof was meant for this server: its key, or one of its names (PROTOCOL.md).
    bool isMeantBy(const message::Identity &proof) const;

private:
    QList<QSslCertificate> m_chain;
    QSslKey m_key;
    QString m_pin;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_SERVERCERTIFICATE_H
