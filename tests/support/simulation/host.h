// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIMULATION_HOST_H
#define PEER_SIMULATION_HOST_H

#include "support/simulation/interface.h"
#include "support/simulation/node.h"
#include "support/simulation/process.h"
#include "support/simulation/processdriver.h"
#include "support/simulation/tcp.h"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace peer::sim {

/// A computer: interfaces, UDP and TCP sockets, and processes that own the sockets. It is a strong
/// host (RFC 1122 section 3.3.4.2): a packet leaves by the interface that has its source address.
class Host : public Node
{
public:
    /// nextTransport: counts the sockets of the whole simulation, so that an id names one of them.
    Host(std::string name, Schedule &schedule, Trace &trace, const SeededRandom &random,
         std::uint32_t &nextTransport);

    /// Plugs it into a network under those addresses.
    Interface &connect(Network &network, std::vector<IpAddress> addresses);
    const std::vector<std::unique_ptr<Interface>> &interfaces() const { return m_interfaces; }
    /// Of all interfaces, in their order.
    std::vector<IpAddress> addresses() const;

    /// A socket at one address, or at all of a family (0.0.0.0 or ::). Port 0: a free one is
    /// found. What it receives goes to the process, which the host drives from now on; it must
    /// live until removeProcess() or as long as the simulation runs.
    TransportId openSocket(Process &process, const TransportAddress &local);
    void closeSocket(TransportId transport);
    /// Of the first interface that is up and has one of that family; null if none has. What
    /// connections to servers go out from.
    IpAddress addressFor(IpAddress::Family family) const;
    /// Null when it is closed.
    TransportAddress localAddress(TransportId transport) const;

    /// A TCP socket that listens there; connections that come are the process's.
    TransportId listen(Process &process, const TransportAddress &local);
    /// Null when there is none.
    TransportAddress listeningAddress(TransportId listener) const;
    /// Opens a TCP connection, by whose transport datagrams then go. The process names it by id.
    /// localPort: 0 = a free one.
    void connect(Process &process, std::uint32_t id, const IpAddress &local,
                 const TransportAddress &remote, std::uint16_t localPort = 0);
    void closeConnection(Process &process, std::uint32_t id);

    /// Calls a command of a machine in the process, then drains and plans as after any call.
    void command(Process &process, const std::function<void(TimePoint now)> &call);
    /// Closes its sockets and never calls it again. Not to be called by the process itself.
    void removeProcess(Process &process);

    void receive(Interface &from, Packet packet) override;

private:
    struct Socket
    {
        TransportAddress local;
        ProcessDriver *owner;
    };

    ProcessDriver &driverOf(Process &process);
    bool send(const Transmit &transmit);
    void sendSegment(Packet packet);
    std::uint16_t freePort(const IpAddress &ip);
    bool isPortFree(const TransportAddress &local) const;
    /// The interface that has the address; null if none has.
    Interface *interfaceOf(const IpAddress &address) const;
    const std::pair<const TransportId, Socket> *socketFor(const TransportAddress &local) const;

    Schedule &m_schedule;
    Trace &m_trace;
    SeededRandom m_random;
    std::uint32_t &m_nextTransport;
    std::vector<std::unique_ptr<Interface>> m_interfaces;
    std::vector<std::unique_ptr<ProcessDriver>> m_drivers;
    std::map<TransportId, Socket> m_sockets;
    Tcp m_tcp;
};

} // namespace peer::sim

#endif // PEER_SIMULATION_HOST_H
