// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_PREFIX_H
#define PEER_SIMULATION_PREFIX_H

#include "core/base/address.h"

#include <string>

namespace peer::sim {

/// The addresses whose first bits are these.
struct IpPrefix
{
    IpAddress address;
    int length = 0;

    bool contains(const IpAddress &ip) const;
    /// The address of that number within the prefix, such as 192.168.1.0/24 and 7: 192.168.1.7.
    IpAddress host(std::uint32_t number) const;
    std::string toString() const;
    /// "192.168.1.0/24"; the text must be good.
    static IpPrefix fromString(std::string_view text);

    friend bool operator==(const IpPrefix &, const IpPrefix &) = default;
};

/// The address that the text names; it must be good. For the sake of short tests.
IpAddress ip(std::string_view text);
TransportAddress endpoint(std::string_view text);

} // namespace peer::sim

#endif // PEER_SIMULATION_PREFIX_H
