// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/udpport.h"

#ifdef Q_OS_LINUX
#    include "shell/batchedudpport.h"
#else
#    include "shell/qudpsocketport.h"
#endif

#include <QtCore/qpointer.h>

#include <algorithm>
#include <atomic>

namespace peer {

TransportId newTransportId()
{
    // 2^32 sockets are beyond any process; 0 is none.
    static std::atomic<std::uint32_t> last{0};
    return TransportId{++last};
}

UdpPort::UdpPort(const UdpPortOptions &options)
    : m_id(newTransportId())
    , m_family(options.family)
{
    m_failures.reserve(MaxFailures);
}

UdpPort::~UdpPort() = default;

void UdpPort::setReceiver(Receiver receiver)
{
    m_handlers->received = std::move(receiver);
}

void UdpPort::setWritableHandler(std::function<void()> handler)
{
    m_handlers->writable = std::move(handler);
}

void UdpPort::setFailureHandler(FailureHandler handler)
{
    m_handlers->failed = std::move(handler);
}

void UdpPort::setInterface(const IpAddress &local, quint32 index)
{
    std::erase_if(m_interfaces, [&local](const auto &entry) { return entry.first == local; });
    if (index != 0 && m_interfaces.size() < MaxInterfaces)
        m_interfaces.emplace_back(local, index);
}

quint32 UdpPort::interfaceOf(const IpAddress &local) const
{
    for (const auto &[ip, index] : m_interfaces) {
        if (ip == local)
            return index;
    }
    return 0;
}

bool UdpPort::makeRoom()
{
    return makeRoom(MaxPayload);
}

bool UdpPort::makeRoom(std::size_t octets)
{
    if (m_queue.hasRoom(octets))
        return true;
    if (!m_isBlocked) {
        writeQueue();
    } else if (m_blockedSince.hasExpired(StallLimit.count())) {
        for (const UdpSendQueue::Message &message : m_queue.messages())
            m_statistics.sendDropped += message.segments;
        m_queue.consume(m_queue.messages().size());
    }
    return m_queue.hasRoom(octets);
}

bool UdpPort::send(const Route &route, ByteView payload, SenderId sender)
{
    if (payload.size() > MaxPayload || !hasRightFamily(route)) {
        ++m_statistics.sendFailed;
        noteFailed(sender, route);
        return true;
    }
    if (!makeRoom(payload.size()))
        return false;
    m_queue.push(route, sender, payload);
    return true;
}

bool UdpPort::hasRightFamily(const Route &route) const
{
    const auto local = route.local.ip.family();
    return route.remote.ip.family() == m_family
        && (local == m_family || local == IpAddress::Family::None);
}

void UdpPort::flush()
{
    if (!m_isBlocked && !m_queue.isEmpty())
        writeQueue();
    reportFailures();
}

void UdpPort::setBlocked()
{
    m_isBlocked = true;
    m_blockedSince.start();
}

void UdpPort::resume()
{
    const QPointer<UdpPort> guard(this);
    const std::shared_ptr<Handlers> handlers = m_handlers;
    m_isBlocked = false;
    flush();
    // Half of the room, so that it is worth waking anybody.
    if (guard && handlers->writable && m_queue.hasRoom(UdpSendQueue::MaxOctets / 2))
        handlers->writable();
}

void UdpPort::noteFailed(SenderId sender, const Route &route)
{
    const std::pair failure(sender, route);
    if (m_failures.size() < MaxFailures
        && std::find(m_failures.begin(), m_failures.end(), failure) == m_failures.end())
        m_failures.push_back(failure);
}

void UdpPort::reportFailures()
{
    if (m_failures.empty())
        return;
    const std::shared_ptr<Handlers> handlers = m_handlers;
    const auto failures = m_failures;
    m_failures.clear();
    const QPointer<UdpPort> guard(this);
    for (const auto &[sender, route] : failures) {
        if (guard && handlers->failed)
            handlers->failed(sender, route);
    }
}

void UdpPort::deliver(std::span<const Datagram> datagrams)
{
    const std::shared_ptr<Handlers> handlers = m_handlers;
    m_statistics.received += datagrams.size();
    if (!datagrams.empty() && handlers->received)
        handlers->received(datagrams);
}

std::unique_ptr<UdpPort> openUdpPort(const UdpPortOptions &options, QString *error)
{
#ifdef Q_OS_LINUX
    return BatchedUdpPort::open(options, error);
#else
    return QUdpSocketPort::open(options, error);
#endif
}

} // namespace peer
