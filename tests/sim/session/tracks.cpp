// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "tracks.h"

#include <algorithm>
#include <stdexcept>

namespace peer::sim {

namespace {

using namespace std::chrono_literals;
using sdp::Direction;

TrackOptions optionsOf(sdp::MediaKind kind, std::uint32_t ssrc)
{
    TrackOptions options;
    options.kind = kind;
    if (kind == sdp::MediaKind::Audio)
        options.formats = {{111, "opus", 48000, 2, {}, {}}};
    else
        options.formats = {{96, "VP8", 90000, 0, {}, {"nack"}}};
    options.sources = {{ssrc, "cname", "stream"}};
    return options;
}

Direction turned(Direction direction)
{
    if (direction == Direction::SendOnly)
        return Direction::ReceiveOnly;
    return direction == Direction::ReceiveOnly ? Direction::SendOnly : direction;
}

} // namespace

std::vector<PlannedTrack> planTracks(SeededRandom random)
{
    std::vector<PlannedTrack> plan;
    if (random.chance(0.5))
        return plan;
    const int count = 1 + static_cast<int>(random.below(4));
    for (int i = 0; i < count; ++i) {
        PlannedTrack track;
        track.opener = random.chance(0.5) ? End::Caller : End::Callee;
        track.kind = random.chance(0.5) ? sdp::MediaKind::Audio : sdp::MediaKind::Video;
        const bool isAtOnce = random.chance(0.3);
        track.openAt = isAtOnce ? 0ms : random.between(Duration(0ms), Duration(12s));
        // As the one before, which may be the other end's.
        if (!plan.empty() && random.chance(0.4))
            track.openAt = plan.back().openAt;
        if (random.chance(0.3))
            track.turnAt = track.openAt + random.between(Duration(0ms), Duration(3s));
        if (random.chance(0.3))
            track.endAt = track.openAt + random.between(Duration(0ms), Duration(6s));
        plan.push_back(track);
    }
    return plan;
}

std::vector<TrackOptions> tracksOfPeers()
{
    return {optionsOf(sdp::MediaKind::Audio, 900), optionsOf(sdp::MediaKind::Video, 910)};
}

TrackTalk::TrackTalk(End end, const std::vector<PlannedTrack> &plan)
    : m_plan(plan)
    , m_end(end)
{
    for (std::size_t i = 0; i < m_plan.size(); ++i) {
        const PlannedTrack &track = m_plan[i];
        if (track.opener != m_end)
            continue;
        m_planned.emplace(track.openAt, Action{Step::Open, i});
        if (track.turnAt)
            m_planned.emplace(*track.turnAt, Action{Step::Turn, i});
        if (track.endAt)
            m_planned.emplace(*track.endAt, Action{Step::End, i});
    }
}

void TrackTalk::start(TimePoint now)
{
    for (const auto &[after, action] : m_planned)
        m_actions.emplace(now + after, action);
}

bool TrackTalk::act(TimePoint now, Session &session)
{
    bool any = false;
    while (!m_actions.empty() && m_actions.begin()->first <= now) {
        const Action action = m_actions.begin()->second;
        m_actions.erase(m_actions.begin());
        any = true;
        if (session.state() >= SessionState::Closing)
            continue;
        switch (action.step) {
        case Step::Open: {
            const auto ssrc = static_cast<std::uint32_t>(100 + action.track);
            const TrackId id = session.addTrack(now, optionsOf(m_plan[action.track].kind, ssrc));
            if (id == TrackId::None)
                throw std::runtime_error("a track cannot be opened");
            m_opened[action.track] = id;
            m_tracks[id];
            break;
        }
        case Step::Turn:
            session.setTrackDirection(now, m_opened.at(action.track), Direction::ReceiveOnly);
            break;
        case Step::End:
            m_tracks.at(m_opened.at(action.track)).isGivenUp = true;
            session.endTrack(now, m_opened.at(action.track));
            break;
        }
    }
    return any;
}

TimePoint TrackTalk::nextDeadline() const
{
    return m_actions.empty() ? Never : m_actions.begin()->first;
}

void TrackTalk::take(const TrackEvent &event)
{
    if (const auto *offered = std::get_if<event::TrackOffered>(&event)) {
        if (!m_tracks.try_emplace(offered->track).second)
            throw std::runtime_error("a track is offered twice");
        return;
    }
    if (const auto *changed = std::get_if<event::TrackChanged>(&event)) {
        Track &track = m_tracks.at(changed->track);
        if (track.hasEnded)
            throw std::runtime_error("a track changes after its end");
        track.terms = changed->terms;
        return;
    }
    Track &track = m_tracks.at(std::get<event::TrackEnded>(event).track);
    if (track.hasEnded)
        throw std::runtime_error("a track ends twice");
    track.hasEnded = true;
}

bool TrackTalk::isSettled() const
{
    return isDone() && std::all_of(m_tracks.begin(), m_tracks.end(), [](const auto &entry) {
               const Track &track = entry.second;
               return track.hasEnded || (track.terms ? !track.isGivenUp : track.isGivenUp);
           });
}

std::map<std::string, TrackTerms> TrackTalk::agreed() const
{
    std::map<std::string, TrackTerms> terms;
    for (const auto &entry : m_tracks) {
        if (!entry.second.hasEnded && entry.second.terms)
            terms[entry.second.terms->mid] = *entry.second.terms;
    }
    return terms;
}

bool TrackTalk::agree(const TrackTalk &one, const TrackTalk &other)
{
    const auto ours = one.agreed(), theirs = other.agreed();
    return one.isSettled() && other.isSettled()
        && std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                      [](const auto &left, const auto &right) {
                          return left.first == right.first && left.second.kind == right.second.kind
                              && left.second.direction == turned(right.second.direction);
                      });
}

std::string TrackTalk::describe() const
{
    std::string text;
    for (const auto &entry : m_tracks) {
        const auto &[terms, isGivenUp, hasEnded] = entry.second;
        text += "  track " + std::to_string(static_cast<std::uint32_t>(entry.first))
            + (hasEnded    ? ": ended"
                   : terms ? ": MID " + terms->mid + ", direction "
                       + std::to_string(static_cast<int>(terms->direction))
                           : ": not agreed on")
            + "\n";
    }
    return text;
}

} // namespace peer::sim
