// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// How a call survives the loss of its paths. The secure session is kept; the ICE agent looks for a
// path among those it knows, and if none answers both sides exchange new ICE parameters and
// candidates over the signaling (RFC 8445 section 9), which moves the paths and nothing else.

#include "session/session_p.h"

#include <utility>

namespace peer {

namespace {

/// The caller restarts at once and the callee somewhat later, so that mostly one of them does.
constexpr Duration CalleeWaits = std::chrono::milliseconds(150);
/// A restart that was answered and has found nothing in that time is followed by another: the
/// addresses may have changed again.
constexpr Duration RestartAgain = std::chrono::seconds(10);

} // namespace

void Session::Private::handleAgentState(TimePoint now, ice::State next, const std::string &reason)
{
    if (isEstablished())
        history.note(now, reason);
    switch (next) {
    case ice::State::New:
    case ice::State::Checking:
        return;
    case ice::State::Connected:
    case ice::State::Completed:
        handleReturn(now);
        return;
    case ice::State::Failed:
        if (isSettingUp()) {
            fail(now, SessionError::NoPath, noPathText());
            return;
        }
        handleLoss(now);
        return;
    case ice::State::Disconnected:
        handleLoss(now);
        return;
    }
}

void Session::Private::handleLoss(TimePoint now)
{
    if (state != SessionState::Connected)
        return;
    lostSince = now;
    setState(SessionState::Reconnecting);
    timers.set(Timer::Patience, now + config.patience);
    const bool isCaller = config.role == SessionConfig::Role::Caller;
    timers.set(Timer::Restart, isCaller ? now : now + CalleeWaits);
    notePeerGone(now, peerGoneSince != Never);
}

void Session::Private::handleReturn(TimePoint now)
{
    if (state != SessionState::Reconnecting)
        return;
    lostSince = Never;
    timers.stop(Timer::Patience);
    timers.stop(Timer::Restart);
    // What is overdue goes out now and not when its timer, which has backed off, expires.
    if (link.association())
        link.association()->resetPath(now);
    setState(SessionState::Connected);
}

/// RFC 8445 section 9, RFC 8839 section 4.4.1.1.1. Nothing while a restart waits for its answer: it
/// is repeated until it arrives, and new candidates follow it. An offer of tracks that waits is
/// taken back: the restart has them as well.
void Session::Private::restartIce(TimePoint now)
{
    if (!isEstablished())
        return;
    if (state == SessionState::Reconnecting)
        timers.set(Timer::Restart, now + RestartAgain);
    if (pendingOffer == PendingOffer::Restart)
        return;
    history.note(now, "ICE restart offered to the peer");
    beginIceSession(now);
    sayOffer(now);
    pendingOffer = PendingOffer::Restart;
}

/// New parameters of ours, and our candidates once more, for the description that follows.
void Session::Private::beginIceSession(TimePoint now)
{
    descriptionSent = false;
    gatheringComplete = false;
    gathered.clear();
    agent.restart(now);
    pumpAgent(now);
}

void Session::Private::useRemoteIce(TimePoint now, RemoteDescription next)
{
    next.identity = remote->identity;
    remote = std::move(next);
    resolving.clear();
    agent.setRemoteParameters(now, remote->ice);
    for (const Candidate &candidate : remote->candidates)
        addRemoteCandidate(now, candidate);
    if (remote->endOfCandidates)
        agent.endOfRemoteCandidates(now);
}

void Session::Private::notePeerGone(TimePoint now, bool isGone)
{
    peerGoneSince = isGone ? std::min(peerGoneSince, now) : Never;
    if (state != SessionState::Reconnecting)
        return;
    TimePoint end = lostSince + config.patience;
    if (isGone)
        end = std::min(end, std::max(lostSince, peerGoneSince) + config.goneLimit);
    timers.set(Timer::Patience, end);
}

void Session::Private::giveUpWaiting(TimePoint now)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(agent.silence(now));
    std::string text = "the peer was not heard for " + std::to_string(seconds.count())
        + " seconds on any path";
    text += peerGoneSince != Never           ? ", and its program has left the rendezvous"
        : pendingOffer != PendingOffer::None ? ", nor did it answer through the rendezvous"
                                             : ", though it answered through the rendezvous";
    text += "; " + report().triedText();
    fail(now, SessionError::PathLost, std::move(text));
}

} // namespace peer
