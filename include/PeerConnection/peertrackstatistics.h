// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERTRACKSTATISTICS_H
#define PEERTRACKSTATISTICS_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>

/// A snapshot of a track's counters; see PeerTrack::statistics(). Octets are those of packets as
/// the application has them, without what SRTP adds.
class PEERCONNECTION_EXPORT PeerTrackStatistics
{
    Q_GADGET
    Q_PROPERTY(quint64 packetsSent MEMBER packetsSent FINAL)
    Q_PROPERTY(quint64 bytesSent MEMBER bytesSent FINAL)
    Q_PROPERTY(quint64 rtcpSent MEMBER rtcpSent FINAL)
    Q_PROPERTY(quint64 packetsReceived MEMBER packetsReceived FINAL)
    Q_PROPERTY(quint64 bytesReceived MEMBER bytesReceived FINAL)
    Q_PROPERTY(quint64 rtcpReceived MEMBER rtcpReceived FINAL)
    Q_PROPERTY(quint64 droppedClosed MEMBER droppedClosed FINAL)
    Q_PROPERTY(quint64 droppedMuted MEMBER droppedMuted FINAL)
    Q_PROPERTY(quint64 droppedInvalid MEMBER droppedInvalid FINAL)
    Q_PROPERTY(quint64 droppedLate MEMBER droppedLate FINAL)
    Q_PROPERTY(quint64 droppedUnread MEMBER droppedUnread FINAL)

public:
    /// RTP that was protected and handed to the connection.
    quint64 packetsSent = 0;
    quint64 bytesSent = 0;
    /// Datagrams of RTCP, likewise.
    quint64 rtcpSent = 0;
    /// RTP of the peer's that was authentic and of this track.
    quint64 packetsReceived = 0;
    quint64 bytesReceived = 0;
    quint64 rtcpReceived = 0;

    // Of what was to be sent:
    /// The track was not open, or not to be sent in this direction.
    quint64 droppedClosed = 0;
    quint64 droppedMuted = 0;
    /// No RTP or RTCP, too large, of another track (its payload type or SSRC is not this one's), or
    /// with a sequence number that was sent before.
    quint64 droppedInvalid = 0;
    /// The oldest, when more than PeerTrack::SendQueueSize packets waited for the network thread.
    quint64 droppedLate = 0;
    // Of what was received:
    /// There was no handler to take it.
    quint64 droppedUnread = 0;
};

#endif // PEERTRACKSTATISTICS_H
