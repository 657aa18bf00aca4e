// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_MEDIAPAIR_H
#define PEER_TESTS_MEDIAPAIR_H

#include "media/engine/callpipeline.h"
#include "media/engine/testsources.h"
#include "media/engine/videopicture.h"
#include "media/engine/vp8header.h"
#include "media/pattern/toneclock.h"

#include <QtCore/qobject.h>
#include <QtCore/qtestsupport_core.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace peer::test {

/// Runs the event loop until condition holds; half a minute is for machines that are busy.
[[nodiscard]] inline bool eventually(const std::function<bool()> &condition)
{
    return QTest::qWaitFor(condition, 30'000);
}

/// A way to the other side's gate, on which packets may get lost. As on a network, who sends does
/// not wait for what the other side does with it: packets are brought in a thread of the link's, or
/// two sides that answer each other would wait for each other.
class BackToBackLink : public media::RtpLink
{
public:
    /// On their way at once; what is more gets lost.
    static constexpr std::size_t MaxOnTheWay = 1024;

    BackToBackLink();
    ~BackToBackLink();

    bool sendRtp(ByteView packet) override;
    void sendRtcp(ByteView compound) override;
    /// Nothing arrives until there is one, nor after it has gone.
    void setGate(std::shared_ptr<media::TrackGate> gate);

    /// What is said true of is lost; called in GStreamer's threads.
    std::function<bool(ByteView rtp)> loses;
    /// What arrives, RTP and RTCP alike, and just before it does; called in the link's thread, so
    /// it is set before the first packet.
    std::function<void(ByteView packet)> seen;
    /// Packets are not even taken, as by a muted track; counted as refused.
    std::atomic<bool> refuses = false;
    std::atomic<int> refused = 0;
    std::atomic<int> packets = 0;
    std::atomic<int> reports = 0;

private:
    void put(ByteView packet);
    void bring();

    std::mutex m_gateMutex; ///< for the next, held while a packet arrives
    std::shared_ptr<media::TrackGate> m_gate;
    std::mutex m_mutex; ///< for the next two
    std::deque<Bytes> m_onTheWay;
    bool m_isEnding = false;
    std::condition_variable m_changed;
    std::thread m_thread;
};

/// One of two peers: a call with a track of each kind, the test sources in them, and what has come
/// from the other.
class MediaPeer
{
public:
    explicit MediaPeer(std::uint16_t sender);
    ~MediaPeer();

    /// True if GStreamer could build it.
    bool start(bool hasRetransmission = true);
    bool startTracks(bool hasRetransmission);
    void connectTo(MediaPeer &other);
    void startSources();
    /// Another test picture, which says it is this sender's, in place of the one before.
    void changePicture(std::uint16_t sender);
    /// What leaves pictures and sound with the tracks.
    media::SourceTaker sourceTaker();

    /// That were given to the encoder since the picture was changed.
    int picturesGiven() const { return m_given; }
    /// That were decoded.
    int pictures() const;
    /// Different frames of this sender's that were decoded.
    std::size_t framesOf(std::uint16_t sender) const;
    /// Packets' worth of sound with this sender's tone.
    int packetsOf(std::uint16_t sender) const;
    /// Packets' worth of sound that were lost.
    int concealed() const { return m_concealed; }
    /// How far pictures were behind the sound, once a second, in milliseconds.
    std::vector<int> skews() const;
    media::FrameSize lastSize() const;
    std::vector<std::string> faults() const;

    BackToBackLink &videoLink() { return *m_videoLink; }
    BackToBackLink &audioLink() { return *m_audioLink; }
    media::CallPipeline &call() { return *m_call; }
    const std::shared_ptr<media::CallTrack> &video() const { return m_video; }
    const std::shared_ptr<media::CallTrack> &audio() const { return m_audio; }
    /// Of this peer, and what is on its way from it does not arrive any more.
    void stopTracks();

private:
    void takePicture(GstSample *sample);
    void takeSound(std::span<const std::int16_t> samples);

    const std::uint16_t m_sender;
    QObject m_context;
    std::shared_ptr<BackToBackLink> m_videoLink = std::make_shared<BackToBackLink>();
    std::shared_ptr<BackToBackLink> m_audioLink = std::make_shared<BackToBackLink>();
    std::unique_ptr<media::CallPipeline> m_call;
    std::shared_ptr<media::CallTrack> m_video;
    std::shared_ptr<media::CallTrack> m_audio;
    std::unique_ptr<media::TestPictureSource> m_picture;
    std::unique_ptr<media::TestToneSource> m_tone;
    std::atomic<int> m_given = 0;
    std::atomic<int> m_concealed = 0;

    mutable std::mutex m_mutex; ///< for what follows
    std::map<std::uint16_t, std::set<std::uint32_t>> m_frames;
    std::map<int, int> m_tones;
    int m_pictures = 0;
    media::ToneClock m_toneClock;
    int m_pictureDelay = 0; ///< ms
    std::vector<int> m_skews;
    media::FrameSize m_lastSize;
    std::vector<std::string> m_faults;
};

/// What is agreed on for a track of this sender's.
media::TrackConfig configOf(media::TrackKind kind, std::uint16_t sender, bool hasRetransmission);

} // namespace peer::test

#endif // PEER_TESTS_MEDIAPAIR_H
