// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERICESERVER_H
#define PEERICESERVER_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

/// A STUN or TURN server of the application's own, with credentials for it: W3C's RTCIceServer.
class PEERCONNECTION_EXPORT PeerIceServer
{
    Q_GADGET
    Q_PROPERTY(QStringList urls MEMBER urls FINAL)
    Q_PROPERTY(QString username MEMBER username FINAL)
    Q_PROPERTY(QString credential MEMBER credential FINAL)

public:
    /// The octets that RFC 8489 allows for a user name; a credential may be as long.
    static constexpr int MaximumSize = 508;

    /// Ways to one server: "stun:HOST[:PORT]", "turn:HOST[:PORT][?transport=udp|tcp]" or
    /// "turns:HOST[:PORT]", as in RFC 7064 and RFC 7065. STUN by TLS, and TURN by DTLS, are taken
    /// and left out.
    QStringList urls;
    /// Of a TURN server: the long-term credential (RFC 8489 section 9.2).
    QString username;
    QString credential;

    /// Whether each URL is well-formed, and a TURN server has a user name and a credential.
    bool isValid() const;

    friend bool operator==(const PeerIceServer &left, const PeerIceServer &right)
    {
        return left.urls == right.urls && left.username == right.username
            && left.credential == right.credential;
    }
    friend bool operator!=(const PeerIceServer &left, const PeerIceServer &right)
    {
        return !(left == right);
    }
};

#endif // PEERICESERVER_H
