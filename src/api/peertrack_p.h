// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERTRACK_P_H
#define PEERTRACK_P_H

// This file is not part of the public API; it may change or vanish without notice.

#include "api/connectionlink.h"

#include <PeerConnection/peertrack.h>

#include <memory>

class PeerTrackPrivate
{
    Q_DECLARE_PUBLIC(PeerTrack)

public:
    /// What both sides have agreed on.
    void setTerms(peer::TrackTerms next);
    void setState(PeerTrack::State next);
    /// Nothing is sent or handed out any more; the application hears of it by setState().
    void close();
    /// For the network thread.
    peer::command::AddTrack addCommand() const;

    PeerTrack *q_ptr = nullptr;
    /// Of the connection; and of the packets, the one part that other threads touch.
    std::shared_ptr<peer::ConnectionLink> link;
    std::shared_ptr<peer::TrackLink> trackLink;
    peer::TrackHandle handle = peer::TrackHandle::None;
    PeerTrack::Kind kind = PeerTrack::Kind::Audio;
    /// The direction in it is the wanted one.
    PeerTrack::Options options;
    PeerTrack::State state = PeerTrack::State::Negotiating;
    /// Why it has ended, if it was nobody's wish.
    QString errorString;
    peer::TrackTerms terms;
    bool isOfPeer = false;
    /// The network thread knows of it, or has commands that tell it.
    bool isKnown = false;
    bool isMuted = false;
    /// end() was called.
    bool isEnding = false;
};

#endif // PEERTRACK_P_H
