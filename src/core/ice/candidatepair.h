// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_CANDIDATEPAIR_H
#define PEER_ICE_CANDIDATEPAIR_H

#include "core/base/address.h"
#include "core/base/candidate.h"
#include "core/base/time.h"
#include "core/ice/agent.h"
#include "core/ice/foundation.h"
#include "core/ice/priority.h"
#include "core/stun/message.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace peer::ice {

/// RFC 8445 section 6.1.2.6.
enum class PairState : std::uint8_t { Frozen, Waiting, InProgress, Succeeded, Failed };

/// How a check nominates its pair.
enum class Nomination : std::uint8_t {
    None,
    UseCandidate, ///< RFC 8445 section 7.1.2
    Renominate,   ///< the NOMINATION attribute with a value
};

/// A Binding request that we sent on a pair and whose answer we would still take.
struct SentCheck
{
    stun::TransactionId id{};
    TimePoint sentAt;
    bool isAwaited = false;
    bool asControlling = false;
    Nomination nomination = Nomination::None;
    std::uint32_t nominationValue = 0;
    /// How often it went out; with more than one the answer tells no round trip (Karn).
    int transmissions = 0;
};

/// One way between the peers: a base of ours and a remote candidate.
///
/// RFC 8445 tells the pair on the checklist from the valid pair that a success constructs (section
/// 7.2.5.3.2), which differs when a NAT stands between: its local candidate is then reflexive.
/// Both have the same base and hence take the same route, so they are one object here, and success
/// puts the reflexive candidate's type and priority into it.
///
/// Likewise server-reflexive candidates of ours form no pairs of their own: section 6.1.2.4 would
/// replace them by their base and then prune them.
struct CandidatePair
{
    /// Which ICE session (between two restarts) the pair and its credentials belong to.
    std::uint32_t generation = 0;
    Route route;
    Foundation foundation{};
    CandidateType localType = CandidateType::Host;
    CandidateType remoteType = CandidateType::Host;
    /// Made by addTunnel(), not of candidates; the types are then Relayed.
    bool isTunnel = false;
    /// PairInfo::protocol
    turn::Transport protocol = turn::Transport::Udp;
    /// Over TCP (RFC 6544): TcpActive if our end opens the connection, TcpPassive if the peer's
    /// has, TcpSimultaneousOpen if both do.
    CandidateProtocol localProtocol = CandidateProtocol::Udp;
    /// Over TCP: of its candidates, while route is that of the connection; the same as route while
    /// there is none.
    Route candidates;
    /// Over TCP: which of the agent's connections; 0 = none.
    std::uint32_t connection = 0;
    std::uint32_t localPriority = 0;
    std::uint32_t remotePriority = 0;
    /// The peer is an agent like this one: its relayed candidates' priorities tell how they are
    /// reached.
    bool tellsRelay = false;
    /// What a check's PRIORITY attribute says (section 7.1.1).
    std::uint32_t reflexivePriority = 0;
    std::uint64_t priority = 0;

    PairState state = PairState::Frozen;
    /// Stands in the triggered-check queue.
    bool isTriggered = false;
    /// The peer has sent an authentic check this way: data from there is its.
    bool isHeard = false;
    /// Had consent and lost it, or it was refused (403): never to be checked again with these
    /// credentials (RFC 7675 section 5.1).
    bool isBarred = false;

    /// The youngest requests, in a ring. A request that falls out of it is forgotten; with probes
    /// every 100, later 500 ms that takes 5 s.
    std::array<SentCheck, 16> sent;
    std::size_t newest = 0;
    /// The check that is being retransmitted, sent[retransmitted]; dueAt Never = none.
    struct Retransmission
    {
        std::size_t index = 0;
        /// Of the next transmission, or of giving up when none is left.
        TimePoint dueAt = Never;
        Duration interval{};
        Duration finalWait{};
        int left = 0;
    } retransmission;
    /// Simultaneous open: how often the SYN was refused, SimultaneousTries at most.
    int refusals = 0;
    TimePoint recheckAt = Never;
    Duration recheckDelay{};

    /// Controlling: what our checks on this pair carry until one of them is answered.
    Nomination nominating = Nomination::None;
    /// Of the last nomination of this pair, by whichever side.
    std::uint32_t nominationValue = 0;
    /// 0 = not nominated. Otherwise the order of the nominations: the greatest is the latest.
    std::uint64_t nominationOrder = 0;
    /// Controlled: the peer nominated the pair before it was valid; counts once it is.
    std::uint64_t pendingNomination = 0;
    /// Controlled: when the peer's last USE-CANDIDATE came, in the order of all of them.
    std::uint64_t flaggedOrder = 0;
    /// Controlling: its priority was weighed against the pair in use, which happens once.
    bool isWeighed = false;
    /// Controlling: since when its round trip beats that of the pair in use.
    TimePoint fasterSince = Never;

    TimePoint consentUntil = TimePoint::min();
    TimePoint nextConsentAt = Never;
    TimePoint askedAt = TimePoint::min();
    /// When the first request went out.
    TimePoint firstAskedAt = Never;
    /// Requests since the last valid response.
    int unanswered = 0;
    /// The first request since something authentic came this way; Never = nothing is owed.
    TimePoint owedSince = Never;
    /// The first data that went out since something authentic came this way; Never = none. Kept
    /// for the pair in use alone.
    TimePoint unheardSince = Never;
    /// When data went out last; likewise.
    TimePoint busyAt = TimePoint::min();
    TimePoint heardAt = TimePoint::min();
    /// It was suspect, and then something came after all.
    bool answersLate = false;
    /// What our datagrams came from, as the peer has said last.
    TransportAddress mapped;
    /// When the peer has last checked it.
    TimePoint wantedAt = TimePoint::min();
    /// Smoothed; 0 = not measured.
    Duration roundTrip{};

    /// Of all samples.
    Duration leastRoundTrip = Duration::max();
    /// Controlling: the peer has said then that the pair is poor.
    TimePoint unfitAt = TimePoint::min();
    /// Too much is lost or queued, since then; Never = not.
    TimePoint poorSince = Never;
    /// When it last kept data waiting so long that it was left, or would have been.
    TimePoint leftAt = TimePoint::min();
    /// Ranks below every pair that is not, until then.
    bool isDemoted = false;
    TimePoint demotedUntil = TimePoint::min();
    Duration demotion{};
    /// Goes over UDP where one that is demoted does: ranks between that and the others.
    bool isDoubtful = false;

    bool isTcp() const { return localProtocol != CandidateProtocol::Udp; }
    PathKind kind() const { return isTunnel ? PathKind::Tunnel : pathKind(localType, remoteType); }
    bool hasConsent(TimePoint now) const
    {
        return state == PairState::Succeeded && consentUntil > now;
    }
    /// How the peer's end is relayed, if it tells; Udp also if it is not.
    turn::Transport remoteProtocol() const;
    /// What our datagrams, and the peer's, are in on their way to or from the first relay.
    bool leavesByUdp() const { return !isTunnel && protocol == turn::Transport::Udp; }
    bool arrivesByUdp() const { return !isTunnel && remoteProtocol() == turn::Transport::Udp; }
    bool usesUdp() const { return leavesByUdp() || arrivesByUdp(); }
    bool isNominated() const { return nominationOrder != 0; }
    bool isRetransmitting() const { return retransmission.dueAt != Never; }
    /// Owes an answer for so long that another pair should be looked at.
    bool isSuspect(TimePoint now) const;
    /// When it becomes suspect if nothing is heard; Never if nothing is owed.
    TimePoint suspectAt() const;
    /// How long it may owe an answer before it is suspect.
    Duration suspicion() const;
    /// When it is left for a pair that lives; Never if nothing is owed.
    TimePoint stalledAt() const;
    /// How long it may owe an answer before it is left.
    Duration patience() const;

    void updatePriority(Role role);
    void noteHeard(TimePoint now);
    void noteRoundTrip(Duration sample);
    /// Much of what was asked lately had no answer, or its queues are long.
    bool isPoor(TimePoint now) const;
    /// PairInfo::loss
    double loss(TimePoint now) const;
    /// Takes the ring's next place, forgetting who had it; never that of the check which is being
    /// retransmitted.
    SentCheck &newSentCheck();
    SentCheck *findSentCheck(const stun::TransactionId &id);
    void stopRetransmission() { retransmission.dueAt = Never; }
};

/// Whether lower beats higher by so much that it is worth a switch (ClimbPercent, ClimbMargin).
/// An unmeasured round trip beats nothing and is beaten by nothing.
bool isMuchFaster(Duration lower, Duration higher);

/// How two pairs compare by what was found out about them under load. Above 0 if a is better.
int compareStanding(const CandidatePair &a, const CandidatePair &b);

/// How two pairs compare by kind, then protocol, that of the worse end. Above 0 if a is better.
int comparePaths(const CandidatePair &a, const CandidatePair &b);

/// How two pairs compare whatever their round trips: by standing, then comparePaths(). Above 0 if a
/// is better.
int compareKinds(const CandidatePair &a, const CandidatePair &b);

/// Whether what throttles UDP on the one would do so on the other: both leave here, or arrive
/// there, by UDP. Two of different addresses of ours have little in common; where a relay is
/// reached from may be either.
bool shareUdp(const CandidatePair &a, const CandidatePair &b);

/// Whether a beats b when neither is in use yet: kind and protocol, then round trip, then
/// priority.
bool isBetter(const CandidatePair &a, const CandidatePair &b);

} // namespace peer::ice

#endif // PEER_ICE_CANDIDATEPAIR_H
