// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/sdp/grammar.h"
#include "core/sdp/sessiondescription.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace peer::sdp {

namespace {

/// Gathers lines in the order in which the browsers write them.
class Writer
{
public:
    std::string write(const SessionDescription &description);

private:
    /// One line of the given parts, without their control characters.
    void line(std::initializer_list<std::string_view> parts);

    void writeSessionLevel(const SessionDescription &description);
    void writeSection(const MediaDescription &media, bool isMixedBySession);
    void writeMediaLine(const MediaDescription &media);
    void writeTransport(const MediaDescription &media);
    void writeRtp(const MediaDescription &media, bool isMixedBySession);
    void writeFormat(const PayloadFormat &format);
    void writeSources(const MediaDescription &media);
    void writeData(const MediaDescription &media);

    std::string m_text;
};

std::string_view setupName(Setup setup)
{
    switch (setup) {
    case Setup::ActPass:
        return "actpass";
    case Setup::Active:
        return "active";
    case Setup::Passive:
        return "passive";
    case Setup::HoldConnection:
        return "holdconn";
    }
    return "actpass";
}

std::string_view directionName(Direction direction)
{
    switch (direction) {
    case Direction::SendReceive:
        return "sendrecv";
    case Direction::SendOnly:
        return "sendonly";
    case Direction::ReceiveOnly:
        return "recvonly";
    case Direction::Inactive:
        return "inactive";
    }
    return "inactive";
}

std::string_view mediaName(const MediaDescription &media)
{
    switch (media.kind) {
    case MediaKind::Audio:
        return "audio";
    case MediaKind::Video:
        return "video";
    case MediaKind::Application:
        return "application";
    case MediaKind::Other:
        break;
    }
    return media.otherName;
}

bool isRtp(const MediaDescription &media)
{
    return media.kind == MediaKind::Audio || media.kind == MediaKind::Video;
}

/// The form of the drafts before RFC 8841.
bool isLegacyData(const MediaDescription &media)
{
    return media.protocol == "DTLS/SCTP";
}

std::string digestText(const std::vector<std::uint8_t> &digest)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t octet : digest) {
        if (!text.empty())
            text += ':';
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

std::string formatList(const MediaDescription &media)
{
    if (media.kind == MediaKind::Other)
        return media.otherFormats;
    if (media.kind == MediaKind::Application) {
        return isLegacyData(media) ? std::to_string(media.sctpPort.value_or(5000))
                                   : "webrtc-datachannel";
    }
    std::string list;
    for (const PayloadFormat &format : media.formats)
        list += (list.empty() ? "" : " ") + std::to_string(format.payloadType);
    return list.empty() ? "0" : list; // RFC 3264 section 6: a rejected section needs one, too
}

void Writer::line(std::initializer_list<std::string_view> parts)
{
    for (const std::string_view part : parts) {
        std::remove_copy_if(part.begin(), part.end(), std::back_inserter(m_text), isControl);
    }
    m_text += "\r\n";
}

std::string Writer::write(const SessionDescription &description)
{
    writeSessionLevel(description);
    for (const MediaDescription &media : description.media)
        writeSection(media, description.extmapAllowMixed);
    return std::move(m_text);
}

void Writer::writeSessionLevel(const SessionDescription &description)
{
    line({"v=0"});
    // RFC 9429 section 5.2.1: no user name, and no address that means anything.
    line({"o=- ", std::to_string(description.sessionId), " ",
          std::to_string(description.sessionVersion), " IN IP4 127.0.0.1"});
    line({"s=-"});
    line({"t=0 0"});
    std::string mids;
    for (const std::string &mid : description.bundle)
        mids += ' ' + mid;
    if (!mids.empty())
        line({"a=group:BUNDLE", mids});
    if (description.extmapAllowMixed)
        line({"a=extmap-allow-mixed"});
    line({"a=msid-semantic:WMS *"});
    const auto &media = description.media;
    if (std::any_of(media.begin(), media.end(), [](const auto &m) { return m.ice.isLite; }))
        line({"a=ice-lite"});
    const auto paced = std::find_if(media.begin(), media.end(),
                                    [](const auto &m) { return m.ice.pacing.has_value(); });
    if (paced != media.end())
        line({"a=ice-pacing:", std::to_string(paced->ice.pacing->count())});
    if (description.identity) {
        line({"a=peer-identity:", description.identity->publicKey, " ",
              description.identity->signature});
    }
}

void Writer::writeMediaLine(const MediaDescription &media)
{
    line({"m=", mediaName(media), " ", std::to_string(media.port), " ", media.protocol, " ",
          formatList(media)});
    line({"c=IN IP4 0.0.0.0"});
    // RFC 9429 section 5.2.1: written although rtcp-mux makes it meaningless.
    if (isRtp(media))
        line({"a=rtcp:9 IN IP4 0.0.0.0"});
}

void Writer::writeSection(const MediaDescription &media, bool isMixedBySession)
{
    writeMediaLine(media);
    writeTransport(media);
    if (isRtp(media))
        writeRtp(media, isMixedBySession);
    else if (media.kind == MediaKind::Application)
        writeData(media);
}

void Writer::writeTransport(const MediaDescription &media)
{
    for (const Candidate &candidate : media.candidates)
        line({"a=", candidateToString(candidate)});
    if (media.endOfCandidates)
        line({"a=end-of-candidates"});
    if (!media.ice.usernameFragment.empty())
        line({"a=ice-ufrag:", media.ice.usernameFragment});
    if (!media.ice.password.empty())
        line({"a=ice-pwd:", media.ice.password});
    std::string options;
    for (const std::string &option : media.ice.options)
        options += (options.empty() ? "" : " ") + option;
    if (!options.empty())
        line({"a=ice-options:", options});
    for (const Fingerprint &fingerprint : media.fingerprints)
        line({"a=fingerprint:", fingerprint.hashFunction, " ", digestText(fingerprint.digest)});
    if (media.setup)
        line({"a=setup:", setupName(*media.setup)});
    if (!media.mid.empty())
        line({"a=mid:", media.mid});
    if (media.isBundleOnly)
        line({"a=bundle-only"});
}

void Writer::writeRtp(const MediaDescription &media, bool isMixedBySession)
{
    if (media.extmapAllowMixed && !isMixedBySession)
        line({"a=extmap-allow-mixed"});
    for (const HeaderExtension &extension : media.extensions) {
        const bool isBothWays = extension.direction == Direction::SendReceive;
        line({"a=extmap:", std::to_string(extension.id), isBothWays ? "" : "/",
              isBothWays ? "" : directionName(extension.direction), " ", extension.uri});
    }
    line({"a=", directionName(media.direction)});
    if (!media.msid.empty())
        line({"a=msid:", media.msid});
    if (media.rtcpMux)
        line({"a=rtcp-mux"});
    if (media.rtcpReducedSize)
        line({"a=rtcp-rsize"});
    for (const PayloadFormat &format : media.formats)
        writeFormat(format);
    writeSources(media);
}

void Writer::writeFormat(const PayloadFormat &format)
{
    const std::string type = std::to_string(format.payloadType);
    if (!format.encodingName.empty()) {
        const std::string channels = format.channels == 0 ? std::string()
                                                          : '/' + std::to_string(format.channels);
        line({"a=rtpmap:", type, " ", format.encodingName, "/", std::to_string(format.clockRate),
              channels});
    }
    for (const std::string &feedback : format.feedback)
        line({"a=rtcp-fb:", type, " ", feedback});
    if (!format.formatParameters.empty())
        line({"a=fmtp:", type, " ", format.formatParameters});
}

void Writer::writeSources(const MediaDescription &media)
{
    for (const auto &[source, retransmission] : media.retransmissionGroups) {
        line({"a=ssrc-group:FID ", std::to_string(source), " ", std::to_string(retransmission)});
    }
    for (const Ssrc &source : media.sources) {
        const std::string id = std::to_string(source.id);
        if (!source.cname.empty())
            line({"a=ssrc:", id, " cname:", source.cname});
        if (!source.msid.empty())
            line({"a=ssrc:", id, " msid:", source.msid});
    }
}

void Writer::writeData(const MediaDescription &media)
{
    if (isLegacyData(media)) {
        line({"a=sctpmap:", std::to_string(media.sctpPort.value_or(5000)),
              " webrtc-datachannel 1024"});
    } else if (media.sctpPort) {
        line({"a=sctp-port:", std::to_string(*media.sctpPort)});
    }
    if (media.maxMessageSize)
        line({"a=max-message-size:", std::to_string(*media.maxMessageSize)});
}

} // namespace

std::string SessionDescription::toString() const
{
    return Writer().write(*this);
}

} // namespace peer::sdp
