// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SOUNDOUTLET_H
#define PEER_MEDIA_ENGINE_SOUNDOUTLET_H

#include "media/engine/gstpointer.h"

#include <mutex>

namespace peer::media {

/// Where decoded sound is left for a loudspeaker, which may come, change and go meanwhile. Of
/// several streams the latest is played. Any thread.
class SoundOutlet
{
public:
    /// What push() is called with by a stream that begins now.
    unsigned open();
    /// time: of the call, at which the sound is to be heard but for the call's latency.
    void push(unsigned stream, GstBuffer *sound, GstClockTime time);

    /// An appsrc, or null: then sound goes nowhere.
    void setTarget(GstElement *appsrc);

private:
    std::mutex m_mutex; ///< for what follows
    unsigned m_latest = 0;
    GstPointer<GstElement> m_target;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SOUNDOUTLET_H
