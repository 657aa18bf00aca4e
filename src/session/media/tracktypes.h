// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_TRACKTYPES_H
#define PEER_SESSION_MEDIA_TRACKTYPES_H

#include "core/sdp/sessiondescription.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace peer {

/// A track of a session: one audio or video section, both directions. Never used again.
enum class TrackId : std::uint32_t { None = 0 };

/// What we have to offer for a track.
struct TrackOptions
{
    sdp::MediaKind kind = sdp::MediaKind::Audio; ///< Audio or Video
    /// As we want it; what comes of it stands in TrackTerms.
    sdp::Direction direction = sdp::Direction::SendReceive;
    /// In order of preference. One payload type stands for one format in all tracks of a session.
    std::vector<sdp::PayloadFormat> formats;
    std::vector<sdp::HeaderExtension> extensions;
    /// What we are going to send.
    std::vector<sdp::Ssrc> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> retransmissionGroups;
    std::string msid;
};

/// What both sides have agreed on.
struct TrackTerms
{
    sdp::MediaKind kind = sdp::MediaKind::Audio;
    std::string mid;
    /// Ours: SendOnly means that we send and the peer receives.
    sdp::Direction direction = sdp::Direction::Inactive;
    /// Those that both know, the first is to be used: payload types as the offer had them,
    /// parameters and feedback as the peer wants them.
    std::vector<sdp::PayloadFormat> formats;
    std::vector<sdp::HeaderExtension> extensions;
    /// What the peer is going to send, if it says so.
    std::vector<sdp::Ssrc> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> retransmissionGroups;
    std::string msid;

    friend bool operator==(const TrackTerms &, const TrackTerms &) = default;
};

constexpr bool sends(sdp::Direction direction)
{
    return direction == sdp::Direction::SendReceive || direction == sdp::Direction::SendOnly;
}

constexpr bool receives(sdp::Direction direction)
{
    return direction == sdp::Direction::SendReceive || direction == sdp::Direction::ReceiveOnly;
}

namespace event {
/// The peer has opened a track for which we had none; we receive, if the options for such tracks
/// let us, and send nothing until we say so.
struct TrackOffered
{
    TrackId track;
    /// What it was answered with: ours for the peer's tracks of its kind, as they were then.
    TrackOptions options;
};
/// A description has been agreed on that says something new of this track.
struct TrackChanged
{
    TrackId track;
    TrackTerms terms;
};
/// Either side has ended it, or the peer has refused it, or there is no media with this peer.
struct TrackEnded
{
    TrackId track;
    /// Why no track can be in this session; empty: it was somebody's wish.
    std::string fault = {};
};
} // namespace event

using TrackEvent = std::variant<event::TrackOffered, event::TrackChanged, event::TrackEnded>;

} // namespace peer

#endif // PEER_SESSION_MEDIA_TRACKTYPES_H
