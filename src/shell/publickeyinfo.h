// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_PUBLICKEYINFO_H
#define PEER_SHELL_PUBLICKEYINFO_H

#include <QtCore/qbytearray.h>
#include <QtNetwork/qsslcertificate.h>

namespace peer {

/// The DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) as it stands in a certificate, whatever
/// the kind of key; empty if the certificate is null or malformed.
QByteArray subjectPublicKeyInfo(const QSslCertificate &certificate);

/// The same for a certificate in DER. The octets may be anything.
QByteArray subjectPublicKeyInfo(const QByteArray &der);

} // namespace peer

#endif // PEER_SHELL_PUBLICKEYINFO_H
