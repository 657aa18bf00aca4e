// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_LOCALADDRESSES_H
#define PEER_SHELL_LOCALADDRESSES_H

#include "core/base/address.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peer {

/// What carries an interface's packets, as far as it matters to ICE, best first.
enum class InterfaceKind : std::uint8_t {
    Physical, ///< Ethernet, Wi-Fi, mobile, and what is made of them (bond, VLAN)
    Vpn,      ///< tun, WireGuard, PPP and tunnels: real networks by a detour
    Virtual,  ///< bridges, veth and the like: mostly networks inside this machine
    Loopback,
};

/// One address of one interface that is up, as the system tells it.
struct InterfaceAddress
{
    IpAddress ip;
    std::uint32_t interfaceIndex = 0;
    InterfaceKind kind = InterfaceKind::Physical;
    bool isTemporary = false;  ///< RFC 8981
    bool isDeprecated = false; ///< RFC 4862: not for new connections
    bool isTentative = false;  ///< or found to be somebody else's

    friend bool operator==(const InterfaceAddress &, const InterfaceAddress &) = default;
};

/// An address to gather host candidates from.
struct UsableAddress
{
    IpAddress ip;
    std::uint32_t interfaceIndex = 0;
    /// RFC 8445 section 5.1.2.1; no two are equal.
    std::uint16_t localPreference = 0;

    friend bool operator==(const UsableAddress &, const UsableAddress &) = default;
};

struct AddressSelection
{
    /// Both peers are on this machine, for the rendezvous is on loopback (D5).
    bool withLoopback = false;
    std::size_t maxAddresses = 8;
};

/// The addresses to be used, best first (D5):
/// - loopback first if asked for, else not at all;
/// - then by the kind of interface; within a kind, IPv6 and IPv4 take turns (RFC 8421), IPv6
///   temporary before stable before unique local, the lower interface index first;
/// - link-local ones last, and only of physical interfaces that have no other address;
/// - no deprecated address where its family has another one on that interface; no tentative,
///   multicast or unspecified one.
std::vector<UsableAddress> selectAddresses(const std::vector<InterfaceAddress> &all,
                                           const AddressSelection &selection);

} // namespace peer

#endif // PEER_SHELL_LOCALADDRESSES_H
