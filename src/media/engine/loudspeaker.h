// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_LOUDSPEAKER_H
#define PEER_MEDIA_ENGINE_LOUDSPEAKER_H

#include "media/engine/fault.h"
#include "media/engine/gstpointer.h"

#include <functional>
#include <future>
#include <string>

namespace peer::media {

/// A device that plays the peer's sound: a branch of the call's pipeline that begins with an appsrc
/// of its own, so that a device that fails ends nothing but itself, and is heard in time with the
/// pictures all the same.
///
/// In the thread that owns the pipeline, but for stop() and what is open to any. Between start() and
/// stop() it must not be destroyed.
class Loudspeaker
{
public:
    /// device: an element that plays. probe: the name of a webrtcechoprobe before it; empty for
    /// none. latency: of what comes, on its way here. failed: it is silent from now on; called in
    /// a thread of its own or of GStreamer's.
    Loudspeaker(GstElement *pipeline, GstPointer<GstElement> device, const std::string &probe,
                GstClockTime latency, std::function<void(const Fault &)> failed);
    Loudspeaker(const Loudspeaker &) = delete;
    Loudspeaker &operator=(const Loudspeaker &) = delete;

    /// False if GStreamer could not build it. The device is opened in a thread of its own, for that
    /// may take long.
    bool start();
    /// Waits until it has been opened; its threads have ended then.
    void stop();
    /// Where sound goes in.
    GstElement *source() const { return m_source.get(); }
    void setLatency(GstClockTime latency);
    /// Any thread. Whether an element is part of it.
    bool has(GstObject *element) const;
    /// Any thread. An element of it has said this.
    void take(GstMessage *error) const;

private:
    GstElement *const m_pipeline;
    const std::function<void(const Fault &)> m_failed;
    GstPointer<GstElement> m_bin;
    GstPointer<GstElement> m_source;
    std::shared_future<void> m_opened; ///< once started
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_LOUDSPEAKER_H
