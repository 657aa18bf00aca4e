// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERMEDIASTATISTICS_H
#define PEERMEDIASTATISTICS_H

#include <PeerConnection/peerconnection_media_export.h>

#include <QtCore/qdatetime.h>
#include <QtCore/qobjectdefs.h>
#include <QtCore/qsize.h>

/// A snapshot of what a PeerMediaCall has sent and received; see PeerMediaCall::statistics().
class PEERCONNECTION_MEDIA_EXPORT PeerMediaStatistics
{
    Q_GADGET
    Q_PROPERTY(int targetBitrate MEMBER targetBitrate FINAL)
    Q_PROPERTY(int sentBitrate MEMBER sentBitrate FINAL)
    Q_PROPERTY(int receivedBitrate MEMBER receivedBitrate FINAL)
    Q_PROPERTY(double loss MEMBER loss FINAL)
    Q_PROPERTY(double roundTripTime MEMBER roundTripTime FINAL)
    Q_PROPERTY(quint64 retransmissionsSent MEMBER retransmissionsSent FINAL)
    Q_PROPERTY(quint64 retransmissionsReceived MEMBER retransmissionsReceived FINAL)
    Q_PROPERTY(quint64 framesDecoded MEMBER framesDecoded FINAL)
    Q_PROPERTY(quint64 framesShown MEMBER framesShown FINAL)
    Q_PROPERTY(quint64 freezes MEMBER freezes FINAL)
    Q_PROPERTY(QSize frameSize MEMBER frameSize FINAL)
    Q_PROPERTY(QDateTime firstFrame MEMBER firstFrame FINAL)
    Q_PROPERTY(quint64 soundsDecoded MEMBER soundsDecoded FINAL)
    Q_PROPERTY(quint64 soundsConcealed MEMBER soundsConcealed FINAL)
    Q_PROPERTY(int testSender MEMBER testSender FINAL)
    Q_PROPERTY(quint64 testFrames MEMBER testFrames FINAL)
    Q_PROPERTY(int testDelay MEMBER testDelay FINAL)
    Q_PROPERTY(int testDisplayDelay MEMBER testDisplayDelay FINAL)
    Q_PROPERTY(int testSoundDelay MEMBER testSoundDelay FINAL)
    Q_PROPERTY(quint64 testTones MEMBER testTones FINAL)

public:
    /// What rate control lets us send, in bits a second, of all tracks with their headers.
    int targetBitrate = 0;
    /// RTP of all tracks in the latest second, in bits; 0 before there is one.
    int sentBitrate = 0;
    int receivedBitrate = 0;
    /// Of what we have sent of late, from 0 to 1.
    double loss = 0;
    /// Milliseconds, as the media have it; 0 while unknown. PeerStatistics has the path's.
    double roundTripTime = 0;
    /// Packets that went out again because the peer missed them, and that came again.
    quint64 retransmissionsSent = 0;
    quint64 retransmissionsReceived = 0;

    // Of the peer's:
    quint64 framesDecoded = 0;
    /// Those that have come to the remote video sink; the rest gave way to later ones.
    quint64 framesShown = 0;
    /// How often the next picture came more than 200 ms after one, whatever the cause.
    quint64 freezes = 0;
    QSize frameSize;
    /// When the first picture of this connection's was decoded; invalid before.
    QDateTime firstFrame;
    /// Blocks of sound, of 20 ms mostly; concealed ones too.
    quint64 soundsDecoded = 0;
    /// Those whose packet was lost: made up from what came before and after. What merely comes late
    /// is not counted; it is played late, or left out, by the loudspeaker.
    quint64 soundsConcealed = 0;

    // If the peer sends the test picture and the test tone:
    /// PeerMediaCall::testId of the peer; negative if no test picture was read.
    int testSender = -1;
    /// Different pictures of that sender's that could be read.
    quint64 testFrames = 0;
    /// From painting the latest of them until it was decoded and its time had come, in
    /// milliseconds of the system's clock: right between programs of one machine. Negative while
    /// unknown.
    int testDelay = -1;
    /// Likewise until it was given to the remote video sink.
    int testDisplayDelay = -1;
    /// From making the tone until it was to be heard, likewise, give or take 10 ms: testDelay less
    /// this is how far pictures are behind the sound, whatever the clocks, if within half a second.
    int testSoundDelay = -1;
    /// Blocks of sound with that sender's tone; those that were made up do not count.
    quint64 testTones = 0;
};

#endif // PEERMEDIASTATISTICS_H
