// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_MEDIA_MEDIASECTIONS_H
#define PEER_SESSION_MEDIA_MEDIASECTIONS_H

#include "session/media/tracktypes.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// Which m= section is what: the data section and the tracks, their order in the descriptions, what
/// is agreed and what is only offered (RFC 3264 section 8, RFC 9429 sections 5.2.2, 5.3.1
/// and 5.10).
///
/// A section keeps its place for as long as the session lasts; one that has ended leaves the place
/// to the next track. An offer of ours that is not answered, because the peer's has come first, is
/// taken back without a trace, and what it was made for is wanted still.
class MediaSections
{
public:
    /// Sections of a session, the data section included (sdp::Limits::mediaSections).
    static constexpr std::size_t MaxSections = 32;

    /// forPeersTracks: what we have to offer for sections that the peer opens, at most one for each
    /// kind, with what we would receive; kinds without are refused.
    explicit MediaSections(std::vector<TrackOptions> forPeersTracks = {});

    // Wishes; isOfferNeeded() afterwards.
    /// None if there are too many, without a format, or after failAll().
    TrackId add(const TrackOptions &options);
    /// False if there is no such track.
    bool setDirection(TrackId track, sdp::Direction direction);
    /// From now on also sources and msid, for a track that the peer has opened.
    bool setOptions(TrackId track, const TrackOptions &options);
    bool end(TrackId track);
    /// All tracks end, and there are none from now on: the peer's are refused. The first fault
    /// stays.
    void failAll(const std::string &fault);
    /// Empty unless failAll() was called.
    const std::string &fault() const { return m_fault; }
    /// For sections that the peer opens from now on.
    void setForPeersTracks(std::vector<TrackOptions> options);
    /// A wish was not part of a description yet.
    bool isOfferNeeded() const;

    // Descriptions. transport is the data section as it is to stand in ours, without candidates:
    // its ICE and DTLS attributes go into all sections.
    void writeOffer(const sdp::MediaDescription &transport, sdp::SessionDescription &description);
    /// After takeOffer(); what the peer has offered is agreed on thereby.
    void writeAnswer(const sdp::MediaDescription &transport, sdp::SessionDescription &description);
    /// Null, or what is wrong with the sections of the peer's description.
    const char *checkOffer(const std::vector<sdp::MediaDescription> &sections) const;
    const char *checkAnswer(const std::vector<sdp::MediaDescription> &sections) const;
    /// Only what has passed its check. An offer takes back ours, if that is not answered.
    void takeOffer(const std::vector<sdp::MediaDescription> &sections);
    void takeAnswer(const std::vector<sdp::MediaDescription> &sections);

    std::optional<TrackEvent> nextEvent();

    /// By the number of the section, for those that are agreed on.
    std::optional<std::size_t> sectionOf(TrackId track) const;
    TrackId trackOf(std::size_t section) const;
    /// Null unless agreed on.
    const TrackTerms *terms(TrackId track) const;

private:
    struct Track
    {
        TrackOptions options;
        std::optional<TrackTerms> terms;
        bool isWishNew = true;      ///< in no description of ours yet
        bool isWishOffered = false; ///< it was new, and is in an offer that is not answered
        bool hasEnded = false;
        bool isEndTold = false;
    };
    struct Section
    {
        sdp::MediaKind kind = sdp::MediaKind::Application;
        std::string mid;
        TrackId track = TrackId::None;
        bool hasEnded = false;
        /// As the peer has described it last.
        std::optional<sdp::MediaDescription> remote;
    };
    using Sections = std::vector<Section>;

    static Section *find(Sections &sections, TrackId track);
    static const char *check(const Sections &ours,
                             const std::vector<sdp::MediaDescription> &theirs);
    bool isUsable(const sdp::MediaDescription &media, bool hasData) const;
    void forgetEnded();
    void place(Sections &sections, TrackId id, const Track &track) const;
    std::string unusedMid(const Sections &sections) const;
    sdp::MediaDescription describe(const Section &section, const sdp::MediaDescription &transport,
                                   bool isOffer) const;
    void write(const Sections &sections, const sdp::MediaDescription &transport, bool isOffer,
               sdp::SessionDescription &description) const;
    /// next: all that are being answered, section among them.
    void assignTrack(Section &section, Sections &next);
    void agree(Sections next);
    void agreeOn(Section &section);

    std::string m_fault;
    std::vector<TrackOptions> m_forPeersTracks;
    std::map<TrackId, Track> m_tracks;
    std::uint32_t m_lastTrack = 0;
    Sections m_agreed;
    /// In an offer of ours that is not answered.
    std::optional<Sections> m_offered;
    /// In an offer of the peer's that is not answered.
    std::optional<Sections> m_asked;
    std::deque<TrackEvent> m_events;
};

} // namespace peer

#endif // PEER_SESSION_MEDIA_MEDIASECTIONS_H
