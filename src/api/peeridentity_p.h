// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERIDENTITY_P_H
#define PEERIDENTITY_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "secure/identity/identitykey.h"

#include <PeerConnection/peeridentity.h>

#include <optional>
#include <utility>

class PeerIdentityData : public QSharedData
{
public:
    explicit PeerIdentityData(peer::IdentityKey key)
        : m_key(std::move(key))
    { }

    const peer::IdentityKey &key() const { return m_key; }

    static PeerIdentity fromKey(std::optional<peer::IdentityKey> key)
    {
        PeerIdentity identity;
        if (key)
            identity.d = new PeerIdentityData(std::move(*key));
        return identity;
    }

    static std::optional<peer::IdentityKey> keyOf(const PeerIdentity &identity)
    {
        return identity.d ? std::optional(identity.d->key()) : std::nullopt;
    }

private:
    peer::IdentityKey m_key;
};

#endif // PEERIDENTITY_P_H
