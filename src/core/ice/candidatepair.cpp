// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/candidatepair.h"

#include "core/ice/timing.h"

#include <algorithm>

namespace peer::ice {

TimePoint CandidatePair::suspectAt() const
{
    if (owedSince == Never)
        return Never;
    return owedSince + suspicion();
}

Duration CandidatePair::suspicion() const
{
    return std::max<Duration>(timing::SuspectAfter, timing::SuspectRoundTrips * roundTrip);
}

TimePoint CandidatePair::stalledAt() const
{
    return owedSince == Never ? Never : owedSince + patience();
}

Duration CandidatePair::patience() const
{
    const Duration stall = answersLate ? timing::LateStallAfter : timing::StallAfter;
    return suspicion() + std::max<Duration>(stall, 2 * roundTrip);
}

bool CandidatePair::isSuspect(TimePoint now) const
{
    return suspectAt() <= now;
}

void CandidatePair::updatePriority(Role role)
{
    priority = role == Role::Controlling ? pairPriority(localPriority, remotePriority)
                                         : pairPriority(remotePriority, localPriority);
}

void CandidatePair::noteHeard(TimePoint now)
{
    answersLate = answersLate || isSuspect(now);
    heardAt = now;
    owedSince = Never;
    unheardSince = Never;
}

void CandidatePair::noteRoundTrip(Duration sample)
{
    // RFC 6298 section 2 has a gain of 1/8, for a sample a round trip. Ours come every few seconds,
    // so each counts double.
    leastRoundTrip = std::min(leastRoundTrip, sample);
    roundTrip = roundTrip == Duration::zero() ? sample : (3 * roundTrip + sample) / 4;
}

double CandidatePair::loss(TimePoint now) const
{
    // A later answer is one more round trip late than usual, or came by luck.
    const Duration patience = std::max<Duration>(timing::AnswerPatience, 3 * roundTrip);
    int settled = 0, lost = 0;
    for (const SentCheck &check : sent) {
        if (check.transmissions == 0 || now - check.sentAt < patience)
            continue;
        settled += check.transmissions;
        lost += check.transmissions - (check.isAwaited ? 0 : 1);
    }
    return settled == 0 ? 0 : static_cast<double>(lost) / settled;
}

bool CandidatePair::isPoor(TimePoint now) const
{
    if (roundTrip != Duration::zero() && roundTrip - leastRoundTrip > timing::PoorQueueing)
        return true;
    const Duration patience = std::max<Duration>(timing::AnswerPatience, 3 * roundTrip);
    int settled = 0, lost = 0;
    TimePoint last = TimePoint::min();
    for (std::size_t i = 1; i <= sent.size(); ++i) {
        const SentCheck &check = sent[(newest + i) % sent.size()];
        // Those in quick succession, after one without an answer, tell no more than one.
        if (check.transmissions == 0 || now - check.sentAt > timing::QualityWindow
            || check.sentAt < last + timing::QualityInterval / 2
            || (check.isAwaited && now - check.sentAt < patience))
            continue;
        last = check.sentAt;
        ++settled;
        lost += check.isAwaited ? 1 : 0;
    }
    return settled >= timing::QualitySamples && lost * 100 > settled * timing::PoorLossPercent;
}

SentCheck &CandidatePair::newSentCheck()
{
    newest = (newest + 1) % sent.size();
    if (isRetransmitting() && retransmission.index == newest)
        newest = (newest + 1) % sent.size();
    sent[newest] = {};
    return sent[newest];
}

SentCheck *CandidatePair::findSentCheck(const stun::TransactionId &id)
{
    for (SentCheck &check : sent) {
        if (check.isAwaited && check.id == id)
            return &check;
    }
    return nullptr;
}

bool isMuchFaster(Duration lower, Duration higher)
{
    if (lower == Duration::zero() || higher == Duration::zero())
        return false;
    return lower + timing::ClimbMargin < higher
        && lower * 100 < higher * (100 - timing::ClimbPercent);
}

turn::Transport CandidatePair::remoteProtocol() const
{
    if (isTcp())
        return turn::Transport::Tcp;
    return remoteType == CandidateType::Relayed && tellsRelay ? relayProtocol(remotePriority)
                                                              : turn::Transport::Udp;
}

int compareStanding(const CandidatePair &a, const CandidatePair &b)
{
    if (a.isDemoted != b.isDemoted)
        return a.isDemoted ? -1 : 1;
    if (a.isDoubtful != b.isDoubtful)
        return a.isDoubtful ? -1 : 1;
    return 0;
}

int comparePaths(const CandidatePair &a, const CandidatePair &b)
{
    if (a.kind() != b.kind())
        return a.kind() > b.kind() ? 1 : -1;
    const auto worse = [](const CandidatePair &pair) {
        return std::max(pair.protocol, pair.remoteProtocol());
    };
    if (worse(a) != worse(b))
        return worse(a) < worse(b) ? 1 : -1;
    return 0;
}

int compareKinds(const CandidatePair &a, const CandidatePair &b)
{
    if (const int order = compareStanding(a, b))
        return order;
    return comparePaths(a, b);
}

bool shareUdp(const CandidatePair &a, const CandidatePair &b)
{
    const bool isRelayed = a.localType == CandidateType::Relayed
        || b.localType == CandidateType::Relayed;
    if (!isRelayed && a.route.local.ip != b.route.local.ip)
        return false;
    return (a.leavesByUdp() && b.leavesByUdp()) || (a.arrivesByUdp() && b.arrivesByUdp());
}

bool isBetter(const CandidatePair &a, const CandidatePair &b)
{
    if (const int order = compareKinds(a, b))
        return order > 0;
    if (isMuchFaster(a.roundTrip, b.roundTrip))
        return true;
    if (isMuchFaster(b.roundTrip, a.roundTrip))
        return false;
    return a.priority > b.priority;
}

} // namespace peer::ice
