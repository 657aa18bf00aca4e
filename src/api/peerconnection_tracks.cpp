// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Audio and video: what a connection has to do with its tracks.

#include "api/peerconnection_p.h"
#include "api/peertrack_p.h"

#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace {

/// No formats mean the default ones, which are checked like others.
PeerTrack::Options withFormats(PeerTrack::Options options, PeerTrack::Kind kind)
{
    if (options.formats.isEmpty())
        options.formats = PeerTrack::defaultFormats(kind);
    return options;
}

} // namespace

/*!
    Adds a track of this \a kind, made by \a options: for the offer if it is called before open(),
    for the answer if before accept(), and in a call that stands it is negotiated in the background.
    It may be used at once: it opens when the peer has agreed, and ends if it refuses.

    Null, with a warning, if the connection is closing or closed, or the options contradict
    themselves or those of another track. The track belongs to this object.

    \sa trackAdded(), setAcceptedTracks()
*/
PeerTrack *PeerConnection::addTrack(PeerTrack::Kind kind, const PeerTrack::Options &options)
{
    Q_D(PeerConnection);
    const PeerTrack::Options wanted = withFormats(options, kind);
    QString fault;
    if (d->isEnding || d->state == State::Closing || d->state == State::Closed)
        fault = u"the connection is closed"_s;
    else
        fault = d->faultOfTrack(wanted);
    if (!fault.isEmpty()) {
        qWarning("PeerConnection::addTrack: %ls", qUtf16Printable(fault));
        return nullptr;
    }
    auto track = std::make_unique<PeerTrackPrivate>();
    track->handle = peer::TrackHandle{++d->lastTrackHandle};
    track->kind = kind;
    track->options = wanted;
    d->complete(track->options);
    track->isKnown = d->isIncoming || d->isStarted;
    track->trackLink = std::make_shared<peer::TrackLink>(peer::ssrcsOf(track->options.sources),
                                                         peer::wakeFor(d->link, track->handle));
    if (track->isKnown)
        d->link->commands.put(track->addCommand());
    return d->addTrack(std::move(track));
}

/*! The tracks of both sides that have not ended: ours first, each side's as they came. */
QList<PeerTrack *> PeerConnection::tracks() const
{
    return d_func()->tracks.values();
}

/*!
    What to answer with when the peer opens a track of this \a kind: the formats of \a options that
    the peer knows as well are agreed on, and trackAdded() is emitted. If there is none the track is
    refused. At first both kinds are accepted with the default formats. The direction and the
    sources in the options do not matter: such a track is ReceiveOnly until
    PeerTrack::setDirection() says otherwise, and then has a source of its own.

    For the tracks of an offer it must be called before accept(). False, with a warning, and nothing
    is changed, if the options contradict themselves or those of a track.

    \sa refuseTracks()
*/
bool PeerConnection::setAcceptedTracks(PeerTrack::Kind kind, const PeerTrack::Options &options)
{
    Q_D(PeerConnection);
    PeerTrack::Options accepted = withFormats(options, kind);
    accepted.sources.clear();
    if (const QString fault = d->faultOfTrack(accepted); !fault.isEmpty()) {
        qWarning("PeerConnection::setAcceptedTracks: %ls", qUtf16Printable(fault));
        return false;
    }
    peer::AcceptedTracks next = d->acceptedTracks;
    next.insert(kind, accepted);
    d->setAcceptedTracks(next);
    return true;
}

/*! Refuses the tracks of this \a kind that the peer opens from now on. */
void PeerConnection::refuseTracks(PeerTrack::Kind kind)
{
    Q_D(PeerConnection);
    peer::AcceptedTracks next = d->acceptedTracks;
    next.remove(kind);
    d->setAcceptedTracks(next);
}

QString PeerConnectionPrivate::faultOfTrack(const PeerTrack::Options &options) const
{
    if (const QString fault = peer::faultOf(options); !fault.isEmpty())
        return fault;
    const std::vector<std::uint32_t> ssrcs = peer::ssrcsOf(options.sources);
    for (const PeerTrack *track : tracks) {
        for (const std::uint32_t ssrc : peer::ssrcsOf(track->sources())) {
            if (std::find(ssrcs.begin(), ssrcs.end(), ssrc) != ssrcs.end())
                return u"another track has the same SSRC"_s;
        }
        for (const PeerRtpFormat &theirs : track->formats()) {
            const auto isOther = [&theirs](const PeerRtpFormat &ours) {
                return ours.payloadType == theirs.payloadType && ours != theirs;
            };
            if (std::any_of(options.formats.begin(), options.formats.end(), isOther))
                return u"payload type %1 stands for something else in another track"_s.arg(
                    theirs.payloadType);
        }
    }
    return {};
}

void PeerConnectionPrivate::complete(PeerTrack::Options &options) const
{
    if (options.streamId.isEmpty())
        options.streamId = link->mediaName;
    if (options.sources.isEmpty()) {
        QList<PeerRtpSource> taken;
        for (const PeerTrack *track : tracks)
            taken += track->sources();
        options.sources.append(peer::makeSource(options.formats, link->mediaName, taken));
    }
    for (PeerRtpSource &source : options.sources) {
        if (source.cname.isEmpty())
            source.cname = link->mediaName;
    }
}

PeerTrack *PeerConnectionPrivate::addTrack(std::unique_ptr<PeerTrackPrivate> trackPrivate)
{
    Q_Q(PeerConnection);
    const peer::TrackHandle handle = trackPrivate->handle;
    trackPrivate->link = link;
    auto *track = new PeerTrack(std::move(trackPrivate), q);
    tracks.insert(handle, track);
    const auto forget = [this, handle] { tracks.remove(handle); };
    QObject::connect(track, &PeerTrack::stateChanged, q, [forget](PeerTrack::State reached) {
        if (reached == PeerTrack::State::Ended)
            forget();
    });
    QObject::connect(track, &QObject::destroyed, q, forget);
    return track;
}

void PeerConnectionPrivate::setAcceptedTracks(const peer::AcceptedTracks &next)
{
    acceptedTracks = next;
    if (isIncoming || isStarted)
        link->commands.put(peer::command::SetAcceptedTracks{peer::toTrackOptions(next)});
}

std::vector<peer::command::AddTrack> PeerConnectionPrivate::tracksForOffer()
{
    std::vector<peer::command::AddTrack> commands;
    for (PeerTrack *track : std::as_const(tracks)) {
        if (track->d_func()->isEnding)
            continue;
        track->d_func()->isKnown = true;
        commands.push_back(track->d_func()->addCommand());
    }
    return commands;
}

bool PeerConnectionPrivate::endTracks()
{
    Q_Q(PeerConnection);
    const QPointer<PeerConnection> guard(q);
    while (guard && !tracks.isEmpty()) {
        PeerTrack *track = tracks.take(tracks.firstKey());
        track->d_func()->trackLink->close();
        track->d_func()->setState(PeerTrack::State::Ended);
    }
    return guard;
}

void PeerConnectionPrivate::forgetTracks()
{
    for (PeerTrack *track : std::as_const(tracks)) {
        track->d_func()->trackLink->close();
        track->d_func()->state = PeerTrack::State::Ended;
    }
}

void PeerConnectionPrivate::process(peer::notice::TrackAdded &notice)
{
    Q_Q(PeerConnection);
    --link->unheardTracks;
    // It was under way when the application hung up.
    if (isEnding || state == PeerConnection::State::Closed)
        return;
    auto track = std::make_unique<PeerTrackPrivate>();
    track->handle = notice.handle;
    track->kind = notice.options.kind == peer::sdp::MediaKind::Audio ? PeerTrack::Kind::Audio
                                                                     : PeerTrack::Kind::Video;
    track->options = peer::fromTrackOptions(notice.options);
    track->terms = std::move(notice.terms);
    track->trackLink = std::move(notice.link);
    track->isOfPeer = true;
    track->isKnown = true;
    Q_EMIT q->trackAdded(addTrack(std::move(track)));
}

void PeerConnectionPrivate::process(peer::notice::TrackChanged &notice)
{
    PeerTrack *track = tracks.value(notice.handle);
    if (!track)
        return;
    if (auto terms = track->d_func()->trackLink->takeTerms())
        track->d_func()->setTerms(std::move(*terms));
}

void PeerConnectionPrivate::process(peer::notice::TrackOpened &notice)
{
    PeerTrack *track = tracks.value(notice.handle);
    if (track && !track->d_func()->isEnding)
        track->d_func()->setState(PeerTrack::State::Open);
}

void PeerConnectionPrivate::process(peer::notice::TrackEnded &notice)
{
    PeerTrack *track = tracks.value(notice.handle);
    if (!track)
        return;
    track->d_func()->trackLink->close();
    if (!track->d_func()->isEnding)
        track->d_func()->errorString = notice.fault;
    track->d_func()->setState(PeerTrack::State::Ended);
}
