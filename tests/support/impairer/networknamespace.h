// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_IMPAIRER_NETWORKNAMESPACE_H
#define PEER_IMPAIRER_NETWORKNAMESPACE_H

#include <string>

#include <sys/types.h>

namespace peer::impairer {

/// A network namespace with a loopback interface and one tunnel device whose other end is here.
/// It is held by a child process, which dies with us; the namespace goes with the last process in
/// it, so nothing is left to be cleaned up.
class NetworkNamespace
{
public:
    /// ipv4 with prefix length 24, ipv6 with 64.
    NetworkNamespace(const std::string &ipv4, const std::string &ipv6);
    ~NetworkNamespace();
    NetworkNamespace(const NetworkNamespace &) = delete;
    NetworkNamespace &operator=(const NetworkNamespace &) = delete;

    /// Why there is no namespace; empty if there is one.
    const std::string &error() const { return m_error; }
    /// Whole IP packets are read from and written to it; non-blocking.
    int tunnel() const { return m_tunnel; }
    /// A process in the namespace, for nsenter(1).
    pid_t holder() const { return m_holder; }

private:
    std::string m_error;
    int m_tunnel = -1;
    pid_t m_holder = -1;
};

/// A tunnel device of that name in a namespace that is there already, given as "FILE:DEVICE", FILE
/// being such as /run/netns/NAME. It is up and has no address, and goes when the descriptor is
/// closed. Where it cannot be had, -1 and the reason.
int openTunnelIn(const std::string &place, std::string &error);

} // namespace peer::impairer

#endif // PEER_IMPAIRER_NETWORKNAMESPACE_H
