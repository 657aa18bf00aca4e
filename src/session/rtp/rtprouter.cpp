// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/rtp/rtprouter.h"

#include "session/rtp/rtcppacket.h"
#include "session/rtp/rtppacket.h"

#include <algorithm>
#include <cassert>

namespace peer::rtp {

void Router::setSection(SectionId id, const Section &section)
{
    assert(id < MaxSections);
    m_sections.insert_or_assign(id, section);
    for (const std::uint32_t ssrc : section.sources)
        learn(m_received, ssrc, id);
}

void Router::removeSection(SectionId id)
{
    m_sections.erase(id);
    const auto isOfIt = [id](const auto &entry) { return entry.second == id; };
    std::erase_if(m_received, isOfIt);
    std::erase_if(m_sent, isOfIt);
}

void Router::noteSent(SectionId id, std::uint32_t ssrc)
{
    learn(m_sent, ssrc, id);
}

void Router::learn(Sources &sources, std::uint32_t ssrc, SectionId id)
{
    const auto known = sources.find(ssrc);
    if (known != sources.end())
        known->second = id;
    else if (sources.size() < MaxSources)
        sources.emplace(ssrc, id);
}

/// RFC 9143 section 9.2, the list for RTP.
std::optional<SectionId> Router::routeRtp(ByteView packet)
{
    const auto header = parseHeader(packet);
    if (!header) {
        ++m_statistics.malformed;
        return std::nullopt;
    }
    std::optional<SectionId> section;
    if (const auto mid = header->extension(m_midExtension)) {
        const auto named = std::find_if(
            m_sections.begin(), m_sections.end(),
            [&](const auto &entry) { return entry.second.mid == asText(*mid); });
        if (named != m_sections.end())
            section = named->first;
    } else if (const auto known = m_received.find(header->ssrc); known != m_received.end()) {
        section = known->second;
    } else {
        section = onlyOneWith(header->payloadType);
    }
    const bool isTaken = section
        && std::ranges::count(m_sections.at(*section).payloadTypes, header->payloadType) > 0;
    if (!isTaken) {
        ++m_statistics.unrouted;
        return std::nullopt;
    }
    learn(m_received, header->ssrc, *section);
    return section;
}

std::optional<SectionId> Router::onlyOneWith(std::uint8_t payloadType) const
{
    std::optional<SectionId> only;
    for (const auto &[id, section] : m_sections) {
        if (std::ranges::count(section.payloadTypes, payloadType) == 0)
            continue;
        if (only)
            return std::nullopt;
        only = id;
    }
    return only;
}

SectionSet Router::routeRtcp(ByteView compound)
{
    SectionSet sections;
    if (!isWellFormedRtcp(compound)) {
        ++m_statistics.malformed;
        return sections;
    }
    forEachSubject(compound, [&](const RtcpSubject &subject) {
        const Sources &sources = subject.whose == RtcpSubject::Whose::Senders ? m_received : m_sent;
        if (const auto known = sources.find(subject.ssrc); known != sources.end())
            sections.set(known->second);
    });
    if (sections.none())
        ++m_statistics.unrouted;
    return sections;
}

} // namespace peer::rtp
