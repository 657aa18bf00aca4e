// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/relayports.h"

#include "shell/interfacewatcher.h"

#include <QtCore/qpointer.h>

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

RelayPorts::RelayPorts(QObject *parent)
    : QObject(parent)
{ }

RelayPorts::~RelayPorts() = default;

void RelayPorts::setHandlers(Handlers handlers)
{
    m_handlers = std::make_shared<Handlers>(std::move(handlers));
}

void RelayPorts::open(const ice::request::OpenPort &wanted)
{
    UdpPortOptions options;
    options.family = wanted.server.ip.family();
    std::unique_ptr<UdpPort> port = openUdpPort(options);
    if (!port) {
        failLater(wanted.id);
        return;
    }
    const auto watcher = InterfaceWatcher::shared();
    for (const InterfaceAddress &address : watcher->addresses()) {
        if (address.ip == wanted.local && !address.ip.isLoopback())
            port->setInterface(address.ip, address.interfaceIndex);
    }
    // A port may outlive this object by a moment.
    const std::weak_ptr<Handlers> weak = m_handlers;
    port->setReceiver([weak](std::span<const Datagram> datagrams) {
        if (const auto handlers = weak.lock())
            handlers->received(datagrams);
    });
    port->setFailureHandler([weak](SenderId, const Route &route) {
        if (const auto handlers = weak.lock())
            handlers->sendFailed(route);
    });
    const Route route{port->id(), {wanted.local, port->localPort()}, wanted.server};
    m_ports[wanted.id].udp = std::move(port);
    // From the event loop, like everything else.
    QMetaObject::invokeMethod(
        this,
        [this, id = wanted.id, route] {
            const auto handlers = m_handlers;
            if (m_ports.count(id) != 0)
                handlers->opened(id, route);
        },
        Qt::QueuedConnection);
}

void RelayPorts::open(const ice::request::OpenStream &wanted)
{
    TcpPortOptions options;
    options.host = QString::fromStdString(wanted.host);
    options.port = wanted.port;
    options.isTls = wanted.transport == turn::Transport::Tls;
    options.tlsName = QString::fromStdString(wanted.tlsName);
    options.authorities = m_authorities;
    options.proxy = m_proxy;
    if (!m_systemProxies)
        m_systemProxies = SystemProxies::shared();
    std::unique_ptr<RelayStream> &stream = m_ports[wanted.id].stream;
    stream = std::make_unique<RelayStream>(options, m_systemProxies);
    stream->setAsker(m_proxyAsker);
    const std::weak_ptr<Handlers> weak = m_handlers;
    TcpPort::Handlers handlers;
    handlers.opened = [this, weak, id = wanted.id](const Route &route) {
        if (const auto target = weak.lock()) {
            m_problem.clear();
            target->opened(id, route);
        }
    };
    handlers.failed =
        [self = QPointer<RelayPorts>(this), id = wanted.id,
         name = u"%1:%2"_s.arg(options.host).arg(options.port)](const QString &reason) {
            if (!self)
                return;
            self->m_problem = u"%1: %2"_s.arg(name, reason);
            self->failLater(id);
        };
    handlers.received = [weak](const Datagram &datagram) {
        if (const auto target = weak.lock())
            target->received({&datagram, 1});
    };
    stream->open(std::move(handlers));
}

void RelayPorts::continueByProxy(const QNetworkProxy &answered)
{
    // What fails for it is taken away later, from the event loop.
    for (const auto &[id, port] : m_ports) {
        if (port.stream)
            port.stream->continueByProxy(answered);
    }
}

void RelayPorts::failLater(std::uint32_t id)
{
    QMetaObject::invokeMethod(
        this,
        [this, id] {
            const auto handlers = m_handlers;
            m_ports.erase(id);
            handlers->failed(id);
        },
        Qt::QueuedConnection);
}

/// It may be a handler of the port itself that leads here.
void RelayPorts::close(std::uint32_t id)
{
    const auto found = m_ports.find(id);
    if (found == m_ports.end())
        return;
    if (found->second.udp) {
        found->second.udp->flush();
        found->second.udp.release()->deleteLater();
    } else if (found->second.stream) {
        found->second.stream.release()->deleteLater();
    }
    m_ports.erase(id);
}

bool RelayPorts::send(const Transmit &transmit)
{
    for (const auto &[id, port] : m_ports) {
        if (port.udp && port.udp->id() == transmit.route.transport) {
            port.udp->send(transmit.route, transmit.payload);
            return true;
        }
        if (port.stream && port.stream->transport() == transmit.route.transport) {
            port.stream->send(transmit.payload);
            return true;
        }
    }
    return false;
}

void RelayPorts::flush()
{
    // Its failure handlers only take note (SessionDriver::handleSendFailed()).
    for (const auto &[id, port] : m_ports) {
        if (port.udp)
            port.udp->flush();
    }
}

} // namespace peer
