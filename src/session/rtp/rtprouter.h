// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_RTP_RTPROUTER_H
#define PEER_SESSION_RTP_RTPROUTER_H

#include "core/base/bytes.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace peer::rtp {

/// A media section by its number in the description.
using SectionId = std::uint8_t;
inline constexpr std::size_t MaxSections = 32;
using SectionSet = std::bitset<MaxSections>;

/// Tells which media section of a BUNDLE a packet belongs to (RFC 9143 section 9.2): RTP by its MID
/// extension, then by its SSRC, then by its payload type if that is one section's alone; RTCP by
/// the sources that it is about.
///
/// It is fed with what SRTP has authenticated. It remembers at most MaxSources sources; packets of
/// further ones are told by MID or payload type each time.
class Router
{
public:
    static constexpr std::size_t MaxSources = 256;

    /// What a description says of one section.
    struct Section
    {
        std::string mid;
        std::vector<std::uint8_t> payloadTypes; ///< that the peer may send
        std::vector<std::uint32_t> sources;     ///< of the peer, from a=ssrc; may be empty
    };

    struct Statistics
    {
        std::uint64_t malformed = 0;
        std::uint64_t unrouted = 0; ///< of no section
        friend bool operator==(const Statistics &, const Statistics &) = default;
    };

    /// The extension that carries the MID (RFC 9143 section 15.2); 0 = none was negotiated.
    void setMidExtension(std::uint16_t id) { m_midExtension = id; }
    /// At most MaxSections sections; replaces what was said of this one. What was learned of its
    /// sources stays.
    void setSection(SectionId id, const Section &section);
    void removeSection(SectionId id);

    /// We send this source in that section: reports on it go there.
    void noteSent(SectionId id, std::uint32_t ssrc);

    std::optional<SectionId> routeRtp(ByteView packet);
    /// Each of these gets the whole datagram.
    SectionSet routeRtcp(ByteView compound);

    const Statistics &statistics() const { return m_statistics; }

private:
    using Sources = std::unordered_map<std::uint32_t, SectionId>;

    std::optional<SectionId> onlyOneWith(std::uint8_t payloadType) const;
    static void learn(Sources &sources, std::uint32_t ssrc, SectionId id);

    std::uint16_t m_midExtension = 0;
    std::map<SectionId, Section> m_sections;
    Sources m_received;
    Sources m_sent;
    Statistics m_statistics;
};

} // namespace peer::rtp

#endif // PEER_SESSION_RTP_RTPROUTER_H
