// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_REMOTEFIGURES_H
#define PEER_MEDIA_REMOTEFIGURES_H

#include "media/engine/gstpointer.h"

#include <PeerConnection/peermediastatistics.h>

#include <mutex>
#include <optional>
#include <span>

namespace peer::media {

/// Counts what comes of the peer's tracks, and reads test pictures and tones back. Any thread.
class RemoteFigures
{
public:
    void takePicture(GstSample *sample);
    void takeSound(std::span<const std::int16_t> samples);
    /// The part of the statistics that is the peer's.
    PeerMediaStatistics statistics() const;
    /// Whether sound has come since the beginning, or since forgetSound().
    bool hasHeard() const;
    void forgetSound();

private:
    mutable std::mutex m_mutex;
    PeerMediaStatistics m_figures;
    bool m_hasHeard = false;
    std::optional<std::uint32_t> m_lastFrame; ///< of the test picture
};

} // namespace peer::media

#endif // PEER_MEDIA_REMOTEFIGURES_H
