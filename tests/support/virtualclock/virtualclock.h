// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TEST_VIRTUALCLOCK_H
#define PEER_TEST_VIRTUALCLOCK_H

#include "core/base/time.h"

namespace peer::test {

/// The one clock of a test program on virtual time. A program that links peer_virtualclock defines
/// gettimeofday(), so that OpenSSL (its DTLS timer) and usrsctp read this clock too; whatever
/// else the program does, these two stay in step with the times that the machines are given.
/// It starts at an hour and moves only when told.
class VirtualClock
{
public:
    static TimePoint now();
    /// Never backwards.
    static void advanceTo(TimePoint time);
    static void advance(Duration duration) { advanceTo(now() + duration); }
};

} // namespace peer::test

#endif // PEER_TEST_VIRTUALCLOCK_H
