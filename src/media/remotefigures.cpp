// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/remotefigures.h"

#include "media/engine/testsources.h"
#include "media/engine/videopicture.h"
#include "media/pattern/teststrip.h"
#include "media/pattern/testtone.h"

#include <algorithm>
#include <cmath>

namespace peer::media {

namespace {

std::optional<StripContent> contentOf(GstSample *sample)
{
    const MappedPicture mapped(sample);
    if (!mapped.isMapped())
        return {};
    return TestStrip::read(asView(mapped.picture()));
}

/// Since then, by the clock of the strip.
int delaySince(std::uint32_t paintedAt)
{
    return static_cast<int>(stripTime() - paintedAt);
}

/// Marks of the tone tell apart a second; the picture tells which.
int nearest(int delay, int other)
{
    return delay + static_cast<int>(std::lround((other - delay) / 1000.0)) * 1000;
}

} // namespace

void RemoteFigures::begin()
{
    const std::lock_guard lock(m_mutex);
    m_figures = {};
    m_hasHeard = false;
    m_concealed = 0;
    m_toneClock = {};
    m_lastFrame.reset();
    m_lastPicture.reset();
}

void RemoteFigures::takePicture(GstSample *sample)
{
    const MappedPicture mapped(sample);
    if (!mapped.isMapped())
        return;
    const Picture picture = mapped.picture();
    const auto content = TestStrip::read(asView(picture));
    const std::lock_guard lock(m_mutex);
    const auto now = std::chrono::steady_clock::now();
    if (!m_figures.firstFrame.isValid())
        m_figures.firstFrame = QDateTime::currentDateTime();
    if (m_lastPicture && now - *m_lastPicture > FreezeTime)
        ++m_figures.freezes;
    m_lastPicture = now;
    ++m_figures.framesDecoded;
    m_figures.frameSize = QSize(picture.width, picture.height);
    if (!content)
        return;
    if (m_figures.testSender != content->sender) {
        m_figures.testSender = content->sender;
        m_figures.testFrames = 0;
        m_figures.testTones = 0;
        m_lastFrame.reset();
    }
    // A decoder may show a picture twice, but never goes back.
    if (m_lastFrame != content->frame)
        ++m_figures.testFrames;
    m_lastFrame = content->frame;
    m_figures.testDelay = delaySince(content->paintedAt);
}

void RemoteFigures::takeShown(GstSample *sample)
{
    const auto content = contentOf(sample);
    const std::lock_guard lock(m_mutex);
    if (content && m_figures.testSender == content->sender)
        m_figures.testDisplayDelay = delaySince(content->paintedAt);
}

void RemoteFigures::takeSound(std::span<const std::int16_t> samples)
{
    const auto tone = detectTone(samples, 2);
    const std::lock_guard lock(m_mutex);
    ++m_figures.soundsDecoded;
    m_hasHeard = true;
    if (m_concealed > 0) {
        // One may be as long as several packets.
        const std::size_t blocks = samples.size() / (2 * SamplesOfPacket);
        m_concealed -= std::clamp<std::size_t>(blocks, 1, m_concealed);
        return;
    }
    if (tone && m_figures.testSender >= 0
        && *tone == toneOf(static_cast<std::uint16_t>(m_figures.testSender))) {
        ++m_figures.testTones;
        if (const auto late = m_toneClock.take(samples, 2, stripTime()))
            m_figures.testSoundDelay = nearest(*late, m_figures.testDelay);
    }
}

void RemoteFigures::takeConcealed(int blocks)
{
    const std::lock_guard lock(m_mutex);
    m_figures.soundsConcealed += static_cast<quint64>(blocks);
    m_concealed += static_cast<std::size_t>(blocks);
}

PeerMediaStatistics RemoteFigures::statistics() const
{
    const std::lock_guard lock(m_mutex);
    return m_figures;
}

bool RemoteFigures::hasHeard() const
{
    const std::lock_guard lock(m_mutex);
    return m_hasHeard;
}

void RemoteFigures::forgetSound()
{
    const std::lock_guard lock(m_mutex);
    m_hasHeard = false;
}

} // namespace peer::media
