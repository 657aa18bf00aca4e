// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_SHELL_TESTCERTIFICATE_H
#define PEER_TESTS_SHELL_TESTCERTIFICATE_H

#include <QtCore/qbytearray.h>
#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslkey.h>

/// A P-256 key and a certificate for it, valid for this day.
struct TestCertificate
{
    QSslKey key;
    QSslCertificate certificate;
    QByteArray keyPem;
    /// SHA-256 of the SubjectPublicKeyInfo, by OpenSSL.
    QByteArray publicKeyHash;
};

/// subjectAltName as OpenSSL's configuration spells it ("DNS:localhost,IP:127.0.0.1"); an empty
/// one makes an authority. issuer: null = self-signed.
TestCertificate makeTestCertificate(const QByteArray &subjectAltName,
                                    const TestCertificate *issuer = nullptr);

#endif // PEER_TESTS_SHELL_TESTCERTIFICATE_H
