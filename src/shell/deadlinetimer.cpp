// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/deadlinetimer.h"

#include "shell/boottime.h"

#include <algorithm>

namespace peer {

DeadlineTimer::DeadlineTimer(QObject *parent)
    : QObject(parent)
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &DeadlineTimer::wakeUp);
}

void DeadlineTimer::setDeadline(TimePoint deadline)
{
    m_deadline = deadline;
    if (deadline < m_wakeUp)
        arm(bootTimeNow());
}

void DeadlineTimer::wakeUp()
{
    m_wakeUp = Never;
    if (m_deadline == Never)
        return;
    const TimePoint now = bootTimeNow();
    if (now < m_deadline) {
        arm(now);
        return;
    }
    m_deadline = Never;
    Q_EMIT expired();
}

void DeadlineTimer::arm(TimePoint now)
{
    using std::chrono::milliseconds;
    milliseconds wait{0};
    if (m_deadline > now) {
        const Duration left = std::min<Duration>(m_deadline - now, LongestSleep);
        wait = std::chrono::ceil<milliseconds>(left);
    }
    m_wakeUp = now + wait;
    m_timer.start(wait);
}

} // namespace peer
