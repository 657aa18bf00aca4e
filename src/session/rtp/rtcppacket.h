// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_RTP_RTCPPACKET_H
#define PEER_SESSION_RTP_RTCPPACKET_H

#include "core/base/bytes.h"

#include <cstdint>
#include <functional>

namespace peer::rtp {

/// Whether a datagram is a chain of RTCP packets of version 2 that fill it exactly (RFC 3550
/// section 6.4; a chain of one is a reduced-size packet, RFC 5506).
bool isWellFormedRtcp(ByteView compound);

/// A source that an RTCP packet is about.
struct RtcpSubject
{
    enum class Whose : std::uint8_t {
        Senders,   ///< the source speaks of itself: a report on what it sends, its name, its end
        Receivers, ///< the source is the receiver's own, and the packet tells how it arrives
    };
    std::uint32_t ssrc = 0;
    Whose whose = Whose::Senders;
};

/// Calls visit with each source that the packets of a well-formed compound are about, in order;
/// one may come several times. As RFC 9143 section 9.2 says for the packet types of RFC 3550, RFC
/// 4585 (feedback is about the media source; where that is 0, as in REMB, about those it lists),
/// RFC 3611. What it does not know is about its sender.
void forEachSubject(ByteView compound, const std::function<void(const RtcpSubject &)> &visit);

} // namespace peer::rtp

#endif // PEER_SESSION_RTP_RTCPPACKET_H
