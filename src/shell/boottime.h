// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_BOOTTIME_H
#define PEER_SHELL_BOOTTIME_H

#include "core/base/time.h"

namespace peer {

/// The present time for the protocol machines: CLOCK_BOOTTIME, which counts while the machine
/// sleeps, so that a consent that ran out in a suspended laptop has run out. Elsewhere
/// std::chrono::steady_clock, which does so on some systems. Never goes backwards.
TimePoint bootTimeNow();

} // namespace peer

#endif // PEER_SHELL_BOOTTIME_H
