// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/peersources.h"

#include <algorithm>

namespace peer::media {

namespace {

// RFC 3550 section 12.1, RFC 4585 section 6.1.
enum RtcpType : std::uint8_t {
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    TransportFeedback = 205,
    PayloadFeedback = 206,
};

/// Kinds of feedback, RFC 4585 section 6.2 and 6.3, RFC 5104 section 4.3.1.
enum FeedbackKind : std::uint8_t {
    GenericNack = 1,           ///< of TransportFeedback
    PictureLossIndication = 1, ///< of PayloadFeedback
    FullIntraRequest = 4,      ///< of PayloadFeedback
};

constexpr std::size_t Word = 4;
/// RFC 3550 section 6.4.1.
constexpr std::size_t SenderInformation = 20;
constexpr std::size_t ReportBlock = 24;
/// RFC 4585 section 6.1: a header, who sends, and about whom.
constexpr std::size_t FeedbackHeader = 12;
/// RFC 3550 section 6.5: the only item that matters.
constexpr std::uint8_t Cname = 1;

/// Printable ASCII, which is UTF-8: what names are in practice (RFC 7022 section 4).
bool isPlainText(ByteView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](std::uint8_t octet) { return octet >= 0x20 && octet < 0x7f; });
}

/// One chunk with a CNAME first, as everybody sends it.
bool isDescription(ByteView packet)
{
    if ((packet[0] & 0x1f) != 1 || packet.size() < 3 * Word || packet[8] != Cname)
        return false;
    const std::size_t length = packet[9];
    return 10 + length < packet.size() && isPlainText(packet.subspan(10, length))
        && packet[10 + length] == 0;
}

bool isReport(ByteView packet, std::size_t information)
{
    const std::size_t blocks = packet[0] & 0x1fU;
    return packet.size() >= 2 * Word + information + blocks * ReportBlock;
}

/// Only what we have negotiated, whole. Not a request for a report (RFC 6051 section 3.2, kind 5 of
/// TransportFeedback), above all: upon one that is about a source of ours rtpbin of GStreamer 1.22
/// waits for a lock that it holds itself, and the session does and ends nothing any more.
bool isFeedback(ByteView packet)
{
    const std::uint8_t kind = packet[0] & 0x1f;
    const std::size_t size = packet.size();
    if (packet[1] == TransportFeedback)
        return kind == GenericNack && size > FeedbackHeader;
    return (kind == PictureLossIndication && size == FeedbackHeader)
        || (kind == FullIntraRequest && size > FeedbackHeader
            && (size - FeedbackHeader) % (2 * Word) == 0);
}

/// packet has two words at least.
bool isUseful(ByteView packet)
{
    switch (packet[1]) {
    case SenderReport:
        return isReport(packet, SenderInformation);
    case ReceiverReport:
        return isReport(packet, 0);
    case SourceDescription:
        return isDescription(packet);
    case TransportFeedback:
    case PayloadFeedback:
        return isFeedback(packet);
    }
    return false;
}

} // namespace

bool PeerSources::admits(std::uint32_t ssrc, TimePoint now)
{
    const auto known = std::find_if(m_sources.begin(), m_sources.end(),
                                    [ssrc](const Source &each) { return each.ssrc == ssrc; });
    if (known != m_sources.end()) {
        known->lastHeard = now;
        return true;
    }
    if (m_sources.size() < Max) {
        m_sources.push_back({ssrc, now});
        return true;
    }
    const auto oldest = std::min_element(
        m_sources.begin(), m_sources.end(),
        [](const Source &a, const Source &b) { return a.lastHeard < b.lastHeard; });
    if (now - oldest->lastHeard < Silence)
        return false;
    *oldest = {ssrc, now};
    return true;
}

Bytes admittedRtcp(ByteView compound, PeerSources &sources, TimePoint now)
{
    Bytes admitted;
    while (compound.size() >= 2 * Word && compound[0] >> 6 == 2) {
        const std::size_t size = Word * (std::size_t{readUint16(compound.data() + 2)} + 1);
        if (size > compound.size())
            break;
        const ByteView packet = compound.first(size);
        // With padding it would be the last, and nobody has a use for it.
        if (size >= 2 * Word && !(packet[0] & 0x20) && isUseful(packet)
            && sources.admits(readUint32(packet.data() + 4), now)) {
            admitted.insert(admitted.end(), packet.begin(), packet.end());
        }
        compound = compound.subspan(size);
    }
    return admitted;
}

} // namespace peer::media
