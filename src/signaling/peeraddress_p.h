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

#endif // PEER_SIGNALING_PEERADDRESS_P_H
