// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_UDPHEADERS_LINUX_H
#define PEER_SHELL_UDPHEADERS_LINUX_H

#include "core/base/address.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

namespace peer {

sockaddr_storage toSocketAddress(const TransportAddress &address, std::uint32_t scope);
TransportAddress fromSocketAddress(const sockaddr_storage &address);
socklen_t socketAddressSize(IpAddress::Family family);

/// Room for the ancillary data of one message: packet info of either family, and a segment size.
struct alignas(cmsghdr) ControlRoom
{
    std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> octets;
};

/// What sendmmsg() is given: up to Capacity messages. One for all ports of a thread, for nobody
/// needs it longer than from prepare() to the call.
struct UdpSendHeaders
{
    static constexpr std::size_t Capacity = 64;

    static UdpSendHeaders &ofThread();

    /// Fills the place. interfaceIndex: 0 = any. segmentSize: 0 = one datagram.
    void prepare(std::size_t place, const Route &route, std::uint32_t interfaceIndex,
                 ByteView octets, std::size_t segmentSize);

    std::array<mmsghdr, Capacity> messages;
    std::array<iovec, Capacity> pieces;
    std::array<sockaddr_storage, Capacity> addresses;
    std::array<ControlRoom, Capacity> controls;
};

/// What recvmmsg() fills: Capacity messages of up to 64 KiB each, which UDP_GRO may have put
/// together from many datagrams. The pages are touched only as far as something arrives.
struct UdpReceivePool
{
    static constexpr std::size_t Capacity = 16;
    static constexpr std::size_t MessageSize = 65536;

    UdpReceivePool();
    /// The kernel overwrites lengths: to be called before each recvmmsg().
    void reset();

    std::array<mmsghdr, Capacity> messages;
    std::array<iovec, Capacity> pieces;
    std::array<sockaddr_storage, Capacity> addresses;
    std::array<ControlRoom, Capacity> controls;
    std::unique_ptr<std::uint8_t[]> octets;
    std::vector<Datagram> datagrams;
};

/// Lends the thread's pool for the length of a read; a read within a read gets another one.
class UdpReceivePoolLease
{
public:
    UdpReceivePoolLease();
    ~UdpReceivePoolLease();
    UdpReceivePoolLease(const UdpReceivePoolLease &) = delete;
    UdpReceivePoolLease &operator=(const UdpReceivePoolLease &) = delete;

    UdpReceivePool &operator*() const { return *m_pool; }
    UdpReceivePool *operator->() const { return m_pool.get(); }

private:
    std::unique_ptr<UdpReceivePool> m_pool;
};

/// The ancillary data of a received message.
struct ReceivedControl
{
    /// Null if the message was not sent to one of our own addresses (multicast, broadcast).
    IpAddress destination;
    /// Of every datagram in the message but the last; 0 = it is one datagram.
    std::size_t segmentSize = 0;
};
ReceivedControl readControl(msghdr &message);

} // namespace peer

#endif // PEER_SHELL_UDPHEADERS_LINUX_H
