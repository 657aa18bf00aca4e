// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/sharedports.h"

#include <QtCore/qpointer.h>

namespace peer {

SenderId SharedPorts::attach(PortClient *client)
{
    const SenderId id{m_lastClient + 1};
    if (!m_routes.addOwner(id))
        return SenderId::None;
    ++m_lastClient;
    m_clients[id] = client;
    return id;
}

void SharedPorts::detach(SenderId client)
{
    m_routes.removeOwner(client);
    m_clients.erase(client);
}

void SharedPorts::setUsernameFragment(SenderId client, const std::string &fragment)
{
    m_routes.setUsernameFragment(client, fragment);
}

void SharedPorts::send(SenderId client, const Transmit &transmit)
{
    m_routes.learn(client, transmit);
    PortSet::send(client, transmit);
}

void SharedPorts::dispatch(std::span<const Datagram> datagrams)
{
    const QPointer<SharedPorts> guard(this);
    // A run of datagrams of the same owners is handed over at once.
    std::size_t start = 0;
    RouteTable::Owners owners;
    for (std::size_t at = 0; at < datagrams.size(); ++at) {
        const RouteTable::Owners next = at > start
                && m_routes.isSameFlow(datagrams[at - 1], datagrams[at])
            ? owners
            : m_routes.ownersOf(datagrams[at]);
        if (at > start && next != owners) {
            deliver(owners, datagrams.subspan(start, at - start));
            if (!guard)
                return;
            start = at;
        }
        owners = next;
    }
    deliver(owners, datagrams.subspan(start));
}

void SharedPorts::deliver(const RouteTable::Owners &owners, std::span<const Datagram> run)
{
    const QPointer<SharedPorts> guard(this);
    if (owners.isEmpty())
        m_foreign += run.size();
    for (const SenderId owner : owners) {
        PortClient *const client = find(owner); // may have gone meanwhile
        if (client)
            client->receive(run);
        if (!guard)
            return;
    }
}

void SharedPorts::dispatchFailure(SenderId client, const Route &route)
{
    if (PortClient *const found = find(client))
        found->handleSendFailed(route);
}

std::vector<SenderId> SharedPorts::clients() const
{
    std::vector<SenderId> ids;
    for (const auto &[id, client] : m_clients)
        ids.push_back(id);
    return ids;
}

PortClient *SharedPorts::findFragment(std::string_view fragment) const
{
    return find(m_routes.ownerOf(fragment));
}

PortClient *SharedPorts::find(SenderId client) const
{
    const auto found = m_clients.find(client);
    return found == m_clients.end() ? nullptr : found->second;
}

} // namespace peer
