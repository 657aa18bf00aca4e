// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_OUTLETS_H
#define PEER_SIMULATION_OUTLETS_H

#include "core/ice/agent.h"
#include "support/simulation/host.h"
#include "support/simulation/tunnelserver.h"

#include <algorithm>
#include <map>
#include <optional>

namespace peer::sim {

/// What a process opens beside its own sockets because a machine of its wants it: the sockets and
/// connections of relays, TCP connections to and from the peer, and the tunnel, which is dialled
/// again when it ends. The machine is an ice::Agent or a Session, which have the same functions for
/// it.
class Outlets
{
public:
    Outlets(Host &host, Process &process)
        : m_host(host)
        , m_process(process)
    { }

    void serve(auto &machine, TimePoint now, const ice::request::OpenPort &request)
    {
        const TransportId transport = m_host.openSocket(m_process, {request.local, 0});
        const Route route{transport, m_host.localAddress(transport), request.server};
        m_relays[request.id] = {route, false};
        machine.transportOpened(now, request.id, route);
    }
    void serve(auto &machine, TimePoint now, const ice::request::OpenStream &request)
    {
        const auto ip = IpAddress::fromString(request.host);
        if (ip && dial(now, request.id, {*ip, request.port}))
            m_relays[request.id] = {Route(), true};
        else
            machine.transportFailed(now, request.id);
    }
    void serve(auto &, TimePoint, const ice::request::Connect &request)
    {
        m_host.connect(m_process, request.id, request.local, request.remote, request.localPort);
    }
    void serve(auto &, TimePoint, const ice::request::OpenStun &request)
    {
        m_host.connect(m_process, request.id, request.local.ip, request.server, request.local.port);
    }
    void serve(auto &, TimePoint, const ice::request::Close &request)
    {
        const auto relay = m_relays.find(request.id);
        if (relay != m_relays.end() && !relay->second.isTcp)
            m_host.closeSocket(relay->second.route.transport);
        else
            m_host.closeConnection(m_process, request.id);
        m_relays.erase(request.id);
        m_connections.erase(request.id);
        m_deadlines.erase(request.id);
    }

    // The process's own functions of these names pass on to these
    /// add: void(TransportId), which tells the machine that the tunnel is there.
    void connectionOpened(auto &machine, TimePoint now, std::uint32_t id, const Route &route,
                          const auto &add)
    {
        m_deadlines.erase(id);
        if (id == TunnelId) {
            m_tunnel = route.transport;
            m_hello = route;
            add(route.transport);
            return;
        }
        if (const auto relay = m_relays.find(id); relay != m_relays.end())
            relay->second.route = route;
        else
            m_connections[id] = route;
        machine.transportOpened(now, id, route);
    }
    std::uint32_t connectionAccepted(auto &machine, TimePoint now, const Route &route)
    {
        const std::uint32_t id = machine.connectionAccepted(now, route);
        if (id != 0)
            m_connections[id] = route;
        return id;
    }
    void connectionEnded(auto &machine, TimePoint now, std::uint32_t id)
    {
        m_deadlines.erase(id);
        if (id == TunnelId) {
            const TransportId tunnel = m_tunnel;
            m_tunnel = TransportId::None;
            m_hello = Route();
            m_dialAt = now + Redial;
            if (tunnel != TransportId::None)
                machine.removeTunnel(now, tunnel);
            return;
        }
        m_relays.erase(id);
        m_connections.erase(id);
        machine.transportFailed(now, id);
    }

    /// end: which one of the tunnel is ours, 0 or 1. From now on advance() is to be called.
    void useTunnel(TimePoint now, const TunnelServer *server, std::uint8_t end)
    {
        m_tunnelServer = server;
        m_end = end;
        m_dialAt = server ? now : Never;
    }
    void closeTunnel()
    {
        m_tunnelServer = nullptr;
        m_dialAt = Never;
        m_host.closeConnection(m_process, TunnelId);
        m_deadlines.erase(TunnelId);
        m_tunnel = TransportId::None;
        m_hello = Route();
    }
    bool isTunnel(TransportId transport) const
    {
        return transport != TransportId::None && transport == m_tunnel;
    }
    bool isRelay(TransportId transport) const
    {
        return std::any_of(m_relays.begin(), m_relays.end(), [&](const auto &relay) {
            return relay.second.route.transport == transport;
        });
    }
    /// To the peer, or from a listening port to a STUN server, by TCP.
    bool isConnection(const Route &route) const
    {
        return std::any_of(m_connections.begin(), m_connections.end(),
                           [&](const auto &connection) { return connection.second == route; });
    }

    /// Gives up what does not open, and dials the tunnel, from the families in turn.
    void advance(auto &machine, TimePoint now)
    {
        while (const auto overdue = nextOverdue(now)) {
            m_host.closeConnection(m_process, *overdue);
            connectionEnded(machine, now, *overdue);
        }
        if (!m_tunnelServer || m_dialAt > now)
            return;
        m_family = m_family == IpAddress::Family::V4 ? IpAddress::Family::V6
                                                     : IpAddress::Family::V4;
        m_dialAt = dial(now, TunnelId, m_tunnelServer->address(m_family)) ? Never : now + Redial;
    }
    TimePoint nextDeadline() const
    {
        TimePoint next = m_dialAt;
        for (const auto &[id, deadline] : m_deadlines)
            next = std::min(next, deadline);
        return next;
    }
    /// Before anything else that goes by the tunnel.
    std::optional<Transmit> nextTransmit()
    {
        if (m_hello.isNull())
            return std::nullopt;
        const Route route = m_hello;
        m_hello = Route();
        return Transmit{route, ByteView(&m_end, 1)};
    }

    /// Names the simultaneous-open candidates at a listening socket's port.
    static TransportId simultaneousOpenId(TransportId listener)
    {
        return TransportId{static_cast<std::uint32_t>(listener) | 0x40000000};
    }

private:
    struct Relay
    {
        /// Null until it is open.
        Route route;
        bool isTcp = false;
    };
    /// As shell/tcpport.h has it.
    static constexpr Duration ConnectDeadline = std::chrono::seconds(10);
    static constexpr Duration Redial = std::chrono::milliseconds(250);
    /// Machines count theirs from 1.
    static constexpr std::uint32_t TunnelId = 0xFFFFFFFF;

    bool dial(TimePoint now, std::uint32_t id, const TransportAddress &remote)
    {
        const IpAddress local = m_host.addressFor(remote.ip.family());
        if (local.isNull())
            return false;
        m_deadlines[id] = now + ConnectDeadline;
        m_host.connect(m_process, id, local, remote);
        return true;
    }
    std::optional<std::uint32_t> nextOverdue(TimePoint now) const
    {
        for (const auto &[id, deadline] : m_deadlines) {
            if (deadline <= now)
                return id;
        }
        return std::nullopt;
    }

    Host &m_host;
    Process &m_process;
    /// By the id of their request, as are connections to the peer, or what these were accepted as.
    std::map<std::uint32_t, Relay> m_relays;
    std::map<std::uint32_t, Route> m_connections;
    /// Until when relays and the tunnel must be open.
    std::map<std::uint32_t, TimePoint> m_deadlines;
    const TunnelServer *m_tunnelServer = nullptr;
    /// None while it is not open.
    TransportId m_tunnel = TransportId::None;
    TimePoint m_dialAt = Never;
    IpAddress::Family m_family = IpAddress::Family::V6;
    Route m_hello;
    std::uint8_t m_end = 0;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_OUTLETS_H
