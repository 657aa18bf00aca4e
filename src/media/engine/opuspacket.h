// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_OPUSPACKET_H
#define PEER_MEDIA_ENGINE_OPUSPACKET_H

#include "core/base/bytes.h"

namespace peer::media {

/// Whether an Opus packet is well formed, by the rules R1 to R7 of RFC 6716 section 3.4: what it
/// says of its frames fits into it, and into 120 ms. What is in the frames may be anything: a
/// decoder makes sound of all of it.
///
///     0 1 2 3 4 5 6 7
///    +-+-+-+-+-+-+-+-+
///    | config  |s| c |   table of contents, then by c:
///    +-+-+-+-+-+-+-+-+
///
///     0: one frame
///     1: two frames of one size
///     2: size of the first, two frames
///     3: V P M (1 bit, 1 bit, 6 bits), size of the padding if P, sizes of all frames but the last
///        if V, M frames, padding
bool isOpusPacket(ByteView packet);

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_OPUSPACKET_H
