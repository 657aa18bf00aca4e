// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_PATTERN_TONECLOCK_H
#define PEER_MEDIA_PATTERN_TONECLOCK_H

#include <cstdint>
#include <optional>
#include <span>

namespace peer::media {

/// The test tone tells when it was made, as the strip of the test picture does: each second of the
/// sender's clock begins with MarkTime of half the amplitude.
///
///     ‾‾‾‾‾‾‾‾‾‾‾‾‾‾\____/‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾\____/‾‾‾
///                   second                          second
class ToneClock
{
public:
    static constexpr std::uint32_t MarkTime = 200; // ms

    /// Marks a tone, the first sample of which is of this time by the sender's clock, in
    /// milliseconds.
    static void mark(std::span<std::int16_t> samples, int channels, std::uint32_t time);

    /// Sound as it comes, with the time by the clock of the test when its first sample is heard.
    /// If a mark ends in it: how late it was, from -500 to 499 ms. Where sound is missing a mark
    /// may be missed, or seen where there is none only if it has the length of one to 10 ms.
    std::optional<int> take(std::span<const std::int16_t> samples, int channels,
                            std::uint32_t time);

private:
    void begin(bool isQuiet, double time);

    double m_loudness = 0; ///< the greatest sample of late
    bool m_isQuiet = false;
    double m_since = 0;       ///< ms
    int m_windowsOfOther = 0; ///< that were the other way in a row
};

} // namespace peer::media

#endif // PEER_MEDIA_PATTERN_TONECLOCK_H
