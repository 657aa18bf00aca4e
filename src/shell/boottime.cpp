// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/boottime.h"

#include <time.h>

namespace peer {

TimePoint bootTimeNow()
{
#ifdef CLOCK_BOOTTIME
    timespec now{};
    if (clock_gettime(CLOCK_BOOTTIME, &now) == 0)
        return TimePoint(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
#endif
    return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace peer
