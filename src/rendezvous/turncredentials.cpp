// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/turncredentials.h"

#include <QtCore/qmessageauthenticationcode.h>

namespace peer::rendezvous {

TurnCredentials::TurnCredentials(const QStringList &uris, const QByteArray &secret,
                                 std::chrono::seconds lifetime)
    : m_uris(uris.first(std::min(uris.size(), MaxTurnUris)))
    , m_secret(secret)
    , m_lifetime(lifetime)
{ }

message::TurnServers TurnCredentials::mint(std::chrono::sys_seconds now, const QString &name) const
{
    message::TurnServers turn;
    turn.uris = m_uris;
    turn.lifetime = int(m_lifetime.count());
    turn.username = QString::number(qint64((now + m_lifetime).time_since_epoch().count()));
    if (!name.isEmpty())
        turn.username += u':' + name;
    turn.password = QString::fromLatin1(
        QMessageAuthenticationCode::hash(turn.username.toUtf8(), m_secret, QCryptographicHash::Sha1)
            .toBase64());
    return turn;
}

} // namespace peer::rendezvous
