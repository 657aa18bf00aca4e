// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/localaddresses.h"

#include <algorithm>
#include <tuple>

namespace peer {

namespace {

bool isUsableAtAll(const InterfaceAddress &address)
{
    const IpAddress &ip = address.ip;
    return !ip.isNull() && !ip.isUnspecified() && !ip.isMulticast() && !ip.isV4Mapped()
        && !address.isTentative;
}

bool hasRoutable(const std::vector<InterfaceAddress> &all, std::uint32_t interfaceIndex)
{
    return std::any_of(all.begin(), all.end(), [interfaceIndex](const InterfaceAddress &other) {
        return other.interfaceIndex == interfaceIndex && isUsableAtAll(other)
            && !other.ip.isLinkLocal() && !other.ip.isLoopback();
    });
}

bool hasPreferred(const std::vector<InterfaceAddress> &all, const InterfaceAddress &deprecated)
{
    return std::any_of(all.begin(), all.end(), [&deprecated](const InterfaceAddress &other) {
        return other.interfaceIndex == deprecated.interfaceIndex && !other.isDeprecated
            && isUsableAtAll(other) && other.ip.family() == deprecated.ip.family()
            && !other.ip.isLinkLocal();
    });
}

bool isWanted(const InterfaceAddress &address, const std::vector<InterfaceAddress> &all,
              const AddressSelection &selection)
{
    if (!isUsableAtAll(address))
        return false;
    if (address.ip.isLoopback() || address.kind == InterfaceKind::Loopback)
        return selection.withLoopback && address.ip.isLoopback();
    if (address.ip.isLinkLocal()) {
        return address.kind == InterfaceKind::Physical && !hasRoutable(all, address.interfaceIndex);
    }
    return !address.isDeprecated || !hasPreferred(all, address);
}

/// Groups, each with its own range of local preferences, so that an address that comes later
/// finds a free one in its range.
enum Group { LoopbackGroup, PhysicalGroup, VpnGroup, VirtualGroup, LinkLocalGroup };

Group groupOf(const InterfaceAddress &address)
{
    if (address.ip.isLoopback())
        return LoopbackGroup;
    if (address.ip.isLinkLocal())
        return LinkLocalGroup;
    switch (address.kind) {
    case InterfaceKind::Physical:
        return PhysicalGroup;
    case InterfaceKind::Vpn:
        return VpnGroup;
    case InterfaceKind::Virtual:
        return VirtualGroup;
    case InterfaceKind::Loopback:
        return LoopbackGroup;
    }
    return VirtualGroup;
}

std::uint16_t highestPreference(Group group)
{
    return static_cast<std::uint16_t>(65535 - 8192 * group);
}

/// Among the addresses of one family and group.
auto rank(const InterfaceAddress &address)
{
    return std::tuple(address.isDeprecated, address.ip.isPrivate() && address.ip.isV6(),
                      !address.isTemporary && address.ip.isV6(), address.interfaceIndex);
}

/// IPv6, IPv4, IPv6 …, each family in the order it has.
std::vector<InterfaceAddress> takeTurns(const std::vector<InterfaceAddress> &group)
{
    std::vector<InterfaceAddress> v6;
    std::vector<InterfaceAddress> v4;
    for (const InterfaceAddress &address : group)
        (address.ip.isV6() ? v6 : v4).push_back(address);
    std::vector<InterfaceAddress> ordered;
    for (std::size_t at = 0; at < std::max(v6.size(), v4.size()); ++at) {
        if (at < v6.size())
            ordered.push_back(v6[at]);
        if (at < v4.size())
            ordered.push_back(v4[at]);
    }
    return ordered;
}

} // namespace

std::vector<UsableAddress> selectAddresses(const std::vector<InterfaceAddress> &all,
                                           const AddressSelection &selection)
{
    std::vector<UsableAddress> selected;
    for (const Group group :
         {LoopbackGroup, PhysicalGroup, VpnGroup, VirtualGroup, LinkLocalGroup}) {
        std::vector<InterfaceAddress> members;
        for (const InterfaceAddress &address : all) {
            if (groupOf(address) == group && isWanted(address, all, selection))
                members.push_back(address);
        }
        std::stable_sort(members.begin(), members.end(),
                         [](const auto &a, const auto &b) { return rank(a) < rank(b); });
        std::uint16_t preference = highestPreference(group);
        for (const InterfaceAddress &address : takeTurns(members)) {
            const bool isDoubled = std::any_of(
                selected.begin(), selected.end(),
                [&address](const auto &other) { return other.ip == address.ip; });
            if (!isDoubled && selected.size() < selection.maxAddresses)
                selected.push_back({address.ip, address.interfaceIndex, preference--});
        }
    }
    return selected;
}

} // namespace peer
