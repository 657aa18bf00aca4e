// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/trackterms.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace peer {

namespace {

using sdp::Direction;
using sdp::PayloadFormat;

/// ASCII, as names in SDP are (RFC 8866 section 6.6).
bool isSameName(std::string_view one, std::string_view other)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [lower](char a, char b) { return lower(a) == lower(b); });
}

const PayloadFormat *find(const std::vector<PayloadFormat> &formats, std::uint8_t payloadType)
{
    const auto found = std::find_if(formats.begin(), formats.end(), [&](const auto &format) {
        return format.payloadType == payloadType;
    });
    return found == formats.end() ? nullptr : &*found;
}

bool isSameEncoding(const PayloadFormat &one, const PayloadFormat &other)
{
    // One channel is the default (RFC 8866 section 6.6).
    const auto channels = [](const PayloadFormat &f) { return std::max<unsigned>(f.channels, 1); };
    return isSameName(one.encodingName, other.encodingName) && one.clockRate == other.clockRate
        && channels(one) == channels(other);
}

bool matches(const PayloadFormat &our, const std::vector<PayloadFormat> &ours,
             const PayloadFormat &their, const std::vector<PayloadFormat> &theirs)
{
    if (!isSameEncoding(our, their))
        return false;
    const auto ourRepeated = repeatedType(our);
    const auto theirRepeated = repeatedType(their);
    if (!ourRepeated || !theirRepeated)
        return ourRepeated == theirRepeated;
    const PayloadFormat *const first = find(ours, *ourRepeated);
    const PayloadFormat *const second = find(theirs, *theirRepeated);
    return first && second && !repeatedType(*first) && isSameEncoding(*first, *second);
}

std::vector<std::string> commonFeedback(const PayloadFormat &our, const PayloadFormat &their)
{
    std::vector<std::string> feedback;
    for (const std::string &each : our.feedback) {
        if (std::find(their.feedback.begin(), their.feedback.end(), each) != their.feedback.end())
            feedback.push_back(each);
    }
    return feedback;
}

} // namespace

std::optional<std::uint8_t> repeatedType(const sdp::PayloadFormat &format)
{
    std::string_view parameters = format.formatParameters;
    if (isSameName(format.encodingName, "rtx")) {
        constexpr std::string_view key = "apt=";
        const std::size_t at = parameters.find(key);
        if (at == std::string_view::npos)
            return std::nullopt;
        parameters.remove_prefix(at + key.size());
    } else if (!isSameName(format.encodingName, "red")) {
        return std::nullopt;
    }
    std::uint8_t type = 0;
    const auto end = std::from_chars(parameters.data(), parameters.data() + parameters.size(),
                                     type);
    return end.ec == std::errc() ? std::optional(type) : std::nullopt;
}

void setRepeatedType(sdp::PayloadFormat &format, std::uint8_t type)
{
    const std::string text = std::to_string(type);
    format.formatParameters = isSameName(format.encodingName, "rtx") ? "apt=" + text
                                                                     : text + '/' + text;
}

bool isSameFormat(const PayloadFormat &one, const PayloadFormat &other)
{
    return isSameEncoding(one, other) && repeatedType(one) == repeatedType(other);
}

Direction reversed(Direction direction)
{
    switch (direction) {
    case Direction::SendOnly:
        return Direction::ReceiveOnly;
    case Direction::ReceiveOnly:
        return Direction::SendOnly;
    case Direction::SendReceive:
    case Direction::Inactive:
        return direction;
    }
    return Direction::Inactive;
}

Direction common(Direction one, Direction other)
{
    const bool isSending = sends(one) && sends(other);
    const bool isReceiving = receives(one) && receives(other);
    if (isSending)
        return isReceiving ? Direction::SendReceive : Direction::SendOnly;
    return isReceiving ? Direction::ReceiveOnly : Direction::Inactive;
}

std::vector<PayloadFormat> commonFormats(const std::vector<PayloadFormat> &ours,
                                         const std::vector<PayloadFormat> &theirs)
{
    std::vector<PayloadFormat> result;
    for (const PayloadFormat &our : ours) {
        const auto their = std::find_if(theirs.begin(), theirs.end(), [&](const auto &each) {
            return matches(our, ours, each, theirs) && !find(result, each.payloadType);
        });
        if (their == theirs.end())
            continue;
        result.push_back(*their);
        result.back().feedback = commonFeedback(our, *their);
    }
    return result;
}

std::vector<sdp::HeaderExtension> commonExtensions(const std::vector<sdp::HeaderExtension> &ours,
                                                   const std::vector<sdp::HeaderExtension> &theirs)
{
    std::vector<sdp::HeaderExtension> result;
    for (const sdp::HeaderExtension &our : ours) {
        const auto their = std::find_if(theirs.begin(), theirs.end(),
                                        [&](const auto &each) { return each.uri == our.uri; });
        if (their != theirs.end())
            result.push_back(
                {their->id, our.uri, common(our.direction, reversed(their->direction))});
    }
    return result;
}

TrackTerms termsOf(const TrackOptions &ours, const sdp::MediaDescription &theirs)
{
    TrackTerms terms;
    terms.kind = ours.kind;
    terms.mid = theirs.mid;
    terms.direction = common(ours.direction, reversed(theirs.direction));
    terms.formats = commonFormats(ours.formats, theirs.formats);
    terms.extensions = commonExtensions(ours.extensions, theirs.extensions);
    terms.sources = theirs.sources;
    terms.retransmissionGroups = theirs.retransmissionGroups;
    terms.msid = theirs.msid;
    // A repetition without what it repeats is of no use.
    const bool isUsable = std::any_of(terms.formats.begin(), terms.formats.end(),
                                      [](const auto &format) { return !repeatedType(format); });
    if (!isUsable)
        terms.formats.clear();
    return terms;
}

} // namespace peer
