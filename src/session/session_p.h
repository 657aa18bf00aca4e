// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SESSION_SESSION_P_H
#define PEER_SESSION_SESSION_P_H

#include "core/base/timertable.h"
#include "session/callhistory.h"
#include "session/datachannels.h"
#include "session/media/medialink.h"
#include "session/negotiation.h"
#include "session/securelink.h"
#include "session/session.h"
#include "session/signalexchange.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace peer {

/// Where the parts of a session meet. Each part is a machine of its own; pump() carries their
/// events to one another until all are quiet, and is the last thing that every function of the
/// group In does.
///
/// The state is changed by setState() alone:
///
///     New ──dial──▶ Calling ──first ack──▶ Ringing
///      │               │                     │
///      │ offer         └───────answer────────┤
///      ▼                                     ▼
///     Calling (callee) ──accept────────▶ Connecting ──secure link up──▶ Connected
///                                            │ close(), messages wait      │ close()
///                                            ▼                             │
///                                         Closing ◀────────────────────────┘
///                                            │ flushed
///      every state ──fail(), finish()──▶ Closed
class Session::Private
{
public:
    /// Remote candidates that arrive before the description they belong to, at most.
    static constexpr std::size_t MaxEarlyCandidates = 64;
    /// Names that wait for their address at a time, at most.
    static constexpr std::size_t MaxResolving = 16;

    enum class Timer : std::uint8_t {
        Connect,  ///< no path in time, or no secure link over it: fails
        Restart,  ///< Reconnecting: ICE is to be restarted
        Patience, ///< Reconnecting for too long
        Linger,   ///< the peer takes no more of the last messages: ends all the same, and tells
        Farewell, ///< Closed for long enough: the last Bye is not repeated any more
        Count,
    };

    Private(const SessionConfig &sessionConfig, RandomSource &random);

    // session_call.cpp: descriptions, signals, and how a call begins and ends
    void dial(TimePoint now);
    void accept(TimePoint now);
    void close(TimePoint now, Signal::Reason reason, std::string text);
    void handleSignal(TimePoint now, const Signal &signal);
    void handleOffer(const Signal &signal, TimePoint now);
    void handleAnswer(const Signal &signal, TimePoint now);
    void handleCandidate(const Signal &signal, TimePoint now);
    void handleBye(const Signal &signal, TimePoint now);
    void startConnecting(TimePoint now);
    void addRemoteCandidate(TimePoint now, const Candidate &candidate);
    LocalDescription localDescription();
    void queueCandidate(TimePoint now, const std::string &candidate);
    void sayBye(TimePoint now, Signal::Reason reason, std::string text);
    void fail(TimePoint now, SessionError error, std::string text, bool tellPeer = true);
    void finish(TimePoint now);
    bool hasUndelivered() const;
    void finishIfFlushed(TimePoint now);
    /// Nobody waits any longer for the peer.
    void finishUnflushed(TimePoint now);

    // session_restart.cpp: how a call survives the loss of its paths
    void handleAgentState(TimePoint now, ice::State next, const std::string &reason);
    void handleLoss(TimePoint now);
    void handleReturn(TimePoint now);
    void restartIce(TimePoint now);
    void beginIceSession(TimePoint now);
    void useRemoteIce(TimePoint now, RemoteDescription next);
    void notePeerGone(TimePoint now, bool isGone);
    void giveUpWaiting(TimePoint now);
    bool isEstablished() const
    {
        return state == SessionState::Connected || state == SessionState::Reconnecting;
    }

    // session_offers.cpp: what is negotiated in a call that stands
    void sayOffer(TimePoint now);
    void sayAnswer(TimePoint now);
    void offerTracks(TimePoint now);
    bool yieldsTo(bool isRestart) const;
    void handleLaterOffer(const Signal &signal, TimePoint now);
    void handleLaterAnswer(const Signal &signal, TimePoint now);
    bool isSamePeer(const RemoteDescription &next) const;
    bool hasOtherIce(const RemoteDescription &next) const;
    void useLaterDescription(TimePoint now, RemoteDescription next, bool isRestart);

    // session_tracks.cpp: media
    void takeTrackEvents();
    void startMedia();
    void failMedia(const std::string &fault);

    // session_packets.cpp: datagrams and time
    void receive(TimePoint now, const Datagram &outer);
    void advance(TimePoint now);
    std::optional<Transmit> nextTransmit();
    std::optional<ByteView> nextPayload();
    std::optional<Transmit> releaseRelays();
    void takeRelayRequests();
    void duplicate(const Transmit &transmit);
    bool isHandshakeSlow() const;

    // session_events.cpp: what the parts tell one another
    void pump(TimePoint now);
    bool pumpAgent(TimePoint now);
    bool pumpLink(TimePoint now);
    void handleAgentEvent(TimePoint now, ice::Event event);
    void handleLinkEvent(TimePoint now, SecureLink::Event event);
    void handleLinkDown(TimePoint now, const SecureLink::Down &down);
    void announcePath(const std::string &reason);
    void startLinkIfPossible(TimePoint now);
    void setState(SessionState next);

    // session.cpp
    CallReport report() const;
    std::string noPathText() const;
    bool isOver() const { return state == SessionState::Closed; }
    /// The secure link has yet to come up, be it for the last messages alone.
    bool isSettingUp() const
    {
        return state == SessionState::Connecting || (state == SessionState::Closing && !hasBeenUp);
    }

    SessionConfig config;
    SessionState state = SessionState::New;
    ice::Agent agent;
    SignalExchange exchange;
    Negotiation negotiation;
    SecureLink link;
    std::deque<SessionEvent> events;
    std::deque<TrackEvent> trackEvents;
    std::deque<SessionRequest> requests;
    DataChannels channels;
    MediaLink media;
    TimerTable<Timer> timers;

    /// The secure link stood once.
    bool hasBeenUp = false;
    /// Set once the peer's description was taken.
    std::optional<RemoteDescription> remote;
    /// The description is in use; before that, remote candidates wait in earlyCandidates.
    bool remoteApplied = false;
    std::vector<Candidate> earlyCandidates;
    bool earlyEndOfCandidates = false;
    /// Ours, gathered before a description could tell them.
    std::vector<Candidate> gathered;
    bool gatheringComplete = false;
    bool descriptionSent = false;
    std::map<std::uint32_t, Candidate> resolving;
    std::uint32_t lastResolveId = 0;

    /// An offer of ours, made while the call stands, that waits for its answer.
    enum class PendingOffer : std::uint8_t { None, Tracks, Restart };
    PendingOffer pendingOffer = PendingOffer::None;
    /// Reconnecting, since then; the carrier says that the peer has gone, since then.
    TimePoint lostSince = Never;
    TimePoint peerGoneSince = Never;

    CallHistory history;
    /// Of the function that runs or ran last.
    TimePoint lastNow = TimePoint::min();
    /// A payload that was handed out, to go to the standby pair as well; what suspicion has cost.
    ByteView copied;
    std::deque<Route> copyTo;
    TimePoint linkStartedAt = Never;
    TimePoint linkUpAt = Never;
    TimePoint suspectSince = Never;
    std::size_t copiedOctets = 0;

    /// Closed, and the relays are being told.
    bool isReleasing = false;
    /// While Closing: octets that the peer has not acknowledged yet.
    std::size_t lastUnsent = 0;
    SessionStatistics traffic;
};

} // namespace peer

#endif // PEER_SESSION_SESSION_P_H
