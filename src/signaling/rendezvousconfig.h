// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSCONFIG_H
#define PEER_SIGNALING_RENDEZVOUSCONFIG_H

#include "secure/identity/identitykey.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qsslcertificate.h>

#include <optional>

namespace peer {

struct RendezvousHost
{
    /// A name as A-labels, or an IP address, IPv6 without brackets.
    QString host;
    quint16 port = 443;

    /// "HOST:PORT", IPv6 in brackets, lower case.
    QString toString() const;
    friend bool operator==(const RendezvousHost &, const RendezvousHost &) = default;
};

/// How to reach a rendezvous, and as whom (D7).
struct RendezvousConfig
{
    enum class Tls : quint8 {
        Verified, ///< a chain to the system's authorities or extraAuthorities, and the right name
        Pinned,   ///< the key whose digest is pin
        Off,      ///< ws:. Whether that is allowed for this host is the caller's business
    };

    /// In order of preference, at least one.
    QList<RendezvousHost> hosts;
    Tls tls = Tls::Verified;
    /// With Tls::Pinned: 32 octets, SHA-256 of the server's SubjectPublicKeyInfo.
    QByteArray pin;
    QList<QSslCertificate> extraAuthorities;
    /// Access token of a closed rendezvous; empty for a public one. A secret.
    QByteArray token;
    /// Without it nothing can be registered, and callees are not told who calls.
    std::optional<IdentityKey> identity;
    QNetworkProxy proxy{QNetworkProxy::NoProxy};

    /// Equal for two configurations whose users may share one connection. Holds no secret.
    QByteArray sharingKey() const;
};

} // namespace peer

#endif // PEER_SIGNALING_RENDEZVOUSCONFIG_H
