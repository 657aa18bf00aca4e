// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/turnserver.h"

#include "support/simulation/host.h"

namespace peer::sim {

TurnServer::TurnServer(Host &host, const TurnBehavior &behavior)
    : service(behavior,
              {[this](IpAddress::Family family) {
                   const IpAddress ip = address(family).ip;
                   if (ip.isNull())
                       return Route();
                   const TransportId id = m_host.openSocket(*this, {ip, 0});
                   return Route{id, m_host.localAddress(id), {}};
               },
               [this](TransportId transport) { m_host.closeSocket(transport); }})
    , m_host(host)
{
    for (const IpAddress &address : host.addresses())
        host.openSocket(*this, {address, Port});
}

TransportAddress TurnServer::address(IpAddress::Family family) const
{
    for (const IpAddress &address : m_host.addresses()) {
        if (address.family() == family)
            return {address, Port};
    }
    return {};
}

void TurnServer::receive(TimePoint now, const Datagram &datagram)
{
    service.receive(now, datagram);
}

void TurnServer::advance(TimePoint) { }

std::optional<Transmit> TurnServer::nextTransmit()
{
    return service.nextTransmit();
}

} // namespace peer::sim
