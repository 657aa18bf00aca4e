// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIM_SESSION_TRACKS_H
#define PEER_SIM_SESSION_TRACKS_H

#include "session/session.h"
#include "support/simulation/seededrandom.h"
#include "traffic.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peer::sim {

/// A track that one end opens, and perhaps turns and ends again, at times since that end's start.
struct PlannedTrack
{
    End opener = End::Caller;
    sdp::MediaKind kind = sdp::MediaKind::Audio;
    Duration openAt{};
    std::optional<Duration> turnAt; ///< from then on it only receives
    std::optional<Duration> endAt;
};

/// None in half of all calls; else some of both ends, now and then at the same time: so that offers
/// cross, and one is rolled back (RFC 9429 section 4.1.10.2).
std::vector<PlannedTrack> planTracks(SeededRandom random);

/// What an end has to offer for the tracks that the other opens.
std::vector<TrackOptions> tracksOfPeers();

/// One end's part in the tracks: carries out what is planned, and keeps what has been agreed on.
class TrackTalk
{
public:
    TrackTalk(End end, const std::vector<PlannedTrack> &plan);

    void start(TimePoint now);
    /// Does what is due. False if there is nothing.
    bool act(TimePoint now, Session &session);
    TimePoint nextDeadline() const;
    void take(const TrackEvent &event);

    bool isDone() const { return m_actions.empty(); }
    /// Each track has been agreed on or has ended, and both know the same of the same ones.
    static bool agree(const TrackTalk &one, const TrackTalk &other);
    std::string describe() const;

private:
    enum class Step : std::uint8_t { Open, Turn, End };
    struct Action
    {
        Step step;
        std::size_t track; ///< of the plan
    };
    struct Track
    {
        std::optional<TrackTerms> terms;
        /// By us; of one that the other end has never heard of no more is told.
        bool isGivenUp = false;
        bool hasEnded = false;
    };

    bool isSettled() const;
    std::map<std::string, TrackTerms> agreed() const; ///< by MID

    const std::vector<PlannedTrack> m_plan;
    const End m_end;
    std::multimap<Duration, Action> m_planned;
    std::multimap<TimePoint, Action> m_actions;
    std::map<std::size_t, TrackId> m_opened;
    std::map<TrackId, Track> m_tracks;
};

} // namespace peer::sim

#endif // PEER_SIM_SESSION_TRACKS_H
