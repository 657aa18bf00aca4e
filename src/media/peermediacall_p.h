// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERMEDIACALL_P_H
#define PEERMEDIACALL_P_H

// Not part of the public API.

#include "media/bitratemeter.h"
#include "media/engine/callpipeline.h"
#include "media/remotefigures.h"
#include "media/sourceswitch.h"
#include "media/standingfaults.h"
#include "media/trackfeed.h"

#include <PeerConnection/peerconnection.h>
#include <PeerConnection/peermediacall.h>

#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>

#include <atomic>

/// A media call's parts, in the thread of the PeerMediaCall:
///
///     SourceSwitch → TrackFeed → CallTrack of the CallPipeline → PeerRtpPort
///     PeerRtpPort → TrackGate → … → FrameHandover → the remote video sink
class PeerMediaCallPrivate
{
    Q_DECLARE_PUBLIC(PeerMediaCall)

public:
    explicit PeerMediaCallPrivate(PeerMediaCall *q);
    ~PeerMediaCallPrivate();

    void setConnection(PeerConnection *next);
    /// The sources do what is wanted now, which changed says; what stood against these parts does
    /// not any more.
    void changeSending(void (PeerMediaCall::*changed)(),
                       std::initializer_list<peer::media::MediaPart> parts = {});
    void changeSpeaker();
    PeerMediaStatistics statistics() const;

    PeerMediaCall *q_ptr;
    QPointer<PeerConnection> connection;
    peer::media::Sending sending;
    QString speaker; ///< that is wanted; empty: the first
    peer::media::FrameHandover remote;
    peer::media::FrameHandover local;
    peer::media::StandingFaults faults;

private:
    /// A track of the connection, and what runs for it while it is open.
    struct Slot
    {
        QPointer<PeerTrack> track;
        PeerRtpPort port;
        std::shared_ptr<peer::media::CallTrack> running;
        std::shared_ptr<peer::media::TrackFeed> feed = std::make_shared<peer::media::TrackFeed>();
        bool isSending = false; ///< what is captured reaches the peer
    };

    Slot &slotOf(PeerTrack::Kind kind);
    void take(PeerTrack *track);
    void update(PeerTrack::Kind kind);
    bool startPipeline(const PeerTrack &track);
    void startTrack(Slot &slot, const peer::media::TrackConfig &config);
    /// By the direction that both sides agree on.
    void updateSending(Slot &slot);
    void stopTrack(Slot &slot);
    void stopAll();
    void tellNoMedia(const QString &why);
    void updateActivity();
    /// What is wanted, of what the peer gets: nothing is captured besides.
    peer::media::Sending effectiveSending() const;
    void applySending();
    void onDevices();
    /// Plays by the speaker that is to be played by now.
    void updateSpeaker();
    QString choiceOfSpeaker() const;
    /// False if it does not work; empty: none.
    bool useSpeaker(const QString &id);
    void onSpeakerFault(unsigned generation, const peer::media::Fault &fault);
    void onTick();
    void measureBitrates();
    void report(peer::media::MediaPart part, const peer::media::Fault &fault);
    void report(const peer::media::StandingFaults::Standing &fault);
    /// From the event loop: whoever is told may delete the call, which is still at work.
    void reportLater(peer::media::MediaPart part, const peer::media::Fault &fault);
    void clearFaults(std::initializer_list<peer::media::MediaPart> parts);

public:
    bool isActive = false;
    Slot audio;
    Slot video;
    peer::media::SourceSwitch sources;

private:
    const std::shared_ptr<peer::media::RemoteFigures> m_figures =
        std::make_shared<peer::media::RemoteFigures>();
    const std::string m_echoProbe;
    bool m_hasProbe = false;      ///< what is played passes it
    QString m_playing;            ///< the speaker's id; empty: none
    unsigned m_speakers = 0;      ///< that there have been: what former ones say does not count
    QStringList m_brokenSpeakers; ///< not tried again before they were pulled out
    std::unique_ptr<peer::media::CallPipeline> m_pipeline;
    peer::media::TrackGate::Statistics m_formerTracks; ///< of tracks that have stopped
    peer::media::BitrateMeter m_sentBitrate;
    peer::media::BitrateMeter m_receivedBitrate;
    std::atomic<bool> m_isLatencyDue = false; ///< to be looked at, from this thread's event loop
    bool m_hasFailed = false; ///< for this connection: what has been told is not told again
    QTimer m_tick;
    unsigned m_ticks = 0;
};

#endif // PEERMEDIACALL_P_H
