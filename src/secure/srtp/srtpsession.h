// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SRTP_SRTPSESSION_H
#define PEER_SRTP_SRTPSESSION_H

#include "core/base/bytes.h"
#include "secure/srtp/srtpkeys.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace peer::srtp {

/// SRTP and SRTCP (RFC 3711, RFC 7714) of one DTLS association, both directions, over libsrtp2.
///
/// It has no clock, no queue and no events: a packet goes in, the same packet protected or opened
/// comes out, or nothing. All media sections of a BUNDLE share one (RFC 9143 section 7), and one
/// session keeps its keys as long as its DTLS association stands. One thread at a time.
///
/// Whatever comes in is authenticated before anything is kept of it. Each source (SSRC) costs about
/// a kilobyte of state in each direction; MaxSources bounds them, so that no peer makes us hold
/// more than 1 MiB.
class Session
{
public:
    /// Of RTP and RTCP together, in each direction. Later ones are refused: to forget one would
    /// forget which of its packets were seen.
    static constexpr std::size_t MaxSources = 256;
    /// Largest packet to protect or to open; beyond every path MTU.
    static constexpr std::size_t MaxPacket = 1500;
    /// What protection adds at most: 16 octets of tag (RFC 7714), or 10 (RFC 3711 section 5.2), and
    /// in SRTCP 4 of index.
    static constexpr std::size_t MaxOverhead = 20;
    /// Packets may come so far behind the newest of their source; older ones are refused as if they
    /// were replayed (RFC 3711 section 3.3.2 asks for 64 at least). A second of 2.5 Mbit/s video.
    static constexpr std::size_t ReplayWindow = 512;

    struct Statistics
    {
        std::uint64_t malformed = 0; ///< not RTP or RTCP, or larger than MaxPacket
        std::uint64_t unauthenticated = 0;
        std::uint64_t replayed = 0;      ///< seen before, or older than ReplayWindow
        std::uint64_t excessSources = 0; ///< of a source beyond MaxSources
        std::uint64_t unprotected = 0;   ///< ours that could not leave, whatever the reason
        friend bool operator==(const Statistics &, const Statistics &) = default;
    };

    /// Null if libsrtp2 cannot (out of memory).
    static std::unique_ptr<Session> create(Profile profile, const KeyPair &keys);
    ~Session();

    /// The packet, protected; valid until the next call. Nothing if it is malformed, or if its
    /// sequence number was used before: it would reuse key stream.
    std::optional<ByteView> protectRtp(ByteView packet);
    std::optional<ByteView> protectRtcp(ByteView packet);

    /// The packet in the clear; valid until the next call. Nothing if it is not to be believed.
    std::optional<ByteView> openRtp(ByteView packet);
    std::optional<ByteView> openRtcp(ByteView packet);

    const Statistics &statistics() const;

private:
    class Private;
    explicit Session(std::unique_ptr<Private> content);
    std::unique_ptr<Private> d;
};

} // namespace peer::srtp

#endif // PEER_SRTP_SRTPSESSION_H
