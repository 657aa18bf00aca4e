// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/tcplistener.h"

#include "core/stun/message.h"
#include "shell/boottime.h"
#include "shell/portdial.h"
#include "shell/qtaddress.h"
#include "shell/udpport.h"

#include <QtNetwork/qnetworkproxy.h>
#include <QtNetwork/qtcpsocket.h>

#include <algorithm>
#include <utility>

namespace peer {

namespace {

/// Whom it names; empty if it is no Binding request, or names nobody.
std::string_view fragmentOf(const stun::Message &message)
{
    if (message.messageClass() != stun::Class::Request || message.method() != stun::Method::Binding)
        return {};
    const auto username = message.text(stun::Attribute::Username);
    return username ? username->substr(0, username->find(':')) : std::string_view();
}

} // namespace

std::unique_ptr<TcpListener> TcpListener::open(const TcpListenerOptions &options, QString *error)
{
    std::unique_ptr<TcpListener> listener(new TcpListener(options));
    const auto address = options.family == IpAddress::Family::V6 ? QHostAddress::AnyIPv6
                                                                 : QHostAddress::AnyIPv4;
    if (listener->m_server.listen(address, options.port)) {
        if (PortDial::share(listener->m_server.socketDescriptor()))
            listener->m_simultaneousOpenId = newTransportId();
        return listener;
    }
    if (error)
        *error = listener->m_server.errorString();
    return nullptr;
}

TcpListener::TcpListener(const TcpListenerOptions &options)
    : m_id(newTransportId())
    , m_options(options)
{
    m_server.setProxy(QNetworkProxy::NoProxy);
    connect(&m_server, &QTcpServer::newConnection, this, &TcpListener::accept);
    connect(&m_timer, &QTimer::timeout, this, &TcpListener::dropOverdue);
}

TcpListener::~TcpListener()
{
    for (const Pending &pending : m_pending)
        pending.stream->abort();
}

void TcpListener::setHandler(Handler handler)
{
    m_handler = std::make_shared<Handler>(std::move(handler));
}

bool TcpListener::hasRoomFor(const IpAddress &remote) const
{
    const auto ofAddress = std::count_if(
        m_pending.begin(), m_pending.end(),
        [&](const Pending &pending) { return pending.stream->route().remote.ip == remote; });
    return m_pending.size() < MaxPending && std::size_t(ofAddress) < MaxPendingOfAddress;
}

void TcpListener::accept()
{
    while (QTcpSocket *const next = m_server.nextPendingConnection()) {
        std::unique_ptr<QTcpSocket> socket(next);
        socket->setParent(nullptr);
        auto stream = std::make_unique<DatagramStream>(std::move(socket));
        if (!hasRoomFor(stream->route().remote.ip)) {
            stream->abort();
            continue;
        }
        DatagramStream *const pending = stream.get();
        DatagramStream::Handlers handlers;
        handlers.received = [this, pending](const Datagram &first) { greet(pending, first); };
        handlers.failed = [this, pending](const QString &) { take(pending); };
        stream->setHandlers(std::move(handlers));
        m_pending.push_back({std::move(stream), bootTimeNow() + m_options.helloDeadline});
        if (!m_timer.isActive())
            m_timer.start(m_options.helloDeadline / 8);
    }
}

void TcpListener::greet(DatagramStream *stream, const Datagram &first)
{
    std::unique_ptr<DatagramStream> taken = take(stream);
    const auto message = stun::Message::parse(first.payload);
    const std::string_view fragment = message ? fragmentOf(*message) : std::string_view();
    const std::shared_ptr<Handler> handler = m_handler;
    if (fragment.empty() || !*handler) {
        taken->abort();
        return;
    }
    taken->setHandlers({});
    (*handler)(fragment, std::move(taken), first);
}

std::unique_ptr<DatagramStream> TcpListener::take(const DatagramStream *stream)
{
    const auto found = std::find_if(
        m_pending.begin(), m_pending.end(),
        [stream](const Pending &pending) { return pending.stream.get() == stream; });
    if (found == m_pending.end())
        return nullptr;
    std::unique_ptr<DatagramStream> taken = std::move(found->stream);
    m_pending.erase(found);
    if (m_pending.empty())
        m_timer.stop();
    return taken;
}

void TcpListener::dropOverdue()
{
    const TimePoint now = bootTimeNow();
    for (const Pending &pending : m_pending) {
        if (pending.deadline <= now)
            pending.stream->abort();
    }
    std::erase_if(m_pending, [now](const Pending &pending) { return pending.deadline <= now; });
    if (m_pending.empty())
        m_timer.stop();
}

} // namespace peer
