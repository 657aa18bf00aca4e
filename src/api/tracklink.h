// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_API_TRACKLINK_H
#define PEER_API_TRACKLINK_H

#include "core/base/bytes.h"
#include "session/media/packetqueue.h"
#include "session/media/tracktypes.h"

#include <PeerConnection/peerrtpport.h>
#include <PeerConnection/peertrackstatistics.h>

#include <QtCore/qglobal.h>

#include <atomic>
#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace peer {

/// Names a track toward the application, from the moment it asks for one.
enum class TrackHandle : quint32 { None = 0, FirstOfPeer = 0x80000000 };

/// Between whoever sends and receives the packets of a track, in any thread, and the network
/// thread: packets go this way and not by the ConnectionLink, so that no event loop of the
/// application's stands between them. Either side may go before the other.
///
/// Bounded: PeerRtpPort::SendQueueSize packets wait and as many are being sent,
/// PeerRtpPort::EarlyQueueSize wait for the first handler.
class TrackLink
{
public:
    /// wake: from any thread, asks the network thread to call serve(). It is called once for all
    /// that gathers until then, and must not keep this object alive.
    using Wake = std::function<void()>;

    /// sources: what may be sent from.
    TrackLink(std::vector<std::uint32_t> sources, Wake wake);

    // From any thread
    bool isOpen() const { return m_isOpen.load(std::memory_order_relaxed); }
    bool sendRtp(ByteView packet);
    bool sendRtcp(ByteView packet);
    void setMuted(bool muted) { m_isMuted.store(muted, std::memory_order_relaxed); }
    /// No call to the one before is under way when it returns, unless it is called by that.
    void setHandler(PeerRtpPort::Handler handler);
    /// For ever: nothing is taken and nothing handed out any more, and the handler is gone.
    void close();
    PeerTrackStatistics statistics() const;

    // From the application's thread
    /// The latest of changeTerms(), once.
    std::optional<TrackTerms> takeTerms();

    // From the network thread
    void setTerms(const TrackTerms &terms);
    /// As setTerms(), and keeps them for takeTerms(). False if others wait for that, in whose place
    /// they come: no further notice is needed, or notices would pile up before a thread that
    /// sleeps.
    bool changeTerms(const TrackTerms &terms);
    /// The secure link stands, or does not any more.
    void setOpen(bool isOpen);
    /// send: false if the session does not take the packet.
    void serve(const std::function<bool(bool isRtcp, ByteView packet)> &send);
    void deliver(bool isRtcp, ByteView packet);

private:
    using Counter = std::atomic<quint64>;
    struct Counters
    {
        Counter packetsSent, bytesSent, rtcpSent;
        Counter packetsReceived, bytesReceived, rtcpReceived;
        Counter droppedClosed, droppedMuted, droppedInvalid, droppedLate, droppedUnread;
    };

    bool refuse(Counter &counter);
    bool isOfTrack(ByteView packet) const;
    bool enqueue(bool isRtcp, ByteView packet);
    void wakeOnce();
    void handOut(bool isRtcp, ByteView packet);
    void handOutEarly();
    void dropEarly();

    const std::vector<std::uint32_t> m_sources;
    const Wake m_wake;
    std::atomic<bool> m_isOpen = false;
    std::atomic<bool> m_isMuted = false;
    /// wake() was called, and serve() has not been since.
    std::atomic<bool> m_isWoken = false;
    Counters m_counters;

    /// Held for as long as it takes to copy a packet.
    std::mutex m_sendMutex;
    /// Changed with both mutexes locked.
    bool m_isClosed = false;
    PacketQueue m_waiting{PeerRtpPort::SendQueueSize};
    bool m_isSending = false; ///< in the direction that was agreed on
    std::bitset<128> m_payloadTypes;
    std::optional<TrackTerms> m_newTerms;

    /// Of the network thread: what it is sending, while others wait.
    PacketQueue m_leaving{PeerRtpPort::SendQueueSize};

    /// Held while the handler runs; recursive, for that may set another one. (Not Qt's, whose
    /// locking ThreadSanitizer does not see.)
    std::recursive_mutex m_handlerMutex;
    std::shared_ptr<const PeerRtpPort::Handler> m_handler;
    /// Packets wait for the first handler.
    bool m_isEarly = true;
    PacketQueue m_early{PeerRtpPort::EarlyQueueSize};
};

} // namespace peer

#endif // PEER_API_TRACKLINK_H
