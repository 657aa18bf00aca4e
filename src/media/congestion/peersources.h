// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_PEERSOURCES_H
#define PEER_MEDIA_CONGESTION_PEERSOURCES_H

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <cstdint>
#include <vector>

namespace peer::media {

/// Which of the sources (SSRC) that the peer names in a track are heard: a few, for whoever hears
/// them keeps something for each. One that is silent makes room for another.
class PeerSources
{
public:
    /// Of two streams that are decoded the media and their retransmission.
    static constexpr std::size_t Max = 4;
    static constexpr Duration Silence = std::chrono::seconds(5);

    bool admits(std::uint32_t ssrc, TimePoint now);

private:
    struct Source
    {
        std::uint32_t ssrc = 0;
        TimePoint lastHeard;
    };
    std::vector<Source> m_sources;
};

/// Of a compound of RTCP (RFC 3550 section 6.1) the packets that are whole, of a kind that the
/// media engine has a use for, and of an admitted source: SR, RR, SDES with a name in UTF-8 (RFC
/// 3550 section 6.5), and of feedback NACK and PLI (RFC 4585) and FIR (RFC 5104). A BYE is none:
/// what is gone falls silent. Empty if nothing is left.
Bytes admittedRtcp(ByteView compound, PeerSources &sources, TimePoint now);

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_PEERSOURCES_H
