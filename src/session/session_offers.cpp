// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Offers and answers in a call that stands: of ICE restarts, and of tracks that come, change and go
// (RFC 3264 section 8, RFC 9429 section 4.1.10).

#include "session/session_p.h"

#include <utility>

namespace peer {

void Session::Private::sayOffer(TimePoint now)
{
    Signal offer;
    offer.type = Signal::Type::Offer;
    offer.sdp = negotiation.offer(localDescription());
    exchange.queue(now, std::move(offer));
}

void Session::Private::sayAnswer(TimePoint now)
{
    Signal answer;
    answer.type = Signal::Type::Answer;
    answer.sdp = negotiation.answer(localDescription());
    exchange.queue(now, std::move(answer));
}

/// What is wished of the tracks, as soon as nothing else is being negotiated.
void Session::Private::offerTracks(TimePoint now)
{
    if (state != SessionState::Connected || pendingOffer != PendingOffer::None
        || !negotiation.media().isOfferNeeded())
        return;
    sayOffer(now);
    pendingOffer = PendingOffer::Tracks;
}

/// When both have offered, one offer stands and the other is taken back, whose wishes then become
/// part of the answer or of a further offer. A restart goes before tracks, for its ICE parameters
/// are in use already; among equals the caller's stands. (RFC 9429 section 4.1.10.2 leaves it to
/// the application.)
bool Session::Private::yieldsTo(bool isRestart) const
{
    switch (pendingOffer) {
    case PendingOffer::None:
        return true;
    case PendingOffer::Tracks:
        return isRestart || config.role == SessionConfig::Role::Callee;
    case PendingOffer::Restart:
        return isRestart && config.role == SessionConfig::Role::Callee;
    }
    return true;
}

void Session::Private::handleLaterOffer(const Signal &signal, TimePoint now)
{
    auto next = negotiation.readOffer(signal.sdp);
    // One that is not the peer's changes nothing: the call does not end for it.
    if (!next || !isSamePeer(*next))
        return;
    const bool isRestart = hasOtherIce(*next);
    if (!yieldsTo(isRestart))
        return;
    negotiation.takeOffer(*next);
    const PendingOffer takenBack = std::exchange(pendingOffer, PendingOffer::None);
    if (isRestart)
        history.note(now, "the peer restarts ICE");
    // A restart of ours that is taken back has new parameters for the answer.
    if (isRestart && takenBack != PendingOffer::Restart)
        beginIceSession(now);
    sayAnswer(now);
    negotiation.settleTransport(*next);
    useLaterDescription(now, std::move(*next), isRestart);
}

void Session::Private::handleLaterAnswer(const Signal &signal, TimePoint now)
{
    if (pendingOffer == PendingOffer::None)
        return;
    auto next = negotiation.readAnswer(signal.sdp);
    if (!next || !isSamePeer(*next))
        return;
    const bool isRestart = pendingOffer == PendingOffer::Restart;
    if (isRestart && !hasOtherIce(*next))
        return; // to an offer of tracks that the restart has replaced
    negotiation.takeAnswer(*next);
    pendingOffer = PendingOffer::None;
    if (isRestart)
        history.note(now, "ICE restart answered");
    useLaterDescription(now, std::move(*next), isRestart);
}

/// The DTLS connection goes on, so certificate and identity must be those of before (RFC 8842
/// section 3.1 would have a new one otherwise).
bool Session::Private::isSamePeer(const RemoteDescription &next) const
{
    if (next.identity.id != remote->identity.id
        || next.fingerprints.size() != remote->fingerprints.size())
        return false;
    for (std::size_t i = 0; i < next.fingerprints.size(); ++i) {
        if (next.fingerprints[i].hashFunction != remote->fingerprints[i].hashFunction
            || next.fingerprints[i].digest != remote->fingerprints[i].digest)
            return false;
    }
    return true;
}

/// RFC 8839 section 4.4.1.1.1: that is what a restart is known by.
bool Session::Private::hasOtherIce(const RemoteDescription &next) const
{
    return next.ice.usernameFragment != remote->ice.usernameFragment
        || next.ice.password != remote->ice.password;
}

void Session::Private::useLaterDescription(TimePoint now, RemoteDescription next, bool isRestart)
{
    if (isRestart)
        useRemoteIce(now, std::move(next));
    takeTrackEvents();
}

} // namespace peer
