// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// This file is not part of the public API.

#ifndef PEER_SIGNALING_PEERADDRESS_P_H
#define PEER_SIGNALING_PEERADDRESS_P_H

#include <PeerConnection/peeraddress.h>

/// The parts of an address, each canonical. An address without a host is invalid.
class PeerAddressData : public QSharedData
{
public:
    QString name;
    PeerAddress::RendezvousHost rendezvous;
    QList<PeerAddress::RendezvousHost> furtherRendezvous; ///< without doubles and the first
    QString service;
    QStringList ids; ///< without doubles, as are the URIs
    QStringList stunUris;
    QStringList turnUris;
    PeerAddress::Paths paths = PeerAddress::Paths::All;
    PeerAddress::Tls tls = PeerAddress::Tls::Verified;
    QByteArray tlsPin; ///< 32 octets if tls is Pinned, else empty
    QString token;
};

namespace peer {

/// The base32 form of 32 octets (D7): 52 characters, lower case, no padding, no stray bits.
inline constexpr qsizetype DigestTextLength = 52;
inline constexpr qsizetype MaxNameLength = 64;
inline constexpr qsizetype MaxServiceLength = 64;
inline constexpr qsizetype MaxTokenLength = 256;

/// 1 to longest characters of RFC 3986's unreserved.
bool isUnreserved(QStringView text, qsizetype longest);
/// A service: unreserved, and neither "." nor "..", which normalisation of a URL takes away.
bool isService(QStringView text);
/// Visible ASCII.
bool isToken(QStringView text);
/// The 32 octets of a digest's text; empty if it is none.
QByteArray digestFromText(QStringView text);
QString digestToText(const QByteArray &digest);

} // namespace peer

#endif // PEER_SIGNALING_PEERADDRESS_P_H
