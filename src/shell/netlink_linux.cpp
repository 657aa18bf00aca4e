// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/netlink_linux.h"

#include "shell/interfacewatcher.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace peer {

namespace {

template<typename Value>
Value valueAt(ByteView octets)
{
    Value value{};
    std::memcpy(&value, octets.data(), std::min(sizeof value, octets.size()));
    return value;
}

/// Calls function(type, payload) for each attribute.
template<typename Function>
void forEachAttribute(ByteView octets, Function function)
{
    while (octets.size() >= sizeof(rtattr)) {
        const auto header = valueAt<rtattr>(octets);
        if (header.rta_len < sizeof(rtattr) || header.rta_len > octets.size())
            return;
        function(header.rta_type & NLA_TYPE_MASK,
                 octets.subspan(sizeof(rtattr), header.rta_len - sizeof(rtattr)));
        octets = octets.subspan(std::min<std::size_t>(RTA_ALIGN(header.rta_len), octets.size()));
    }
}

std::string_view textOf(ByteView octets)
{
    const std::string_view text = asText(octets);
    return text.substr(0, text.find('\0'));
}

/// IFLA_INFO_KIND of devices that software makes; hardware has none.
InterfaceKind kindOfSoftware(std::string_view name)
{
    for (const std::string_view vpn :
         {"tun", "wireguard", "ppp", "ipip", "ip6tnl", "sit", "gre", "ip6gre", "gretap",
          "ip6gretap", "vti", "vti6", "xfrm", "ipvti", "ovpn", "amneziawg"}) {
        if (name == vpn)
            return InterfaceKind::Vpn;
    }
    // These have the network of the device beneath them.
    for (const std::string_view media :
         {"", "vlan", "bond", "team", "wwan", "rmnet", "ipvlan", "macvlan"}) {
        if (name == media)
            return InterfaceKind::Physical;
    }
    return InterfaceKind::Virtual; // bridge, veth, dummy, vxlan, ifb …
}

int openNetlink(unsigned groups, int flags)
{
    const int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
    if (descriptor < 0)
        return -1;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

bool requestDump(int descriptor, std::uint16_t type)
{
    struct
    {
        nlmsghdr header;
        rtgenmsg family;
    } request{};
    request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.family);
    request.header.nlmsg_type = type;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request.family.rtgen_family = AF_UNSPEC;
    const auto sent = send(descriptor, &request, request.header.nlmsg_len, 0);
    return sent == static_cast<ssize_t>(request.header.nlmsg_len);
}

void dump(int descriptor, std::uint16_t type, NetlinkDump &into)
{
    if (!requestDump(descriptor, type))
        return;
    std::vector<std::uint8_t> buffer(32768); // the kernel's largest part of a dump
    for (;;) {
        // The kernel answers a dump at once: this waits for nobody.
        const ssize_t size = recv(descriptor, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0 || !into.read(ByteView(buffer).first(static_cast<std::size_t>(size))))
            return;
    }
}

} // namespace

int openNetlinkMonitor()
{
    return openNetlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, SOCK_NONBLOCK);
}

bool drainNetlinkMonitor(int descriptor)
{
    std::array<std::uint8_t, 8192> ignored;
    bool isNews = false;
    for (;;) {
        const ssize_t size = recv(descriptor, ignored.data(), ignored.size(), MSG_DONTWAIT);
        // ENOBUFS: news were lost, which is news.
        if (size < 0 && errno != EINTR && errno != ENOBUFS)
            return isNews;
        isNews = true;
    }
}

bool NetlinkDump::read(ByteView datagram)
{
    while (datagram.size() >= sizeof(nlmsghdr)) {
        const auto header = valueAt<nlmsghdr>(datagram);
        if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > datagram.size())
            return false;
        const ByteView message = datagram.subspan(sizeof(nlmsghdr),
                                                  header.nlmsg_len - sizeof(nlmsghdr));
        switch (header.nlmsg_type) {
        case RTM_NEWLINK:
            readLink(message);
            break;
        case RTM_NEWADDR:
            readAddress(message);
            break;
        case NLMSG_DONE:
        case NLMSG_ERROR:
            return false;
        default: // others were not asked for
            break;
        }
        const std::size_t whole = NLMSG_ALIGN(header.nlmsg_len);
        datagram = datagram.subspan(std::min(whole, datagram.size()));
    }
    return true;
}

void NetlinkDump::readLink(ByteView message)
{
    if (message.size() < sizeof(ifinfomsg))
        return;
    const auto info = valueAt<ifinfomsg>(message);
    Link link;
    link.isUp = (info.ifi_flags & IFF_UP) && (info.ifi_flags & IFF_RUNNING);
    std::string_view software;
    forEachAttribute(message.subspan(sizeof(ifinfomsg)), [&](int type, ByteView payload) {
        if (type != IFLA_LINKINFO)
            return;
        forEachAttribute(payload, [&](int nestedType, ByteView nested) {
            if (nestedType == IFLA_INFO_KIND)
                software = textOf(nested);
        });
    });
    link.kind = kindOfSoftware(software);
    if (info.ifi_flags & IFF_LOOPBACK)
        link.kind = InterfaceKind::Loopback;
    else if (info.ifi_type == ARPHRD_PPP || info.ifi_type == ARPHRD_TUNNEL
             || info.ifi_type == ARPHRD_TUNNEL6)
        link.kind = InterfaceKind::Vpn;
    if (m_links.size() < InterfaceWatcher::MaxAddresses)
        m_links[static_cast<std::uint32_t>(info.ifi_index)] = link;
}

void NetlinkDump::readAddress(ByteView message)
{
    if (message.size() < sizeof(ifaddrmsg))
        return;
    const auto info = valueAt<ifaddrmsg>(message);
    const auto link = m_links.find(info.ifa_index);
    if (link == m_links.end() || !link->second.isUp
        || m_addresses.size() >= InterfaceWatcher::MaxAddresses)
        return;
    IpAddress address;
    IpAddress local;
    std::uint32_t flags = info.ifa_flags;
    forEachAttribute(message.subspan(sizeof(ifaddrmsg)), [&](int type, ByteView payload) {
        // On a point-to-point link IFA_ADDRESS is the other end.
        if (type == IFA_ADDRESS)
            address = IpAddress::fromOctets(payload);
        else if (type == IFA_LOCAL)
            local = IpAddress::fromOctets(payload);
        else if (type == IFA_FLAGS)
            flags = valueAt<std::uint32_t>(payload);
    });
    InterfaceAddress found;
    found.ip = local.isNull() ? address : local;
    found.interfaceIndex = info.ifa_index;
    found.kind = link->second.kind;
    // The same bit says "secondary" of an IPv4 address.
    found.isTemporary = found.ip.isV6() && (flags & IFA_F_TEMPORARY);
    found.isDeprecated = flags & IFA_F_DEPRECATED;
    found.isTentative = (flags & IFA_F_TENTATIVE) && !(flags & IFA_F_OPTIMISTIC);
    found.isTentative = found.isTentative || (flags & IFA_F_DADFAILED);
    m_addresses.push_back(found);
}

std::vector<InterfaceAddress> readInterfaceAddresses()
{
    const int descriptor = openNetlink(0, 0);
    if (descriptor < 0)
        return {};
    NetlinkDump links;
    dump(descriptor, RTM_GETLINK, links);
    dump(descriptor, RTM_GETADDR, links);
    close(descriptor);
    return links.addresses();
}

} // namespace peer
