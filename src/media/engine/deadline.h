// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_DEADLINE_H
#define PEER_MEDIA_ENGINE_DEADLINE_H

#include <gst/gst.h>

#include <functional>
#include <memory>

namespace peer::media {

/// Calls once, in a thread of GStreamer's, when a time has passed.
///
/// stop(), or the destructor, waits for a call that is under way; none comes afterwards. So neither
/// may be done within the call.
class Deadline
{
public:
    explicit Deadline(std::function<void()> passed);
    ~Deadline() { stop(); }
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;

    /// From now on; one that runs already begins again. Wants GStreamer started.
    void start(GstClockTime time);
    void stop();

private:
    struct Wait;

    const std::function<void()> m_passed;
    std::shared_ptr<Wait> m_wait;
    GstClockID m_id = nullptr;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_DEADLINE_H
