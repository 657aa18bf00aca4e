// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_TRACKFEED_H
#define PEER_MEDIA_TRACKFEED_H

#include "media/engine/calltrack.h"

#include <memory>
#include <mutex>
#include <utility>

namespace peer::media {

/// Where sources leave their samples for a track that may come, change and go meanwhile. Any
/// thread.
class TrackFeed
{
public:
    void setTrack(std::shared_ptr<CallTrack> track)
    {
        const std::lock_guard lock(m_mutex);
        m_track = std::move(track);
    }

    void push(GstSample *sample) const
    {
        const std::lock_guard lock(m_mutex);
        if (m_track)
            m_track->sending().push(sample);
    }

private:
    mutable std::mutex m_mutex;
    std::shared_ptr<CallTrack> m_track;
};

} // namespace peer::media

#endif // PEER_MEDIA_TRACKFEED_H
