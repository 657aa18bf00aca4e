// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_TIMERTABLE_H
#define PEER_BASE_TIMERTABLE_H

#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace peer {

/// The named timers of one machine. Timer is an enum class whose last value is Count; each of its
/// values is documented, where it is declared, by what expiry does.
template<typename Timer>
class TimerTable
{
public:
    TimerTable() { m_deadlines.fill(Never); }

    void set(Timer timer, TimePoint deadline) { at(timer) = deadline; }
    void stop(Timer timer) { at(timer) = Never; }
    bool isRunning(Timer timer) const { return deadline(timer) != Never; }
    TimePoint deadline(Timer timer) const { return m_deadlines[static_cast<std::size_t>(timer)]; }
    TimePoint next() const { return *std::min_element(m_deadlines.begin(), m_deadlines.end()); }

    /// True once a running timer's deadline has come; the timer is stopped.
    bool takeExpired(Timer timer, TimePoint now)
    {
        if (deadline(timer) > now)
            return false;
        stop(timer);
        return true;
    }

private:
    TimePoint &at(Timer timer) { return m_deadlines[static_cast<std::size_t>(timer)]; }

    std::array<TimePoint, static_cast<std::size_t>(Timer::Count)> m_deadlines;
};

} // namespace peer

#endif // PEER_BASE_TIMERTABLE_H
