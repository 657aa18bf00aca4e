// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_TRACKGATE_H
#define PEER_MEDIA_ENGINE_TRACKGATE_H

#include "media/congestion/peersources.h"
#include "media/congestion/redundantsound.h"
#include "media/engine/calltransport.h"
#include "media/engine/gstpointer.h"
#include "media/engine/rtplink.h"
#include "media/engine/sentnumbers.h"
#include "media/engine/trackconfig.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace peer::media {

/// Where a track's packets pass between GStreamer and the connection, in both directions, from any
/// thread. What the peer sends is looked at here: of RTP only the agreed payload types go on, so
/// that no element meets what it was not set up for, of RTCP what is well formed, and of both what
/// comes from few sources. The transport-wide sequence numbers and the
/// feedback on them, which are of the call as a whole, pass to and from its CallTransport.
class TrackGate
{
public:
    struct Statistics
    {
        std::uint64_t refused = 0;     ///< of the peer's: no RTP or RTCP, or of no agreed format
        std::uint64_t repeatsSent = 0; ///< retransmissions (RFC 4588)
        std::uint64_t repeatsReceived = 0; ///< likewise, of the peer's

        Statistics &operator+=(const Statistics &other)
        {
            refused += other.refused;
            repeatsSent += other.repeatsSent;
            repeatsReceived += other.repeatsReceived;
            return *this;
        }
    };

    /// rtpIn, rtcpIn: appsrcs, of which references are kept.
    TrackGate(const TrackConfig &config, std::shared_ptr<RtpLink> link,
              std::shared_ptr<CallTransport> transport, std::shared_ptr<SentNumbers> numbers,
              GstElement *rtpIn, GstElement *rtcpIn);

    // From GStreamer to the peer.
    void leaveRtp(GstBuffer *packet);
    void leaveRtcp(GstBuffer *compound);

    /// RTP or RTCP from the peer, in the clear.
    void enter(ByteView packet);

    /// Nothing passes any more. Packets that are on their way in another thread may still do so.
    void close();

    /// Of those refused, RTP.
    std::uint64_t refusedMedia() const { return m_refusedMedia; }
    Statistics statistics() const { return {m_refused, m_repeatsSent, m_repeatsReceived}; }

private:
    bool isRepetition(ByteView packet) const;
    /// Waits until a retransmission may leave; false if it is not to.
    bool awaitRepeat(ByteView packet);
    /// A packet of sound with what the rate lets it hold besides, or as it is.
    ByteView withCopies(ByteView packet);
    /// What leaves gets its number if it is a retransmission, and is noted otherwise.
    void number(Bytes &packet);
    void enterRtp(ByteView packet);
    void enterRtcp(ByteView compound);
    bool isAdmitted(std::uint32_t ssrc);
    bool isAgreed(std::uint8_t payloadType) const;

    const TrackConfig m_config;
    const std::shared_ptr<RtpLink> m_link;
    const std::shared_ptr<CallTransport> m_transport;
    const std::shared_ptr<SentNumbers> m_numbers;
    const GstPointer<GstElement> m_rtpIn;
    const GstPointer<GstElement> m_rtcpIn;
    std::optional<RedundantSound> m_redundancy; ///< in the thread that sends
    std::mutex m_mutex;                         ///< for what follows
    PeerSources m_sources;
    std::atomic<bool> m_isClosed = false;
    std::atomic<std::uint64_t> m_refused = 0;
    std::atomic<std::uint64_t> m_refusedMedia = 0;
    std::atomic<std::uint64_t> m_repeatsSent = 0;
    std::atomic<std::uint64_t> m_repeatsReceived = 0;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_TRACKGATE_H
