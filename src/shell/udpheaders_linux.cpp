// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/udpheaders_linux.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <netinet/udp.h>

namespace peer {

namespace {

/// The pool of this thread while nobody reads.
thread_local std::unique_ptr<UdpReceivePool> idlePool;

template<typename Value>
void appendControl(msghdr &message, int level, int type, const Value &value)
{
    // msg_controllen counts what was appended so far; the room is known to suffice.
    auto *const header = reinterpret_cast<cmsghdr *>(static_cast<std::byte *>(message.msg_control)
                                                     + message.msg_controllen);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(header), &value, sizeof value);
    message.msg_controllen += CMSG_SPACE(sizeof value);
}

void appendPacketInfo(msghdr &message, const IpAddress &local, std::uint32_t interfaceIndex)
{
    if (local.isV4()) {
        in_pktinfo info{};
        info.ipi_ifindex = static_cast<int>(interfaceIndex);
        std::memcpy(&info.ipi_spec_dst, local.octets().data(), 4);
        appendControl(message, IPPROTO_IP, IP_PKTINFO, info);
    } else if (local.isV6()) {
        in6_pktinfo info{};
        info.ipi6_ifindex = interfaceIndex;
        std::memcpy(&info.ipi6_addr, local.octets().data(), 16);
        appendControl(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
}

template<typename Value>
Value controlValue(const cmsghdr *header)
{
    Value value{};
    std::memcpy(&value, CMSG_DATA(header), sizeof value);
    return value;
}

} // namespace

sockaddr_storage toSocketAddress(const TransportAddress &address, std::uint32_t scope)
{
    sockaddr_storage storage{};
    if (address.ip.isV4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(address.port);
        std::memcpy(&v4.sin_addr, address.ip.octets().data(), 4);
        std::memcpy(&storage, &v4, sizeof v4);
    } else if (address.ip.isV6()) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(address.port);
        v6.sin6_scope_id = address.ip.isLinkLocal() ? scope : 0;
        std::memcpy(&v6.sin6_addr, address.ip.octets().data(), 16);
        std::memcpy(&storage, &v6, sizeof v6);
    }
    return storage;
}

TransportAddress fromSocketAddress(const sockaddr_storage &address)
{
    std::array<std::uint8_t, 16> octets{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        std::memcpy(octets.data(), &v4.sin_addr, 4);
        return {IpAddress::fromOctets(ByteView(octets).first(4)), ntohs(v4.sin_port)};
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::memcpy(octets.data(), &v6.sin6_addr, 16);
        return {IpAddress::fromOctets(octets), ntohs(v6.sin6_port)};
    }
    return {};
}

socklen_t socketAddressSize(IpAddress::Family family)
{
    return family == IpAddress::Family::V4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

void UdpSendHeaders::prepare(std::size_t place, const Route &route, std::uint32_t interfaceIndex,
                             ByteView octets, std::size_t segmentSize)
{
    addresses[place] = toSocketAddress(route.remote, interfaceIndex);
    // The kernel only reads it.
    pieces[place] = {const_cast<std::uint8_t *>(octets.data()), octets.size()};
    messages[place] = {};
    msghdr &header = messages[place].msg_hdr;
    header.msg_name = &addresses[place];
    header.msg_namelen = socketAddressSize(route.remote.ip.family());
    header.msg_iov = &pieces[place];
    header.msg_iovlen = 1;
    controls[place] = {};
    header.msg_control = controls[place].octets.data();
    header.msg_controllen = 0;
    if (!route.local.ip.isUnspecified())
        appendPacketInfo(header, route.local.ip, interfaceIndex);
    if (segmentSize > 0)
        appendControl(header, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segmentSize));
    if (header.msg_controllen == 0)
        header.msg_control = nullptr;
}

UdpSendHeaders &UdpSendHeaders::ofThread()
{
    thread_local const auto headers = std::make_unique<UdpSendHeaders>();
    return *headers;
}

UdpReceivePool::UdpReceivePool()
    : octets(new std::uint8_t[Capacity * MessageSize]) // not touched, so not zeroed
{
    // As many as Linux puts together at most (UDP_GRO_CNT_MAX); more would be delivered in parts.
    datagrams.reserve(Capacity * 64);
    for (std::size_t place = 0; place < Capacity; ++place)
        pieces[place] = {octets.get() + place * MessageSize, MessageSize};
    reset();
}

void UdpReceivePool::reset()
{
    for (std::size_t place = 0; place < Capacity; ++place) {
        messages[place] = {};
        msghdr &header = messages[place].msg_hdr;
        header.msg_name = &addresses[place];
        header.msg_namelen = sizeof addresses[place];
        header.msg_iov = &pieces[place];
        header.msg_iovlen = 1;
        header.msg_control = controls[place].octets.data();
        header.msg_controllen = sizeof controls[place].octets;
    }
}

UdpReceivePoolLease::UdpReceivePoolLease()
    : m_pool(idlePool ? std::move(idlePool) : std::make_unique<UdpReceivePool>())
{ }

UdpReceivePoolLease::~UdpReceivePoolLease()
{
    if (!idlePool)
        idlePool = std::move(m_pool);
}

ReceivedControl readControl(msghdr &message)
{
    ReceivedControl control;
    for (cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            const auto info = controlValue<in_pktinfo>(header);
            std::array<std::uint8_t, 4> octets{};
            std::memcpy(octets.data(), &info.ipi_addr, 4);
            // For a broadcast the two differ: the second is what one would answer from.
            if (info.ipi_addr.s_addr == info.ipi_spec_dst.s_addr)
                control.destination = IpAddress::fromOctets(octets);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            const auto info = controlValue<in6_pktinfo>(header);
            std::array<std::uint8_t, 16> octets{};
            std::memcpy(octets.data(), &info.ipi6_addr, 16);
            const auto destination = IpAddress::fromOctets(octets);
            if (!destination.isMulticast())
                control.destination = destination;
        } else if (header->cmsg_level == IPPROTO_UDP && header->cmsg_type == UDP_GRO) {
            const int size = controlValue<int>(header);
            control.segmentSize = size > 0 ? static_cast<std::size_t>(size) : 0;
        }
    }
    return control;
}

} // namespace peer
