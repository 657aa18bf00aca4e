// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_TRACKCONFIG_H
#define PEER_MEDIA_ENGINE_TRACKCONFIG_H

#include <cstdint>
#include <optional>
#include <string>

namespace peer::media {

enum class TrackKind { Audio, Video };

/// What is agreed on for a track: Opus for audio, VP8 for video.
struct TrackConfig
{
    TrackKind kind = TrackKind::Audio;
    std::uint8_t payloadType = 0;
    /// Of the retransmission format for it (RFC 4588).
    std::optional<std::uint8_t> retransmissionType;
    /// Of packets of sound that hold an earlier one once more (RFC 2198).
    std::optional<std::uint8_t> redundancyType;
    /// The peer answers to generic NACK and to picture loss indication (RFC 4585 section 6.2.1 and
    /// 6.3.1).
    bool hasNack = false;
    bool hasPli = false;
    std::uint32_t ssrc = 0; ///< ours
    std::uint32_t retransmissionSsrc = 0;
    /// What every packet carries (RFC 9143 section 15), if the extension was agreed on.
    std::string mid;
    std::optional<std::uint8_t> midExtension;
    /// The id of the extension with the transport-wide sequence number, if it was agreed on and so
    /// was feedback on it.
    std::optional<std::uint8_t> transportExtension;

    friend bool operator==(const TrackConfig &, const TrackConfig &) = default;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_TRACKCONFIG_H
