// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_TESTS_SHELL_NETWORKNAMESPACE_H
#define PEER_TESTS_SHELL_NETWORKNAMESPACE_H

/// Puts this process into a network namespace of its own, where loopback is down at first. False
/// if the system does not allow it; there is no way back.
bool enterNetworkNamespace();

/// Takes loopback up or down.
bool setLoopbackUp(bool up);

/// Rules for nft(8). False if the system has none, or does not take them.
bool setPacketFilter(const char *rules);

/// A second IPv4 address of loopback, or none.
bool setLoopbackAlias(const char *address);
bool removeLoopbackAlias();

#endif // PEER_TESTS_SHELL_NETWORKNAMESPACE_H
