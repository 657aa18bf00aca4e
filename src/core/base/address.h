// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_BASE_ADDRESS_H
#define PEER_BASE_ADDRESS_H

#include "core/base/bytes.h"

#include <array>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace peer {

/// An IPv4 or IPv6 address; a null one belongs to neither family.
class IpAddress
{
public:
    enum class Family : std::uint8_t { None, V4, V6 };

    IpAddress() = default;
    static IpAddress fromV4(std::uint32_t hostOrder);
    /// octets: 4 or 16 of them, in network order; any other number gives a null address.
    static IpAddress fromOctets(ByteView octets);
    /// Strict text form: four decimal octets without leading zeros, or RFC 4291 section 2.2.
    /// No brackets, no zone.
    static std::optional<IpAddress> fromString(std::string_view text);
    static IpAddress any(Family family);

    Family family() const { return m_family; }
    bool isNull() const { return m_family == Family::None; }
    bool isV4() const { return m_family == Family::V4; }
    bool isV6() const { return m_family == Family::V6; }
    /// 4 or 16 octets in network order.
    ByteView octets() const;

    bool isUnspecified() const;
    bool isLoopback() const;
    bool isLinkLocal() const;
    bool isMulticast() const;
    /// RFC 1918, RFC 6598 (shared by carriers' NATs) or RFC 4193 (unique local).
    bool isPrivate() const;
    /// ::ffff:0:0/96 (RFC 4291 section 2.5.5.2). Never put on the wire as a candidate.
    bool isV4Mapped() const;

    /// RFC 5952 canonical form.
    std::string toString() const;

    friend bool operator==(const IpAddress &, const IpAddress &) = default;
    friend std::strong_ordering operator<=>(const IpAddress &, const IpAddress &) = default;

private:
    Family m_family = Family::None;
    std::array<std::uint8_t, 16> m_octets{};
};

/// RFC 8445's transport address, without the protocol: an IP address and a port.
struct TransportAddress
{
    IpAddress ip;
    std::uint16_t port = 0;

    bool isNull() const { return ip.isNull(); }
    /// "192.0.2.1:5000" or "[2001:db8::1]:5000".
    std::string toString() const;
    static std::optional<TransportAddress> fromString(std::string_view text);

    friend bool operator==(const TransportAddress &, const TransportAddress &) = default;
    friend std::strong_ordering operator<=>(const TransportAddress &,
                                            const TransportAddress &) = default;
};

/// Names one socket (later also a stream or a relay's allocation) of this process. 0 is none.
/// The shell gives the numbers out and never reuses one in the life of a session.
enum class TransportId : std::uint32_t { None = 0 };

/// The way that one datagram takes: which transport, from which of its addresses, to whom.
/// A wildcard socket serves several local addresses; packet info tells which.
struct Route
{
    TransportId transport = TransportId::None;
    TransportAddress local;
    TransportAddress remote;

    bool isNull() const { return transport == TransportId::None; }
    friend bool operator==(const Route &, const Route &) = default;
    friend std::strong_ordering operator<=>(const Route &, const Route &) = default;
};

/// A datagram that came in. The payload is borrowed for the length of the call.
struct Datagram
{
    Route route;
    ByteView payload;
};

/// A datagram that wants out. The payload is borrowed from the machine that gave it, until the
/// next call of any of that machine's non-const functions.
struct Transmit
{
    Route route;
    ByteView payload;
};

} // namespace peer

template<>
struct std::hash<peer::IpAddress>
{
    std::size_t operator()(const peer::IpAddress &address) const noexcept;
};

template<>
struct std::hash<peer::TransportAddress>
{
    std::size_t operator()(const peer::TransportAddress &address) const noexcept;
};

template<>
struct std::hash<peer::Route>
{
    std::size_t operator()(const peer::Route &route) const noexcept;
};

#endif // PEER_BASE_ADDRESS_H
