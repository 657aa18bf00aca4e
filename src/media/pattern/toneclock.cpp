// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/toneclock.h"

#include "media/pattern/testtone.h"

#include <algorithm>
#include <cmath>

namespace peer::media {

namespace {

constexpr std::uint32_t Second = 1000; // ms
constexpr int SamplesOfMillisecond = SampleRate / 1000;
/// A period of the lowest tone: each window holds a crest of it.
constexpr int Window = SampleRate / 400;
constexpr double WindowTime = 1000.0 * Window / SampleRate; // ms
/// Between the half and the whole, as far from both.
constexpr double Threshold = 0.72;
/// So many windows in a row tell that it has changed: encoding smears an edge.
constexpr int Enough = 3;
/// How quickly a louder past is forgotten: to a half in five seconds or so.
constexpr double Decay = 0.99965;
constexpr double Silence = 32;
constexpr double Tolerance = 10; // ms

} // namespace

void ToneClock::mark(std::span<std::int16_t> samples, int channels, std::uint32_t time)
{
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto later = static_cast<std::uint32_t>(i / std::size_t(channels)
                                                      / SamplesOfMillisecond);
        if ((time + later) % Second < MarkTime)
            samples[i] = static_cast<std::int16_t>(samples[i] / 2);
    }
}

std::optional<int> ToneClock::take(std::span<const std::int16_t> samples, int channels,
                                   std::uint32_t time)
{
    const auto apart = std::size_t(channels);
    const std::size_t count = samples.size() / apart;
    std::optional<int> late;
    for (std::size_t start = 0; start + Window <= count; start += Window) {
        double crest = 0;
        for (std::size_t i = start; i < start + Window; ++i)
            crest = std::max(crest, std::abs(double(samples[i * apart])));
        m_loudness = std::max(crest, m_loudness * Decay);
        if (m_loudness < Silence)
            continue;
        const bool isQuiet = crest < Threshold * m_loudness;
        m_windowsOfOther = isQuiet == m_isQuiet ? 0 : m_windowsOfOther + 1;
        if (m_windowsOfOther < Enough)
            continue;
        // The first of these windows is where it changed.
        const double at = time + double(start) * 1000 / SampleRate - (Enough - 1) * WindowTime;
        const double length = at - m_since;
        if (!isQuiet && std::abs(length - MarkTime) <= Tolerance) {
            const auto offset = static_cast<std::uint32_t>(std::llround(m_since)) % Second;
            late = static_cast<int>(offset) - (offset < Second / 2 ? 0 : int(Second));
        }
        begin(isQuiet, at);
    }
    return late;
}

void ToneClock::begin(bool isQuiet, double time)
{
    m_isQuiet = isQuiet;
    m_since = time;
    m_windowsOfOther = 0;
}

} // namespace peer::media
