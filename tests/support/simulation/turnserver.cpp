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
    for (const IpAddress &address : host.addresses()) {
        host.openSocket(*this, {address, Port});
        host.listen(*this, {address, Port});
    }
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

std::uint32_t TurnServer::connectionAccepted(TimePoint, const Route &route)
{
    m_connections[++m_lastConnection] = route.transport;
    return m_lastConnection;
}

/// RFC 8656 section 7: the allocation ends with its connection.
void TurnServer::connectionEnded(TimePoint, std::uint32_t id)
{
    service.forgetClient(m_connections[id]);
    m_connections.erase(id);
}

void TurnServer::advance(TimePoint) { }

std::optional<Transmit> TurnServer::nextTransmit()
{
    return service.nextTransmit();
}

} // namespace peer::sim
