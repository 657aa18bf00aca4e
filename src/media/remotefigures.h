// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_REMOTEFIGURES_H
#define PEER_MEDIA_REMOTEFIGURES_H

#include "media/engine/gstpointer.h"
#include "media/pattern/toneclock.h"

#include <PeerConnection/peermediastatistics.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <span>

namespace peer::media {

/// From here on a pause between two pictures is seen as a freeze.
inline constexpr std::chrono::milliseconds FreezeTime{200};

/// Counts what comes of the peer's tracks, and reads test pictures and tones back. Any thread.
class RemoteFigures
{
public:
    /// Another peer's from now on.
    void begin();
    void takePicture(GstSample *sample);
    /// It is on its way to the screen.
    void takeShown(GstSample *sample);
    void takeSound(std::span<const std::int16_t> samples);
    /// So many blocks of sound are made up: the next that are taken. They go on with the tone that
    /// was, and hence are not counted as the peer's.
    void takeConcealed(int blocks);
    /// The part of the statistics that is the peer's.
    PeerMediaStatistics statistics() const;
    /// Whether sound has come since the beginning, or since forgetSound().
    bool hasHeard() const;
    void forgetSound();

private:
    mutable std::mutex m_mutex;
    PeerMediaStatistics m_figures;
    bool m_hasHeard = false;
    std::size_t m_concealed = 0; ///< blocks that are made up and were not taken yet
    ToneClock m_toneClock;
    std::optional<std::uint32_t> m_lastFrame; ///< of the test picture
    std::optional<std::chrono::steady_clock::time_point> m_lastPicture;
};

} // namespace peer::media

#endif // PEER_MEDIA_REMOTEFIGURES_H
