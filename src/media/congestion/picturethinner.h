// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_CONGESTION_PICTURETHINNER_H
#define PEER_MEDIA_CONGESTION_PICTURETHINNER_H

#include "core/base/time.h"

#include <chrono>

namespace peer::media {

/// Leaves out as many pictures as there are too many a second, evenly. The first one, and the first
/// after a pause, are not left out.
class PictureThinner
{
public:
    /// time: of a picture, later than that of the one before.
    bool takes(Duration time, int framesPerSecond)
    {
        const Duration interval = Duration(std::chrono::seconds(1)) / framesPerSecond;
        // A camera is not that punctual.
        if (time + interval / 4 < m_next)
            return false;
        m_next += interval;
        if (m_next <= time)
            m_next = time + interval;
        return true;
    }

private:
    Duration m_next{}; ///< when the next is due
};

} // namespace peer::media

#endif // PEER_MEDIA_CONGESTION_PICTURETHINNER_H
