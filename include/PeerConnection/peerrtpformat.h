// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRTPFORMAT_H
#define PEERRTPFORMAT_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

/// What a payload type of RTP stands for: one a=rtpmap of a description, with its a=fmtp and its
/// a=rtcp-fb lines (RFC 8866 section 6.6, RFC 4585 section 4.2).
class PEERCONNECTION_EXPORT PeerRtpFormat
{
    Q_GADGET
    Q_PROPERTY(quint8 payloadType MEMBER payloadType FINAL)
    Q_PROPERTY(QString encodingName MEMBER encodingName FINAL)
    Q_PROPERTY(quint32 clockRate MEMBER clockRate FINAL)
    Q_PROPERTY(quint16 channels MEMBER channels FINAL)
    Q_PROPERTY(QString parameters MEMBER parameters FINAL)
    Q_PROPERTY(QStringList feedback MEMBER feedback FINAL)

public:
    /// 0 to 63 and 96 to 127: with those between, packets could not be told from RTCP (RFC 5761
    /// section 4). New ones are best taken from 96 to 127 (RFC 3551 section 6). One payload type
    /// stands for one format in all tracks of a connection.
    quint8 payloadType = 0;
    /// "opus", "VP8", "rtx" …: compared without case.
    QString encodingName;
    /// Ticks of RTP's time stamps in a second.
    quint32 clockRate = 0;
    /// Of audio; 0 if it is not given, which means one.
    quint16 channels = 0;
    /// As in a=fmtp: "useinbandfec=1;minptime=10".
    QString parameters;
    /// As in a=rtcp-fb: "nack", "nack pli", "transport-cc" …
    QStringList feedback;

    /// Opus with 48000 Hz and two channels (RFC 7587), as WebRTC endpoints write it.
    static PeerRtpFormat opus(quint8 payloadType = 111);
    /// VP8 (RFC 7741), with all the feedback that repairs a picture, and transport-cc.
    static PeerRtpFormat vp8(quint8 payloadType = 96);
    /// Retransmissions (RFC 4588) of what is sent with the payload type of \a repeated.
    static PeerRtpFormat retransmission(quint8 payloadType, const PeerRtpFormat &repeated);
    /// Packets of sound that hold earlier ones once more (RFC 2198), of what is sent with the payload
    /// type of \a repeated: one that is lost comes with another.
    static PeerRtpFormat redundancy(quint8 payloadType, const PeerRtpFormat &repeated);

    /// The payload type of what this format retransmits (the parameter "apt"); -1 if it is another
    /// format than "rtx".
    int repeatedPayloadType() const;
    /// The payload type of the sound that this format holds more than once (the first parameter); -1
    /// if it is another format than "red".
    int redundantPayloadType() const;
    /// Whether it could stand in a description of ours, where RTP and RTCP share a port.
    bool isValid() const;

    friend bool operator==(const PeerRtpFormat &left, const PeerRtpFormat &right)
    {
        return left.payloadType == right.payloadType && left.encodingName == right.encodingName
            && left.clockRate == right.clockRate && left.channels == right.channels
            && left.parameters == right.parameters && left.feedback == right.feedback;
    }
    friend bool operator!=(const PeerRtpFormat &left, const PeerRtpFormat &right)
    {
        return !(left == right);
    }
};

#endif // PEERRTPFORMAT_H
