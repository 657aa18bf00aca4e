// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSPROOF_H
#define PEER_SIGNALING_RENDEZVOUSPROOF_H

#include "secure/identity/identitykey.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

#include <string>

namespace peer::rendezvous {

/// The pin of a connection without TLS.
inline constexpr QStringView NoPin = u"-";

/// How a server's public key is written: base32 of the SHA-256 of its SubjectPublicKeyInfo. Empty
/// octets give NoPin.
QString pinText(const QByteArray &keyDigest);

/// The text under a proof of the key (PROTOCOL.md). host: "HOST:PORT" as dialled.
std::string proofText(const QByteArray &challenge, const QString &host, const QString &pin);

message::Identity proveIdentity(const IdentityKey &key, const QByteArray &challenge,
                                const QString &host, const QString &pin);

/// The id that the proof proves; empty if it proves nothing. Whether its host and pin are ours is
/// another question. Network input.
QString provenId(const message::Identity &proof, const QByteArray &challenge);

} // namespace peer::rendezvous

#endif // PEER_SIGNALING_RENDEZVOUSPROOF_H
