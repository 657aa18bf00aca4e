// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_FUZZ_EXPECT_H
#define PEER_FUZZ_EXPECT_H

#include <cstdio>
#include <cstdlib>

/// What a harness demands of the code under test beyond not crashing. Unlike assert() it stands in
/// every kind of build.
#define PEER_FUZZ_EXPECT(condition)                                                                \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);           \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)

#endif // PEER_FUZZ_EXPECT_H
