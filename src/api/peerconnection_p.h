// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERCONNECTION_P_H
#define PEERCONNECTION_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "api/connectionlink.h"
#include "api/trackinfo.h"
#include "signaling/signaljson.h"

#include <PeerConnection/peerconnection.h>

#include <QtCore/qhash.h>
#include <QtCore/qlist.h>
#include <QtCore/qmap.h>
#include <QtCore/qset.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

class PeerTrackPrivate;

class PeerConnectionPrivate
{
    Q_DECLARE_PUBLIC(PeerConnection)

public:
    /// Notices handed out in one turn of the event loop; then the application's own events have
    /// their turn.
    static constexpr int NoticesPerTurn = 512;
    /// Candidates that have overtaken their offer; a description has room for as many.
    static constexpr std::size_t MaxEarlyCandidates = 64;

    /// A caller's: without a worker until open().
    PeerConnectionPrivate();
    /// A callee's: the worker is at the other end of link.
    static std::unique_ptr<PeerConnection> makeIncoming(std::shared_ptr<peer::ConnectionLink> link,
                                                        const peer::notice::PeerKnown &caller,
                                                        QObject *parent);

    void start(PeerConnection *connection);
    void openLater();
    void setDestination(std::optional<PeerAddress> address, const QUrl &url, const QString &fault);
    /// Why the address cannot be dialled by this version or with these settings; else empty.
    QString faultOfAddress(PeerConnection::Error &error) const;
    void fail(PeerConnection::Error cause, const QString &text);
    void setState(PeerConnection::State next);
    PeerChannel *addChannel(peer::ChannelHandle handle, const QString &label,
                            const PeerChannel::Options &options);
    void addDefaultChannel();
    PeerTrack *addTrack(std::unique_ptr<PeerTrackPrivate> track);
    /// Why the track cannot be added to the others, as a sentence; else empty.
    QString faultOfTrack(const PeerTrack::Options &options) const;
    /// Stream and sources, where the application has left them to us.
    void complete(PeerTrack::Options &options) const;
    void setAcceptedTracks(const peer::AcceptedTracks &next);
    /// False if a slot has deleted the connection.
    bool endTracks();
    /// Without telling anybody: the connection goes.
    void forgetTracks();
    /// Those that were added before open(), as they are wanted now.
    std::vector<peer::command::AddTrack> tracksForOffer();

    void takeNotices();
    /// True if the application is to hear of it, in its turn.
    bool noteDrained(const peer::notice::Drained &notice);
    void processNotices();
    /// What is pending gets its turn, from whichever event loop runs next.
    void postTurn();
    void process(peer::notice::StateChanged &notice);
    void process(peer::notice::Failed &notice);
    void process(peer::notice::PeerKnown &notice);
    void takePeer(const peer::notice::PeerKnown &known);
    void process(peer::notice::PathChanged &notice);
    void process(peer::notice::ChannelOpened &notice);
    void process(peer::notice::MessageReceived &notice);
    void process(peer::notice::Drained &notice);
    void process(peer::notice::ChannelClosed &notice);
    void process(peer::notice::Statistics &notice);
    void process(peer::notice::ProxyAuthentication &notice);
    void process(peer::notice::Report &notice);
    void process(peer::notice::TrackAdded &notice);
    void process(peer::notice::TrackChanged &notice);
    void process(peer::notice::TrackOpened &notice);
    void process(peer::notice::TrackEnded &notice);
    void process(peer::notice::SignalReady &notice);
    /// Calls, or waits for the offer of the call that a signal names.
    void startExternal(const std::optional<std::string> &incomingCall);
    /// False, and fault tells why, if the signal cannot be taken.
    bool takeSignal(peer::Result<peer::Signal, peer::SignalError> signal, QString *fault);
    /// Whether it may be said, or heard, after the end.
    bool isOfFarewell(const peer::Signal &signal) const;
    /// Why a signal cannot be taken before there is a call, as a sentence; else empty.
    QString takeFirstSignal(peer::Signal &&signal);
    /// Likewise, of a candidate that has overtaken its offer, or of one of a former call.
    QString keepEarly(peer::Signal &&candidate);
    /// The offer is there: passes on those of its call.
    void takeEarlyCandidates();
    /// Idle, and nothing is under way.
    bool isUntouched() const;

    PeerConnection *q_ptr = nullptr;
    std::shared_ptr<peer::ConnectionLink> link;

    QUrl destinationUrl;
    std::optional<PeerAddress> destination;
    QString destinationFault;
    PeerIdentity identity;
    QList<QSslCertificate> authorities;
    bool isPlainAllowed = false;
    std::chrono::milliseconds patience{60'000};
    QNetworkProxy proxy;
    QList<PeerIceServer> iceServers;
    PeerConnection::Signaling signaling = PeerConnection::Signaling::Rendezvous;
    /// Of a connection without a destination, which would tell them.
    QStringList expectedPeerIds;
    PeerAddress::Paths allowedPaths = PeerAddress::Paths::All;
    bool isLoopbackAllowed = false;
    /// Bounded by MaxEarlyCandidates.
    std::vector<peer::Signal> earlyCandidates;
    /// How our signals name the call; a caller's is known from the offer on. Empty: the peer's
    /// signals name none.
    std::string call;
    bool isIncoming = false;
    /// A worker dials.
    bool isStarted = false;
    /// close() was called: nothing more is taken, and what was not started does not start.
    bool isEnding = false;

    PeerConnection::State state = PeerConnection::State::Idle;
    PeerConnection::Error error = PeerConnection::Error::None;
    QString errorString;
    QString peerName;
    QString peerId;
    bool isIdentityVerified = false;
    QString service;
    bool isAudioOffered = false;
    bool isVideoOffered = false;
    PeerPath path;
    PeerStatistics statistics;
    std::shared_ptr<const peer::notice::Report::Shared> report;

    QHash<peer::ChannelHandle, PeerChannel *> channels;
    PeerChannel *defaultChannel = nullptr;
    quint32 lastHandle = quint32(peer::ChannelHandle::Default);

    /// Those that have not ended.
    QMap<peer::TrackHandle, PeerTrack *> tracks;
    quint32 lastTrackHandle = 0;
    peer::AcceptedTracks acceptedTracks = peer::defaultAcceptedTracks();

    /// Channels that have ended with messages that a paused reader has not taken yet.
    QSet<const QObject *> unread;
    /// The connection has ended and says so once unread is empty.
    bool isClosedHeldBack = false;

    std::deque<peer::Notice> pending;
    /// processNotices() is due by itself.
    bool isTurnPosted = false;
};

#endif // PEERCONNECTION_P_H
