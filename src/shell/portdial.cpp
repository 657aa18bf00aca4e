// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/portdial.h"

#include <utility>

#ifdef Q_OS_LINUX
#    include <netinet/in.h>
#    include <sys/socket.h>
#    include <unistd.h>

#    include <algorithm>
#    include <array>
#    include <cerrno>
#    include <system_error>
#endif

using namespace Qt::StringLiterals;

namespace peer {

PortDial::PortDial(QObject *parent)
    : QObject(parent)
{ }

void PortDial::open(const TransportAddress &local, const TransportAddress &remote,
                    Handlers handlers)
{
    m_handlers = std::move(handlers);
    const QString reason = start(local, remote);
    // From the event loop, like everything else, it fails.
    if (!reason.isNull())
        QMetaObject::invokeMethod(
            this, [this, reason] { fail(reason); }, Qt::QueuedConnection);
}

void PortDial::fail(const QString &reason)
{
    const Handlers handlers = std::exchange(m_handlers, {});
    if (handlers.failed)
        handlers.failed(reason);
}

#ifdef Q_OS_LINUX

namespace {

bool setFlag(int descriptor, int option)
{
    const int on = 1;
    return ::setsockopt(descriptor, SOL_SOCKET, option, &on, sizeof on) == 0;
}

void resetDescriptorOnClose(int descriptor)
{
    const linger now{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

QString errorText(int error)
{
    return QString::fromStdString(std::generic_category().message(error));
}

union SocketAddress
{
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
};

socklen_t toSocketAddress(const TransportAddress &address, SocketAddress &out)
{
    out = {};
    const auto octets = address.ip.octets();
    if (address.ip.isV6()) {
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(address.port);
        std::copy(octets.begin(), octets.end(), out.v6.sin6_addr.s6_addr);
        return sizeof out.v6;
    }
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    std::copy(octets.begin(), octets.end(), reinterpret_cast<std::uint8_t *>(&out.v4.sin_addr));
    return sizeof out.v4;
}

} // namespace

bool PortDial::share(qintptr listeningSocket)
{
    return setFlag(int(listeningSocket), SO_REUSEPORT);
}

void PortDial::resetOnClose(const QTcpSocket &socket)
{
    resetDescriptorOnClose(int(socket.socketDescriptor()));
}

PortDial::~PortDial()
{
    m_notifier.reset();
    if (m_descriptor < 0)
        return;
    resetDescriptorOnClose(m_descriptor);
    ::close(m_descriptor);
}

QString PortDial::start(const TransportAddress &local, const TransportAddress &remote)
{
    const int family = local.ip.isV6() ? AF_INET6 : AF_INET;
    m_descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (m_descriptor < 0)
        return errorText(errno);
    SocketAddress from, to;
    const socklen_t fromSize = toSocketAddress(local, from);
    const socklen_t toSize = toSocketAddress(remote, to);
    if (!setFlag(m_descriptor, SO_REUSEADDR) || !setFlag(m_descriptor, SO_REUSEPORT)
        || ::bind(m_descriptor, &from.any, fromSize) != 0)
        return errorText(errno);
    if (::connect(m_descriptor, &to.any, toSize) != 0 && errno != EINPROGRESS)
        return errorText(errno);
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Write);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &PortDial::finish);
    return {};
}

void PortDial::finish()
{
    m_notifier.release()->deleteLater(); // it is calling
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(m_descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    auto socket = std::make_unique<QTcpSocket>();
    if (error == 0 && socket->setSocketDescriptor(m_descriptor)) {
        m_descriptor = -1;
        const Handlers handlers = std::exchange(m_handlers, {});
        if (handlers.opened)
            handlers.opened(std::move(socket));
        return;
    }
    fail(error != 0 ? errorText(error) : socket->errorString());
}

#else

bool PortDial::share(qintptr)
{
    return false;
}

void PortDial::resetOnClose(const QTcpSocket &) { }

PortDial::~PortDial() = default;

QString PortDial::start(const TransportAddress &, const TransportAddress &)
{
    return u"this system cannot connect from a port that it listens on"_s;
}

void PortDial::finish() { }

#endif

} // namespace peer
