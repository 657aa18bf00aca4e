// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "mediapair.h"

#include "media/engine/videopicture.h"

namespace peer::test {

using namespace peer::media;

BackToBackLink::BackToBackLink()
    : m_thread([this] { bring(); })
{ }

BackToBackLink::~BackToBackLink()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isEnding = true;
    }
    m_changed.notify_one();
    m_thread.join();
}

bool BackToBackLink::sendRtp(ByteView packet)
{
    if (refuses) {
        ++refused;
        return false;
    }
    ++packets;
    if (!loses || !loses(packet))
        put(packet);
    return true;
}

void BackToBackLink::sendRtcp(ByteView compound)
{
    ++reports;
    put(compound);
}

void BackToBackLink::setGate(std::shared_ptr<TrackGate> gate)
{
    const std::lock_guard lock(m_gateMutex);
    m_gate.swap(gate);
}

void BackToBackLink::put(ByteView packet)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_onTheWay.size() < MaxOnTheWay)
            m_onTheWay.push_back(toBytes(packet));
    }
    m_changed.notify_one();
}

void BackToBackLink::bring()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        m_changed.wait(lock, [this] { return m_isEnding || !m_onTheWay.empty(); });
        if (m_isEnding)
            return;
        const Bytes packet = std::move(m_onTheWay.front());
        m_onTheWay.pop_front();
        lock.unlock();
        {
            const std::lock_guard gateLock(m_gateMutex);
            if (m_gate && seen)
                seen(packet);
            if (m_gate)
                m_gate->enter(packet);
        }
        lock.lock();
    }
}

TrackConfig configOf(TrackKind kind, std::uint16_t sender, bool hasRetransmission)
{
    TrackConfig config;
    config.kind = kind;
    const bool isVideo = kind == TrackKind::Video;
    config.payloadType = isVideo ? 96 : 111;
    if (isVideo && hasRetransmission)
        config.retransmissionType = std::uint8_t{97};
    if (!isVideo)
        config.redundancyType = std::uint8_t{63};
    config.hasNack = isVideo && hasRetransmission;
    config.hasPli = isVideo;
    config.ssrc = 1000U * sender + (isVideo ? 1 : 3);
    config.retransmissionSsrc = 1000U * sender + 2;
    config.mid = isVideo ? "1" : "0";
    config.midExtension = std::uint8_t{1};
    config.transportExtension = std::uint8_t{3};
    return config;
}

MediaPeer::MediaPeer(std::uint16_t sender)
    : m_sender(sender)
{
    CallPipeline::Callbacks callbacks;
    callbacks.fault = [this](const Fault &fault) {
        const std::lock_guard lock(m_mutex);
        m_faults.push_back(fault.text + " " + fault.details);
    };
    callbacks.latencyChanged = [this] {
        QMetaObject::invokeMethod(&m_context, [this] { m_call->updateLatency(); });
    };
    m_call = std::make_unique<CallPipeline>("peer-" + std::to_string(sender), callbacks);
}

MediaPeer::~MediaPeer()
{
    m_picture.reset();
    m_tone.reset();
    // Nothing arrives at the other any more, nor is it seen; here it does while the gates are open.
    m_videoLink->setGate(nullptr);
    m_audioLink->setGate(nullptr);
    m_call.reset();
}

bool MediaPeer::start(bool hasRetransmission)
{
    return !m_call->start() && startTracks(hasRetransmission);
}

bool MediaPeer::startTracks(bool hasRetransmission)
{
    TrackSetup video;
    video.config = configOf(TrackKind::Video, m_sender, hasRetransmission);
    video.link = m_videoLink;
    video.taker.video = [this](GstSample *sample) { takePicture(sample); };
    m_video = m_call->addTrack(std::move(video));
    TrackSetup audio;
    audio.config = configOf(TrackKind::Audio, m_sender, hasRetransmission);
    audio.link = m_audioLink;
    audio.taker.audio = [this](std::span<const std::int16_t> samples) { takeSound(samples); };
    audio.taker.concealed = [this](int blocks) { m_concealed += blocks; };
    m_audio = m_call->addTrack(std::move(audio));
    return m_video && m_audio;
}

void MediaPeer::connectTo(MediaPeer &other)
{
    m_videoLink->setGate(other.m_video->gate());
    m_audioLink->setGate(other.m_audio->gate());
}

void MediaPeer::startSources()
{
    m_tone = std::make_unique<TestToneSource>(m_sender, sourceTaker());
    changePicture(m_sender);
    m_tone->start();
}

void MediaPeer::changePicture(std::uint16_t sender)
{
    m_picture.reset();
    m_given = 0;
    m_picture = std::make_unique<TestPictureSource>(sender, "alice", sourceTaker());
    m_picture->start();
}

SourceTaker MediaPeer::sourceTaker()
{
    SourceTaker taker;
    taker.video = [this](GstSample *sample) {
        ++m_given;
        m_video->sending().push(sample);
    };
    taker.audio = [this](GstSample *sample) { m_audio->sending().push(sample); };
    return taker;
}

void MediaPeer::stopTracks()
{
    m_picture.reset();
    m_tone.reset();
    m_videoLink->setGate(nullptr);
    m_audioLink->setGate(nullptr);
    m_call->removeTrack(m_video);
    m_call->removeTrack(m_audio);
}

std::size_t MediaPeer::framesOf(std::uint16_t sender) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_frames.find(sender);
    return found == m_frames.end() ? 0 : found->second.size();
}

int MediaPeer::packetsOf(std::uint16_t sender) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_tones.find(toneOf(sender));
    return found == m_tones.end() ? 0 : found->second;
}

int MediaPeer::pictures() const
{
    const std::lock_guard lock(m_mutex);
    return m_pictures;
}

std::vector<int> MediaPeer::skews() const
{
    const std::lock_guard lock(m_mutex);
    return m_skews;
}

FrameSize MediaPeer::lastSize() const
{
    const std::lock_guard lock(m_mutex);
    return m_lastSize;
}

std::vector<std::string> MediaPeer::faults() const
{
    const std::lock_guard lock(m_mutex);
    return m_faults;
}

void MediaPeer::takePicture(GstSample *sample)
{
    const MappedPicture mapped(sample);
    if (!mapped.isMapped())
        return;
    const Picture picture = mapped.picture();
    const auto content = TestStrip::read(asView(picture));
    const std::lock_guard lock(m_mutex);
    ++m_pictures;
    m_lastSize = {picture.width, picture.height};
    if (content)
        m_pictureDelay = int(stripTime() - content->paintedAt);
    if (content)
        m_frames[content->sender].insert(content->frame);
}

void MediaPeer::takeSound(std::span<const std::int16_t> samples)
{
    const auto tone = detectTone(samples, 2);
    const std::lock_guard lock(m_mutex);
    if (tone)
        ++m_tones[*tone];
    const auto delay = m_toneClock.take(samples, 2, stripTime());
    if (delay && m_pictures > 0)
        m_skews.push_back((m_pictureDelay - *delay + 10'500) % 1000 - 500);
}

} // namespace peer::test
