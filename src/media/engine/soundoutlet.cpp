// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/soundoutlet.h"

#include <gst/app/gstappsrc.h>

namespace peer::media {

unsigned SoundOutlet::open()
{
    const std::lock_guard lock(m_mutex);
    return ++m_latest;
}

void SoundOutlet::push(unsigned stream, GstBuffer *sound, GstClockTime time)
{
    GstPointer<GstElement> target;
    {
        const std::lock_guard lock(m_mutex);
        if (stream != m_latest || !m_target)
            return;
        target = shared(m_target.get());
    }
    GstBuffer *buffer = gst_buffer_copy(sound); // its samples are shared
    GST_BUFFER_PTS(buffer) = time;
    gst_app_src_push_buffer(GST_APP_SRC(target.get()), buffer); // takes the reference
}

void SoundOutlet::setTarget(GstElement *appsrc)
{
    GstPointer<GstElement> target;
    if (appsrc)
        target = shared(appsrc);
    const std::lock_guard lock(m_mutex);
    m_target.swap(target);
}

} // namespace peer::media
