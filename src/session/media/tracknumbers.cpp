// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/tracknumbers.h"

#include "session/media/trackterms.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// RFC 3551 section 6: the dynamic ones, then those that nobody has assigned.
constexpr std::pair<std::uint8_t, std::uint8_t> FreeTypes[] = {{96, 127}, {35, 63}};
/// RFC 8285 section 4.2: those that fit into the form of one octet.
constexpr std::uint16_t LastShortId = 14;

bool hasType(const std::vector<sdp::PayloadFormat> &formats, unsigned type)
{
    return std::any_of(formats.begin(), formats.end(),
                       [type](const auto &format) { return format.payloadType == type; });
}

} // namespace

void TrackNumbers::note(const std::vector<sdp::PayloadFormat> &formats,
                        const std::vector<sdp::HeaderExtension> &extensions)
{
    for (const sdp::PayloadFormat &format : formats)
        m_formats.emplace(format.payloadType, format);
    for (const sdp::HeaderExtension &extension : extensions)
        m_extensions.emplace(extension.uri, extension.id);
}

void TrackNumbers::fit(sdp::MediaDescription &section) const
{
    fitFormats(section);
    fitExtensions(section);
}

bool TrackNumbers::isTaken(const sdp::PayloadFormat &format) const
{
    const auto known = m_formats.find(format.payloadType);
    return known != m_formats.end() && !isSameFormat(known->second, format);
}

/// One that stands for the same already, else one that stands for nothing.
std::optional<std::uint8_t> TrackNumbers::typeFor(const sdp::PayloadFormat &format,
                                                  const sdp::MediaDescription &section) const
{
    for (const auto &[type, known] : m_formats) {
        if (isSameFormat(known, format) && known.formatParameters == format.formatParameters
            && !hasType(section.formats, type))
            return type;
    }
    for (const auto &[first, last] : FreeTypes) {
        for (unsigned type = first; type <= last; ++type) {
            const auto candidate = static_cast<std::uint8_t>(type);
            if (m_formats.count(candidate) == 0 && !hasType(section.formats, type))
                return candidate;
        }
    }
    return std::nullopt;
}

std::optional<std::uint16_t> TrackNumbers::freeId(const sdp::MediaDescription &section) const
{
    for (std::uint16_t id = 1; id <= LastShortId; ++id) {
        const auto isKnown = [id](const auto &entry) { return entry.second == id; };
        const auto isHere = [id](const auto &extension) { return extension.id == id; };
        if (std::none_of(m_extensions.begin(), m_extensions.end(), isKnown)
            && std::none_of(section.extensions.begin(), section.extensions.end(), isHere))
            return id;
    }
    return std::nullopt;
}

/// What is repeated first, for its number stands in the repetition.
void TrackNumbers::fitFormats(sdp::MediaDescription &section) const
{
    for (const bool isRepetition : {false, true}) {
        for (sdp::PayloadFormat &format : section.formats) {
            if (repeatedType(format).has_value() != isRepetition || !isTaken(format))
                continue;
            const auto other = typeFor(format, section);
            if (!other)
                continue; // 60 formats: the peer has to refuse what it cannot tell apart
            const std::uint8_t before = std::exchange(format.payloadType, *other);
            for (sdp::PayloadFormat &repeating : section.formats) {
                if (repeatedType(repeating) == before)
                    setRepeatedType(repeating, *other);
            }
        }
    }
}

void TrackNumbers::fitExtensions(sdp::MediaDescription &section) const
{
    std::vector<sdp::HeaderExtension> wanted = std::exchange(section.extensions, {});
    for (sdp::HeaderExtension &extension : wanted) {
        if (const auto known = m_extensions.find(extension.uri); known != m_extensions.end())
            section.extensions.push_back({known->second, extension.uri, extension.direction});
    }
    for (sdp::HeaderExtension &extension : wanted) {
        if (m_extensions.count(extension.uri) > 0)
            continue;
        const auto isSameId = [&](const auto &entry) { return entry.second == extension.id; };
        const auto isHere = [&](const auto &entry) { return entry.id == extension.id; };
        const bool isTaken = std::any_of(m_extensions.begin(), m_extensions.end(), isSameId)
            || std::any_of(section.extensions.begin(), section.extensions.end(), isHere);
        const auto id = isTaken ? freeId(section) : std::optional(extension.id);
        if (id)
            section.extensions.push_back({*id, extension.uri, extension.direction});
    }
}

} // namespace peer
