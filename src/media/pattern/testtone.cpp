// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/testtone.h"

#include <cmath>
#include <numbers>

namespace peer::media {

namespace {

/// An eighth of full scale: heard, not hurting.
constexpr double Amplitude = 4096;
/// Mean square below which there is silence: the amplitude of an encoder's leftovers.
constexpr double Silence = 32.0 * 32.0;
/// Of all power; a sine that the encoder has treated badly still has nearly all of it in one place.
constexpr double MostOfIt = 0.6;

/// Mean square of the part of this frequency in the first SamplesOfPacket samples.
double powerAt(std::span<const std::int16_t> samples, std::size_t channels, int frequency)
{
    const double coefficient = 2 * std::cos(2 * std::numbers::pi * frequency / double{SampleRate});
    double before = 0;
    double last = 0;
    for (std::size_t i = 0; i < SamplesOfPacket; ++i) {
        const double next = samples[i * channels] + coefficient * last - before;
        before = last;
        last = next;
    }
    const double magnitude = last * last + before * before - coefficient * last * before;
    return 2 * magnitude / (double{SamplesOfPacket} * SamplesOfPacket);
}

} // namespace

TestTone::TestTone(std::uint16_t sender)
    : m_step(2 * std::numbers::pi * frequencyOf(toneOf(sender)) / SampleRate)
{ }

void TestTone::write(std::span<std::int16_t> samples, int channels)
{
    for (std::size_t i = 0; i < samples.size(); i += std::size_t(channels)) {
        const auto sample = static_cast<std::int16_t>(std::lround(Amplitude * std::sin(m_phase)));
        for (std::size_t channel = 0; channel < std::size_t(channels); ++channel)
            samples[i + channel] = sample;
        m_phase = std::fmod(m_phase + m_step, 2 * std::numbers::pi);
    }
}

std::optional<int> detectTone(std::span<const std::int16_t> samples, int channels)
{
    const auto apart = std::size_t(channels);
    if (channels < 1 || samples.size() < SamplesOfPacket * apart)
        return {};
    double power = 0;
    for (std::size_t i = 0; i < SamplesOfPacket; ++i)
        power += double(samples[i * apart]) * samples[i * apart];
    power /= SamplesOfPacket;
    if (power < Silence)
        return {};
    for (int tone = 0; tone < Tones; ++tone) {
        if (powerAt(samples, apart, frequencyOf(tone)) > MostOfIt * power)
            return tone;
    }
    return {};
}

} // namespace peer::media
