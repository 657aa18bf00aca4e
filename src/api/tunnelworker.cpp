// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/tunnelworker.h"

#include "api/networkruntime.h"
#include "api/publicerror.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

void TunnelWorker::start(std::shared_ptr<TunnelLink> link, TunnelParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new TunnelWorker(runtime, link, parameters);
        });
}

TunnelWorker::TunnelWorker(NetworkRuntime &runtime, std::shared_ptr<TunnelLink> link,
                           const TunnelParameters &parameters)
    : QObject(&runtime)
    , m_link(std::move(link))
    , m_parameters(parameters)
{
    if (m_parameters.rendezvous)
        mint(runtime);
    else
        join(m_parameters.ticket, rendezvous::CallSide::Callee);
    m_link->commands.attach(this, [this] { takeCommands(); });
}

TunnelWorker::~TunnelWorker()
{
    m_link->commands.detach();
}

void TunnelWorker::takeCommands()
{
    for (const TunnelCommand &command : m_link->commands.takeAll()) {
        if (std::holds_alternative<command::CloseTunnel>(command)) {
            deleteLater();
            return;
        }
        for (const BoxedDatagram &datagram : m_link->outgoing.takeAll()) {
            if (m_tunnel)
                m_tunnel->send(
                    {reinterpret_cast<const std::uint8_t *>(datagram.payload.constData()),
                     std::size_t(datagram.payload.size())});
        }
    }
}

void TunnelWorker::mint(NetworkRuntime &runtime)
{
    m_client = runtime.rendezvous(*m_parameters.rendezvous, m_parameters.authorities, std::nullopt,
                                  m_parameters.proxy);
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::tunnelMinted, this,
            [this](const QString &request, const QUrl &url, const QString &token) {
                if (request != m_request)
                    return;
                m_client->disconnect(this);
                TunnelTicket ticket{url, token, {}};
                if (m_client->config().tls == RendezvousConfig::Tls::Pinned)
                    ticket.pin = m_client->config().pin;
                m_link->notices.put(notice::TunnelMinted{ticket.toUrl()});
                join(ticket, rendezvous::CallSide::Caller);
                m_client.reset();
            });
    connect(client, &RendezvousClient::mintFailed, this,
            [this](const QString &request, const QString &text) {
                if (request == m_request)
                    fail(PeerConnection::Error::RendezvousRefused, text);
            });
    connect(client, &RendezvousClient::errorOccurred, this,
            [this](RendezvousClient::Error error, const QString &text) {
                fail(toPublicError(error), text);
            });
    m_request = m_client->mintTunnel();
}

void TunnelWorker::join(const TunnelTicket &ticket, rendezvous::CallSide side)
{
    SessionTunnelOptions options;
    options.socket.url = ticket.url;
    options.socket.trust.pinnedKey = ticket.pin;
    options.socket.trust.extraAuthorities = m_parameters.authorities;
    options.socket.proxy = m_parameters.proxy;
    rendezvous::TunnelJoin join;
    join.token = ticket.token;
    join.side = side;
    options.join = QString::fromUtf8(toJson(join));
    options.finalCodes = {quint16(rendezvous::TunnelClose::BadToken),
                          quint16(rendezvous::TunnelClose::Replaced)};
    options.whenRefused = [this] {
        fail(PeerConnection::Error::RendezvousRefused,
             u"The server ends this tunnel: its ticket is not, or no longer, good there, or "
             "somebody else has joined this end."_s);
    };
    m_tunnel = std::make_unique<SessionTunnel>(options);
    connect(m_tunnel.get(), &SessionTunnel::opened, this,
            [this] { m_link->notices.put(notice::TunnelJoined{}); });
    connect(m_tunnel.get(), &SessionTunnel::closed, this,
            [this] { m_link->notices.put(notice::TunnelInterrupted{}); });
    connect(m_tunnel.get(), &SessionTunnel::received, this, &TunnelWorker::receive);
    m_tunnel->open();
}

void TunnelWorker::receive(const QByteArray &datagram)
{
    const auto put = m_link->incoming.put({QString(), datagram}, DatagramBox::WhenFull::DropOldest);
    if (put == DatagramBox::Put::First)
        m_link->notices.put(notice::TunnelDatagrams{});
}

void TunnelWorker::fail(PeerConnection::Error error, const QString &text)
{
    if (m_client)
        m_client->disconnect(this);
    m_link->notices.put(notice::TunnelFailed{error, text});
    deleteLater();
}

} // namespace peer
