// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef TRACKCALL_H
#define TRACKCALL_H

#include "meeting.h"

#include <PeerConnection/PeerTrack>

#include <QtCore/qbytearray.h>
#include <QtCore/qendian.h>
#include <QtCore/qlist.h>
#include <QtCore/qmutex.h>

#include <memory>

/// RTP with a payload of so many octets.
inline QByteArray rtp(int payloadType, quint32 ssrc, quint16 sequence = 0, qsizetype payload = 20)
{
    QByteArray packet(12 + payload, 'x');
    packet[0] = char(0x80);
    packet[1] = char(payloadType);
    qToBigEndian(sequence, packet.data() + 2);
    qToBigEndian(quint32(sequence) * 960, packet.data() + 4);
    qToBigEndian(ssrc, packet.data() + 8);
    return packet;
}

/// A sender report without blocks (RFC 3550 section 6.4.1).
inline QByteArray senderReport(quint32 ssrc)
{
    QByteArray packet(28, '\0');
    packet[0] = char(0x80);
    packet[1] = char(200);
    packet[3] = 6;
    qToBigEndian(ssrc, packet.data() + 4);
    return packet;
}

inline quint16 sequenceOf(const QByteArray &packet)
{
    return qFromBigEndian<quint16>(packet.constData() + 2);
}

/// What has come out of a port; filled in the network thread.
class PacketLog
{
public:
    explicit PacketLog(const PeerRtpPort &port)
        : m_data(std::make_shared<Data>())
    {
        port.setHandler([data = m_data](PeerRtpPort::PacketKind kind, QByteArrayView octets) {
            const QMutexLocker locker(&data->mutex);
            (kind == PeerRtpPort::PacketKind::Rtp ? data->rtp : data->rtcp)
                .append(octets.toByteArray());
        });
    }

    QList<QByteArray> rtp() const
    {
        const QMutexLocker locker(&m_data->mutex);
        return m_data->rtp;
    }
    QList<QByteArray> rtcp() const
    {
        const QMutexLocker locker(&m_data->mutex);
        return m_data->rtcp;
    }

private:
    struct Data
    {
        QMutex mutex;
        QList<QByteArray> rtp;
        QList<QByteArray> rtcp;
    };
    std::shared_ptr<Data> m_data;
};

inline bool isOpen(const PeerTrack *track)
{
    return track && track->state() == PeerTrack::State::Open;
}

/// Sends one packet with the track's first format and source.
[[nodiscard]] inline bool sendOne(const PeerTrack *track, quint16 sequence = 0)
{
    return track->sendRtp(
        rtp(track->agreedFormats().value(0).payloadType, track->sources().value(0).ssrc, sequence));
}

/// A call that stands, and the last track that each side was told of.
class TrackCall
{
public:
    [[nodiscard]] bool connect()
    {
        if (!m_meeting.listen())
            return false;
        m_meeting.onIncoming = [this](PeerConnection *connection) {
            watch(connection, calleeAdded);
        };
        if (!m_meeting.connect())
            return false;
        watch(m_meeting.caller.get(), callerAdded);
        return true;
    }

    PeerConnection *caller() const { return m_meeting.caller.get(); }
    PeerConnection *callee() const { return m_meeting.callee; }
    Meeting &meeting() { return m_meeting; }

    /// A track of the caller's that is open at both sides, the other in calleeAdded.
    [[nodiscard]] PeerTrack *open(PeerTrack::Kind kind, const PeerTrack::Options &options = {})
    {
        calleeAdded = nullptr;
        PeerTrack *track = caller()->addTrack(kind, options);
        return eventually([&] { return isOpen(track) && isOpen(calleeAdded); }) ? track : nullptr;
    }

    QPointer<PeerTrack> callerAdded;
    QPointer<PeerTrack> calleeAdded;

private:
    static void watch(PeerConnection *connection, QPointer<PeerTrack> &added)
    {
        QObject::connect(connection, &PeerConnection::trackAdded, connection,
                         [&added](PeerTrack *track) { added = track; });
    }

    Meeting m_meeting;
};

#endif // TRACKCALL_H
