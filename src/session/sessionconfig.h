// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SESSIONCONFIG_H
#define PEER_SESSION_SESSIONCONFIG_H

#include "core/base/time.h"
#include "secure/dtls/dtlstransport.h"
#include "secure/identity/identitykey.h"
#include "session/media/tracktypes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// Which kinds of path may be used (D6).
enum class PathPolicy : std::uint8_t {
    All,
    Direct, ///< neither relays nor the tunnel
    Relay,  ///< TURN alone: the peer never sees an address of this host
    Tunnel, ///< likewise, the tunnel alone
};

constexpr bool allowsDirect(PathPolicy policy)
{
    return policy == PathPolicy::All || policy == PathPolicy::Direct;
}

constexpr bool allowsRelay(PathPolicy policy)
{
    return policy == PathPolicy::All || policy == PathPolicy::Relay;
}

constexpr bool allowsTunnel(PathPolicy policy)
{
    return policy == PathPolicy::All || policy == PathPolicy::Tunnel;
}

struct SessionConfig
{
    enum class Role : std::uint8_t { Caller, Callee };
    Role role = Role::Caller;
    /// Signal::call; the callee takes it from the offer.
    std::string call;
    std::shared_ptr<const dtls::Certificate> certificate;
    /// Signs our descriptions; without it they carry no identity.
    std::optional<IdentityKey> identity;
    /// The peer must prove to be one of these; empty = anybody (identity is then reported when
    /// there is a valid one, and identityVerified stays false).
    std::vector<std::string> expectedPeerIds;
    /// The carrier leads to a peer that acknowledges (D8): signals are repeated from the start,
    /// not only once an ack was seen.
    bool peerAcknowledges = false;
    PathPolicy paths = PathPolicy::All;
    /// What we have to offer for tracks that the peer opens, at most one for audio and one for
    /// video; of a kind that is not there they are refused.
    std::vector<TrackOptions> peersTracks;
    std::size_t maxMessageSize = 256 * 1024;
    /// Queued messages of one channel, in octets; send() is refused beyond it.
    std::size_t channelSendBuffer = 4 * 1024 * 1024;
    /// Messages of one channel that the application has not taken yet (D5).
    std::size_t channelReadBuffer = 4 * 1024 * 1024;
    std::size_t maxChannels = 1024;
    /// From the answer to the first path, then NoPath; and from there, however late that was, to
    /// the secure link, then HandshakeFailed.
    Duration connectTimeout = std::chrono::seconds(30);
    /// How long a session without any path waits, Reconnecting, for one: then PathLost (D6).
    Duration patience = std::chrono::seconds(60);
    /// How long it waits when the carrier of the signals says that the peer's program has gone.
    Duration goneLimit = std::chrono::seconds(8);
};

} // namespace peer

#endif // PEER_SESSION_SESSIONCONFIG_H
