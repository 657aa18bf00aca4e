// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TURN_TIMING_H
#define PEER_TURN_TIMING_H

#include "core/base/time.h"

#include <chrono>

// Every time constant of an allocation, with what RFC 8656 and RFC 8489 say.
namespace peer::turn::timing {

using namespace std::chrono_literals;

/// RFC 8489 section 6.2.1: RTO of at least 500 ms, Rc = 7, Rm = 16, which gives up after 39.5 s.
/// Like the questions to STUN servers ours start at 250 ms and give up after 11.75 s, so that the
/// end of candidates is not held up by a server that is gone.
inline constexpr Duration Rto = 250ms;
inline constexpr int Transmissions = 6;
inline constexpr int FinalWait = 16;
/// RFC 8489 section 6.2.2 has Ti = 39.5 s over TCP and TLS. Ours is what it is over UDP: a stream
/// that brings no answer in that time carries no call either.
inline constexpr Duration StreamTimeout = 11750ms;

/// RFC 8656 section 7.2: 600 s is what a server gives to who asks for no lifetime.
inline constexpr Duration DefaultLifetime = 600s;
/// A refresh comes so long before the end (section 3.2: "about a minute"), but never later than
/// after half of the lifetime.
inline constexpr Duration RefreshMargin = 60s;
/// Bounds of the lifetime that we believe a server; the standard has none. A longer one would only
/// mean to notice late that the allocation is gone.
inline constexpr Duration ShortestLifetime = 10s;
inline constexpr Duration LongestLifetime = 3600s;

/// Section 9: a permission lasts 300 s, always. Refreshed after 240 s.
inline constexpr Duration PermissionLifetime = 300s;
inline constexpr Duration PermissionRefresh = 240s;
/// Section 12: a channel lasts 600 s; each refresh is a permission's as well, so it comes as often.
inline constexpr Duration ChannelLifetime = 600s;
inline constexpr Duration ChannelRefresh = 240s;
/// Section 12: so long after it has expired a channel's peer may have another number, and the
/// number another peer.
inline constexpr Duration ChannelRest = 300s;

/// When nothing was heard from the server for that long, it is asked (Binding). RFC 8656 leaves
/// NAT bindings to the refreshes; those are ten minutes apart, and NATs that forget after 30 s have
/// been seen. The answer also tells whether the server still is there, and, by our mapped address,
/// whether the NAT has made another binding, for which there is no allocation.
inline constexpr Duration Keepalive = 15s;
/// Between two refreshes because something looks dead.
inline constexpr Duration ProbeGap = 1s;

} // namespace peer::turn::timing

#endif // PEER_TURN_TIMING_H
