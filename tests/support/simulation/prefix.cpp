// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/prefix.h"

#include <array>
#include <stdexcept>

namespace peer::sim {

bool IpPrefix::contains(const IpAddress &ip) const
{
    if (ip.family() != address.family())
        return false;
    for (int bit = 0; bit < length; ++bit) {
        const auto octet = static_cast<std::size_t>(bit / 8);
        const int mask = 0x80 >> (bit % 8);
        if ((ip.octets()[octet] ^ address.octets()[octet]) & mask)
            return false;
    }
    return true;
}

IpAddress IpPrefix::host(std::uint32_t number) const
{
    std::array<std::uint8_t, 16> octets{};
    const ByteView own = address.octets();
    std::copy(own.begin(), own.end(), octets.begin());
    std::uint8_t *last = octets.data() + own.size() - 4;
    writeUint32(last, readUint32(last) | number);
    return IpAddress::fromOctets(ByteView(octets).first(own.size()));
}

std::string IpPrefix::toString() const
{
    return address.toString() + "/" + std::to_string(length);
}

IpPrefix IpPrefix::fromString(std::string_view text)
{
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        throw std::invalid_argument("not a prefix: " + std::string(text));
    return {sim::ip(text.substr(0, slash)), std::stoi(std::string(text.substr(slash + 1)))};
}

IpAddress ip(std::string_view text)
{
    const auto address = IpAddress::fromString(text);
    if (!address)
        throw std::invalid_argument("not an address: " + std::string(text));
    return *address;
}

TransportAddress endpoint(std::string_view text)
{
    const auto address = TransportAddress::fromString(text);
    if (!address)
        throw std::invalid_argument("not an address and port: " + std::string(text));
    return *address;
}

} // namespace peer::sim
