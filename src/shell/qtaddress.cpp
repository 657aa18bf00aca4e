// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/qtaddress.h"

namespace peer {

IpAddress toIpAddress(const QHostAddress &address)
{
    if (address.protocol() == QHostAddress::IPv4Protocol)
        return IpAddress::fromV4(address.toIPv4Address());
    if (address.protocol() != QHostAddress::IPv6Protocol)
        return {};
    const Q_IPV6ADDR v6 = address.toIPv6Address();
    const auto ip = IpAddress::fromOctets(ByteView(v6.c, sizeof v6.c));
    return ip.isV4Mapped() ? IpAddress::fromOctets(ip.octets().last(4)) : ip;
}

QHostAddress toQHostAddress(const IpAddress &address)
{
    if (address.isV4())
        return QHostAddress(readUint32(address.octets().data()));
    if (address.isV6())
        return QHostAddress(address.octets().data());
    return {};
}

} // namespace peer
