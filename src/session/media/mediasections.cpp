// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/media/mediasections.h"

#include "session/media/tracknumbers.h"
#include "session/media/trackterms.h"

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// RFC 8827 section 6.5, RFC 5764 section 8
constexpr char MediaProtocol[] = "UDP/TLS/RTP/SAVPF";

bool isMedia(sdp::MediaKind kind)
{
    return kind == sdp::MediaKind::Audio || kind == sdp::MediaKind::Video;
}

/// RFC 3264 section 6: what is refused repeats the offer, with port 0.
sdp::MediaDescription refusal(const sdp::MediaDescription &offered)
{
    sdp::MediaDescription section;
    section.kind = offered.kind;
    section.otherName = offered.otherName;
    section.otherFormats = offered.otherFormats;
    section.mid = offered.mid;
    section.protocol = offered.protocol;
    section.formats = offered.formats;
    section.sctpPort = offered.sctpPort;
    section.direction = sdp::Direction::Inactive;
    section.port = 0;
    return section;
}

/// The agreed numbers with our parameters. (A retransmission format has no others than the number
/// of what it repeats.)
std::vector<sdp::PayloadFormat> inOurWords(std::vector<sdp::PayloadFormat> agreed,
                                           const std::vector<sdp::PayloadFormat> &ours)
{
    for (sdp::PayloadFormat &format : agreed) {
        const auto common = std::find_if(ours.begin(), ours.end(), [&](const auto &our) {
            return commonFormats({our}, {format}).size() == 1;
        });
        if (common != ours.end())
            format.formatParameters = common->formatParameters;
    }
    return agreed;
}

} // namespace

MediaSections::MediaSections(std::vector<TrackOptions> forPeersTracks)
    : m_forPeersTracks(std::move(forPeersTracks))
{ }

TrackId MediaSections::add(const TrackOptions &options)
{
    const auto isLive = [](const auto &entry) { return !entry.second.hasEnded; };
    const auto live = std::count_if(m_tracks.begin(), m_tracks.end(), isLive);
    if (std::size_t(live) + 1 >= MaxSections || options.formats.empty() || !isMedia(options.kind)
        || !m_fault.empty())
        return TrackId::None;
    const auto id = TrackId(++m_lastTrack);
    m_tracks.emplace(id, Track{options, {}});
    return id;
}

bool MediaSections::setDirection(TrackId track, sdp::Direction direction)
{
    const auto found = m_tracks.find(track);
    if (found == m_tracks.end() || found->second.hasEnded)
        return false;
    Track &known = found->second;
    known.isWishNew = known.isWishNew || known.options.direction != direction;
    known.options.direction = direction;
    return true;
}

bool MediaSections::setOptions(TrackId track, const TrackOptions &options)
{
    const auto found = m_tracks.find(track);
    if (found == m_tracks.end() || found->second.hasEnded
        || options.kind != found->second.options.kind || options.formats.empty())
        return false;
    found->second.options = options;
    found->second.isWishNew = true;
    return true;
}

bool MediaSections::end(TrackId track)
{
    const auto found = m_tracks.find(track);
    if (found == m_tracks.end() || found->second.hasEnded)
        return false;
    found->second.hasEnded = true;
    found->second.isWishNew = true;
    forgetEnded();
    return true;
}

void MediaSections::failAll(const std::string &fault)
{
    if (!m_fault.empty())
        return;
    m_fault = fault;
    for (auto &[id, track] : m_tracks) {
        if (std::exchange(track.hasEnded, true))
            continue;
        track.isWishNew = true;
        track.isEndTold = true;
        m_events.push_back(event::TrackEnded{id, m_fault});
    }
    forgetEnded();
}

/// Those that stand in no section, neither agreed on nor offered: there is nothing to say of them.
/// (What the peer asks for has no other tracks of ours than what is agreed on.)
void MediaSections::forgetEnded()
{
    std::erase_if(m_tracks, [this](const auto &entry) {
        const auto &[id, track] = entry;
        return track.hasEnded && !find(m_agreed, id) && !(m_offered && find(*m_offered, id));
    });
}

void MediaSections::setForPeersTracks(std::vector<TrackOptions> options)
{
    m_forPeersTracks = std::move(options);
}

bool MediaSections::isOfferNeeded() const
{
    return std::any_of(m_tracks.begin(), m_tracks.end(),
                       [](const auto &entry) { return entry.second.isWishNew; });
}

MediaSections::Section *MediaSections::find(Sections &sections, TrackId track)
{
    const auto found = std::find_if(sections.begin(), sections.end(), [track](const Section &each) {
        return each.track == track && track != TrackId::None;
    });
    return found == sections.end() ? nullptr : &*found;
}

std::string MediaSections::unusedMid(const Sections &sections) const
{
    for (std::size_t number = 0;; ++number) {
        std::string mid = std::to_string(number);
        const auto has = [&mid](const Section &each) { return each.mid == mid; };
        if (std::none_of(sections.begin(), sections.end(), has)
            && std::none_of(m_agreed.begin(), m_agreed.end(), has))
            return mid;
    }
}

/// In the place of one that has ended (RFC 9429 section 5.2.2), else behind the others.
void MediaSections::place(Sections &sections, TrackId id, const Track &track) const
{
    Section section;
    section.kind = track.options.kind;
    section.mid = unusedMid(sections);
    section.track = id;
    const auto free = std::find_if(sections.begin(), sections.end(),
                                   [](const Section &each) { return each.hasEnded; });
    if (free != sections.end())
        *free = std::move(section);
    else if (sections.size() < MaxSections)
        sections.push_back(std::move(section));
}

void MediaSections::writeOffer(const sdp::MediaDescription &transport,
                               sdp::SessionDescription &description)
{
    Sections next = m_agreed;
    if (next.empty())
        next.push_back({sdp::MediaKind::Application, transport.mid, TrackId::None, false, {}});
    for (const auto &[id, track] : m_tracks) {
        if (!track.hasEnded && !find(next, id))
            place(next, id, track);
    }
    for (Section &section : next) {
        const auto found = m_tracks.find(section.track);
        if (found == m_tracks.end())
            continue;
        Track &track = found->second;
        section.hasEnded = track.hasEnded;
        track.isWishOffered = track.isWishOffered || track.isWishNew;
        track.isWishNew = false;
    }
    m_offered = std::move(next);
    m_asked.reset();
    forgetEnded();
    write(*m_offered, transport, true, description);
}

void MediaSections::writeAnswer(const sdp::MediaDescription &transport,
                                sdp::SessionDescription &description)
{
    if (!m_asked)
        return;
    Sections next = std::move(*m_asked);
    m_asked.reset();
    for (Section &section : next) {
        if (!section.hasEnded && isMedia(section.kind))
            assignTrack(section, next);
        if (const auto track = m_tracks.find(section.track); track != m_tracks.end())
            track->second.isWishNew = false;
    }
    agree(std::move(next));
    write(m_agreed, transport, false, description);
}

/// To a section of the peer's: a track of ours that waits for one of its kind, or a new one that
/// receives, or none, and it is refused.
void MediaSections::assignTrack(Section &section, Sections &next)
{
    if (section.track != TrackId::None) {
        section.hasEnded = m_tracks.at(section.track).hasEnded;
        return;
    }
    for (auto &[id, track] : m_tracks) {
        const bool waits = !track.hasEnded && !track.terms && !find(m_agreed, id)
            && !find(next, id);
        if (waits && track.options.kind == section.kind
            && !termsOf(track.options, *section.remote).formats.empty()) {
            section.track = id;
            return;
        }
    }
    for (TrackOptions options : m_forPeersTracks) {
        options.direction = sdp::Direction::ReceiveOnly;
        if (options.kind != section.kind || termsOf(options, *section.remote).formats.empty())
            continue;
        section.track = add(options);
        if (section.track != TrackId::None)
            m_events.push_back(event::TrackOffered{section.track, std::move(options)});
        break;
    }
    section.hasEnded = section.track == TrackId::None;
}

/// From now on these hold.
void MediaSections::agree(Sections next)
{
    m_agreed = std::move(next);
    for (Section &section : m_agreed) {
        if (section.track != TrackId::None)
            agreeOn(section);
    }
}

void MediaSections::agreeOn(Section &section)
{
    const TrackId id = section.track;
    Track &track = m_tracks.at(id);
    track.isWishOffered = false;
    TrackTerms terms = termsOf(track.options, *section.remote);
    section.hasEnded = section.hasEnded || terms.formats.empty();
    if (section.hasEnded) {
        section.track = TrackId::None;
        if (!track.isEndTold)
            m_events.push_back(event::TrackEnded{id});
        m_tracks.erase(id);
    } else if (track.terms != terms) {
        track.terms = terms;
        m_events.push_back(event::TrackChanged{id, std::move(terms)});
    }
}

void MediaSections::write(const Sections &sections, const sdp::MediaDescription &transport,
                          bool isOffer, sdp::SessionDescription &description) const
{
    TrackNumbers numbers;
    for (const auto &[id, track] : m_tracks) {
        if (track.terms)
            numbers.note(track.terms->formats, track.terms->extensions);
    }
    for (const Section &section : sections) {
        description.media.push_back(describe(section, transport, isOffer));
        const auto track = m_tracks.find(section.track);
        if (isOffer && track != m_tracks.end() && !track->second.terms) {
            numbers.fit(description.media.back());
            numbers.note(description.media.back().formats, description.media.back().extensions);
        }
        if (!description.media.back().isRejected())
            description.bundle.push_back(section.mid);
    }
}

sdp::MediaDescription MediaSections::describe(const Section &section,
                                              const sdp::MediaDescription &transport,
                                              bool isOffer) const
{
    if (section.kind == sdp::MediaKind::Application && !section.hasEnded) {
        sdp::MediaDescription data = transport;
        data.mid = section.mid;
        return data;
    }
    if (section.hasEnded || section.track == TrackId::None) {
        sdp::MediaDescription ended = section.remote ? refusal(*section.remote)
                                                     : sdp::MediaDescription();
        ended.mid = section.mid;
        // Of no use to anybody, but some (aiortc 1.4) take no section without.
        ended.ice = transport.ice;
        ended.fingerprints = transport.fingerprints;
        ended.setup = transport.setup;
        ended.rtcpMux = isMedia(ended.kind);
        return ended;
    }
    const Track &track = m_tracks.at(section.track);
    const TrackOptions &ours = track.options;
    sdp::MediaDescription media;
    media.kind = section.kind;
    media.mid = section.mid;
    media.protocol = MediaProtocol;
    media.ice = transport.ice;
    media.fingerprints = transport.fingerprints;
    media.setup = transport.setup;
    media.rtcpMux = true;
    media.rtcpReducedSize = true;
    media.direction = isOffer ? ours.direction : track.terms->direction;
    media.formats = ours.formats;
    media.extensions = ours.extensions;
    if (track.terms) { // numbers keep their meaning as long as the session lasts (RFC 3264, 8.3.2)
        media.formats = inOurWords(track.terms->formats, ours.formats);
        media.extensions = track.terms->extensions;
    }
    media.extmapAllowMixed = !isOffer && section.remote->extmapAllowMixed;
    if (sends(media.direction)) {
        media.sources = ours.sources;
        media.retransmissionGroups = ours.retransmissionGroups;
        media.msid = ours.msid;
    }
    return media;
}

/// A later description has all sections of those before, in their places (RFC 3264 section 8).
const char *MediaSections::check(const Sections &ours,
                                 const std::vector<sdp::MediaDescription> &theirs)
{
    if (theirs.size() < ours.size())
        return "there are fewer sections than before";
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const bool isSame = theirs[i].mid == ours[i].mid && theirs[i].kind == ours[i].kind;
        if (!isSame && !ours[i].hasEnded)
            return "the sections do not stand where they stood before";
    }
    return nullptr;
}

const char *MediaSections::checkOffer(const std::vector<sdp::MediaDescription> &sections) const
{
    return sections.size() > MaxSections ? "there are too many sections"
                                         : check(m_agreed, sections);
}

const char *MediaSections::checkAnswer(const std::vector<sdp::MediaDescription> &sections) const
{
    if (!m_offered)
        return "nothing was offered";
    return sections.size() > m_offered->size() ? "there are more sections than were offered"
                                               : check(*m_offered, sections);
}

/// The first section for data, those of audio and video; nothing else is known here.
bool MediaSections::isUsable(const sdp::MediaDescription &media, bool hasData) const
{
    const bool isData = media.kind == sdp::MediaKind::Application && media.sctpPort && !hasData;
    return !media.isRejected() && (isData || isMedia(media.kind));
}

void MediaSections::takeOffer(const std::vector<sdp::MediaDescription> &sections)
{
    m_offered.reset();
    for (auto &[id, track] : m_tracks)
        track.isWishNew = std::exchange(track.isWishOffered, false) || track.isWishNew;
    forgetEnded();
    Sections next = m_agreed;
    next.resize(sections.size());
    bool hasData = false;
    for (std::size_t i = 0; i < next.size(); ++i) {
        const sdp::MediaDescription &media = sections[i];
        if (i >= m_agreed.size() || next[i].mid != media.mid)
            next[i] = {media.kind, media.mid, TrackId::None, false, {}};
        next[i].remote = media;
        next[i].hasEnded = !isUsable(media, hasData);
        hasData = hasData || (media.kind == sdp::MediaKind::Application && !next[i].hasEnded);
    }
    m_asked = std::move(next);
}

void MediaSections::takeAnswer(const std::vector<sdp::MediaDescription> &sections)
{
    if (!m_offered)
        return;
    Sections next = std::move(*m_offered);
    m_offered.reset();
    for (std::size_t i = 0; i < next.size(); ++i) {
        next[i].remote = sections[i];
        next[i].hasEnded = next[i].hasEnded || sections[i].isRejected();
    }
    agree(std::move(next));
}

std::optional<TrackEvent> MediaSections::nextEvent()
{
    if (m_events.empty())
        return std::nullopt;
    TrackEvent event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

std::optional<std::size_t> MediaSections::sectionOf(TrackId track) const
{
    for (std::size_t i = 0; i < m_agreed.size(); ++i) {
        if (track != TrackId::None && m_agreed[i].track == track)
            return i;
    }
    return std::nullopt;
}

TrackId MediaSections::trackOf(std::size_t section) const
{
    return section < m_agreed.size() ? m_agreed[section].track : TrackId::None;
}

const TrackTerms *MediaSections::terms(TrackId track) const
{
    const auto found = m_tracks.find(track);
    return found != m_tracks.end() && found->second.terms ? &*found->second.terms : nullptr;
}

} // namespace peer
