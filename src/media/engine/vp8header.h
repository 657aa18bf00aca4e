// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_VP8HEADER_H
#define PEER_MEDIA_ENGINE_VP8HEADER_H

#include "core/base/bytes.h"

#include <optional>

namespace peer::media {

struct FrameSize
{
    int width = 0;
    int height = 0;

    friend bool operator==(const FrameSize &, const FrameSize &) = default;
};

/// What a VP8 key frame says of its size; nothing for other frames (RFC 6386 section 9.1):
///
///     3 octets: frame tag, whose lowest bit is 0 in a key frame
///     3 octets: 9d 01 2a
///     2 octets: width in the lower 14 bits, 2 octets: height likewise; little-endian
inline std::optional<FrameSize> vp8KeyFrameSize(ByteView frame)
{
    if (frame.size() < 10 || (frame[0] & 1) || frame[3] != 0x9d || frame[4] != 0x01
        || frame[5] != 0x2a) {
        return {};
    }
    return FrameSize{(frame[7] << 8 | frame[6]) & 0x3fff, (frame[9] << 8 | frame[8]) & 0x3fff};
}

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_VP8HEADER_H
