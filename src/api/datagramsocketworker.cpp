// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/datagramsocketworker.h"

#include "api/networkruntime.h"
#include "shell/boottime.h"
#include "shell/localaddresses.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

QString text(const TransportAddress &address)
{
    return QString::fromStdString(address.toString());
}

} // namespace

void DatagramSocketWorker::start(std::shared_ptr<DatagramSocketLink> link,
                                 DatagramSocketParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new DatagramSocketWorker(runtime, link, parameters);
        });
}

DatagramSocketWorker::DatagramSocketWorker(NetworkRuntime &runtime,
                                           std::shared_ptr<DatagramSocketLink> link,
                                           const DatagramSocketParameters &parameters)
    : QObject(&runtime)
    , m_link(std::move(link))
    , m_machine(parameters.fragment, parameters.password, runtime.random())
{
    if (openPorts(parameters.port)) {
        tellAddresses();
        m_link->notices.put(notice::SocketOpened{});
    }
    connect(&m_timer, &DeadlineTimer::expired, this, [this] {
        // What has arrived meanwhile is older than the deadline.
        for (UdpPort *port : {m_v4.get(), m_v6.get()}) {
            if (port)
                port->readPending();
        }
        m_machine.advance(bootTimeNow());
        drain();
    });
    connect(m_watcher.get(), &InterfaceWatcher::changed, this,
            &DatagramSocketWorker::tellAddresses);
    m_link->commands.attach(this, [this] { takeCommands(); });
}

DatagramSocketWorker::~DatagramSocketWorker()
{
    m_link->commands.detach();
}

/// IPv6 at the same number as IPv4, if it is free.
bool DatagramSocketWorker::openPorts(quint16 port)
{
    QString problem;
    const auto open = [&](IpAddress::Family family, quint16 number) {
        UdpPortOptions options;
        options.family = family;
        options.port = number;
        auto made = openUdpPort(options, &problem);
        if (made)
            made->setReceiver([this](std::span<const Datagram> datagrams) { receive(datagrams); });
        return made;
    };
    m_v4 = open(IpAddress::Family::V4, port);
    if (!m_v4 && port != 0) {
        m_link->notices.put(notice::SocketFailed{problem});
        return false;
    }
    m_v6 = open(IpAddress::Family::V6, m_v4 ? m_v4->localPort() : 0);
    if (!m_v6 && port == 0)
        m_v6 = open(IpAddress::Family::V6, 0);
    if (m_v4 || m_v6)
        return true;
    m_link->notices.put(notice::SocketFailed{problem});
    return false;
}

UdpPort *DatagramSocketWorker::portFor(IpAddress::Family family) const
{
    return family == IpAddress::Family::V6 ? m_v6.get() : m_v4.get();
}

/// The system chooses the local address. None if that family has no socket.
Route DatagramSocketWorker::routeTo(const TransportAddress &remote) const
{
    const UdpPort *port = portFor(remote.ip.family());
    return port ? Route{port->id(), {IpAddress(), port->localPort()}, remote} : Route{};
}

void DatagramSocketWorker::tellAddresses()
{
    AddressSelection selection;
    selection.withLoopback = true;
    QStringList addresses;
    for (const UsableAddress &address : selectAddresses(m_watcher->addresses(), selection)) {
        if (const UdpPort *port = portFor(address.ip.family()))
            addresses.append(text({address.ip, port->localPort()}));
    }
    m_link->notices.put(notice::LocalAddresses{addresses});
}

// ---- Commands

void DatagramSocketWorker::takeCommands()
{
    for (const DatagramSocketCommand &command : m_link->commands.takeAll())
        std::visit([this](const auto &which) { process(which); }, command);
    m_machine.advance(bootTimeNow());
    drain();
}

void DatagramSocketWorker::process(const command::TestConnectivity &command)
{
    const Route route = routeTo(command.address);
    if (route.isNull())
        m_link->notices.put(
            notice::TestFailed{text(command.address), PeerDatagramSocket::Failure::NoSocket});
    else
        noteOutcome(command.address,
                    m_machine.test(bootTimeNow(), route, command.fragment, command.password));
}

void DatagramSocketWorker::process(const command::FindReflexiveAddress &command)
{
    const Route route = routeTo(command.server);
    if (route.isNull())
        m_link->notices.put(
            notice::TestFailed{text(command.server), PeerDatagramSocket::Failure::NoSocket});
    else
        noteOutcome(command.server, m_machine.ask(bootTimeNow(), route));
}

void DatagramSocketWorker::noteOutcome(const TransportAddress &address,
                                       ice::ConsentPort::Outcome outcome)
{
    using Outcome = ice::ConsentPort::Outcome;
    PeerDatagramSocket::Failure failure = PeerDatagramSocket::Failure::Refused;
    switch (outcome) {
    case Outcome::Started:
    case Outcome::Running:
        return;
    case Outcome::TooMany:
        failure = PeerDatagramSocket::Failure::TooMany;
        break;
    case Outcome::Barred:
        failure = PeerDatagramSocket::Failure::ConsentWasLost;
        break;
    case Outcome::Malformed:
        break;
    }
    m_link->notices.put(notice::TestFailed{text(address), failure});
}

/// Whether it is proven is the machine's to know; the public object has asked its own list.
void DatagramSocketWorker::process(const command::OpenSession &command)
{
    m_machine.openSession(bootTimeNow(), command.address);
}

void DatagramSocketWorker::process(const command::CloseSession &command)
{
    m_machine.closeSession(command.address);
}

void DatagramSocketWorker::process(const command::SendDatagrams &)
{
    const TimePoint now = bootTimeNow();
    for (const BoxedDatagram &datagram : m_link->outgoing.takeAll()) {
        const auto address = TransportAddress::fromString(datagram.address.toStdString());
        const ByteView payload{reinterpret_cast<const std::uint8_t *>(datagram.payload.constData()),
                               std::size_t(datagram.payload.size())};
        if (address && !m_machine.send(now, *address, payload)) {
            drain(); // it may have been full
            m_machine.send(now, *address, payload);
        }
    }
}

void DatagramSocketWorker::process(const command::CloseSocket &)
{
    deleteLater();
}

// ---- What comes and goes

void DatagramSocketWorker::receive(std::span<const Datagram> datagrams)
{
    const TimePoint now = bootTimeNow();
    for (const Datagram &datagram : datagrams) {
        if (!m_machine.receive(now, datagram))
            continue;
        BoxedDatagram boxed{text(datagram.route.remote),
                            QByteArray(reinterpret_cast<const char *>(datagram.payload.data()),
                                       qsizetype(datagram.payload.size()))};
        const auto put = m_link->incoming.put(std::move(boxed), DatagramBox::WhenFull::DropOldest);
        if (put == DatagramBox::Put::First)
            m_link->notices.put(notice::DatagramsReady{});
    }
    m_machine.advance(now);
    drain();
}

void DatagramSocketWorker::drain()
{
    while (const auto transmit = m_machine.nextTransmit()) {
        for (UdpPort *port : {m_v4.get(), m_v6.get()}) {
            if (port && port->id() == transmit->route.transport)
                port->send(transmit->route, transmit->payload);
        }
    }
    for (UdpPort *port : {m_v4.get(), m_v6.get()}) {
        if (port)
            port->flush();
    }
    while (const auto event = m_machine.nextEvent())
        std::visit([this](const auto &which) { handle(which); }, *event);
    m_timer.setDeadline(m_machine.nextDeadline());
}

void DatagramSocketWorker::handle(const ice::ConsentPort::Tested &event)
{
    if (m_link->testsToTell >= DatagramSocketLink::MaxTests)
        return;
    ++m_link->testsToTell;
    m_link->notices.put(notice::Tested{text(event.from), QString::fromStdString(event.fragment)});
}

void DatagramSocketWorker::handle(const ice::ConsentPort::Proven &event)
{
    m_link->notices.put(notice::Proven{text(event.remote), text(event.reflexive)});
}

void DatagramSocketWorker::handle(const ice::ConsentPort::TestFailed &event)
{
    using Failure = ice::ConsentPort::Failure;
    PeerDatagramSocket::Failure failure = PeerDatagramSocket::Failure::Unanswered;
    switch (event.failure) {
    case Failure::Unanswered:
        break;
    case Failure::Refused:
        failure = PeerDatagramSocket::Failure::Refused;
        break;
    }
    m_link->notices.put(notice::TestFailed{text(event.remote), failure});
}

void DatagramSocketWorker::handle(const ice::ConsentPort::ConsentLost &event)
{
    m_link->notices.put(notice::ConsentLost{text(event.remote)});
}

void DatagramSocketWorker::handle(const ice::ConsentPort::AddressFound &event)
{
    m_link->notices.put(notice::ReflexiveAddress{text(event.server), text(event.reflexive)});
}

} // namespace peer
