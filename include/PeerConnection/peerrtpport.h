// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRTPPORT_H
#define PEERRTPPORT_H

#include <PeerConnection/peerconnection_export.h>
#include <PeerConnection/peertrackstatistics.h>

#include <QtCore/qbytearrayview.h>
#include <QtCore/qglobal.h>

#include <functional>
#include <memory>

namespace peer {
class TrackLink;
}

class PEERCONNECTION_EXPORT PeerRtpPort
{
public:
    enum class PacketKind : quint8 { Rtp, Rtcp };
    using Handler = std::function<void(PacketKind kind, QByteArrayView octets)>;

    /// Packets that wait for the network thread, at most; beyond, the oldest make way.
    static constexpr int SendQueueSize = 256;
    /// Packets that wait for the first handler, at most; beyond, the oldest make way.
    static constexpr int EarlyQueueSize = 64;
    /// Octets of a packet: with what SRTP adds a datagram has 1200 octets, which pass everywhere.
    static constexpr int MaxPacketSize = 1180;

    /// A null port, which takes nothing and from which nothing comes.
    PeerRtpPort();
    ~PeerRtpPort();
    PeerRtpPort(const PeerRtpPort &other);
    PeerRtpPort(PeerRtpPort &&other) noexcept;
    PeerRtpPort &operator=(const PeerRtpPort &other);
    PeerRtpPort &operator=(PeerRtpPort &&other) noexcept;

    bool isNull() const;
    bool isOpen() const;
    bool sendRtp(QByteArrayView packet) const;
    bool sendRtcp(QByteArrayView packet) const;
    void setHandler(Handler handler) const;
    PeerTrackStatistics statistics() const;

private:
    friend class PeerTrack;
    explicit PeerRtpPort(std::shared_ptr<peer::TrackLink> link);

    std::shared_ptr<peer::TrackLink> m_link;
};

#endif // PEERRTPPORT_H
