// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERMEDIASTATISTICS_H
#define PEERMEDIASTATISTICS_H

#include <PeerConnection/peerconnection_media_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qsize.h>

/// A snapshot of what a PeerMediaCall has sent and received; see PeerMediaCall::statistics().
class PEERCONNECTION_MEDIA_EXPORT PeerMediaStatistics
{
    Q_GADGET
    Q_PROPERTY(int targetBitrate MEMBER targetBitrate FINAL)
    Q_PROPERTY(double loss MEMBER loss FINAL)
    Q_PROPERTY(int roundTripTime MEMBER roundTripTime FINAL)
    Q_PROPERTY(quint64 framesDecoded MEMBER framesDecoded FINAL)
    Q_PROPERTY(quint64 framesShown MEMBER framesShown FINAL)
    Q_PROPERTY(QSize frameSize MEMBER frameSize FINAL)
    Q_PROPERTY(quint64 soundsDecoded MEMBER soundsDecoded FINAL)
    Q_PROPERTY(int testSender MEMBER testSender FINAL)
    Q_PROPERTY(quint64 testFrames MEMBER testFrames FINAL)
    Q_PROPERTY(int testDelay MEMBER testDelay FINAL)
    Q_PROPERTY(quint64 testTones MEMBER testTones FINAL)

public:
    /// What rate control lets us send, in bits a second, of all tracks with their headers.
    int targetBitrate = 0;
    /// Of what we have sent of late, from 0 to 1.
    double loss = 0;
    /// Milliseconds; negative until it is known.
    int roundTripTime = -1;

    // Of the peer's:
    quint64 framesDecoded = 0;
    /// Those that have come to the remote video sink; the rest gave way to later ones.
    quint64 framesShown = 0;
    QSize frameSize;
    /// Blocks of sound, of 20 ms mostly; concealed ones too.
    quint64 soundsDecoded = 0;

    // If the peer sends the test picture and the test tone:
    /// PeerMediaCall::testId of the peer; negative if no test picture was read.
    int testSender = -1;
    /// Different pictures of that sender's that could be read.
    quint64 testFrames = 0;
    /// From painting to decoding the latest of them, in milliseconds of the system's clock: right
    /// between programs of one machine.
    int testDelay = -1;
    /// Blocks of sound with that sender's tone.
    quint64 testTones = 0;
};

#endif // PEERMEDIASTATISTICS_H
