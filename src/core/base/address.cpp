// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/address.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace peer {

namespace {

std::optional<std::uint32_t> parseDecimal(std::string_view text, std::uint32_t largest)
{
    const bool leadingZero = text.size() > 1 && text.front() == '0';
    if (text.empty() || leadingZero)
        return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > largest)
        return std::nullopt;
    return value;
}

std::optional<std::uint32_t> parseV4(std::string_view text)
{
    std::uint32_t value = 0;
    for (int index = 0; index < 4; ++index) {
        const std::size_t dot = index < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos)
            return std::nullopt;
        const auto octet = parseDecimal(text.substr(0, dot), 255);
        if (!octet)
            return std::nullopt;
        value = value << 8 | *octet;
        text.remove_prefix(std::min(dot + 1, text.size()));
    }
    return value;
}

/// Appends the groups of one side of "::" (or of the whole address) as octets.
bool appendGroups(std::string_view text, Bytes &octets)
{
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const std::string_view group = text.substr(0, colon);
        const bool isLast = colon == std::string_view::npos;
        if (isLast && group.find('.') != std::string_view::npos) {
            const auto v4 = parseV4(group);
            if (!v4)
                return false;
            octets.resize(octets.size() + 4);
            writeUint32(octets.data() + octets.size() - 4, *v4);
            return true;
        }
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(group.data(), group.data() + group.size(), value,
                                                  16);
        if (group.empty() || group.size() > 4 || error != std::errc()
            || end != group.data() + group.size())
            return false;
        octets.push_back(static_cast<std::uint8_t>(value >> 8));
        octets.push_back(static_cast<std::uint8_t>(value));
        if (isLast)
            return true;
        text.remove_prefix(colon + 1);
        if (text.empty())
            return false; // a single trailing colon
    }
    return true;
}

std::optional<IpAddress> parseV6(std::string_view text)
{
    Bytes head;
    Bytes tail;
    const std::size_t gap = text.find("::");
    if (!appendGroups(text.substr(0, gap), head))
        return std::nullopt;
    if (gap == std::string_view::npos) {
        if (head.size() != 16)
            return std::nullopt;
        return IpAddress::fromOctets(head);
    }
    if (!appendGroups(text.substr(gap + 2), tail) || head.size() + tail.size() > 14)
        return std::nullopt;
    head.resize(16 - tail.size());
    head.insert(head.end(), tail.begin(), tail.end());
    return IpAddress::fromOctets(head);
}

std::string v6ToString(ByteView octets)
{
    // RFC 5952: the longest run of two or more zero groups becomes "::", the first one of equals.
    int runStart = -1;
    int runLength = 1;
    for (int start = 0; start < 8;) {
        int length = 0;
        while (start + length < 8
               && readUint16(octets.data() + 2 * static_cast<std::size_t>(start + length)) == 0)
            ++length;
        if (length > runLength) {
            runStart = start;
            runLength = length;
        }
        start += length + 1;
    }
    std::string text;
    for (int group = 0; group < 8; ++group) {
        if (group == runStart) {
            text += "::";
            group += runLength - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':')
            text += ':';
        char digits[5];
        std::snprintf(digits, sizeof digits, "%x",
                      readUint16(octets.data() + 2 * static_cast<std::size_t>(group)));
        text += digits;
    }
    return text;
}

} // namespace

IpAddress IpAddress::fromV4(std::uint32_t hostOrder)
{
    IpAddress address;
    address.m_family = Family::V4;
    writeUint32(address.m_octets.data(), hostOrder);
    return address;
}

IpAddress IpAddress::fromOctets(ByteView octets)
{
    IpAddress address;
    if (octets.size() == 4)
        address.m_family = Family::V4;
    else if (octets.size() == 16)
        address.m_family = Family::V6;
    else
        return address;
    std::copy(octets.begin(), octets.end(), address.m_octets.begin());
    return address;
}

std::optional<IpAddress> IpAddress::fromString(std::string_view text)
{
    if (text.find(':') != std::string_view::npos)
        return parseV6(text);
    if (const auto v4 = parseV4(text))
        return fromV4(*v4);
    return std::nullopt;
}

IpAddress IpAddress::any(Family family)
{
    IpAddress address;
    address.m_family = family;
    return address;
}

ByteView IpAddress::octets() const
{
    const std::size_t size = isV4() ? 4 : isV6() ? 16 : 0;
    return ByteView(m_octets).first(size);
}

bool IpAddress::isUnspecified() const
{
    return !isNull()
        && std::all_of(m_octets.begin(), m_octets.end(), [](auto o) { return o == 0; });
}

bool IpAddress::isLoopback() const
{
    if (isV4())
        return m_octets[0] == 127;
    return isV6() && m_octets[15] == 1
        && std::all_of(m_octets.begin(), m_octets.end() - 1, [](auto o) { return o == 0; });
}

bool IpAddress::isLinkLocal() const
{
    if (isV4())
        return m_octets[0] == 169 && m_octets[1] == 254;
    return isV6() && m_octets[0] == 0xfe && (m_octets[1] & 0xc0) == 0x80;
}

bool IpAddress::isMulticast() const
{
    if (isV4())
        return (m_octets[0] & 0xf0) == 0xe0;
    return isV6() && m_octets[0] == 0xff;
}

bool IpAddress::isPrivate() const
{
    if (isV4()) {
        return m_octets[0] == 10 || (m_octets[0] == 172 && (m_octets[1] & 0xf0) == 16)
            || (m_octets[0] == 192 && m_octets[1] == 168)
            || (m_octets[0] == 100 && (m_octets[1] & 0xc0) == 64);
    }
    return isV6() && (m_octets[0] & 0xfe) == 0xfc;
}

bool IpAddress::isV4Mapped() const
{
    return isV6() && m_octets[10] == 0xff && m_octets[11] == 0xff
        && std::all_of(m_octets.begin(), m_octets.begin() + 10, [](auto o) { return o == 0; });
}

std::string IpAddress::toString() const
{
    if (isV6())
        return v6ToString(octets());
    if (isNull())
        return {};
    std::string text;
    for (const std::uint8_t octet : octets())
        text += (text.empty() ? "" : ".") + std::to_string(octet);
    return text;
}

std::string TransportAddress::toString() const
{
    if (ip.isNull())
        return {};
    const std::string host = ip.isV6() ? '[' + ip.toString() + ']' : ip.toString();
    return host + ':' + std::to_string(port);
}

std::optional<TransportAddress> TransportAddress::fromString(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const auto ip = IpAddress::fromString(host);
    const auto port = parseDecimal(text.substr(colon + 1), 65535);
    if (!ip || !port || ip->isV6() != bracketed)
        return std::nullopt;
    return TransportAddress{*ip, static_cast<std::uint16_t>(*port)};
}

} // namespace peer

namespace {

std::size_t mix(std::size_t seed, std::uint64_t value)
{
    // The finaliser of splitmix64: cheap, and an attacker who floods one bucket gains nothing
    // here, for every table keyed by addresses is bounded.
    std::uint64_t x = seed ^ (value + 0x9e3779b97f4a7c15U);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>(x ^ (x >> 31));
}

} // namespace

std::size_t std::hash<peer::IpAddress>::operator()(const peer::IpAddress &address) const noexcept
{
    const peer::ByteView octets = address.octets();
    std::size_t mixed = octets.size();
    for (std::size_t at = 0; at + 4 <= octets.size(); at += 4)
        mixed = mix(mixed, peer::readUint32(octets.data() + at));
    return mixed;
}

std::size_t std::hash<peer::TransportAddress>::operator()(
    const peer::TransportAddress &address) const noexcept
{
    return mix(std::hash<peer::IpAddress>()(address.ip), address.port);
}

std::size_t std::hash<peer::Route>::operator()(const peer::Route &route) const noexcept
{
    const std::hash<peer::TransportAddress> addressHash;
    return mix(mix(addressHash(route.local), addressHash(route.remote)),
               static_cast<std::uint32_t>(route.transport));
}
