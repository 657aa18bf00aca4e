// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/batchedudpport.h"

#include "shell/udpheaders_linux.h"

#include <QtCore/qpointer.h>
#include <QtCore/qsocketnotifier.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <netinet/udp.h>
#include <unistd.h>

namespace peer {

namespace {

/// Batches that are read per wake-up. The notifier is level-triggered: what is left comes with the
/// next turn of the event loop, after timers and other sockets had theirs.
constexpr int BatchesPerWakeup = 4;

bool setOption(int descriptor, int level, int name, int value)
{
    return setsockopt(descriptor, level, name, &value, sizeof value) == 0;
}

/// Disabled at once, deleted from the event loop, for it may stand on the call stack.
void dismiss(QSocketNotifier *notifier)
{
    notifier->setEnabled(false);
    notifier->disconnect();
    notifier->deleteLater();
}

} // namespace

std::unique_ptr<BatchedUdpPort> BatchedUdpPort::open(const UdpPortOptions &options, QString *error)
{
    const int domain = options.family == IpAddress::Family::V6 ? AF_INET6 : AF_INET;
    const int descriptor = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0) {
        std::unique_ptr<BatchedUdpPort> port(new BatchedUdpPort(options, descriptor));
        if (port->configure(options) && port->bind(options.port)) {
            port->startNotifiers();
            return port;
        }
    }
    if (error)
        *error = QString::fromLocal8Bit(std::strerror(errno));
    return nullptr;
}

BatchedUdpPort::BatchedUdpPort(const UdpPortOptions &options, int descriptor)
    : UdpPort(options)
    , m_descriptor(descriptor)
{ }

BatchedUdpPort::~BatchedUdpPort()
{
    if (m_readNotifier) {
        dismiss(m_readNotifier);
        dismiss(m_writeNotifier);
    }
    const int kept = errno; // open() reports the error that led here
    close(m_descriptor);
    errno = kept;
}

bool BatchedUdpPort::configure(const UdpPortOptions &options)
{
    // These may fail, or give less, and the port works still.
    setOption(m_descriptor, SOL_SOCKET, SO_RCVBUF, options.receiveBuffer);
    setOption(m_descriptor, SOL_SOCKET, SO_SNDBUF, options.sendBuffer);
    int ignored = 0;
    socklen_t size = sizeof ignored;
    m_hasSegmentation = options.segmentation
        && getsockopt(m_descriptor, IPPROTO_UDP, UDP_SEGMENT, &ignored, &size) == 0;
    m_hasCoalescing = options.coalescing && setOption(m_descriptor, IPPROTO_UDP, UDP_GRO, 1);
    m_queue.setCoalescing(m_hasSegmentation);

    // Without these a Route cannot be told, or datagrams would be cut on their way.
    if (family() == IpAddress::Family::V4) {
        return setOption(m_descriptor, IPPROTO_IP, IP_PKTINFO, 1)
            && setOption(m_descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    }
    return setOption(m_descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1)
        && setOption(m_descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        && setOption(m_descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
        && setOption(m_descriptor, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
}

bool BatchedUdpPort::bind(quint16 port)
{
    sockaddr_storage address = toSocketAddress({IpAddress::any(family()), port}, 0);
    socklen_t size = socketAddressSize(family());
    if (::bind(m_descriptor, reinterpret_cast<sockaddr *>(&address), size) != 0
        || getsockname(m_descriptor, reinterpret_cast<sockaddr *>(&address), &size) != 0)
        return false;
    setLocalPort(fromSocketAddress(address).port);
    return true;
}

void BatchedUdpPort::startNotifiers()
{
    m_readNotifier = new QSocketNotifier(m_descriptor, QSocketNotifier::Read);
    connect(m_readNotifier, &QSocketNotifier::activated, this, &BatchedUdpPort::readPending);
    m_writeNotifier = new QSocketNotifier(m_descriptor, QSocketNotifier::Write);
    m_writeNotifier->setEnabled(false);
    connect(m_writeNotifier, &QSocketNotifier::activated, this, [this] {
        m_writeNotifier->setEnabled(false);
        resume();
    });
}

void BatchedUdpPort::readPending()
{
    const QPointer<BatchedUdpPort> guard(this);
    const UdpReceivePoolLease pool;
    for (int batch = 0; batch < BatchesPerWakeup; ++batch) {
        pool->reset();
        const int received = recvmmsg(m_descriptor, pool->messages.data(), UdpReceivePool::Capacity,
                                      MSG_DONTWAIT, nullptr);
        ++m_statistics.receiveCalls;
        // EAGAIN: nothing waits. Anything else is a pending error of the socket, taken by this.
        if (received <= 0)
            return;
        pool->datagrams.clear();
        collect(*pool, static_cast<std::size_t>(received));
        deliver(pool->datagrams);
        if (!guard || static_cast<std::size_t>(received) < UdpReceivePool::Capacity)
            return;
    }
}

void BatchedUdpPort::collect(UdpReceivePool &pool, std::size_t messages)
{
    for (std::size_t place = 0; place < messages; ++place) {
        msghdr &header = pool.messages[place].msg_hdr;
        const std::size_t size = pool.messages[place].msg_len;
        const ReceivedControl control = readControl(header);
        if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || control.destination.isNull()) {
            ++m_statistics.receiveDropped;
            continue;
        }
        const Route route{
            id(), {control.destination, localPort()}, fromSocketAddress(pool.addresses[place])};
        ByteView rest(static_cast<const std::uint8_t *>(pool.pieces[place].iov_base), size);
        const std::size_t segmentSize = control.segmentSize > 0 ? control.segmentSize : size;
        do {
            const ByteView payload = rest.first(std::min(segmentSize, rest.size()));
            rest = rest.subspan(payload.size());
            pool.datagrams.push_back({route, payload});
        } while (!rest.empty());
    }
}

void BatchedUdpPort::writeQueue()
{
    while (!m_queue.isEmpty()) {
        const std::size_t prepared = prepareHeaders();
        const int sent = sendmmsg(m_descriptor, UdpSendHeaders::ofThread().messages.data(),
                                  static_cast<unsigned>(prepared), MSG_DONTWAIT);
        ++m_statistics.sendCalls;
        if (sent > 0) {
            for (int at = 0; at < sent; ++at)
                m_statistics.sent += m_queue.messages()[static_cast<std::size_t>(at)].segments;
            m_queue.consume(static_cast<std::size_t>(sent));
        } else if (!handleSendError(errno)) {
            return;
        }
    }
}

std::size_t BatchedUdpPort::prepareHeaders()
{
    const auto waiting = m_queue.messages();
    const std::size_t prepared = std::min(waiting.size(), UdpSendHeaders::Capacity);
    UdpSendHeaders &headers = UdpSendHeaders::ofThread();
    for (std::size_t place = 0; place < prepared; ++place) {
        const UdpSendQueue::Message &message = waiting[place];
        headers.prepare(place, message.route, interfaceOf(message.route.local.ip),
                        m_queue.octets(message), message.segments > 1 ? message.segmentSize : 0);
    }
    return prepared;
}

bool BatchedUdpPort::handleSendError(int error)
{
    const UdpSendQueue::Message &oldest = m_queue.messages().front();
    switch (error) {
    case EINTR:
        return true;
    case EAGAIN:
        block();
        return false;
    case EINVAL:
    case EIO:
    case EMSGSIZE:
    case EOPNOTSUPP:
        // EIO: the route's device has no checksum offload; EINVAL: no UDP_SEGMENT at all, or a
        // segment is beyond the device's MTU, or the source address has gone.
        if (oldest.segments > 1)
            return sendSegmentsSingly();
        break;
    default: // the system has many more
        break;
    }
    dropOldest(error);
    return true;
}

void BatchedUdpPort::dropOldest(int error)
{
    const UdpSendQueue::Message &oldest = m_queue.messages().front();
    switch (error) {
    case EINVAL: // the source address is not (or no longer) ours
    case EADDRNOTAVAIL:
    case ENETUNREACH:
    case ENETDOWN:
    case ENODEV:
    case ENXIO:
    case ENOBUFS:
    case ENOMEM:
        m_statistics.sendDropped += oldest.segments;
        break;
    default: // EHOSTUNREACH, EPERM, EACCES, EMSGSIZE …
        m_statistics.sendFailed += oldest.segments;
        noteFailed(oldest.sender, oldest.route);
        break;
    }
    m_queue.consume(1);
}

bool BatchedUdpPort::sendSegmentsSingly()
{
    const UdpSendQueue::Message whole = m_queue.messages().front();
    const quint32 interfaceIndex = interfaceOf(whole.route.local.ip);
    UdpSendHeaders &headers = UdpSendHeaders::ofThread();
    for (std::size_t segment = 0; segment < whole.segments; ++segment) {
        const UdpSendQueue::Message &rest = m_queue.messages().front();
        const ByteView octets = m_queue.octets(rest);
        headers.prepare(0, rest.route, interfaceIndex,
                        octets.first(std::min(rest.segmentSize, octets.size())), 0);
        ssize_t sent = -1;
        do {
            sent = sendmsg(m_descriptor, &headers.messages[0].msg_hdr, MSG_DONTWAIT);
            ++m_statistics.sendCalls;
        } while (sent < 0 && errno == EINTR);
        if (sent < 0 && errno == EAGAIN) {
            block();
            return false;
        }
        if (sent < 0) {
            dropOldest(errno);
            return true;
        }
        // It was UDP_SEGMENT that did not please.
        m_hasSegmentation = false;
        m_queue.setCoalescing(false);
        ++m_statistics.sent;
        m_queue.consumeSegments(1);
    }
    return true;
}

void BatchedUdpPort::block()
{
    setBlocked();
    m_writeNotifier->setEnabled(true);
}

} // namespace peer
