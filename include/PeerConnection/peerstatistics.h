// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERSTATISTICS_H
#define PEERSTATISTICS_H

#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peerpath.h>

#include <QtCore/qobjectdefs.h>

/// A snapshot of a connection's counters; see PeerConnection::statistics().
class PEERCONNECTION_EXPORT PeerStatistics
{
    Q_GADGET
    Q_PROPERTY(PeerPath path MEMBER path FINAL)
    Q_PROPERTY(double roundTripTime MEMBER roundTripTime FINAL)
    Q_PROPERTY(quint64 bytesSent MEMBER bytesSent FINAL)
    Q_PROPERTY(quint64 bytesReceived MEMBER bytesReceived FINAL)
    Q_PROPERTY(quint64 packetsSent MEMBER packetsSent FINAL)
    Q_PROPERTY(quint64 packetsReceived MEMBER packetsReceived FINAL)
    Q_PROPERTY(quint64 messagesSent MEMBER messagesSent FINAL)
    Q_PROPERTY(quint64 messagesReceived MEMBER messagesReceived FINAL)
    Q_PROPERTY(quint64 retransmissions MEMBER retransmissions FINAL)

public:
    PeerPath path;
    /// Milliseconds; 0 while unknown.
    double roundTripTime = 0;
    /// UDP payload, in octets and in datagrams, whatever they carry.
    quint64 bytesSent = 0;
    quint64 bytesReceived = 0;
    quint64 packetsSent = 0;
    quint64 packetsReceived = 0;
    /// Messages of all channels.
    quint64 messagesSent = 0;
    quint64 messagesReceived = 0;
    /// Chunks of messages that were lost or late and went out again: the measure of loss.
    quint64 retransmissions = 0;
};

#endif // PEERSTATISTICS_H
