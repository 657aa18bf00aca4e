// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_TURNCREDENTIALS_H
#define PEER_RENDEZVOUS_TURNCREDENTIALS_H

#include "signaling/protocolmessages.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

#include <chrono>

namespace peer::rendezvous {

/// Makes short-lived TURN credentials as coturn checks them with use-auth-secret
/// (draft-uberti-behave-turn-rest-00 section 2.2), without asking it:
///
///     username = EXPIRY ":" NAME        EXPIRY: seconds since 1970, decimal
///     password = base64(HMAC-SHA1(secret, username))
///
/// NAME tells users apart, for coturn's quota; it means nothing else.
class TurnCredentials
{
public:
    /// uris: of RFC 7065, at most MaxTurnUris. secret: as in static-auth-secret.
    TurnCredentials(const QStringList &uris, const QByteArray &secret,
                    std::chrono::seconds lifetime);

    message::TurnServers mint(std::chrono::sys_seconds now, const QString &name) const;

private:
    QStringList m_uris;
    QByteArray m_secret;
    std::chrono::seconds m_lifetime;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_TURNCREDENTIALS_H
