// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERPATH_H
#define PEERPATH_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

/// The way that the packets of a connection take.
class PEERCONNECTION_EXPORT PeerPath
{
    Q_GADGET
    Q_PROPERTY(Kind kind MEMBER kind FINAL)
    Q_PROPERTY(Protocol protocol MEMBER protocol FINAL)
    Q_PROPERTY(QString local MEMBER local FINAL)
    Q_PROPERTY(QString remote MEMBER remote FINAL)
    Q_PROPERTY(End localEnd MEMBER localEnd FINAL)
    Q_PROPERTY(End remoteEnd MEMBER remoteEnd FINAL)
    Q_PROPERTY(double roundTripTime MEMBER roundTripTime FINAL)

public:
    enum class Kind {
        None,   ///< not connected
        Direct, ///< from host to host, through NATs or not
        Relay,  ///< through a TURN server of one side or both
        Tunnel, ///< through the rendezvous, by WebSockets; remote is then its URL
    };
    Q_ENUM(Kind)

    /// Of a direct path: Udp, or Tcp. Of a relay: how this side reaches its server.
    enum class Protocol { None, Udp, Tcp, Tls, Ws };
    Q_ENUM(Protocol)

    /// What the address of an end is (RFC 8445 section 4). Of a path by two relays both are
    /// Relayed.
    enum class End {
        None,            ///< not connected, or the tunnel's
        Host,            ///< an interface's of that host
        ServerReflexive, ///< what a NAT makes of it, as a server sees it
        PeerReflexive,   ///< likewise, as the peer sees it; or not told otherwise yet
        Relayed,         ///< a TURN server's
    };
    Q_ENUM(End)

    Kind kind = Kind::None;
    Protocol protocol = Protocol::None;
    /// Address and port, as in "192.0.2.1:5000" or "[2001:db8::1]:5000".
    QString local;
    QString remote;
    End localEnd = End::None;
    End remoteEnd = End::None;
    /// Milliseconds; 0 while unknown.
    double roundTripTime = 0;

    friend bool operator==(const PeerPath &left, const PeerPath &right)
    {
        return left.kind == right.kind && left.protocol == right.protocol
            && left.local == right.local && left.remote == right.remote
            && left.localEnd == right.localEnd && left.remoteEnd == right.remoteEnd;
    }
    friend bool operator!=(const PeerPath &left, const PeerPath &right) { return !(left == right); }
};

#endif // PEERPATH_H
