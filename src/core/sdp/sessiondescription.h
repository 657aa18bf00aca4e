// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SDP_SESSIONDESCRIPTION_H
#define PEER_SDP_SESSIONDESCRIPTION_H

#include "core/base/candidate.h"
#include "core/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peer::sdp {

/// a=fingerprint (RFC 8122 section 5): hash function in lower case, octets.
struct Fingerprint
{
    std::string hashFunction;
    std::vector<std::uint8_t> digest;
    friend bool operator==(const Fingerprint &, const Fingerprint &) = default;
};

/// a=setup (RFC 4145, RFC 8842).
enum class Setup : std::uint8_t { ActPass, Active, Passive, HoldConnection };

enum class Direction : std::uint8_t { SendReceive, SendOnly, ReceiveOnly, Inactive };

enum class MediaKind : std::uint8_t { Audio, Video, Application, Other };

/// One payload type with its a=rtpmap, a=fmtp and a=rtcp-fb lines.
struct PayloadFormat
{
    std::uint8_t payloadType = 0;
    std::string encodingName;
    std::uint32_t clockRate = 0;
    std::uint16_t channels = 0; ///< 0 = not given
    std::string formatParameters;
    std::vector<std::string> feedback;
    friend bool operator==(const PayloadFormat &, const PayloadFormat &) = default;
};

struct HeaderExtension
{
    std::uint16_t id = 0;
    std::string uri;
    friend bool operator==(const HeaderExtension &, const HeaderExtension &) = default;
};

struct Ssrc
{
    std::uint32_t id = 0;
    std::string cname;
    std::string msid;
    friend bool operator==(const Ssrc &, const Ssrc &) = default;
};

/// The ICE attributes, which may stand at session or media level (RFC 8839 section 5).
struct IceDescription
{
    std::string usernameFragment;
    std::string password;
    std::vector<std::string> options;
    bool isLite = false;
    std::optional<std::chrono::milliseconds> pacing;
    friend bool operator==(const IceDescription &, const IceDescription &) = default;
};

/// One m= section. Session-level values of inheritable attributes are already folded in by the
/// parser.
struct MediaDescription
{
    MediaKind kind = MediaKind::Application;
    std::string mid;
    std::uint16_t port = 9;                 ///< 0 = rejected
    std::string protocol = "UDP/DTLS/SCTP"; ///< or "UDP/TLS/RTP/SAVPF"
    bool isBundleOnly = false;
    IceDescription ice;
    std::vector<Fingerprint> fingerprints;
    std::optional<Setup> setup;
    std::vector<Candidate> candidates;
    bool endOfCandidates = false;
    // data (RFC 8841)
    std::optional<std::uint16_t> sctpPort;
    std::optional<std::uint64_t> maxMessageSize; ///< 0 = any size
    // audio and video
    Direction direction = Direction::SendReceive;
    bool rtcpMux = false;
    bool rtcpReducedSize = false;
    std::vector<PayloadFormat> formats;
    std::vector<HeaderExtension> extensions;
    std::vector<Ssrc> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> retransmissionGroups; ///< a=ssrc-group:FID
    std::string msid;

    friend bool operator==(const MediaDescription &, const MediaDescription &) = default;
};

/// a=peer-identity: who signed this description (D7 of the wire extensions document).
struct IdentityAttribute
{
    std::string publicKey; ///< base64url of the SubjectPublicKeyInfo
    std::string signature; ///< base64url of r||s
    friend bool operator==(const IdentityAttribute &, const IdentityAttribute &) = default;
};

struct ParseError
{
    std::size_t line = 0; ///< 1-based
    std::string message;  ///< names the fault, for people
};

/// An SDP description as WebRTC endpoints write it (RFC 8866, RFC 9429).
struct SessionDescription
{
    std::uint64_t sessionId = 0;
    std::uint64_t sessionVersion = 0;
    std::vector<std::string> bundle; ///< mids of a=group:BUNDLE
    bool extmapAllowMixed = false;
    std::optional<IdentityAttribute> identity;
    std::vector<MediaDescription> media;

    /// Unknown lines and attributes are ignored (RFC 8866 section 5). At most 64 KiB, 32 media
    /// sections, 256 candidates: more is an error.
    static Result<SessionDescription, ParseError> parse(std::string_view text);
    std::string toString() const;

    friend bool operator==(const SessionDescription &, const SessionDescription &) = default;
};

/// "candidate:…" with or without "a=" (RFC 8839 section 5.1). Unknown extensions are ignored; an
/// unknown transport or type is an error that the caller may pass over.
Result<Candidate, ParseError> parseCandidate(std::string_view line);
/// Without "a=".
std::string candidateToString(const Candidate &candidate);

} // namespace peer::sdp

#endif // PEER_SDP_SESSIONDESCRIPTION_H
