// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvousproof.h"

namespace peer::rendezvous {

namespace {

ByteView viewOf(const QByteArray &octets)
{
    return {reinterpret_cast<const std::uint8_t *>(octets.constData()), std::size_t(octets.size())};
}

} // namespace

QString pinText(const QByteArray &keyDigest)
{
    if (keyDigest.isEmpty())
        return NoPin.toString();
    return QString::fromStdString(toBase32(viewOf(keyDigest)));
}

std::string proofText(const QByteArray &challenge, const QString &host, const QString &pin)
{
    return "peer-rendezvous-1 " + toBase64Url(viewOf(challenge)) + ' ' + host.toStdString() + ' '
        + pin.toStdString();
}

message::Identity proveIdentity(const IdentityKey &key, const QByteArray &challenge,
                                const QString &host, const QString &pin)
{
    const Bytes signature = key.sign(proofText(challenge, host, pin));
    const Bytes &publicKey = key.publicKey();
    return {
        QByteArray(reinterpret_cast<const char *>(publicKey.data()), qsizetype(publicKey.size())),
        QByteArray(reinterpret_cast<const char *>(signature.data()), qsizetype(signature.size())),
        host, pin};
}

QString provenId(const message::Identity &proof, const QByteArray &challenge)
{
    const std::string text = proofText(challenge, proof.host, proof.pin);
    if (!verifyIdentity(viewOf(proof.key), text, viewOf(proof.signature)))
        return {};
    return QString::fromStdString(identityOf(viewOf(proof.key)));
}

} // namespace peer::rendezvous
