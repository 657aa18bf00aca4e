// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SDP_SESSIONDESCRIPTION_H
#define PEER_SDP_SESSIONDESCRIPTION_H

#include "core/base/candidate.h"
#include "core/base/result.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peer::sdp {

/// What a description may hold. Whatever is beyond it is an error, so that the text of a stranger
/// costs at most a few MiB. The standards set no bounds but those cited; ours are many times what
/// any endpoint is known to write.
struct Limits
{
    static constexpr std::size_t textLength = 64 * 1024; ///< octets of a whole description
    static constexpr std::size_t mediaSections = 32;
    static constexpr std::size_t candidates = 256; ///< of all sections together
    static constexpr std::size_t candidateLength = 1024;
    static constexpr std::size_t midLength = 64;
    static constexpr std::size_t usernameFragmentLength = 256; ///< RFC 8839 section 5.4, at least 4
    static constexpr std::size_t passwordLength = 256; ///< RFC 8839 section 5.4, at least 22
    static constexpr std::size_t iceOptions = 16;      ///< a section; each at most 64 octets
    static constexpr std::size_t fingerprints = 8;     ///< a section
    static constexpr std::size_t digestLength = 64;    ///< SHA-512
    static constexpr std::size_t feedback = 16;        ///< a payload type; each at most 128 octets
    static constexpr std::size_t extensions = 64;
    static constexpr std::size_t sources = 128;
    static constexpr std::size_t retransmissionGroups = 64;
    static constexpr std::size_t valueLength = 2048;   ///< a=fmtp, a=msid, cname, extension URI
    static constexpr std::size_t identityLength = 512; ///< each of the two values
};

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

/// Audio and Video are RTP, Application is data channels (SCTP over DTLS). Whatever else an m= line
/// may name is Other: known only so far that an answer can refuse it.
enum class MediaKind : std::uint8_t { Audio, Video, Application, Other };

/// One payload type with its a=rtpmap, a=fmtp and a=rtcp-fb lines.
struct PayloadFormat
{
    std::uint8_t payloadType = 0; ///< 0 to 127
    /// As written; to be compared without case. Empty: a dynamic type without a=rtpmap. The static
    /// types of RFC 3551 that WebRTC knows (PCMU, PCMA, G722, CN) are filled in.
    std::string encodingName;
    std::uint32_t clockRate = 0;
    std::uint16_t channels = 0;        ///< 0 = not given
    std::string formatParameters;      ///< of a=fmtp, several lines joined by ";"
    std::vector<std::string> feedback; ///< of a=rtcp-fb, "*" spread over all types
    friend bool operator==(const PayloadFormat &, const PayloadFormat &) = default;
};

/// a=extmap (RFC 8285 section 5). Extension attributes after the URI are ignored.
struct HeaderExtension
{
    std::uint16_t id = 0;
    std::string uri;
    Direction direction = Direction::SendReceive;
    friend bool operator==(const HeaderExtension &, const HeaderExtension &) = default;
};

/// a=ssrc (RFC 5576), with the two attributes that matter; a source that has neither is ignored.
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
    /// a=ice-options of both levels. Unknown ones are kept.
    std::vector<std::string> options;
    bool isLite = false; ///< session level only, so the same for all sections
    /// a=ice-pacing; session level only, so the same for all sections.
    std::optional<std::chrono::milliseconds> pacing;

    bool hasOption(std::string_view option) const;
    friend bool operator==(const IceDescription &, const IceDescription &) = default;
};

/// One m= section. Session-level values of inheritable attributes are already folded in by the
/// parser.
struct MediaDescription
{
    MediaKind kind = MediaKind::Application;
    /// Only if kind is Other: the media name and the format list of the m= line, for the answer
    /// must repeat them.
    std::string otherName;
    std::string otherFormats;
    std::string mid;        ///< empty if absent; unique among the sections
    std::uint16_t port = 9; ///< 9 = see the candidates (RFC 8840 section 4.1)
    /// Or "UDP/TLS/RTP/SAVPF". With "DTLS/SCTP" the writer uses the form of the drafts before
    /// RFC 8841 (the SCTP port in the m= line, and a=sctpmap), as its peer does.
    std::string protocol = "UDP/DTLS/SCTP";
    bool isBundleOnly = false; ///< port is 0 then, and the section is not rejected (RFC 9143)
    IceDescription ice;
    std::vector<Fingerprint> fingerprints;
    std::optional<Setup> setup;
    std::vector<Candidate> candidates;
    bool endOfCandidates = false;
    // data (RFC 8841)
    std::optional<std::uint16_t> sctpPort;
    std::optional<std::uint64_t> maxMessageSize; ///< 0 = any size; absent = 65536
    // audio and video
    Direction direction = Direction::SendReceive;
    bool rtcpMux = false;
    bool rtcpReducedSize = false;
    bool extmapAllowMixed = false;
    std::vector<PayloadFormat> formats; ///< in the order of the m= line, which is of preference
    std::vector<HeaderExtension> extensions;
    std::vector<Ssrc> sources;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> retransmissionGroups; ///< a=ssrc-group:FID
    std::string msid; ///< the first, if a track belongs to several streams

    bool isRejected() const { return port == 0 && !isBundleOnly; }

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
    enum class Kind : std::uint8_t {
        Malformed,
        Unsupported, ///< well-formed, but a candidate of a kind that we do not know
    };
    std::size_t line = 0; ///< 1-based; 0 = the text as a whole
    std::string message;  ///< names the fault, for people; repeats nothing of the text
    Kind kind = Kind::Malformed;

    /// The message behind its line.
    std::string toString() const;
};

/// An SDP description as WebRTC endpoints write it (RFC 8866, RFC 9429).
struct SessionDescription
{
    std::uint64_t sessionId = 0;
    std::uint64_t sessionVersion = 0;
    /// Mids of the first a=group:BUNDLE; each names a section.
    std::vector<std::string> bundle;
    bool extmapAllowMixed = false; ///< for all sections
    std::optional<IdentityAttribute> identity;
    std::vector<MediaDescription> media;

    /// Lines may end in CRLF or LF. Unknown lines and attributes are ignored (RFC 8866 section 5),
    /// and so are candidates of an unknown kind; anything that we know is checked, also that what
    /// must stand once does not stand twice at one level. Bounds: Limits.
    static Result<SessionDescription, ParseError> parse(std::string_view text);

    /// Everything is written at media level except what is defined for the session level alone.
    /// Control characters in the strings are left out, so that no value can become a line; for the
    /// rest the caller keeps to the grammar: what parse() gave is always written so that parse()
    /// gives the same.
    std::string toString() const;

    /// Null if there is none.
    const MediaDescription *find(std::string_view mid) const;
    /// The section whose ICE and DTLS attributes hold for the bundle: the one with the bundle's
    /// first mid that is not rejected (RFC 9143 section 7), without a bundle the first that is not
    /// rejected. Null if all are.
    const MediaDescription *transportSection() const;

    friend bool operator==(const SessionDescription &, const SessionDescription &) = default;
};

/// One candidate line, with or without "a=" and with or without a line end (RFC 8839 section 5.1,
/// RFC 6544 section 4.5 for TCP). Unknown extensions are ignored. Unsupported are a transport or
/// type that we do not know, port 0, and an IPv6 address with a zone; the caller may pass over
/// such a candidate. An unspecified related address, and one that is a name, becomes a null one.
Result<Candidate, ParseError> parseCandidate(std::string_view line);
/// Without "a=" and line end. Of address and hostName the name is preferred. A reflexive or relayed
/// candidate without a related address gets the unspecified one, for the standard demands one.
std::string candidateToString(const Candidate &candidate);

} // namespace peer::sdp

#endif // PEER_SDP_SESSIONDESCRIPTION_H
