// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_ICE_AGENTPRIVATE_H
#define PEER_ICE_AGENTPRIVATE_H

#include "core/base/timertable.h"
#include "core/base/transmitqueue.h"
#include "core/ice/agent.h"
#include "core/ice/checklist.h"
#include "core/ice/checkmessage.h"
#include "core/ice/connections.h"
#include "core/ice/gatherer.h"
#include "core/ice/generation.h"
#include "core/ice/localcandidates.h"
#include "core/ice/relays.h"
#include "core/ice/remotecandidates.h"
#include "core/ice/stunstreams.h"

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace peer::ice {

enum class Timer : std::uint8_t {
    Transmission, ///< the next check, retransmission or question to a STUN server may go out
    Consent,      ///< a pair is to be asked, becomes suspect, or loses its consent
    Quality,      ///< data goes out: the pair in use is to be measured
    Quiet,        ///< data may have gone out for a while with nothing coming back
    Nomination,   ///< the time to settle is over, or a pair has been faster for long enough
    Recheck,      ///< a failed pair is tried again, a connection is not kept any more, or a STUN
                  ///< server has not answered over TCP
    Patience,     ///< from now on the agent may be Failed
    Count
};

/// The agent's parts and what they share. Each group of functions has its own .cpp file, which is
/// named in its heading; the data below belong to the group that they stand with.
///
/// Every command does its thing and ends with update(), which derives everything that follows from
/// the facts, in one place and one order.
class Agent::Private
{
public:
    Private(const Config &config, RandomSource &random);

    // agent.cpp: commands, and the step that follows each
    /// The time that a call passes, never behind that of the call before.
    TimePoint enter(TimePoint now);
    void noteAuthenticated(TimePoint now, const Route &route);
    void noteSendFailed(TimePoint now, const Route &route);
    void update(TimePoint now);
    void schedule(TimePoint now);
    void setRole(Role role);
    bool isKnown(const Route &route) const;
    bool canSendFrom(const Route &route) const;
    template<typename Predicate>
    void removePairs(Predicate predicate);

    // agentcandidates.cpp: candidates of both sides, and their pairs
    void addLocalAddress(TimePoint now, const LocalAddress &address);
    void removeLocalAddress(TimePoint now, TransportId transport, const IpAddress &ip);
    void addRemoteCandidate(TimePoint now, const Candidate &candidate);
    void makeRoomForRemote(TimePoint now);
    CandidatePair *addPair(const LocalCandidate &local, const RemoteCandidate &remote,
                           Checklist::Room room);
    CandidatePair *insertPair(const LocalCandidate &local, const RemoteCandidate &remote,
                              Checklist::Room room);

    // tcpchecks.cpp: the connections of pairs over TCP
    bool isTcpHeldBack(TimePoint now) const;
    bool isOnDirectUdp() const;
    bool ensureConnection(TimePoint now, CandidatePair &pair);
    Duration tcpPatience(TimePoint now) const;
    std::uint32_t openConnection(CandidatePair &pair);
    void addStunServer(const TransportAddress &server);
    void connectionOpened(std::uint32_t id, const Route &route);
    void connectionEnded(TimePoint now, std::uint32_t id);
    std::uint32_t acceptConnection(const Route &route);
    CandidatePair *addConnectionPair(const Connection &connection, std::uint32_t priority);
    CandidatePair *adoptConnection(const Connection &connection);
    CandidatePair *convertEarlyPair(const CandidatePair &simultaneous);
    void retrySimultaneousOpen(TimePoint now, CandidatePair &pair, Duration recheckDelay);
    void closeUnusedConnections(TimePoint now);

    // sessions.cpp: parameters of both sides, restart, what comes before the parameters
    Generation &current() { return generations.back(); }
    const Generation &current() const { return generations.back(); }
    Generation *findGeneration(std::uint32_t number);
    void beginGeneration(TimePoint now, Parameters local);
    Parameters makeParameters();
    void setRemoteParameters(TimePoint now, const Parameters &parameters);
    void restart(TimePoint now);
    void keepForLater(const Candidate &candidate);
    void keepForLater(const Route &route, const CheckRequest &request);
    void dropFinishedGenerations();

    // tunnel.cpp
    void addTunnel(const Route &route);
    void removeTunnel(TransportId transport);
    bool isTunnel(const Route &route) const;
    CandidatePair *addTunnelPair(const Route &route);

    // agentrelays.cpp
    void addRelayServer(TimePoint now, const RelayServer &server);
    void takeRelayEvents(TimePoint now);
    void addRelayed(const Relays::Gathered &gathered);
    void removeRelayed(TransportId transport);
    void refuseRelayed(TimePoint now, const Relays::Refused &refused);
    void probeRelay(TimePoint now);

    // connectivitychecks.cpp: our checks and their answers
    void transmitChecks(TimePoint now);
    bool transmitOne(TimePoint now);
    TimePoint nextTransmission(TimePoint now) const;
    Duration pacing() const;
    void startCheck(TimePoint now, CandidatePair &pair);
    void sendRequest(TimePoint now, CandidatePair &pair, SentCheck &check);
    SentCheck &newRequest(TimePoint now, CandidatePair &pair);
    bool retransmitDue(TimePoint now);
    void failCheck(TimePoint now, CandidatePair &pair);
    void giveUpChecks(TimePoint now);
    void resumeFailed(TimePoint now);
    bool isLost(TimePoint now) const;
    bool isRecheckWanted(const CandidatePair &pair) const;
    bool receiveResponse(TimePoint now, const Route &route, const stun::Message &response);
    void takeGathered(const Gatherer::Mapped &gathered);
    void handleSuccess(TimePoint now, CandidatePair &pair, const SentCheck &check,
                       const TransportAddress &mapped);
    void takeMappedAddress(CandidatePair &pair, const TransportAddress &mapped);
    void handleError(TimePoint now, CandidatePair &pair, const SentCheck &check, int code);

    // incomingchecks.cpp: the peer's checks
    bool receiveRequest(TimePoint now, const Route &route, const stun::Message &request);
    void refuseUnauthenticated(TimePoint now, const Route &route, const stun::Message &request,
                               int code);
    bool isOfPeerBefore(const CheckRequest &request) const;
    bool repairRoleConflict(const CheckRequest &request);
    bool isUnacceptableNomination(const Generation &generation, const Route &route,
                                  const CheckRequest &request) const;
    void learnFromCheck(TimePoint now, CandidatePair &pair, const CheckRequest &request);
    CandidatePair *pairOfCheck(TimePoint now, const Generation &generation, const Route &route,
                               std::uint32_t priority);

    // nomination.cpp: which pair is to be used, as far as the two sides agree on it
    bool usesRenomination() const;
    void nominate(TimePoint now);
    void nominateOnce(TimePoint now);
    void climb(TimePoint now);
    bool isWorthClimbing(TimePoint now, CandidatePair &pair, const CandidatePair &present);
    void startNomination(CandidatePair &pair, Nomination kind);
    void noteNominationAnswered(CandidatePair &pair, const SentCheck &check);
    void acceptNomination(CandidatePair &pair, Nomination kind, std::uint32_t value);
    void forgetNominations();
    TimePoint nextNomination() const;
    CandidatePair *latestNominated() const;

    // consent.cpp
    void gainConsent(TimePoint now, CandidatePair &pair);
    void refreshConsents(TimePoint now);
    void expireConsents(TimePoint now);
    void loseConsent(CandidatePair &pair);
    void failPair(CandidatePair &pair);
    bool isKeptFresh(TimePoint now, const CandidatePair &pair) const;
    Duration consentWait(const CandidatePair &pair, bool isUrgent);
    void noteHeard(TimePoint now, CandidatePair &pair);
    void noteDataSent(TimePoint now);
    void askIfQuiet(TimePoint now);
    TimePoint nextConsent(TimePoint now) const;

    // quality.cpp: what a pair in use is worth
    void measure(TimePoint now);
    void weighDelivery(TimePoint now);
    void judge(TimePoint now);
    void applyDemotions(TimePoint now);
    void demote(TimePoint now, CandidatePair &pair);
    void condemn(TimePoint now, CandidatePair &pair);
    void noteLeft(TimePoint now, const CandidatePair &left);
    void noteRouteTaken(TimePoint now, CandidatePair *left, CandidatePair &taken);
    void heedPeer(TimePoint now, std::uint32_t unfit);
    bool isLoaded(TimePoint now, const CandidatePair &pair) const;
    bool isPoorInUse(TimePoint now, const CandidatePair &pair) const;
    std::optional<std::uint32_t> unfitNominee() const;
    bool hasBetterServing(TimePoint now, const CandidatePair &poor) const;
    TimePoint nextJudgement(TimePoint now) const;

    // agentstate.cpp: what is derived and published
    CandidatePair *preferredPair(TimePoint now) const;
    CandidatePair *livingAlternative(TimePoint now, const CandidatePair &suspect) const;
    CandidatePair *bestPair(TimePoint now, bool ofCurrentGeneration) const;
    CandidatePair *standbyPair(TimePoint now) const;
    bool isStalled(TimePoint now) const;
    void updateRoute(TimePoint now);
    void publishGathering();
    State deriveState(TimePoint now) const;
    bool isPatienceOver(TimePoint now) const;
    bool hasFailed(TimePoint now) const;
    std::string_view stateReason(State next) const;
    void setState(TimePoint now, State next, std::string_view reason);
    void announce(const Candidate &candidate);

    // Common
    Config config;
    RandomSource &random;
    Role role;
    std::uint64_t tieBreaker;
    TimePoint lastNow = TimePoint::min();
    TimerTable<Timer> timers;
    TransmitQueue transmits;
    std::deque<Event> events;
    LocalCandidates locals;
    RemoteCandidates remotes;
    Gatherer gatherer;
    RequestQueue requests;
    StunStreams stunStreams;
    Relays relays;
    Connections connections;
    Checklist checklist;
    std::vector<Route> tunnels;
    bool isLocalEnded = false;
    bool isRemoteEnded = false;
    bool isGatheringPublished = false;
    bool isClosed = false;

    // Sessions: the present one is the last; earlier ones live as long as a pair of theirs.
    std::vector<Generation> generations;
    std::uint32_t generationCount = 0;
    /// At most config.maxRemoteCandidates of each.
    std::vector<Candidate> laterCandidates;
    std::vector<EarlyCheck> earlyChecks;

    // Checks
    TimePoint lastTransmissionAt = TimePoint::min();
    TimePoint lastOrdinaryAt = TimePoint::min();
    bool hasTriggeredOnce = false;
    TimePoint lastErrorResponseAt = TimePoint::min();

    // Nomination
    CandidatePair *nominee = nullptr;
    /// A USE-CANDIDATE was answered: no second one in this session (section 8.1.1).
    bool isConcluded = false;
    std::uint32_t nominationValue = 0;
    std::uint32_t highestNominationValue = 0;
    std::uint64_t nominationCount = 0;
    std::uint64_t flagCount = 0;
    TimePoint firstValidAt = Never;
    /// Over UDP.
    TimePoint firstDirectAt = Never;

    // State
    CandidatePair *routePair = nullptr;
    std::optional<Route> publishedRoute;
    Delivery delivery;
    /// As it was when weighed last.
    Delivery weighed;
    /// Since when too much of it has to be repeated, and how much was; Never = not.
    TimePoint repeatingSince = Never;
    std::uint64_t repeatedSince = 0;
    State state = State::New;
    /// Some pair was valid since the start.
    bool wasConnected = false;
    TimePoint patienceUntil = Never;
    TimePoint heardAt = TimePoint::min();
};

template<typename Predicate>
void Agent::Private::removePairs(Predicate predicate)
{
    checklist.removeIf([&](const CandidatePair &pair) {
        if (!predicate(pair))
            return false;
        if (&pair == nominee)
            nominee = nullptr;
        if (&pair == routePair)
            routePair = nullptr;
        return true;
    });
}

} // namespace peer::ice

#endif // PEER_ICE_AGENTPRIVATE_H
