// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/deadline.h"

#include "media/engine/gstpointer.h"

#include <mutex>
#include <utility>

namespace peer::media {

/// Of one start().
struct Deadline::Wait
{
    std::mutex mutex;
    /// Empty once it is stopped.
    std::function<void()> passed;
};

Deadline::Deadline(std::function<void()> passed)
    : m_passed(std::move(passed))
{ }

void Deadline::start(GstClockTime time)
{
    stop();
    const GstPointer<GstClock> clock(gst_system_clock_obtain());
    m_id = gst_clock_new_single_shot_id(clock.get(), gst_clock_get_time(clock.get()) + time);
    m_wait = std::make_shared<Wait>();
    m_wait->passed = m_passed;
    using Waiter = std::shared_ptr<Wait>;
    gst_clock_id_wait_async(
        m_id,
        [](GstClock *, GstClockTime, GstClockID, gpointer waiter) -> gboolean {
            Wait &wait = **static_cast<Waiter *>(waiter);
            const std::lock_guard lock(wait.mutex);
            if (wait.passed)
                wait.passed();
            return TRUE;
        },
        new Waiter(m_wait), [](gpointer waiter) { delete static_cast<Waiter *>(waiter); });
}

void Deadline::stop()
{
    if (!m_id)
        return;
    {
        const std::lock_guard lock(m_wait->mutex);
        m_wait->passed = nullptr;
    }
    gst_clock_id_unschedule(m_id);
    gst_clock_id_unref(std::exchange(m_id, nullptr));
}

} // namespace peer::media
