// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/medialink.h"

#include "session/rtp/rtppacket.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace peer {

namespace {

/// RFC 9143 section 15.2
constexpr std::string_view MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

std::optional<std::uint16_t> midExtension(const TrackTerms &terms)
{
    for (const sdp::HeaderExtension &extension : terms.extensions) {
        if (extension.uri == MidUri)
            return extension.id;
    }
    return std::nullopt;
}

rtp::Router::Section routed(const TrackTerms &terms)
{
    rtp::Router::Section section;
    section.mid = terms.mid;
    for (const sdp::PayloadFormat &format : terms.formats)
        section.payloadTypes.push_back(format.payloadType);
    for (const sdp::Ssrc &source : terms.sources)
        section.sources.push_back(source.id);
    return section;
}

bool hasFormat(const TrackTerms &terms, std::uint8_t payloadType)
{
    return std::any_of(terms.formats.begin(), terms.formats.end(),
                       [&](const auto &format) { return format.payloadType == payloadType; });
}

} // namespace

bool MediaLink::start(srtp::Profile profile, srtp::Role role, ByteView keyingMaterial)
{
    const auto keys = srtp::keysFrom(profile, role, keyingMaterial);
    m_srtp = keys ? srtp::Session::create(profile, *keys) : nullptr;
    return isStarted();
}

void MediaLink::setTrack(std::size_t section, TrackId track, const TrackTerms &terms)
{
    m_tracks.insert_or_assign(section, Track{track, terms});
    m_router.setSection(static_cast<rtp::SectionId>(section), routed(terms));
    if (const auto id = midExtension(terms)) // the same in all sections (RFC 9143 section 7.1.3)
        m_router.setMidExtension(*id);
}

void MediaLink::removeTrack(TrackId track)
{
    std::size_t section = 0;
    if (!find(track, &section))
        return;
    m_tracks.erase(section);
    m_router.removeSection(static_cast<rtp::SectionId>(section));
}

MediaLink::Track *MediaLink::find(TrackId id, std::size_t *section)
{
    for (auto &[number, track] : m_tracks) {
        if (track.id != id)
            continue;
        if (section)
            *section = number;
        return &track;
    }
    return nullptr;
}

bool MediaLink::send(TrackId id, ByteView packet)
{
    std::size_t section = 0;
    const Track *const track = find(id, &section);
    const bool isRtcp = rtp::isRtcp(packet);
    const auto header = isRtcp ? std::nullopt : rtp::parseHeader(packet);
    const bool isAgreed = track
        && (isRtcp
            || (header && sends(track->terms.direction)
                && hasFormat(track->terms, header->payloadType)));
    std::optional<ByteView> sealed;
    if (isAgreed && m_srtp)
        sealed = isRtcp ? m_srtp->protectRtcp(packet) : m_srtp->protectRtp(packet);
    if (!sealed) {
        ++m_statistics.packetsDropped;
        return false;
    }
    if (header)
        m_router.noteSent(static_cast<rtp::SectionId>(section), header->ssrc);
    PacketQueue &queue = track->terms.kind == sdp::MediaKind::Audio ? m_audio : m_video;
    m_statistics.packetsDropped += queue.push(id, isRtcp, *sealed);
    return true;
}

std::optional<ByteView> MediaLink::nextTransmit()
{
    for (PacketQueue *queue : {&m_audio, &m_video}) {
        if (queue->isEmpty())
            continue;
        ++m_statistics.packetsSent;
        return queue->pop().octets;
    }
    return std::nullopt;
}

bool MediaLink::receive(ByteView packet)
{
    if (!m_srtp)
        return false;
    if (rtp::isRtcp(packet)) {
        const auto opened = m_srtp->openRtcp(packet);
        if (!opened)
            return false;
        const rtp::SectionSet sections = m_router.routeRtcp(*opened);
        for (std::size_t section = 0; section < sections.size(); ++section) {
            if (sections.test(section))
                deliver(section, true, *opened);
        }
        return true;
    }
    const auto opened = m_srtp->openRtp(packet);
    if (!opened)
        return false;
    const auto section = m_router.routeRtp(*opened);
    if (section && receives(m_tracks.at(*section).terms.direction))
        deliver(*section, false, *opened);
    return true;
}

void MediaLink::deliver(std::size_t section, bool isRtcp, ByteView packet)
{
    const auto track = m_tracks.find(section);
    if (track == m_tracks.end())
        return;
    ++m_statistics.packetsReceived;
    m_statistics.arrivalsDropped += m_arrived.push(track->second.id, isRtcp, packet);
}

std::optional<MediaPacket> MediaLink::nextArrival()
{
    if (m_arrived.isEmpty())
        return std::nullopt;
    const PacketQueue::Packet &arrival = m_arrived.pop();
    return MediaPacket{arrival.track, arrival.isRtcp, arrival.octets};
}

MediaStatistics MediaLink::statistics() const
{
    MediaStatistics statistics = m_statistics;
    statistics.routing = m_router.statistics();
    if (m_srtp)
        statistics.protection = m_srtp->statistics();
    return statistics;
}

} // namespace peer
