// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_TESTTONE_H
#define PEER_MEDIA_PATTERN_TESTTONE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace peer::media {

/// Sound as it is worked with everywhere here: 48 kHz, 16 bits, in packets of 20 ms.
inline constexpr int SampleRate = 48'000;
inline constexpr int SamplesOfPacket = SampleRate / 50;

/// Which of the tones a sender has. A packet holds a whole number of periods of each, so within one
/// they are orthogonal: that is how they are told apart.
inline constexpr int Tones = 32;
constexpr int toneOf(std::uint16_t sender)
{
    return sender % Tones;
}
constexpr int frequencyOf(int tone)
{
    return 400 + 100 * tone; // Hz: 400 to 3500, within what the narrowest band of Opus carries
}

/// A sine that goes on from packet to packet without a break.
class TestTone
{
public:
    explicit TestTone(std::uint16_t sender);

    /// The same for each channel; samples.size() is a multiple of channels.
    void write(std::span<std::int16_t> samples, int channels);

private:
    double m_step; ///< radians from a sample to the next
    double m_phase = 0;
};

/// The tone that makes up most of these samples, or nothing: noise, speech, silence. By Goertzel's
/// algorithm. Only the first of the channels is listened to; fewer than SamplesOfPacket samples of
/// it say nothing.
std::optional<int> detectTone(std::span<const std::int16_t> samples, int channels);

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_TESTTONE_H
