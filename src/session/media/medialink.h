// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_MEDIALINK_H
#define PEER_SESSION_MEDIA_MEDIALINK_H

#include "core/base/bytes.h"
#include "secure/srtp/srtpsession.h"
#include "session/media/packetqueue.h"
#include "session/media/tracktypes.h"
#include "session/rtp/rtprouter.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

namespace peer {

/// A packet of a track, in the clear.
struct MediaPacket
{
    TrackId track = TrackId::None;
    bool isRtcp = false;
    ByteView octets; ///< valid until the next call of a non-const function
};

struct MediaStatistics
{
    std::uint64_t packetsSent = 0;
    std::uint64_t packetsReceived = 0;
    /// Ours that were too old by the time when they could leave, or refused (not negotiated, not to
    /// be sent in this direction, no secure link).
    std::uint64_t packetsDropped = 0;
    /// The peer's that nobody had taken out when further ones came.
    std::uint64_t arrivalsDropped = 0;
    rtp::Router::Statistics routing;
    srtp::Session::Statistics protection;
};

/// RTP and RTCP of all tracks of a session: protected by SRTP (RFC 5764), told apart by section
/// (RFC 9143 section 9.2). Packets that wait, in either direction, are bounded by MaxWaiting each;
/// the oldest go first, for media that comes late is worth nothing.
class MediaLink
{
public:
    /// Half a second of video at 2.5 Mbit/s and 1200 octets a packet, twice over.
    static constexpr std::size_t MaxWaiting = 256;

    /// The secure link stands. False if the keys do not fit: no media then.
    bool start(srtp::Profile profile, srtp::Role role, ByteView keyingMaterial);
    bool isStarted() const { return m_srtp != nullptr; }

    /// Section by section, as agreed.
    void setTrack(std::size_t section, TrackId track, const TrackTerms &terms);
    void removeTrack(TrackId track);

    /// RTP or RTCP, by its second octet. False if it cannot be sent.
    bool send(TrackId track, ByteView packet);
    /// The next protected one, audio before video; valid until the next call.
    std::optional<ByteView> nextTransmit();

    /// True if it was authentic, which proves the path.
    bool receive(ByteView packet);
    std::optional<MediaPacket> nextArrival();

    MediaStatistics statistics() const;

private:
    struct Track
    {
        TrackId id = TrackId::None;
        TrackTerms terms;
    };
    Track *find(TrackId id, std::size_t *section = nullptr);
    void deliver(std::size_t section, bool isRtcp, ByteView packet);

    std::unique_ptr<srtp::Session> m_srtp;
    rtp::Router m_router;
    std::map<std::size_t, Track> m_tracks; ///< by section
    PacketQueue m_audio{MaxWaiting};
    PacketQueue m_video{MaxWaiting};
    PacketQueue m_arrived{MaxWaiting};
    MediaStatistics m_statistics;
};

} // namespace peer

#endif // PEER_SESSION_MEDIA_MEDIALINK_H
