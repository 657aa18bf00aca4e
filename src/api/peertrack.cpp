// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peertrack.h>

#include "api/peertrack_p.h"
#include "api/trackinfo.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>

#include <utility>

using namespace Qt::StringLiterals;

/*!
    \class PeerTrack
    \inmodule PeerConnection
    \brief Audio or video inside a PeerConnection: RTP in, RTP out.

    A track is one media section of the call, for both directions. A connection makes tracks with
    PeerConnection::addTrack(), before the call or in it; those of the peer come with
    PeerConnection::trackAdded(). What both sides agree on (formats, header extensions, direction)
    is negotiated in the background, and negotiated again whenever a side changes its mind; once
    the track is Open, packets flow.

    \code
    PeerTrack *track = call->addTrack(PeerTrack::Kind::Audio);
    const PeerRtpPort port = track->port();
    track->setPacketHandler([decoder](PeerRtpPort::PacketKind kind, QByteArrayView octets) {
        decoder->push(kind, octets.toByteArray()); // in the network thread
    });
    encoder->setOutput([port](const QByteArray &packet) { port.sendRtp(packet); }); // in any thread
    \endcode

    The track knows nothing of codecs: it carries RTP packets that somebody else makes and reads,
    and protects them with SRTP. All tracks of a connection travel as one bundle (RFC 9143) with
    RTP and RTCP on one port (RFC 5761). The peer's packets are told apart by the MID header
    extension, then by their SSRC, then by their payload type.

    A track of ours that the peer does not know yet answers the next one of its kind that the peer
    opens: a call in which each side has added audio, the callee before accept(), has one track of
    audio. In a running call two sides that add audio at the same moment get one track or two, as
    their offers meet; either way what each sends comes out at the other.

    \section1 Threads
    The object belongs to its connection and lives in the same thread; only the functions sendRtp(),
    sendRtcp(), setPacketHandler(), statistics() and port() may be called from other threads, as
    long as the object is there. A PeerRtpPort needs no such care. It may be deleted in a slot of
    any of its signals; deleting it ends the track for both sides.
*/

/*!
    \enum PeerTrack::Kind
    \value Audio
    \value Video
*/

/*!
    \enum PeerTrack::Direction
    \value Inactive     Neither side sends.
    \value SendOnly     We send.
    \value ReceiveOnly  The peer sends.
    \value SendReceive  Both may send.
*/

/*!
    \enum PeerTrack::State
    \value Negotiating  The peer has not agreed yet, or the connection does not stand.
    \value Open         Packets flow, in currentDirection. It stays so while the connection is
                        Reconnecting; then packets are dropped when they get old.
    \value Ended        By either side, refused by the peer, with the connection, or for the reason that
                        errorString tells. The end.
*/

/*!
    \class PeerTrack::Options
    \inmodule PeerConnection
    \brief What we have to offer for a track.

    \c direction is what we want; what comes of it is PeerTrack::currentDirection. \c formats are in
    order of preference, none means PeerTrack::defaultFormats(). \c extensions are the URIs of
    header extensions; ids are assigned, see PeerTrack::agreedExtensions(). \c sources are what we
    are going to send; none means one with a random SSRC, and another for retransmissions if there
    is a format for them, see PeerTrack::sources(). A source without a CNAME gets that of the
    connection. Tracks with the same \c streamId are to be played together; an empty one means the
    connection's own.

    Payload types must stand for the same format in all tracks of a connection, and each SSRC
    belongs to one track.
*/

/*!
    What tracks of this \a kind have to offer unless the application says otherwise: Opus, with
    redundancy; or VP8, with retransmissions.
*/
QList<PeerRtpFormat> PeerTrack::defaultFormats(Kind kind)
{
    switch (kind) {
    case Kind::Audio:
        return {PeerRtpFormat::opus(), PeerRtpFormat::redundancy(63, PeerRtpFormat::opus())};
    case Kind::Video:
        return {PeerRtpFormat::vp8(), PeerRtpFormat::retransmission(97, PeerRtpFormat::vp8())};
    }
    return {};
}

/*! MID and transport-cc. */
QStringList PeerTrack::defaultExtensions()
{
    return {PeerRtpExtension::midUri(), PeerRtpExtension::transportCcUri()};
}

PeerTrack::PeerTrack(std::unique_ptr<PeerTrackPrivate> dd, QObject *parent)
    : QObject(parent)
    , d_ptr(std::move(dd))
{
    d_ptr->q_ptr = this;
}

/*! Ends the track. No packet handler of it runs any more. */
PeerTrack::~PeerTrack()
{
    Q_D(PeerTrack);
    if (d->state != State::Ended)
        d->close();
}

/*!
    \property PeerTrack::kind
    Whether it is sound or picture.
*/
PeerTrack::Kind PeerTrack::kind() const
{
    return d_func()->kind;
}

/*!
    \property PeerTrack::openedByPeer
    True for tracks that come with PeerConnection::trackAdded(). They are deleted after ended().
*/
bool PeerTrack::isOpenedByPeer() const
{
    return d_func()->isOfPeer;
}

/*!
    \property PeerTrack::state
    Whether packets flow.
*/
PeerTrack::State PeerTrack::state() const
{
    return d_func()->state;
}

/*!
    \property PeerTrack::errorString
    Why the track has ended, in words: the peer knows no SRTP, without which there is no media, or
    there are too many tracks. Empty before that, and if either side has ended it or it has ended
    with its connection. The connection and its channels go on.
*/
QString PeerTrack::errorString() const
{
    return d_func()->errorString;
}

/*!
    \property PeerTrack::mid
    The name of the section in the descriptions, and in the MID header extension; empty until the
    peer has agreed.
*/
QString PeerTrack::mid() const
{
    return QString::fromStdString(d_func()->terms.mid);
}

/*!
    \property PeerTrack::direction
    What we want. Setting it negotiates anew with the peer; currentDirection tells what comes of it.
    A track that the peer has opened is at first ReceiveOnly: set SendReceive to answer by it.

    \sa muted
*/
PeerTrack::Direction PeerTrack::direction() const
{
    return d_func()->options.direction;
}

void PeerTrack::setDirection(Direction direction)
{
    Q_D(PeerTrack);
    if (d->options.direction == direction || d->isEnding || d->state == State::Ended)
        return;
    d->options.direction = direction;
    if (d->isKnown)
        d->link->commands.put(peer::command::SetTrackDirection{d->handle, peer::toSdp(direction)});
    Q_EMIT directionChanged(direction);
}

/*!
    \property PeerTrack::currentDirection
    What both sides agree on, as seen from here: SendOnly means that we send. Inactive until then.
*/
PeerTrack::Direction PeerTrack::currentDirection() const
{
    return peer::fromSdp(d_func()->terms.direction);
}

/*!
    \property PeerTrack::muted
    While true, RTP that is sent is dropped and counted. The peer is not told, and nothing is
    negotiated, so that it takes effect at once; RTCP goes on, and so does what the peer sends.
*/
bool PeerTrack::isMuted() const
{
    return d_func()->isMuted;
}

void PeerTrack::setMuted(bool muted)
{
    Q_D(PeerTrack);
    if (std::exchange(d->isMuted, muted) == muted)
        return;
    d->trackLink->setMuted(muted);
    Q_EMIT mutedChanged(muted);
}

/*! What we have to offer, in order of preference. */
QList<PeerRtpFormat> PeerTrack::formats() const
{
    return d_func()->options.formats;
}

/*! What we send is to come from these: their SSRCs are those that sendRtp() takes. */
QList<PeerRtpSource> PeerTrack::sources() const
{
    return d_func()->options.sources;
}

/*!
    The formats that both sides know, the first to be used: in our order of preference, with the
    payload types that packets bear in both directions and with the parameters that the peer wants
    what we send to have. Empty until the peer has agreed.
*/
QList<PeerRtpFormat> PeerTrack::agreedFormats() const
{
    return peer::fromFormats(d_func()->terms.formats);
}

/*! The header extensions that both sides know, with their ids. */
QList<PeerRtpExtension> PeerTrack::agreedExtensions() const
{
    return peer::fromExtensions(d_func()->terms.extensions);
}

/*! What the peer is going to send, if it says so. */
QList<PeerRtpSource> PeerTrack::remoteSources() const
{
    return peer::fromSources(d_func()->terms.sources, d_func()->terms.retransmissionGroups);
}

/*!
    \property PeerTrack::remoteStreamId
    The stream that the peer's packets belong to: tracks with the same one are to be played
    together. Empty if the peer names none.
*/
QString PeerTrack::remoteStreamId() const
{
    return peer::streamIdOf(d_func()->terms.msid);
}

/*! Counters, as they are now. Thread-safe. */
PeerTrackStatistics PeerTrack::statistics() const
{
    return port().statistics();
}

/*! Where packets go in and come out, for other threads. Thread-safe. */
PeerRtpPort PeerTrack::port() const
{
    return PeerRtpPort(d_func()->trackLink);
}

/*! As PeerRtpPort::sendRtp(). Thread-safe. */
bool PeerTrack::sendRtp(QByteArrayView packet) const
{
    return port().sendRtp(packet);
}

/*! As PeerRtpPort::sendRtcp(). Thread-safe. */
bool PeerTrack::sendRtcp(QByteArrayView packet) const
{
    return port().sendRtcp(packet);
}

/*! As PeerRtpPort::setHandler(). Thread-safe. */
void PeerTrack::setPacketHandler(PeerRtpPort::Handler handler) const
{
    port().setHandler(std::move(handler));
}

/*!
    Ends the track for both sides: nothing is sent or handed out from now on, and ended() follows,
    without waiting for the peer.
*/
void PeerTrack::end()
{
    Q_D(PeerTrack);
    if (d->state == State::Ended || std::exchange(d->isEnding, true))
        return;
    d->close();
    QMetaObject::invokeMethod(
        this, [this] { d_func()->setState(State::Ended); }, Qt::QueuedConnection);
}

/*!
    \fn void PeerTrack::opened()
    Packets flow from now on.
*/
/*!
    \fn void PeerTrack::ended()
    The track has ended, by either side or with its connection. A track that the application has
    added stays until it is deleted, by the application or with the connection. One that the peer
    has opened goes by itself (QObject::deleteLater()), or a peer that opens tracks and ends them
    would fill the memory; whoever keeps a pointer to it keeps a QPointer.

    \sa openedByPeer
*/
/*!
    \fn void PeerTrack::agreementChanged()
    mid, agreedFormats(), agreedExtensions(), remoteSources() or remoteStreamId have changed.
*/

void PeerTrackPrivate::close()
{
    trackLink->close();
    if (isKnown)
        link->commands.put(peer::command::EndTrack{handle});
}

void PeerTrackPrivate::setTerms(peer::TrackTerms next)
{
    Q_Q(PeerTrack);
    if (state == PeerTrack::State::Ended)
        return;
    const peer::TrackTerms before = std::exchange(terms, std::move(next));
    peer::TrackTerms others = before;
    others.direction = terms.direction;
    const bool hasOthers = others != terms;
    const QPointer<PeerTrack> guard(q);
    if (hasOthers)
        Q_EMIT q->agreementChanged();
    if (guard && before.direction != terms.direction)
        Q_EMIT q->currentDirectionChanged(q->currentDirection());
}

void PeerTrackPrivate::setState(PeerTrack::State next)
{
    Q_Q(PeerTrack);
    if (state == next || state == PeerTrack::State::Ended)
        return;
    state = next;
    const QPointer<PeerTrack> guard(q);
    Q_EMIT q->stateChanged(next);
    if (guard && next == PeerTrack::State::Open)
        Q_EMIT q->opened();
    if (guard && next == PeerTrack::State::Ended)
        Q_EMIT q->ended();
    if (guard && isOfPeer && next == PeerTrack::State::Ended)
        q->deleteLater();
}

peer::command::AddTrack PeerTrackPrivate::addCommand() const
{
    return {handle, peer::toTrackOptions(kind, options), trackLink};
}
