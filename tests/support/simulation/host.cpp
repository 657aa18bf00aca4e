// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "support/simulation/host.h"

#include <algorithm>
#include <stdexcept>

namespace peer::sim {

namespace {

/// RFC 6335 section 6: the dynamic ports.
constexpr int FirstDynamicPort = 49152;
constexpr int LastDynamicPort = 65535;

} // namespace

Host::Host(std::string name, Schedule &schedule, Trace &trace, const SeededRandom &random,
           std::uint32_t &nextTransport)
    : Node(std::move(name))
    , m_schedule(schedule)
    , m_trace(trace)
    , m_random(random.fork(Node::name()))
    , m_nextTransport(nextTransport)
    , m_tcp(schedule, m_random.fork("tcp"), nextTransport,
            [this](Packet packet) { sendSegment(std::move(packet)); })
{ }

Interface &Host::connect(Network &network, std::vector<IpAddress> addresses)
{
    m_interfaces.push_back(std::make_unique<Interface>(*this, network, std::move(addresses),
                                                       m_schedule, m_trace, m_random));
    return *m_interfaces.back();
}

std::vector<IpAddress> Host::addresses() const
{
    std::vector<IpAddress> all;
    for (const auto &interface : m_interfaces) {
        const std::vector<IpAddress> &some = interface->addresses();
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

IpAddress Host::addressFor(IpAddress::Family family) const
{
    for (const auto &interface : m_interfaces) {
        const IpAddress address = interface->address(family);
        if (!address.isNull() && interface->isUp())
            return address;
    }
    return {};
}

ProcessDriver &Host::driverOf(Process &process)
{
    for (const auto &driver : m_drivers) {
        if (&driver->process() == &process)
            return *driver;
    }
    m_drivers.push_back(std::make_unique<ProcessDriver>(
        process, m_schedule, [this](const Transmit &transmit) { return send(transmit); }));
    return *m_drivers.back();
}

bool Host::isPortFree(const TransportAddress &local) const
{
    return std::none_of(m_sockets.begin(), m_sockets.end(), [&](const auto &entry) {
        const TransportAddress &used = entry.second.local;
        return used.port == local.port && used.ip.family() == local.ip.family()
            && (used.ip == local.ip || used.ip.isUnspecified() || local.ip.isUnspecified());
    });
}

std::uint16_t Host::freePort(const IpAddress &ip)
{
    for (;;) {
        const auto port = static_cast<std::uint16_t>(
            m_random.between(FirstDynamicPort, LastDynamicPort));
        if (isPortFree({ip, port}))
            return port;
    }
}

TransportId Host::openSocket(Process &process, const TransportAddress &local)
{
    TransportAddress bound = local;
    if (!bound.ip.isUnspecified() && !interfaceOf(bound.ip))
        throw std::invalid_argument(name() + " has no address " + bound.ip.toString());
    if (bound.port == 0)
        bound.port = freePort(bound.ip);
    else if (!isPortFree(bound))
        throw std::invalid_argument(name() + ": in use: " + bound.toString());
    const TransportId transport{++m_nextTransport};
    m_sockets.emplace(transport, Socket{bound, &driverOf(process)});
    return transport;
}

void Host::closeSocket(TransportId transport)
{
    m_sockets.erase(transport);
}

TransportAddress Host::localAddress(TransportId transport) const
{
    const auto found = m_sockets.find(transport);
    return found == m_sockets.end() ? TransportAddress() : found->second.local;
}

TransportId Host::listen(Process &process, const TransportAddress &local)
{
    return m_tcp.listen(driverOf(process), local);
}

TransportAddress Host::listeningAddress(TransportId listener) const
{
    return m_tcp.listeningAddress(listener);
}

void Host::connect(Process &process, std::uint32_t id, const IpAddress &local,
                   const TransportAddress &remote, std::uint16_t localPort)
{
    m_tcp.connect(driverOf(process), id, {local, localPort}, remote);
}

void Host::closeConnection(Process &process, std::uint32_t id)
{
    m_tcp.close(driverOf(process), id);
}

void Host::command(Process &process, const std::function<void(TimePoint)> &call)
{
    driverOf(process).command(call);
}

void Host::removeProcess(Process &process)
{
    std::erase_if(m_sockets,
                  [&](const auto &entry) { return &entry.second.owner->process() == &process; });
    m_tcp.removeOwner(driverOf(process));
    std::erase_if(m_drivers, [&](const auto &driver) { return &driver->process() == &process; });
}

Interface *Host::interfaceOf(const IpAddress &address) const
{
    for (const auto &interface : m_interfaces) {
        if (interface->hasAddress(address))
            return interface.get();
    }
    return nullptr;
}

void Host::sendSegment(Packet packet)
{
    Interface *interface = interfaceOf(packet.source.ip);
    if (!interface || !interface->isUp())
        return;
    m_trace.note(m_schedule.now(), name(), Fate::Sent, packet);
    interface->send(std::move(packet));
}

bool Host::send(const Transmit &transmit)
{
    if (m_tcp.owns(transmit.route.transport)) {
        m_tcp.send(transmit);
        return true;
    }
    const auto socket = m_sockets.find(transmit.route.transport);
    if (socket == m_sockets.end())
        return false;
    // The route's local address tells which of a wildcard socket's addresses it is to be.
    TransportAddress source = socket->second.local;
    if (source.ip.isUnspecified() && !transmit.route.local.isNull())
        source.ip = transmit.route.local.ip;
    if (source.ip.isUnspecified())
        source.ip = addressFor(source.ip.family());
    Interface *interface = interfaceOf(source.ip);
    const TransportAddress &remote = transmit.route.remote;
    if (!interface || !interface->isUp() || remote.ip.family() != source.ip.family()
        || remote.port == 0) {
        return false;
    }
    Packet packet{source, remote, toBytes(transmit.payload)};
    m_trace.note(m_schedule.now(), name(), Fate::Sent, packet);
    interface->send(std::move(packet));
    return true;
}

const std::pair<const TransportId, Host::Socket> *Host::socketFor(
    const TransportAddress &local) const
{
    const auto found = std::find_if(m_sockets.begin(), m_sockets.end(), [&](const auto &entry) {
        const TransportAddress &bound = entry.second.local;
        return bound.port == local.port
            && (bound.ip == local.ip
                || (bound.ip.isUnspecified() && bound.ip.family() == local.ip.family()));
    });
    return found == m_sockets.end() ? nullptr : &*found;
}

void Host::receive(Interface &from, Packet packet)
{
    if (packet.isTcp() && from.hasAddress(packet.destination.ip)) {
        m_trace.note(m_schedule.now(), name(), Fate::Delivered, packet);
        m_tcp.receive(packet);
        return;
    }
    const auto *socket = from.hasAddress(packet.destination.ip) ? socketFor(packet.destination)
                                                                : nullptr;
    if (!socket) {
        m_trace.note(m_schedule.now(), name(), Fate::NoSocket, packet);
        return;
    }
    m_trace.note(m_schedule.now(), name(), Fate::Delivered, packet);
    const Route route{socket->first, packet.destination, packet.source};
    socket->second.owner->receive({route, packet.payload});
}

} // namespace peer::sim
