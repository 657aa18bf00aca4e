// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_TIMING_H
#define PEER_ICE_TIMING_H

#include "core/base/time.h"

#include <chrono>

// Every time constant of the agent, with what the standards say. Departures: DEVIATIONS.md.
namespace peer::ice::timing {

using namespace std::chrono_literals;

/// RFC 8445 section 14.2: no new transaction sooner than 5 ms after the one before. We hold
/// retransmissions to it as well.
inline constexpr Duration MinimumGap = 5ms;
/// Bounds of the Ta that a peer may ask for; RFC 8445 section 14.2 has only the lower one. Beyond
/// a second a hundred pairs would outlast every patience.
inline constexpr Duration MaximumPacing = 1s;

/// RFC 8445 section 14.3: RTO of a check not below 500 ms. Ours starts at the greater of 100 ms
/// and two round trips: a check lost to a NAT that was not open yet is what costs most time.
inline constexpr Duration CheckRto = 100ms;
/// RFC 8489 section 6.2.1: Rc = 7 transmissions, then Rm = 16 RTO after the last. With our RTO a
/// check gives up after 7.9 s instead of 39.5 s.
inline constexpr int CheckTransmissions = 7;
inline constexpr int CheckFinalWait = 16;
/// So long does it then take until a check has failed.
inline constexpr Duration CheckPatience = 7900ms;
/// A pair that failed is tried again after 2, 4, 8 … 30 s, with this Rc, while nothing direct is
/// in use. (RFC 8445 would leave it failed.)
inline constexpr Duration RecheckFirst = 2s;
inline constexpr Duration RecheckMost = 30s;
inline constexpr int RecheckTransmissions = 3;
/// While nothing at all is heard: one transmission each that often, or slower where there are many
/// pairs, 20 ms for each of them.
inline constexpr Duration LostRecheck = 500ms;
inline constexpr Duration LostRecheckPerPair = 20ms;
inline constexpr int LostRecheckFinalWait = 4;

/// Over TCP a check is sent once (RFC 8489 section 6.2.2), and has no answer after Ti, there 39.5 s
/// after the request. TCP itself repeats; ours is the 7.9 s of a check over UDP, counted anew when
/// the connection is open, for which there is as much time: three SYN, 1 and 3 s apart.
inline constexpr Duration TcpPatience = CheckPatience;
/// While nothing at all is heard: one SYN, or a second one.
inline constexpr Duration LostTcpPatience = 1500ms;
/// A connection that breaks is opened anew after that time.
inline constexpr Duration ReopenAfter = 50ms;
/// A simultaneous open whose SYN was refused is tried again after 50, 100, 200 … ms, each half as
/// much less or more by chance, with so many SYNs in about 4.5 s; then the pair has failed, and each
/// time that it is tried again has one. Who
/// refuses is the peer's host or NAT as long as the peer's own SYN has not left; where both NATs do
/// so the two SYNs have to meet on their way, which by chance they do.
inline constexpr Duration SimultaneousRetryFirst = 50ms;
inline constexpr Duration SimultaneousRetryMost = 1s;
inline constexpr int SimultaneousTries = 9;
/// A question to a STUN server over TCP is given up so long after its SYN; the second time after
/// twice as long. (RFC 8489 section 6.2.2 has 39.5 s.) Enough for a SYN that is repeated once, and
/// then twice; the end of the candidates waits for it.
inline constexpr Duration StunStreamPatience = 1500ms;
inline constexpr int StunStreamTries = 2;

/// Requests to a STUN server: RFC 8445 section 14.3 has an RTO of 500 ms, which with Rc = 7 gives
/// up after 39.5 s. Ours starts at 250 ms and gives up after 7.75 + 4 s.
inline constexpr Duration GatherRto = 250ms;
inline constexpr int GatherTransmissions = 6;
inline constexpr int GatherFinalWait = 16;
/// RFC 8445 section 5.1.1.4 and 11: Tr, the refresh of a server-reflexive candidate's NAT binding
/// until the checks are over: 15 s, not less.
inline constexpr Duration ServerKeepalive = 15s;

/// A TURN server that did not answer is tried again after 5, 10, 20 … 60 s; one that has no room
/// after 60 s (RFC 8656 section 7.4: at least a minute).
inline constexpr Duration RelayRetryFirst = 5s;
inline constexpr Duration RelayRetryMost = 60s;
/// A TURN server that has not answered at all by then is tried from the next local address, if
/// there is one. Four of its requests are out.
inline constexpr Duration RelayBasePatience = 2500ms;
/// How often a TURN server may send us elsewhere (300) before we stay away. RFC 8489 section 10
/// only says that the same server is not to be tried again within five minutes.
inline constexpr int RelayRedirections = 3;

/// RFC 7675 section 5.1: consent ends 30 s after the last valid response; a request every 5 s,
/// times 0.8 to 1.2.
inline constexpr Duration ConsentLifetime = 30s;
inline constexpr Duration ConsentInterval = 5s;
/// The same for a spare pair that owes no answer, which costs less than half then. With one request
/// lost there is time for three more until its consent ends.
inline constexpr Duration SpareConsentInterval = 12s;
/// Whether a pair is among those that are kept fresh is looked at that often at least. With several
/// relays on both sides there are a hundred that are not, until their consent ends.
inline constexpr Duration SpareReview = 1s;
/// A spare pair that the peer has asked about so recently is one of its spares; it would have
/// asked twice by then.
inline constexpr Duration PeerInterest = 30s;
/// Data went out on the pair in use and nothing came back: a request is sent, so that there is an
/// answer to wait for.
inline constexpr Duration QuietAfter = 150ms;
/// The pair in use is asked again when an answer is overdue: 100 ms or a round trip after the
/// request, the first six times, then slower. (RFC 7675 has at least 4 s between requests.)
inline constexpr Duration ProbeInterval = 100ms;
inline constexpr int FastProbes = 6;
inline constexpr Duration SlowProbeInterval = 500ms;
/// A pair that owes an answer for that long, or for three round trips, and from which nothing
/// authentic came meanwhile, is suspect: the spares are asked whether they live, and data goes to
/// the standby as well.
inline constexpr Duration SuspectAfter = 300ms;
inline constexpr int SuspectRoundTrips = 3;
/// When it is suspect for so long, or for two round trips, it is left for a spare that has shown
/// life; if none has, the agent is Disconnected.
inline constexpr Duration StallAfter = 150ms;
/// One that has been suspect before, and answered after all, has long queues rather than died, and
/// gets more time: data that goes to and fro between pairs gets nowhere.
inline constexpr Duration LateStallAfter = 200ms;

/// One nomination toward a peer without renomination: so long after the first valid direct pair,
/// and at the latest so long after the first valid pair of any kind. RFC 8445 section 8.1.1 leaves
/// it to us.
inline constexpr Duration SettleDirect = 50ms;
inline constexpr Duration SettleAny = 500ms;
/// A request on a pair counts as lost when it has no answer after that, or after three round trips.
inline constexpr Duration AnswerPatience = 300ms;
/// A pair takes over for its round trip only when that is lower by more than 20 % and 10 ms, for
/// 2 s without a break.
inline constexpr Duration ClimbMargin = 10ms;
inline constexpr int ClimbPercent = 20;
inline constexpr Duration ClimbAfter = 2s;

/// While data goes out on the pair in use it is asked that often, so that its loss and the wait in
/// its queues are known.
inline constexpr Duration QualityInterval = 500ms;
/// Of so long the requests count, if there are so many that are answered or overdue.
inline constexpr Duration QualityWindow = 5s;
inline constexpr int QualitySamples = 4;
/// A pair is poor with more loss than that, or when its round trip is so much above its least. (A
/// request and its answer cross the path twice: of them 36 % are lost where each way loses 20 %.)
/// If it is so for PoorAfter and another valid pair is not, it ranks below that for Demotion, and
/// each further time for twice as long.
inline constexpr int PoorLossPercent = 36;
inline constexpr Duration PoorQueueing = 500ms;
/// So is one on which so much of the data has to be repeated.
inline constexpr int PoorRepeatPercent = 20;
inline constexpr Duration PoorAfter = 2s;
inline constexpr Duration Demotion = 30s;
inline constexpr Duration DemotionMost = 480s;
/// The same befalls a pair that has to be left a second time within that time because it does not
/// answer: what comes and goes is worse than what stays.
inline constexpr Duration LeftMemory = 15s;

/// RFC 8863 section 4: no verdict of failure before 39.5 s, counted from the start of the checks
/// (500 ms * (1 + 2 + 4 + 8 + 16 + 32 + 16), the RFC's default check).
inline constexpr Duration Patience = 39500ms;
/// And none so soon after all pairs were lost: whoever owns the agent restarts it or gives up
/// before.
inline constexpr Duration PatienceOnceConnected = 90s;

/// Answers to requests that do not authenticate: at most one in that time, so that we are of no
/// use as a reflector.
inline constexpr Duration ErrorResponseGap = 20ms;

} // namespace peer::ice::timing

#endif // PEER_ICE_TIMING_H
