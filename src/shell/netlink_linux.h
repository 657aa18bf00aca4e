// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_NETLINK_LINUX_H
#define PEER_SHELL_NETLINK_LINUX_H

#include "core/base/bytes.h"
#include "shell/localaddresses.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace peer {

/// A non-blocking rtnetlink socket that hears of changes to links and addresses; -1 if there is
/// none to be had.
int openNetlinkMonitor();
/// Takes all that waits. True if there was anything, or news were lost.
bool drainNetlinkMonitor(int descriptor);

/// Collects what a dump of links, then one of addresses, says (rtnetlink(7)).
class NetlinkDump
{
public:
    struct Link
    {
        InterfaceKind kind = InterfaceKind::Physical;
        bool isUp = false;
    };

    /// A received datagram of one or more messages. False when the dump has ended.
    bool read(ByteView datagram);
    const std::vector<InterfaceAddress> &addresses() const { return m_addresses; }

private:
    void readLink(ByteView message);
    void readAddress(ByteView message);

    std::unordered_map<std::uint32_t, Link> m_links;
    std::vector<InterfaceAddress> m_addresses;
};

} // namespace peer

#endif // PEER_SHELL_NETLINK_LINUX_H
