// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Signals that the application carries, instead of a rendezvous.

#include <PeerConnection/peerconnection.h>

#include "api/connectionworker.h"
#include "api/pathinfo.h"
#include "api/peerconnection_p.h"
#include "api/peeridentity_p.h"
#include "core/sdp/sessiondescription.h"
#include "signaling/signaljson.h"

#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace {

using SignalType = peer::Signal::Type;

bool isDescription(const peer::Signal &signal)
{
    return signal.type == SignalType::Offer || signal.type == SignalType::Answer;
}

/// Why what the signal carries cannot be read; empty if it can, and for a candidate of a kind that we
/// do not know, which is passed over.
QString faultOf(const peer::Signal &signal)
{
    if (isDescription(signal)) {
        const auto read = peer::sdp::SessionDescription::parse(signal.sdp);
        return read ? QString()
                    : u"The description cannot be read: %1."_s.arg(
                        QString::fromStdString(read.error().toString()));
    }
    if (signal.type != SignalType::Candidate || signal.candidate.empty())
        return {};
    const auto read = peer::sdp::parseCandidate(signal.candidate);
    const bool isRead = read || read.error().kind == peer::sdp::ParseError::Kind::Unsupported;
    return isRead
        ? QString()
        : u"The candidate cannot be read: %1."_s.arg(QString::fromStdString(read.error().message));
}

} // namespace

/*!
    \enum PeerConnection::Signaling
    How offer, answer and candidates get to the peer.

    \value Rendezvous  By the rendezvous server that the destination names.
    \value External    By the application, to another PeerConnection: what signalReady() gives goes
                       to the peer's handleSignal(). The carrier may lose, double and reorder
                       signals; what is lost comes again after half a second and more. So does the
                       word of the end, for 12 s after closed() unless the object is deleted.
    \value Jsep        By the application, to any WebRTC implementation (RFC 9429). The carrier must
                       deliver everything, once and in order, for nothing is repeated. Hence the
                       call ends if 512 signals wait for a thread that handles no events.

    Without a rendezvous there is no tunnel, and TURN servers are those of setIceServers() alone.
    Nobody gives up a call that is not answered but the application, by close().
*/

/*!
    \property PeerConnection::signaling
    How signals get to the peer; Rendezvous at first. In state Idle only.

    With External or Jsep one side calls, by open(), which needs no destination then; the other one
    waits for the offer: as soon as handleSignal() has brought it, the connection is Ringing, and
    accept() answers.

    Whoever carries the signals could pose as the peer, unless setExpectedPeerIds() says who the
    peer must prove to be.
*/
PeerConnection::Signaling PeerConnection::signaling() const
{
    return d_func()->signaling;
}

void PeerConnection::setSignaling(Signaling signaling)
{
    Q_D(PeerConnection);
    if (d->signaling == signaling || !d->isUntouched())
        return;
    d->signaling = signaling;
    Q_EMIT signalingChanged();
}

/*!
    Takes only a peer that proves to own one of these identities (PeerIdentity::id()); none, as at
    first, means anybody. Of a connection with External or Jsep signaling, before it starts; in a
    destination they are its \c id. False, and nothing is changed, if one of \a ids is no id.
*/
bool PeerConnection::setExpectedPeerIds(const QStringList &ids)
{
    PeerAddress probe;
    if (!std::all_of(ids.begin(), ids.end(), [&](const QString &id) { return probe.setIds({id}); }))
        return false;
    d_func()->expectedPeerIds = ids;
    return true;
}

QStringList PeerConnection::expectedPeerIds() const
{
    return d_func()->expectedPeerIds;
}

/*!
    The kinds of \a paths that may be used by a connection with External or Jsep signaling, before
    it starts; all at first. In a destination it is \c paths.
*/
void PeerConnection::setAllowedPaths(PeerAddress::Paths paths)
{
    d_func()->allowedPaths = paths;
}

PeerAddress::Paths PeerConnection::allowedPaths() const
{
    return d_func()->allowedPaths;
}

/*!
    Whether a connection with External or Jsep signaling uses this machine's loopback addresses as
    well, for a peer on the same machine. False at first. (With a rendezvous they are used when that
    is on loopback.) Before it starts.
*/
void PeerConnection::setLoopbackAllowed(bool allowed)
{
    d_func()->isLoopbackAllowed = allowed;
}

bool PeerConnection::isLoopbackAllowed() const
{
    return d_func()->isLoopbackAllowed;
}

/*!
    Takes a \a signal of the peer's, which the application has carried here: a JSON object of at
    most 64 KiB with the member \c type, which is \c offer or \c answer (with \c sdp), \c candidate
    (with \c candidate and \c sdpMid) or \c bye. What a browser makes of its RTCSessionDescription
    and RTCIceCandidate is understood as well.

    Candidates that have overtaken their offer wait for it, 64 of them.

    False if it is none, names another call, makes no sense now, or carries a candidate that cannot be
    read; \a fault then says why, and nothing has changed. A description that cannot be used ends a
    connection that is being set up with BadDescription; in a running call it changes nothing, and if it
    cannot even be read, this is false too. (Candidates and descriptions of a peer that numbers its
    signals are all taken, for those that follow wait for them.)
*/
bool PeerConnection::handleSignal(const QByteArray &signal, QString *fault)
{
    return d_func()->takeSignal(peer::signalFromJson(signal), fault);
}

/*!
    The same as handleSignal() for a description of \a type \c offer or \c answer.
*/
bool PeerConnection::setRemoteDescription(const QString &type, const QString &sdp, QString *fault)
{
    if (type != "offer"_L1 && type != "answer"_L1) {
        if (fault)
            *fault = u"A description is of type offer or answer."_s;
        return false;
    }
    return d_func()->takeSignal(
        peer::signalFromJson(QJsonObject{{u"type"_s, type}, {u"sdp"_s, sdp}}), fault);
}

/*!
    The same as handleSignal() for a \a candidate line (RFC 8839, with or without "a="); an empty
    one says that there are no more.
*/
bool PeerConnection::addRemoteCandidate(const QString &candidate, const QString &sdpMid,
                                        QString *fault)
{
    return d_func()->takeSignal(peer::signalFromJson(QJsonObject{{u"type"_s, u"candidate"_s},
                                                                 {u"candidate"_s, candidate},
                                                                 {u"sdpMid"_s, sdpMid}}),
                                fault);
}

/*!
    \fn void PeerConnection::signalReady(const QByteArray &signal)
    The peer is to get this \a signal, a JSON object in UTF-8 without line breaks, for its
    handleSignal(). The description is in SDP, and can be given to a browser's
    setRemoteDescription() as it stands, a candidate to addIceCandidate(); further members are
    ours. With External or Jsep signaling only.
*/
/*!
    \fn void PeerConnection::localDescriptionReady(const QString &type, const QString &sdp)
    With Jsep signaling, besides signalReady(): the peer is to get the offer or answer \a sdp.
*/
/*!
    \fn void PeerConnection::localCandidateReady(const QString &candidate, const QString &sdpMid)
    With Jsep signaling, besides signalReady(): the peer is to get this \a candidate. An empty one
    ends them.
*/

bool PeerConnectionPrivate::isUntouched() const
{
    return state == PeerConnection::State::Idle && !isIncoming && !isEnding && !isStarted;
}

bool PeerConnectionPrivate::takeSignal(peer::Result<peer::Signal, peer::SignalError> signal,
                                       QString *fault)
{
    const auto refuse = [fault](const QString &why) {
        if (fault)
            *fault = why;
        return false;
    };
    if (signaling == PeerConnection::Signaling::Rendezvous)
        return refuse(u"The signals of this connection go by its rendezvous."_s);
    if (!signal)
        return refuse(signal.error().message);
    // After close() the call may have to come about still, for what was sent in it.
    const bool isNeverToStart = isEnding && !isIncoming && !isStarted;
    if (isNeverToStart || (state == PeerConnection::State::Closed && !isOfFarewell(*signal)))
        return refuse(u"The connection has ended."_s);
    const bool isRunning = state == PeerConnection::State::Connected
        || state == PeerConnection::State::Reconnecting;
    if (signal->seq == 0 && (isRunning || !isDescription(*signal))) {
        if (const QString why = faultOf(*signal); !why.isEmpty())
            return refuse(why);
    }
    if (isUntouched()) {
        const QString why = takeFirstSignal(std::move(*signal));
        return why.isEmpty() || refuse(why);
    }
    if (!signal->call.empty() && signal->call != call)
        return refuse(u"The signal belongs to another call."_s);
    const bool isTaken = link->commands.put(peer::command::HandleSignal{std::move(*signal)});
    return isTaken || refuse(u"The connection has ended."_s);
}

/// For a while the end is repeated that a carrier may have lost, until the peer acknowledges it.
bool PeerConnectionPrivate::isOfFarewell(const peer::Signal &signal) const
{
    const bool isOfTheEnd = signal.type == peer::Signal::Type::Ack
        || signal.type == peer::Signal::Type::Bye;
    return signaling == PeerConnection::Signaling::External && isOfTheEnd
        && (isIncoming || isStarted);
}

QString PeerConnectionPrivate::takeFirstSignal(peer::Signal &&signal)
{
    switch (signal.type) {
    case peer::Signal::Type::Offer:
        startExternal(signal.call);
        link->commands.put(peer::command::HandleSignal{std::move(signal)});
        takeEarlyCandidates();
        return {};
    case peer::Signal::Type::Candidate:
        return keepEarly(std::move(signal));
    case peer::Signal::Type::Answer:
        return u"There is an answer, but no offer was made."_s;
    case peer::Signal::Type::Bye:
    case peer::Signal::Type::Ack:
        break;
    }
    return u"There is no call that the signal could belong to."_s;
}

QString PeerConnectionPrivate::keepEarly(peer::Signal &&candidate)
{
    // The same again, of a carrier that doubles or of a peer that repeats.
    if (std::find(earlyCandidates.begin(), earlyCandidates.end(), candidate)
        != earlyCandidates.end())
        return {};
    if (earlyCandidates.size() >= MaxEarlyCandidates)
        return u"Too many candidates have come before the offer."_s;
    earlyCandidates.push_back(std::move(candidate));
    return {};
}

void PeerConnectionPrivate::takeEarlyCandidates()
{
    for (peer::Signal &candidate : std::exchange(earlyCandidates, {})) {
        if (candidate.call.empty() || candidate.call == call)
            link->commands.put(peer::command::HandleSignal{std::move(candidate)});
    }
}

void PeerConnectionPrivate::startExternal(const std::optional<std::string> &incomingCall)
{
    (incomingCall ? isIncoming : isStarted) = true;
    call = incomingCall.value_or(std::string());
    addDefaultChannel();
    peer::ExternalParameters parameters;
    parameters.role = incomingCall ? peer::SessionConfig::Role::Callee
                                   : peer::SessionConfig::Role::Caller;
    parameters.call = call;
    parameters.isLossy = signaling == PeerConnection::Signaling::External;
    parameters.identity = PeerIdentityData::keyOf(identity);
    parameters.allowedIds = expectedPeerIds;
    parameters.proxy = proxy;
    parameters.authorities = authorities;
    parameters.iceServers = iceServers;
    parameters.paths = peer::toPathPolicy(allowedPaths);
    parameters.withLoopback = isLoopbackAllowed;
    parameters.tracks = tracksForOffer();
    parameters.acceptedTracks = {peer::toTrackOptions(acceptedTracks)};
    peer::ConnectionWorker::startExternal(link, std::move(parameters));
}

void PeerConnectionPrivate::process(peer::notice::SignalReady &notice)
{
    Q_Q(PeerConnection);
    --link->waitingSignals;
    call = notice.call;
    const QPointer<PeerConnection> guard(q);
    Q_EMIT q->signalReady(notice.signal);
    if (!guard || signaling != PeerConnection::Signaling::Jsep)
        return;
    const QJsonObject signal = QJsonDocument::fromJson(notice.signal).object();
    const QString type = signal.value("type"_L1).toString();
    if (type == "offer"_L1 || type == "answer"_L1)
        Q_EMIT q->localDescriptionReady(type, signal.value("sdp"_L1).toString());
    else if (type == "candidate"_L1)
        Q_EMIT q->localCandidateReady(signal.value("candidate"_L1).toString(),
                                      signal.value("sdpMid"_L1).toString());
}
