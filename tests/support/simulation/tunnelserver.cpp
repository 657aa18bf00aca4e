// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/tunnelserver.h"

#include "support/simulation/host.h"

namespace peer::sim {

TunnelServer::TunnelServer(Host &host)
    : m_host(host)
{
    for (const IpAddress &address : host.addresses())
        host.listen(*this, {address, Port});
}

TransportAddress TunnelServer::address(IpAddress::Family family) const
{
    for (const IpAddress &address : m_host.addresses()) {
        if (address.family() == family)
            return {address, Port};
    }
    return {};
}

void TunnelServer::receive(TimePoint, const Datagram &datagram)
{
    for (int end = 0; end < 2; ++end) {
        if (m_ends[end].transport != datagram.route.transport)
            continue;
        if (!m_ends[1 - end].isNull())
            m_queue.emplace_back(m_ends[1 - end], toBytes(datagram.payload));
        return;
    }
    if (datagram.payload.size() == 1 && datagram.payload[0] < 2)
        m_ends[datagram.payload[0]] = datagram.route;
}

void TunnelServer::advance(TimePoint) { }

std::optional<Transmit> TunnelServer::nextTransmit()
{
    if (m_queue.empty())
        return std::nullopt;
    const Route route = m_queue.front().first;
    m_lent = std::move(m_queue.front().second);
    m_queue.pop_front();
    return Transmit{route, m_lent};
}

std::uint32_t TunnelServer::connectionAccepted(TimePoint, const Route &route)
{
    m_connections[++m_lastConnection] = route;
    return m_lastConnection;
}

void TunnelServer::connectionEnded(TimePoint, std::uint32_t id)
{
    for (Route &end : m_ends) {
        if (end == m_connections[id])
            end = {};
    }
    m_connections.erase(id);
}

} // namespace peer::sim
