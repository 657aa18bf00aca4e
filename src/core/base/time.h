// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_TIME_H
#define PEER_BASE_TIME_H

#include <chrono>

namespace peer {

/// The clock of every protocol machine. It has no now(): time is an argument. The shell feeds it
/// from CLOCK_BOOTTIME, so that a machine notices the time it slept; a simulation feeds it from
/// its schedule.
struct BootClock
{
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<BootClock, duration>;
    static constexpr bool is_steady = true;
};

using Duration = BootClock::duration;
using TimePoint = BootClock::time_point;

/// The deadline of a machine that waits for nothing.
inline constexpr TimePoint Never = TimePoint::max();

} // namespace peer

#endif // PEER_BASE_TIME_H
