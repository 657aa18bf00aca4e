// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The attributes of audio and video: payload formats (RFC 8866 section 6, RFC 4585), header
// extensions (RFC 8285), sources (RFC 5576), directions, streams (RFC 8830).

#include "core/sdp/grammar.h"
#include "core/sdp/section.h"

#include <algorithm>
#include <array>

namespace peer::sdp {

namespace {

constexpr std::size_t longestFeedback = 128;

/// Null if the m= line does not name the payload type: the attribute is then ignored.
PayloadFormat *findFormat(MediaDescription &media, std::uint64_t payloadType)
{
    const auto found = std::find_if(
        media.formats.begin(), media.formats.end(),
        [&](const PayloadFormat &f) { return f.payloadType == payloadType; });
    return found == media.formats.end() ? nullptr : &*found;
}

/// TYPE ENCODING/CLOCKRATE[/CHANNELS]
Fault applyRtpmap(std::string_view value, Section &section)
{
    Words words(value);
    const auto type = parseNumber(words.next(), 127);
    if (!type)
        return "the payload type is not a number up to 127";
    const Split name = splitAt(words.next(), '/');
    const Split rates = splitAt(name.tail, '/');
    if (!isToken(name.head, 64))
        return "the encoding name is missing";
    const auto clockRate = parseNumber(rates.head, 0xffffffff);
    if (!clockRate || *clockRate == 0)
        return "the clock rate is not a number of 32 bits above 0";
    const auto channels = rates.isSplit ? parseNumber(rates.tail, 255) : 0;
    if (!channels)
        return "the channels are not a number up to 255";
    if (PayloadFormat *format = findFormat(section.media, *type)) {
        format->encodingName = name.head;
        format->clockRate = static_cast<std::uint32_t>(*clockRate);
        format->channels = static_cast<std::uint16_t>(*channels);
    }
    return nullptr;
}

/// TYPE PARAMETERS
Fault applyFmtp(std::string_view value, Section &section)
{
    Words words(value);
    const auto type = parseNumber(words.next(), 127);
    if (!type)
        return "the payload type is not a number up to 127";
    const std::string_view parameters = words.rest();
    PayloadFormat *format = findFormat(section.media, *type);
    if (!format || parameters.empty())
        return nullptr;
    std::string joined = format->formatParameters;
    if (!joined.empty())
        joined += ';';
    joined += parameters;
    if (!isPlainText(joined, Limits::valueLength))
        return "the parameters exceed 2048 octets or have control characters";
    format->formatParameters = std::move(joined);
    return nullptr;
}

Fault addFeedback(std::string_view feedback, std::vector<std::string> &list)
{
    if (std::find(list.begin(), list.end(), feedback) != list.end())
        return nullptr;
    if (list.size() == Limits::feedback)
        return "more than 16 of one payload type";
    list.emplace_back(feedback);
    return nullptr;
}

/// TYPE FEEDBACK, where "*" is all types (RFC 4585 section 4.2)
Fault applyRtcpFeedback(std::string_view value, Section &section)
{
    Words words(value);
    const std::string_view typeText = words.next();
    const std::string_view feedback = words.rest();
    if (!isPlainText(feedback, longestFeedback))
        return "the feedback is missing, longer than 128 octets or has control characters";
    if (typeText == "*")
        return addFeedback(feedback, section.sharedFeedback);
    const auto type = parseNumber(typeText, 127);
    if (!type)
        return "the payload type is not a number up to 127";
    PayloadFormat *format = findFormat(section.media, *type);
    return format ? addFeedback(feedback, format->feedback) : nullptr;
}

std::optional<Direction> parseDirection(std::string_view text)
{
    if (text == "sendrecv")
        return Direction::SendReceive;
    if (text == "sendonly")
        return Direction::SendOnly;
    if (text == "recvonly")
        return Direction::ReceiveOnly;
    if (text == "inactive")
        return Direction::Inactive;
    return std::nullopt;
}

/// ID[/DIRECTION] URI [ATTRIBUTES]
Fault applyExtmap(std::string_view value, Section &section)
{
    Words words(value);
    const Split head = splitAt(words.next(), '/');
    // RFC 8285 section 7: 1 to 255 on the wire, 4096 to 4351 in an offer of more than fit.
    const auto id = parseNumber(head.head, 4351);
    if (!id || *id == 0)
        return "the id is not a number from 1 to 4351";
    const auto direction = head.isSplit ? parseDirection(head.tail) : Direction::SendReceive;
    if (!direction)
        return "the direction is unknown";
    const std::string_view uri = words.next();
    if (!isPlainText(uri, Limits::valueLength))
        return "the URI is missing, longer than 2048 octets or has control characters";
    std::vector<HeaderExtension> &extensions = section.media.extensions;
    for (const HeaderExtension &known : extensions) {
        if (known.id == *id)
            return "the id stands twice";
    }
    if (extensions.size() == Limits::extensions)
        return "more than 64";
    extensions.push_back({static_cast<std::uint16_t>(*id), std::string(uri), *direction});
    return nullptr;
}

Fault applyExtmapAllowMixed(std::string_view, Section &section)
{
    section.media.extmapAllowMixed = true;
    return nullptr;
}

/// ID ATTRIBUTE[:VALUE]
Fault applySsrc(std::string_view value, Section &section)
{
    Words words(value);
    const auto id = parseNumber(words.next(), 0xffffffff);
    if (!id)
        return "the source is not a number of 32 bits";
    const Split attribute = splitAt(words.rest(), ':');
    const bool isCname = attribute.head == "cname";
    if ((!isCname && attribute.head != "msid") || attribute.tail.empty())
        return nullptr;
    if (!isPlainText(attribute.tail, Limits::valueLength))
        return "the value exceeds 2048 octets or has control characters";
    std::vector<Ssrc> &sources = section.media.sources;
    auto source = std::find_if(sources.begin(), sources.end(),
                               [&](const Ssrc &known) { return known.id == *id; });
    if (source == sources.end()) {
        if (sources.size() == Limits::sources)
            return "more than 128 sources";
        source = sources.insert(sources.end(), {static_cast<std::uint32_t>(*id), {}, {}});
    }
    (isCname ? source->cname : source->msid) = attribute.tail;
    return nullptr;
}

/// SEMANTICS SSRC…; of interest is FID, a source and its retransmissions (RFC 5576 section 4.2).
Fault applySsrcGroup(std::string_view value, Section &section)
{
    Words words(value);
    if (words.next() != "FID")
        return nullptr;
    const auto source = parseNumber(words.next(), 0xffffffff);
    const auto retransmission = parseNumber(words.next(), 0xffffffff);
    if (!source || !retransmission || !words.rest().empty())
        return "FID needs two sources";
    auto &groups = section.media.retransmissionGroups;
    if (groups.size() == Limits::retransmissionGroups)
        return "more than 64 groups";
    groups.emplace_back(static_cast<std::uint32_t>(*source),
                        static_cast<std::uint32_t>(*retransmission));
    return nullptr;
}

Fault applyMsid(std::string_view value, Section &section)
{
    const std::string_view text = Words(value).rest();
    if (!isPlainText(text, Limits::valueLength))
        return "empty, longer than 2048 octets or with control characters";
    if (section.media.msid.empty())
        section.media.msid = text;
    return nullptr;
}

Fault applyRtcpMux(std::string_view, Section &section)
{
    section.media.rtcpMux = true;
    return nullptr;
}

Fault applyRtcpReducedSize(std::string_view, Section &section)
{
    section.media.rtcpReducedSize = true;
    return nullptr;
}

constexpr std::array rules{
    AttributeRule{"extmap", AttributeRule::Both, false, applyExtmap},
    AttributeRule{"extmap-allow-mixed", AttributeRule::Both, false, applyExtmapAllowMixed},
    AttributeRule{"fmtp", AttributeRule::Media, false, applyFmtp},
    AttributeRule{"msid", AttributeRule::Media, false, applyMsid},
    AttributeRule{"rtcp-fb", AttributeRule::Media, false, applyRtcpFeedback},
    AttributeRule{"rtcp-mux", AttributeRule::Media, false, applyRtcpMux},
    AttributeRule{"rtcp-rsize", AttributeRule::Media, false, applyRtcpReducedSize},
    AttributeRule{"rtpmap", AttributeRule::Media, false, applyRtpmap},
    AttributeRule{"ssrc", AttributeRule::Media, false, applySsrc},
    AttributeRule{"ssrc-group", AttributeRule::Media, false, applySsrcGroup},
};

} // namespace

AttributeResult applyRtpAttribute(std::string_view name, std::string_view value, Section &section,
                                  Fault &fault)
{
    const MediaKind kind = section.media.kind;
    const bool isRtp = kind == MediaKind::Audio || kind == MediaKind::Video;
    if (!section.isSessionLevel && !isRtp)
        return AttributeResult::Unknown;
    if (const auto direction = parseDirection(name)) {
        fault = section.hasDirection ? "a second direction" : nullptr;
        section.media.direction = *direction;
        section.hasDirection = true;
        return fault ? AttributeResult::Refused : AttributeResult::Taken;
    }
    return applyRule(rules.data(), rules.size(), section.seenRtp, name, value, section, fault);
}

} // namespace peer::sdp
