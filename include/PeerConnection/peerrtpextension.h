// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRTPEXTENSION_H
#define PEERRTPEXTENSION_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

/// A header extension of RTP that both sides know, and the id that it has in packets (RFC 8285).
class PEERCONNECTION_EXPORT PeerRtpExtension
{
    Q_GADGET
    Q_PROPERTY(quint16 id MEMBER id FINAL)
    Q_PROPERTY(QString uri MEMBER uri FINAL)

public:
    /// The name of the section that a packet belongs to, PeerTrack::mid (RFC 9143 section 15.2).
    static QString midUri();
    /// A number for each packet of all tracks, on which transport-cc feedback is based
    /// (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    static QString transportCcUri();

    /// The same in all tracks of a connection.
    quint16 id = 0;
    QString uri;

    friend bool operator==(const PeerRtpExtension &left, const PeerRtpExtension &right)
    {
        return left.id == right.id && left.uri == right.uri;
    }
    friend bool operator!=(const PeerRtpExtension &left, const PeerRtpExtension &right)
    {
        return !(left == right);
    }
};

#endif // PEERRTPEXTENSION_H
