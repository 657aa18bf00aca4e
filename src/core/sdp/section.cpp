// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/section.h"

#include "core/sdp/grammar.h"

#include <algorithm>

namespace peer::sdp {

namespace {

/// The types of RFC 3551 section 6 that WebRTC endpoints offer and may leave without a=rtpmap.
PayloadFormat staticFormat(std::uint8_t payloadType)
{
    switch (payloadType) {
    case 0:
        return {0, "PCMU", 8000, 0, {}, {}};
    case 8:
        return {8, "PCMA", 8000, 0, {}, {}};
    case 9:
        return {9, "G722", 8000, 0, {}, {}};
    case 13:
        return {13, "CN", 8000, 0, {}, {}};
    }
    PayloadFormat format;
    format.payloadType = payloadType;
    return format;
}

Fault parsePayloadTypes(Words &words, MediaDescription &media)
{
    for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
        const auto type = parseNumber(word, 127);
        if (!type)
            return "a payload type is not a number up to 127";
        const bool isDouble = std::any_of(
            media.formats.begin(), media.formats.end(),
            [&](const PayloadFormat &known) { return known.payloadType == *type; });
        if (!isDouble)
            media.formats.push_back(staticFormat(static_cast<std::uint8_t>(*type)));
    }
    return nullptr;
}

bool isProtocol(std::string_view text)
{
    for (Split parts = splitAt(text, '/');; parts = splitAt(parts.tail, '/')) {
        if (!isToken(parts.head, 32))
            return false;
        if (!parts.isSplit)
            return text.size() <= 64;
    }
}

bool isRtp(std::string_view protocol)
{
    return protocol.ends_with("RTP/AVP") || protocol.ends_with("RTP/AVPF")
        || protocol.ends_with("RTP/SAVP") || protocol.ends_with("RTP/SAVPF");
}

bool isSctp(std::string_view protocol)
{
    return protocol == "UDP/DTLS/SCTP" || protocol == "TCP/DTLS/SCTP" || protocol == "DTLS/SCTP";
}

/// RFC 8841 section 4.3 names the use; the drafts before it gave the SCTP port instead.
bool isDataChannels(std::string_view format, MediaDescription &media)
{
    if (format == "webrtc-datachannel")
        return true;
    const auto port = parseNumber(format, 65535);
    if (port)
        media.sctpPort = static_cast<std::uint16_t>(*port);
    return port.has_value();
}

template<typename Value>
bool contains(const std::vector<Value> &values, const Value &value)
{
    return std::find(values.begin(), values.end(), value) != values.end();
}

Fault spreadFeedback(Section &section)
{
    for (PayloadFormat &format : section.media.formats) {
        for (const std::string &feedback : section.sharedFeedback) {
            if (!contains(format.feedback, feedback))
                format.feedback.push_back(feedback);
        }
        if (format.feedback.size() > Limits::feedback)
            return "has more than 16 a=rtcp-fb of one payload type";
    }
    return nullptr;
}

Fault inheritRtp(const Section &session, Section &section)
{
    MediaDescription &media = section.media;
    const MediaDescription &inherited = session.media;
    if (!section.hasDirection)
        media.direction = inherited.direction;
    media.extmapAllowMixed |= inherited.extmapAllowMixed;
    for (const HeaderExtension &extension : inherited.extensions) {
        const bool isOverridden = std::any_of(
            media.extensions.begin(), media.extensions.end(),
            [&](const HeaderExtension &own) { return own.id == extension.id; });
        if (!isOverridden)
            media.extensions.push_back(extension);
    }
    if (media.extensions.size() > Limits::extensions)
        return "has more than 64 a=extmap";
    return spreadFeedback(section);
}

Fault inheritTransport(const MediaDescription &inherited, MediaDescription &media)
{
    if (media.ice.usernameFragment.empty())
        media.ice.usernameFragment = inherited.ice.usernameFragment;
    if (media.ice.password.empty())
        media.ice.password = inherited.ice.password;
    if (media.ice.usernameFragment.empty() != media.ice.password.empty())
        return "has only one of a=ice-ufrag and a=ice-pwd";
    for (const std::string &option : inherited.ice.options) {
        if (!media.ice.hasOption(option))
            media.ice.options.push_back(option);
    }
    if (media.ice.options.size() > Limits::iceOptions)
        return "has more than 16 a=ice-options";
    media.ice.isLite = inherited.ice.isLite;
    media.ice.pacing = inherited.ice.pacing;
    if (media.fingerprints.empty())
        media.fingerprints = inherited.fingerprints;
    if (!media.setup)
        media.setup = inherited.setup;
    media.endOfCandidates |= inherited.endOfCandidates;
    return nullptr;
}

} // namespace

Fault parseMediaLine(std::string_view value, Section &section)
{
    Words words(value);
    MediaDescription &media = section.media;
    const std::string_view name = words.next();
    if (!isToken(name, 32))
        return "the media name is missing";
    const Split ports = splitAt(words.next(), '/'); // PORT or PORT/NUMBER (RFC 8866 section 5.14)
    const auto port = parseNumber(ports.head, 65535);
    if (!port || (ports.isSplit && !parseNumber(ports.tail, 65535)))
        return "the port is not a number up to 65535";
    media.port = static_cast<std::uint16_t>(*port);
    const std::string_view protocol = words.next();
    if (!isProtocol(protocol))
        return "the protocol is missing";
    media.protocol = protocol;
    const std::string_view formats = words.rest();
    if (!isPlainText(formats, Limits::valueLength))
        return "the format list is missing or too long";

    if ((name == "audio" || name == "video") && isRtp(protocol)) {
        media.kind = name == "audio" ? MediaKind::Audio : MediaKind::Video;
        return parsePayloadTypes(words, media);
    }
    if (name == "application" && isSctp(protocol) && isDataChannels(words.next(), media)) {
        media.kind = MediaKind::Application;
        return nullptr;
    }
    media.kind = MediaKind::Other;
    media.otherName = name;
    media.otherFormats = formats;
    return nullptr;
}

AttributeResult applyRule(const AttributeRule *rules, std::size_t count, std::uint64_t &seen,
                          std::string_view name, std::string_view value, Section &section,
                          Fault &fault)
{
    const AttributeRule *end = rules + count;
    const AttributeRule *rule = std::find_if(
        rules, end, [&](const AttributeRule &known) { return known.name == name; });
    const auto level = section.isSessionLevel ? AttributeRule::Session : AttributeRule::Media;
    if (rule == end || (rule->level & level) == 0)
        return AttributeResult::Unknown;
    const std::uint64_t bit = std::uint64_t{1} << (rule - rules);
    if (rule->standsOnce && (seen & bit) != 0)
        fault = "stands twice";
    else
        fault = rule->apply(value, section);
    seen |= bit;
    return fault ? AttributeResult::Refused : AttributeResult::Taken;
}

Fault finishSection(const Section &session, Section &section)
{
    MediaDescription &media = section.media;
    // RFC 9143 section 6: the attribute means nothing beside a port.
    media.isBundleOnly = media.isBundleOnly && media.port == 0;
    if (media.protocol == "DTLS/SCTP" && media.kind == MediaKind::Application && !media.sctpPort)
        media.sctpPort = 5000; // what all endpoints of that time used
    if (const Fault fault = inheritTransport(session.media, media))
        return fault;
    if (media.kind == MediaKind::Audio || media.kind == MediaKind::Video)
        return inheritRtp(session, section);
    return nullptr;
}

} // namespace peer::sdp
