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
    , m_runtime(runtime)
    , m_link(std::move(link))
    , m_parameters(parameters)
    , m_proxyQuestions(runtime.proxies(), [to = m_link](const QNetworkProxy &proxy) {
        to->notices.put(notice::ProxyAuthentication{proxy});
    })
{
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &TunnelWorker::noteSilence);
    if (m_parameters.rendezvous)
        mint();
    else
        join(m_parameters.ticket, rendezvous::CallSide::Callee);
    m_link->commands.attach(this, [this] { takeCommands(); });
}

TunnelWorker::~TunnelWorker()
{
    m_link->commands.detach();
    endMinting();
}

// ---- Commands

void TunnelWorker::takeCommands()
{
    for (const TunnelCommand &command : m_link->commands.takeAll())
        std::visit([this](const auto &which) { process(which); }, command);
}

void TunnelWorker::process(const command::SendThroughTunnel &)
{
    for (const BoxedDatagram &datagram : m_link->outgoing.takeAll()) {
        if (m_tunnel)
            m_tunnel->send({reinterpret_cast<const std::uint8_t *>(datagram.payload.constData()),
                            std::size_t(datagram.payload.size())});
    }
}

void TunnelWorker::process(const command::CloseTunnel &)
{
    endMinting();
    deleteLater();
}

void TunnelWorker::process(const command::ProxyCredentials &command)
{
    m_proxyQuestions.takeAnswer(command.proxy, command.user, command.password);
    if (m_tunnel)
        m_tunnel->continueByProxy();
    if (!m_client)
        return;
    // Another connection, which shares this one's, may have been told them.
    if (!command.user.isEmpty() || m_runtime.proxies().knowsOthers(m_client->refusedProxy())) {
        m_patience.start(m_parameters.patience);
        m_client->checkConnection();
    } else {
        fail(toPublicError(m_client->error()), m_client->errorString());
    }
}

// ---- Minting

void TunnelWorker::mint()
{
    m_client = m_runtime.rendezvous(*m_parameters.rendezvous, m_parameters.authorities,
                                    std::nullopt, m_parameters.proxy);
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::tunnelMinted, this,
            [this](const QString &request, const QUrl &url, const QString &token) {
                if (request != m_request)
                    return;
                TunnelTicket ticket{url, token, {}};
                if (m_client->config().tls == RendezvousConfig::Tls::Pinned)
                    ticket.pin = m_client->config().pin;
                endMinting();
                m_link->notices.put(notice::TunnelMinted{ticket.toUrl()});
                join(ticket, rendezvous::CallSide::Caller);
            });
    connect(client, &RendezvousClient::mintFailed, this,
            [this](const QString &request, RendezvousClient::MintError error, const QString &text) {
                if (request == m_request)
                    fail(toPublicError(error), text);
            });
    connect(client, &RendezvousClient::errorOccurred, this, &TunnelWorker::noteMintError);
    m_request = m_client->mintTunnel();
    m_patience.start(m_parameters.patience);
    // Others who share the connection knew no credentials, perhaps, and it waits.
    if (m_client->state() == RendezvousClient::State::Waiting
        && m_client->error() == RendezvousClient::Error::ProxyAuthentication) {
        noteMintError(m_client->error(), m_client->errorString());
    }
}

void TunnelWorker::noteMintError(RendezvousClient::Error error, const QString &text)
{
    if (error != RendezvousClient::Error::ProxyAuthentication) {
        fail(toPublicError(error), text);
        return;
    }
    switch (m_proxyQuestions.ask(m_client->refusedProxy())) {
    case ProxyQuestions::Outcome::Awaited:
        m_patience.stop();
        return;
    case ProxyQuestions::Outcome::Known:
        m_client->checkConnection();
        return;
    case ProxyQuestions::Outcome::Refused:
        fail(toPublicError(error), text);
        return;
    }
}

/// The connection may be another's too, and wait between two attempts, the last of which has told
/// why.
void TunnelWorker::noteSilence()
{
    if (m_client->error() != RendezvousClient::Error::None)
        fail(toPublicError(m_client->error()), m_client->errorString());
    else
        fail(PeerConnection::Error::RendezvousUnreachable,
             u"The rendezvous has not answered within %1 s."_s.arg(
                 double(m_parameters.patience.count()) / 1000));
}

void TunnelWorker::endMinting()
{
    m_patience.stop();
    if (!m_client)
        return;
    m_client->disconnect(this);
    m_client->cancelMint(m_request);
    m_client.reset();
}

// ---- The tunnel

/// False if it is of no use to wait for an answer: then it is the end.
bool TunnelWorker::askForProxy(const QNetworkProxy &refused)
{
    switch (m_proxyQuestions.ask(refused)) {
    case ProxyQuestions::Outcome::Awaited:
        return true;
    case ProxyQuestions::Outcome::Known:
        QMetaObject::invokeMethod(
            this, [this] { m_tunnel->continueByProxy(); }, Qt::QueuedConnection);
        return true;
    case ProxyQuestions::Outcome::Refused:
        break;
    }
    QMetaObject::invokeMethod(
        this, [this] { fail(PeerConnection::Error::RendezvousUnreachable, m_tunnel->problem()); },
        Qt::QueuedConnection);
    return false;
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
    m_tunnel->setProxyAsker([this](const QNetworkProxy &proxy) { return askForProxy(proxy); });
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
    endMinting();
    m_link->notices.put(notice::TunnelFailed{error, text});
    deleteLater();
}

} // namespace peer
