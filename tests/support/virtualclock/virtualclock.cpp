// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/virtualclock/virtualclock.h"

#include <sys/time.h>

#include <algorithm>

namespace peer::test {

namespace {

/// What gettimeofday() said when the boot clock stood at zero: some day in 2023.
constexpr std::chrono::seconds SystemTimeAtBoot{1'700'000'000};

TimePoint &clock()
{
    static TimePoint time{std::chrono::hours(1)};
    return time;
}

} // namespace

TimePoint VirtualClock::now()
{
    return clock();
}

void VirtualClock::advanceTo(TimePoint time)
{
    clock() = std::max(clock(), time);
}

} // namespace peer::test

/// Found before the C library's by every shared library of the program.
extern "C" __attribute__((visibility("default"))) int gettimeofday(timeval *__restrict time,
                                                                   void *__restrict) noexcept
{
    using namespace std::chrono;
    const auto sinceBoot = duration_cast<microseconds>(peer::test::clock().time_since_epoch());
    const microseconds system = peer::test::SystemTimeAtBoot + sinceBoot;
    time->tv_sec = system.count() / 1'000'000;
    time->tv_usec = system.count() % 1'000'000;
    return 0;
}
