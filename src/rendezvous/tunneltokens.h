// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_TUNNELTOKENS_H
#define PEER_RENDEZVOUS_TUNNELTOKENS_H

#include "core/base/random.h"
#include "core/base/time.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qstring.h>

#include <optional>

namespace peer::rendezvous {

/// Makes the tokens of tunnels and knows them again. They hold all that there is to know, so that
/// a tunnel costs no memory before somebody has dialled it:
///
///     token = base64url( MINTED | ID | HMAC-SHA256(key, MINTED | ID) )
///
///     MINTED   8 octets, seconds of the server's clock     ID   16 random octets
///
/// The key is made with the object. Who has a token may be one end of that tunnel; both ends of a
/// call get the same.
class TunnelTokens
{
public:
    static constexpr qsizetype IdSize = 16;

    /// lifetime: for how long after it was minted a token opens the tunnel.
    TunnelTokens(RandomSource &random, Duration lifetime);

    QString mint(TimePoint now);
    /// The tunnel's id; null if the token is not ours or too old. Network input; what it compares
    /// takes the same time whatever is wrong.
    std::optional<QByteArray> check(TimePoint now, const QString &token) const;

private:
    QByteArray signature(const QByteArray &body) const;

    RandomSource &m_random;
    Duration m_lifetime;
    QByteArray m_key;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_TUNNELTOKENS_H
