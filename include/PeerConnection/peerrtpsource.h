// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRTPSOURCE_H
#define PEERRTPSOURCE_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

/// A source of RTP packets, as a description announces it (RFC 5576).
class PEERCONNECTION_EXPORT PeerRtpSource
{
    Q_GADGET
    Q_PROPERTY(quint32 ssrc MEMBER ssrc FINAL)
    Q_PROPERTY(quint32 retransmissionSsrc MEMBER retransmissionSsrc FINAL)
    Q_PROPERTY(QString cname MEMBER cname FINAL)

public:
    quint32 ssrc = 0;
    /// The source that repeats its lost packets (RFC 4588, a=ssrc-group:FID); 0 = none.
    quint32 retransmissionSsrc = 0;
    /// The same for all sources whose clocks are one, so that sound and picture can be played
    /// together (RFC 3550 section 6.5.1).
    QString cname;

    friend bool operator==(const PeerRtpSource &left, const PeerRtpSource &right)
    {
        return left.ssrc == right.ssrc && left.retransmissionSsrc == right.retransmissionSsrc
            && left.cname == right.cname;
    }
    friend bool operator!=(const PeerRtpSource &left, const PeerRtpSource &right)
    {
        return !(left == right);
    }
};

#endif // PEERRTPSOURCE_H
