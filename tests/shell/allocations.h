// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_SHELL_ALLOCATIONS_H
#define PEER_TESTS_SHELL_ALLOCATIONS_H

/// How often this program has called operator new so far; whoever wants to know what something
/// allocates takes a difference. The program must have allocations.cpp among its sources.
int allocationsSoFar();

#endif // PEER_TESTS_SHELL_ALLOCATIONS_H
