// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_TRACKTERMS_H
#define PEER_SESSION_MEDIA_TRACKTERMS_H

#include "session/media/tracktypes.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace peer {

/// The same direction, seen from the other side (RFC 3264 section 6.1).
sdp::Direction reversed(sdp::Direction direction);
/// What is left of two directions seen from the same side.
sdp::Direction common(sdp::Direction one, sdp::Direction other);

/// What a format repeats: retransmissions (rtx, RFC 4588 section 8.1) or redundant sound (red,
/// RFC 2198 section 5). Nothing for other formats.
std::optional<std::uint8_t> repeatedType(const sdp::PayloadFormat &format);
/// For a format that repeats another, whose payload type is this from now on.
void setRepeatedType(sdp::PayloadFormat &format, std::uint8_t type);
/// Whether one payload type may stand for both.
bool isSameFormat(const sdp::PayloadFormat &one, const sdp::PayloadFormat &other);

/// Formats of ours that are among theirs (RFC 3264 section 6.1), in our order of preference, with
/// their payload types. Encoding names are compared without case; formats that repeat others by those
/// that they repeat.
std::vector<sdp::PayloadFormat> commonFormats(const std::vector<sdp::PayloadFormat> &ours,
                                              const std::vector<sdp::PayloadFormat> &theirs);

/// By URI, with their ids (RFC 8285 section 6).
std::vector<sdp::HeaderExtension> commonExtensions(const std::vector<sdp::HeaderExtension> &ours,
                                                   const std::vector<sdp::HeaderExtension> &theirs);

/// What comes of what we want and what the peer has said of this section. No formats: nothing does.
TrackTerms termsOf(const TrackOptions &ours, const sdp::MediaDescription &theirs);

} // namespace peer

#endif // PEER_SESSION_MEDIA_TRACKTERMS_H
