// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/listenerworker.h"

#include "api/connectionworker.h"
#include "api/networkruntime.h"
#include "api/pathinfo.h"
#include "api/publicerror.h"
#include "signaling/signaljson.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

QString nameOf(const ListenParameters &parameters)
{
    const QString name = parameters.address.name();
    return name.isEmpty() ? QString::fromStdString(parameters.identity.id()) : name;
}

} // namespace

void ListenerWorker::startListening(std::shared_ptr<ListenerLink> link, ListenParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new ListenerWorker(runtime, link, parameters);
        });
}

ListenerWorker::ListenerWorker(NetworkRuntime &runtime, std::shared_ptr<ListenerLink> link,
                               const ListenParameters &parameters)
    : QObject(&runtime)
    , m_runtime(runtime)
    , m_link(std::move(link))
    , m_parameters(parameters)
    , m_maxConnections(parameters.maxConnections)
    , m_name(nameOf(parameters))
    , m_client(runtime.rendezvous(parameters.address, parameters.authorities, parameters.identity,
                                  parameters.proxy))
    , m_proxyQuestions(runtime.proxies(), [to = m_link](const QNetworkProxy &proxy) {
        to->notices.put(notice::ProxyAuthentication{proxy});
    })
{
    watchRendezvous();
    const auto others = runtime.findChildren<ListenerWorker *>(QString(),
                                                               Qt::FindDirectChildrenOnly);
    for (ListenerWorker *other : others) {
        if (other != this && other->m_client == m_client && other->m_name == m_name)
            other->giveWay();
    }
    m_client->registerName(m_name);
    m_link->commands.attach(this, [this] { takeCommands(); });
}

ListenerWorker::~ListenerWorker()
{
    m_link->commands.detach();
    if (m_ownsName)
        m_client->unregisterName(m_name);
}

void ListenerWorker::takeCommands()
{
    for (ListenerCommand &command : m_link->commands.takeAll())
        std::visit([this](auto &which) { process(which); }, command);
}

void ListenerWorker::process(command::SetMaxConnections &command)
{
    m_maxConnections = command.connections;
}

void ListenerWorker::process(command::StopListening &)
{
    end();
}

void ListenerWorker::process(command::ProxyCredentials &command)
{
    m_proxyQuestions.takeAnswer(command.proxy, command.user, command.password);
    // A connection that shares the listener's may have been told them.
    if (!command.user.isEmpty() || m_runtime.proxies().knowsOthers(m_client->refusedProxy()))
        m_client->checkConnection();
    else if (!m_isRegistered)
        fail(toPublicError(m_client->error()), m_client->errorString());
}

void ListenerWorker::end()
{
    disconnect(m_client.get(), &RendezvousClient::incomingCall, this, nullptr);
    disconnect(m_client.get(), &RendezvousClient::registered, this, nullptr);
    disconnect(m_client.get(), &RendezvousClient::registrationFailed, this, nullptr);
    // At once: before another listener registers it.
    if (std::exchange(m_ownsName, false))
        m_client->unregisterName(m_name);
    // Calls that stand outlive the listener, and so do those that ring and may be accepted.
    for (ConnectionWorker *call : std::as_const(m_calls))
        call->followRendezvous();
    deleteLater();
}

void ListenerWorker::watchRendezvous()
{
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::registered, this, [this](const QString &name) {
        if (name == m_name)
            noteRegistered();
    });
    connect(client, &RendezvousClient::registrationFailed, this,
            [this](const QString &name, RendezvousClient::NameError error, const QString &text) {
                if (name == m_name)
                    fail(toPublicError(error), text);
            });
    connect(client, &RendezvousClient::errorOccurred, this,
            [this](RendezvousClient::Error error, const QString &text) {
                if (error == RendezvousClient::Error::ProxyAuthentication) {
                    const auto outcome = m_proxyQuestions.ask(m_client->refusedProxy());
                    if (outcome == ProxyQuestions::Outcome::Known)
                        m_client->checkConnection();
                    if (outcome != ProxyQuestions::Outcome::Refused)
                        return;
                }
                // Once it has worked, it is worth waiting for.
                if (!m_isRegistered)
                    fail(toPublicError(error), text);
            });
    connect(client, &RendezvousClient::stateChanged, this, [this](RendezvousClient::State state) {
        if (state == RendezvousClient::State::Waiting && m_isRegistered)
            m_link->notices.put(notice::Interrupted{});
    });
    connect(client, &RendezvousClient::incomingCall, this,
            [this](const QString &callId, const QString &callerName, const QString &,
                   const QString &targetName, const QString &service, const QJsonObject &signal) {
                if (targetName != m_name)
                    return;
                // The name leads here already, if it was another listener's before.
                if (!m_isRegistered)
                    noteRegistered();
                handleCall(callId, callerName, service, signal);
            });
    connect(client, &RendezvousClient::signalReceived, this,
            [this](const QString &callId, const QJsonObject &signal) {
                if (ConnectionWorker *call = m_calls.value(callId))
                    call->handleSignal(signal);
            });
    connect(client, &RendezvousClient::tunnelOffered, this,
            [this](const QString &callId, const QUrl &url, const QString &token) {
                if (ConnectionWorker *call = m_calls.value(callId))
                    call->takeTunnel(url, token);
            });
}

void ListenerWorker::noteRegistered()
{
    m_isRegistered = true;
    m_link->notices.put(notice::Registered{m_name});
}

/// As the server has it between sockets: the newest registration wins. The name stays registered.
void ListenerWorker::giveWay()
{
    if (!std::exchange(m_ownsName, false))
        return;
    fail(toPublicError(RendezvousClient::NameError::Replaced),
         u"Another listener of this program has taken \"%1\"."_s.arg(m_name));
}

void ListenerWorker::handleCall(const QString &callId, const QString &callerName,
                                const QString &service, const QJsonObject &signal)
{
    if (ConnectionWorker *call = m_calls.value(callId)) {
        call->handleSignal(signal); // the caller repeats itself
        return;
    }
    const auto read = signalFromJson(signal);
    if (!read) {
        m_client->endCall(callId);
        return;
    }
    const QString own = m_parameters.address.service();
    if (!own.isEmpty() && own != service)
        decline(callId, read->call, Signal::Reason::Rejected,
                "the peer does not offer this service");
    else if (m_calls.size() >= m_maxConnections)
        decline(callId, read->call, Signal::Reason::Busy, "the peer is busy");
    else
        startCall(callId, read->call, callerName, service, signal);
}

void ListenerWorker::decline(const QString &callId, const std::string &call, Signal::Reason reason,
                             const std::string &text)
{
    Signal bye;
    bye.type = Signal::Type::Bye;
    bye.call = call;
    bye.seq = 1;
    bye.reason = reason;
    bye.text = text;
    m_client->sendSignal(callId, signalToJson(bye));
    m_client->endCall(callId);
}

void ListenerWorker::startCall(const QString &callId, const std::string &name,
                               const QString &callerName, const QString &service,
                               const QJsonObject &signal)
{
    AnswerParameters parameters{
        callId,
        name,
        callerName,
        service,
        m_parameters.identity,
        m_parameters.allowedIds,
        {m_parameters.iceServers, m_parameters.address.stunUris(), m_parameters.address.turnUris()},
        m_parameters.authorities,
        toPathPolicy(m_parameters.address.paths()),
        m_parameters.isAutoAccept};
    auto link = std::make_shared<ConnectionLink>();
    auto *call = new ConnectionWorker(m_runtime, link, m_client, ports(), parameters);
    m_calls.insert(callId, call);
    connect(call, &QObject::destroyed, this, [this, callId] { m_calls.remove(callId); });
    connect(call, &ConnectionWorker::ringing, this, [this, link](const notice::PeerKnown &caller) {
        // Without a listener there is nobody who could answer.
        if (!m_link->notices.put(notice::IncomingCall{link, caller}))
            link->commands.put(command::Abandon{});
    });
    call->handleSignal(signal);
}

std::shared_ptr<PortSet> ListenerWorker::ports()
{
    if (auto open = m_ports.lock())
        return open;
    PortSetOptions options;
    options.selection.withLoopback = m_parameters.address.isLoopback();
    options.listens = allowsDirect(toPathPolicy(m_parameters.address.paths()));
    auto made = std::make_shared<SharedPorts>(options);
    QString error;
    if (!made->open(&error))
        return nullptr;
    m_ports = made;
    return made;
}

void ListenerWorker::fail(PeerConnection::Error error, const QString &text)
{
    m_link->notices.put(notice::ListenerFailed{error, text});
    end();
}

} // namespace peer
