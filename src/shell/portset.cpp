// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/portset.h"

#include <QtCore/qpointer.h>

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// RFC 6544 section 4.5: what an active candidate tells in place of its port.
constexpr quint16 DiscardPort = 9;

bool isSameAddress(const ice::LocalAddress &a, const ice::LocalAddress &b)
{
    return a.transport == b.transport && a.address == b.address;
}

bool contains(const std::vector<ice::LocalAddress> &addresses, const ice::LocalAddress &wanted)
{
    return std::any_of(addresses.begin(), addresses.end(),
                       [&wanted](const auto &each) { return isSameAddress(each, wanted); });
}

} // namespace

PortSet::PortSet(const PortSetOptions &options, QObject *parent)
    : QObject(parent)
    , m_options(options)
    , m_watcher(InterfaceWatcher::shared())
{
    connect(m_watcher.get(), &InterfaceWatcher::changed, this, &PortSet::updateAddresses);
}

PortSet::~PortSet() = default;

bool PortSet::open(QString *error)
{
    openMissing(error);
    updateAddresses();
    return !m_ports.empty();
}

void PortSet::openMissing(QString *error)
{
    for (const auto family : {IpAddress::Family::V4, IpAddress::Family::V6}) {
        if (!port(family)) {
            if (auto opened = openPort(family, error))
                m_ports.push_back(std::move(opened));
        }
        if (m_options.listens && port(family) && !listener(family))
            openListener(family);
    }
}

/// Without one there is no TCP, that is all.
void PortSet::openListener(IpAddress::Family family)
{
    std::unique_ptr<TcpListener> opened = TcpListener::open({family, m_options.port});
    if (!opened)
        return;
    opened->setHandler([this](std::string_view fragment, std::unique_ptr<DatagramStream> stream,
                              const Datagram &request) {
        handleConnection(fragment, std::move(stream), request);
    });
    m_listeners.push_back(std::move(opened));
}

void PortSet::handleConnection(std::string_view fragment, std::unique_ptr<DatagramStream> stream,
                               const Datagram &request)
{
    if (PortClient *const client = findFragment(fragment))
        client->acceptConnection(std::move(stream), request);
    else
        stream->abort();
}

const TcpListener *PortSet::listener(IpAddress::Family family) const
{
    for (const auto &listener : m_listeners) {
        if (listener->family() == family)
            return listener.get();
    }
    return nullptr;
}

std::unique_ptr<UdpPort> PortSet::openPort(IpAddress::Family family, QString *error)
{
    UdpPortOptions options;
    options.family = family;
    options.port = m_options.port;
    std::unique_ptr<UdpPort> opened = openUdpPort(options, error);
    if (!opened)
        return nullptr;
    opened->setReceiver([this](std::span<const Datagram> datagrams) { dispatch(datagrams); });
    opened->setFailureHandler(
        [this](SenderId client, const Route &route) { dispatchFailure(client, route); });
    opened->setWritableHandler(
        [this] { forEachClient([](PortClient &client) { client.handleWritable(); }); });
    return opened;
}

const UdpPort *PortSet::port(IpAddress::Family family) const
{
    for (const auto &port : m_ports) {
        if (port->family() == family)
            return port.get();
    }
    return nullptr;
}

bool PortSet::makeRoom()
{
    return std::all_of(m_ports.begin(), m_ports.end(),
                       [](const auto &port) { return port->makeRoom(); });
}

void PortSet::send(SenderId client, const Transmit &transmit)
{
    for (const auto &port : m_ports) {
        if (port->id() == transmit.route.transport)
            port->send(transmit.route, transmit.payload, client);
    }
}

void PortSet::flush()
{
    const QPointer<PortSet> guard(this);
    for (std::size_t at = 0; guard && at < m_ports.size(); ++at)
        m_ports[at]->flush();
}

void PortSet::readPending()
{
    const QPointer<PortSet> guard(this);
    for (std::size_t at = 0; guard && at < m_ports.size(); ++at)
        m_ports[at]->readPending();
}

/// Calls function for each client that is there still; stops when this set is deleted.
template<typename Function>
void PortSet::forEachClient(Function function)
{
    const QPointer<PortSet> guard(this);
    for (const SenderId id : clients()) {
        PortClient *const client = find(id);
        if (client)
            function(*client);
        if (!guard)
            return;
    }
}

void PortSet::updateAddresses()
{
    openMissing(nullptr);
    const auto usable = selectAddresses(m_watcher->addresses(), m_options.selection);
    nameInterfaces(usable);
    const std::vector<ice::LocalAddress> wanted = atPorts(usable);
    const std::vector<ice::LocalAddress> before = m_localAddresses;
    const QPointer<PortSet> guard(this);
    for (const ice::LocalAddress &address : before) {
        if (guard && !contains(wanted, address))
            removeAddress(address);
    }
    for (const ice::LocalAddress &address : wanted) {
        if (guard && !contains(m_localAddresses, address))
            addAddress(address);
    }
}

void PortSet::nameInterfaces(const std::vector<UsableAddress> &usable)
{
    for (const UsableAddress &address : usable) {
        for (const auto &port : m_ports) {
            // Loopback reaches all of our addresses; naming it would hold that back.
            if (port->family() == address.ip.family() && !address.ip.isLoopback())
                port->setInterface(address.ip, address.interfaceIndex);
        }
    }
}

std::vector<ice::LocalAddress> PortSet::atPorts(const std::vector<UsableAddress> &usable) const
{
    std::vector<ice::LocalAddress> addresses;
    for (const UsableAddress &address : usable) {
        if (const UdpPort *const at = port(address.ip.family())) {
            addresses.push_back({at->id(), {address.ip, at->localPort()}, address.localPreference});
        }
        // A link-local address would need its zone, which a candidate does not tell.
        const TcpListener *const tcp = listener(address.ip.family());
        if (!tcp || address.ip.isLinkLocal())
            continue;
        addresses.push_back({tcp->id(),
                             {address.ip, tcp->localPort()},
                             address.localPreference,
                             CandidateProtocol::TcpPassive});
        addresses.push_back({tcp->id(),
                             {address.ip, DiscardPort},
                             address.localPreference,
                             CandidateProtocol::TcpActive});
        if (tcp->simultaneousOpenId() != TransportId::None)
            addresses.push_back({tcp->simultaneousOpenId(),
                                 {address.ip, tcp->localPort()},
                                 address.localPreference,
                                 CandidateProtocol::TcpSimultaneousOpen});
    }
    return addresses;
}

void PortSet::addAddress(ice::LocalAddress address)
{
    // Those that are there keep their preference; a new one takes the next free one.
    const auto isTaken = [&](std::uint16_t preference) {
        return std::any_of(m_localAddresses.begin(), m_localAddresses.end(), [&](const auto &each) {
            return each.localPreference == preference && each.protocol == address.protocol;
        });
    };
    while (isTaken(address.localPreference))
        --address.localPreference;
    const auto place = std::find_if(
        m_localAddresses.begin(), m_localAddresses.end(),
        [&address](const auto &each) { return each.localPreference < address.localPreference; });
    m_localAddresses.insert(place, address);
    forEachClient([&address](PortClient &client) { client.addLocalAddress(address); });
}

void PortSet::removeAddress(const ice::LocalAddress &address)
{
    std::erase_if(m_localAddresses,
                  [&address](const auto &each) { return isSameAddress(each, address); });
    for (const auto &port : m_ports) {
        if (port->id() == address.transport)
            port->setInterface(address.address.ip, 0);
    }
    forEachClient([&address](PortClient &client) {
        client.removeLocalAddress(address.transport, address.address.ip);
    });
}

SenderId OwnedPorts::attach(PortClient *client)
{
    if (m_client)
        return SenderId::None;
    m_client = client;
    return OnlyClient;
}

void OwnedPorts::detach(SenderId client)
{
    if (client == OnlyClient)
        m_client = nullptr;
}

void OwnedPorts::setUsernameFragment(SenderId, const std::string &fragment)
{
    m_fragmentBefore = std::exchange(m_fragment, fragment);
}

PortClient *OwnedPorts::findFragment(std::string_view fragment) const
{
    return fragment == m_fragment || fragment == m_fragmentBefore ? m_client : nullptr;
}

void OwnedPorts::dispatch(std::span<const Datagram> datagrams)
{
    if (m_client)
        m_client->receive(datagrams);
}

void OwnedPorts::dispatchFailure(SenderId client, const Route &route)
{
    if (m_client && client == OnlyClient)
        m_client->handleSendFailed(route);
}

std::vector<SenderId> OwnedPorts::clients() const
{
    return m_client ? std::vector{OnlyClient} : std::vector<SenderId>();
}

PortClient *OwnedPorts::find(SenderId client) const
{
    return client == OnlyClient ? m_client : nullptr;
}

} // namespace peer
