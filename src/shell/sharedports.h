// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_SHAREDPORTS_H
#define PEER_SHELL_SHAREDPORTS_H

#include "shell/portset.h"
#include "shell/routetable.h"

#include <unordered_map>

namespace peer {

/// The sockets of a listener, shared by all connections that it accepted.
///
/// Whose a datagram is, RouteTable tells: transaction id for STUN responses, local user name
/// fragment for STUN requests, remote address for everything else. What belongs to nobody is
/// dropped.
class SharedPorts final : public PortSet
{
    Q_OBJECT

public:
    using PortSet::PortSet;

    SenderId attach(PortClient *client) override;
    void detach(SenderId client) override;
    void setUsernameFragment(SenderId client, const std::string &fragment) override;
    void send(SenderId client, const Transmit &transmit) override;

    /// Datagrams that belonged to nobody.
    quint64 foreign() const { return m_foreign; }

private:
    void dispatch(std::span<const Datagram> datagrams) override;
    void dispatchFailure(SenderId client, const Route &route) override;
    std::vector<SenderId> clients() const override;
    PortClient *find(SenderId client) const override;
    PortClient *findFragment(std::string_view fragment) const override;

    void deliver(const RouteTable::Owners &owners, std::span<const Datagram> run);

    RouteTable m_routes;
    std::unordered_map<SenderId, PortClient *> m_clients;
    std::uint32_t m_lastClient = 0;
    quint64 m_foreign = 0;
};

} // namespace peer

#endif // PEER_SHELL_SHAREDPORTS_H
