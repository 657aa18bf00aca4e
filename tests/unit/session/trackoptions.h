// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_TRACKOPTIONS_H
#define PEER_TEST_TRACKOPTIONS_H

#include "session/media/tracktypes.h"

namespace peer::test {

inline constexpr char MidUri[] = "urn:ietf:params:rtp-hdrext:sdes:mid";

inline TrackOptions audioOptions(std::uint32_t ssrc = 100)
{
    TrackOptions options;
    options.kind = sdp::MediaKind::Audio;
    options.formats = {{111, "opus", 48000, 2, "minptime=10;useinbandfec=1", {"transport-cc"}}};
    options.extensions = {{4, MidUri, sdp::Direction::SendReceive}};
    options.sources = {{ssrc, "cname", "stream audio"}};
    options.msid = "stream audio";
    return options;
}

inline TrackOptions videoOptions(std::uint32_t ssrc = 200)
{
    TrackOptions options;
    options.kind = sdp::MediaKind::Video;
    options.formats = {{96, "VP8", 90000, 0, {}, {"nack", "nack pli", "transport-cc"}},
                       {97, "rtx", 90000, 0, "apt=96", {}}};
    options.extensions = {{4, MidUri, sdp::Direction::SendReceive}};
    options.sources = {{ssrc, "cname", "stream video"}, {ssrc + 1, "cname", "stream video"}};
    options.retransmissionGroups = {{ssrc, ssrc + 1}};
    options.msid = "stream video";
    return options;
}

} // namespace peer::test

#endif // PEER_TEST_TRACKOPTIONS_H
