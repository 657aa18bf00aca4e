// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/connections.h"

#include <algorithm>

namespace peer::ice {

Connections::Connections(RequestQueue &requests, std::size_t maximum)
    : m_requests(requests)
    , m_maximum(maximum)
{ }

std::uint32_t Connections::open(const IpAddress &local, const TransportAddress &remote)
{
    if (isFull())
        return 0;
    const std::uint32_t id = m_requests.newId();
    Connection &connection = m_connections.emplace_back();
    connection.id = id;
    connection.isActive = true;
    m_requests.push(request::Connect{id, local, remote});
    return id;
}

std::uint32_t Connections::openFrom(const TransportAddress &base, const TransportAddress &remote)
{
    for (const Connection &connection : m_connections) {
        if (connection.base == base && connection.remote == remote)
            return connection.id;
    }
    if (const Connection *accepted = findBetween(base, remote)) {
        noteSimultaneousOpen(accepted->id);
        return accepted->id;
    }
    if (isFull())
        return 0;
    const std::uint32_t id = m_requests.newId();
    Connection &connection = m_connections.emplace_back();
    connection.id = id;
    connection.isActive = true;
    connection.base = base;
    connection.remote = remote;
    m_requests.push(request::Connect{id, base.ip, remote, base.port});
    return id;
}

std::uint32_t Connections::accept(const Route &route)
{
    if (isFull() || route.isNull() || isOpen(route.transport))
        return 0;
    Connection &connection = m_connections.emplace_back();
    connection.id = m_requests.newId();
    connection.route = route;
    connection.isFresh = true;
    return connection.id;
}

void Connections::noteSimultaneousOpen(std::uint32_t id)
{
    for (Connection &connection : m_connections) {
        if (connection.id != id || connection.route.isNull())
            continue;
        connection.base = connection.route.local;
        connection.remote = connection.route.remote;
    }
}

bool Connections::noteOpened(std::uint32_t id, const Route &route)
{
    for (Connection &connection : m_connections) {
        if (connection.id != id || !connection.route.isNull())
            continue;
        connection.route = route;
        return true;
    }
    return false;
}

bool Connections::noteEnded(std::uint32_t id)
{
    return std::erase_if(m_connections,
                         [&](const Connection &connection) { return connection.id == id; })
        != 0;
}

void Connections::closeAll()
{
    for (const Connection &connection : m_connections)
        m_requests.push(request::Close{connection.id});
    m_connections.clear();
}

void Connections::noteHeard(TransportId transport)
{
    for (Connection &connection : m_connections) {
        if (connection.route.transport == transport)
            connection.isFresh = false;
    }
}

void Connections::keep(TransportId transport, TimePoint until)
{
    for (Connection &connection : m_connections) {
        if (connection.route.transport == transport)
            connection.keptUntil = until;
    }
}

TimePoint Connections::nextExpiry(TimePoint now) const
{
    TimePoint next = Never;
    for (const Connection &connection : m_connections) {
        if (connection.keptUntil > now)
            next = std::min(next, connection.keptUntil);
    }
    return next;
}

const Connection *Connections::find(TransportId transport) const
{
    for (const Connection &connection : m_connections) {
        if (!connection.route.isNull() && connection.route.transport == transport)
            return &connection;
    }
    return nullptr;
}

const Connection *Connections::find(std::uint32_t id) const
{
    for (const Connection &connection : m_connections) {
        if (connection.id == id)
            return &connection;
    }
    return nullptr;
}

const Connection *Connections::findBetween(const TransportAddress &local,
                                           const TransportAddress &remote) const
{
    for (const Connection &connection : m_connections) {
        if (!connection.route.isNull() && connection.route.local == local
            && connection.route.remote == remote)
            return &connection;
    }
    return nullptr;
}

bool Connections::isOpen(std::uint32_t id) const
{
    const Connection *connection = find(id);
    return connection && !connection->route.isNull();
}

} // namespace peer::ice
