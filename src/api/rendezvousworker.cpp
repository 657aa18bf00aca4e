// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/rendezvousworker.h"

#include "api/networkruntime.h"
#include "api/publicerror.h"

#include <utility>

namespace peer {

void RendezvousWorker::start(std::shared_ptr<RendezvousMailboxes> link,
                             RendezvousParameters parameters)
{
    NetworkRuntime::post(
        [link = std::move(link), parameters = std::move(parameters)](NetworkRuntime &runtime) {
            new RendezvousWorker(runtime, link, parameters);
        });
}

RendezvousWorker::RendezvousWorker(NetworkRuntime &runtime,
                                   std::shared_ptr<RendezvousMailboxes> link,
                                   const RendezvousParameters &parameters)
    : QObject(&runtime)
    , m_runtime(runtime)
    , m_link(std::move(link))
    , m_client(runtime.rendezvous(parameters.address, parameters.authorities, parameters.identity,
                                  parameters.proxy))
    , m_proxyQuestions(runtime.proxies(), [to = m_link](const QNetworkProxy &proxy) {
        to->notices.put(notice::ProxyAuthentication{proxy});
    })
{
    follow();
    // It may have stood for long, for somebody else.
    if (m_client->state() == RendezvousClient::State::Ready)
        noteInfo(m_client->info());
    m_link->notices.put(notice::RendezvousState{m_client->state()});
    m_link->commands.attach(this, [this] { takeCommands(); });
}

RendezvousWorker::~RendezvousWorker()
{
    m_link->commands.detach();
    for (const QString &name : std::as_const(m_watches))
        m_client->unwatch(name);
}

void RendezvousWorker::takeCommands()
{
    for (RendezvousCommand &command : m_link->commands.takeAll())
        std::visit([this](auto &which) { process(which); }, command);
}

void RendezvousWorker::process(command::Watch &command)
{
    if (m_watches.contains(command.name))
        return;
    m_watches.insert(command.name);
    m_client->watch(command.name);
}

void RendezvousWorker::process(command::Unwatch &command)
{
    if (m_watches.remove(command.name))
        m_client->unwatch(command.name);
}

void RendezvousWorker::process(command::LeaveRendezvous &)
{
    deleteLater();
}

void RendezvousWorker::process(command::ProxyCredentials &command)
{
    m_proxyQuestions.takeAnswer(command.proxy, command.user, command.password);
    if (!command.user.isEmpty() || m_runtime.proxies().knowsOthers(m_client->refusedProxy()))
        m_client->checkConnection();
    else
        m_link->notices.put(
            notice::RendezvousFailed{toPublicError(m_client->error()), m_client->errorString()});
}

void RendezvousWorker::follow()
{
    const RendezvousClient *client = m_client.get();
    connect(client, &RendezvousClient::stateChanged, this, &RendezvousWorker::noteState);
    connect(client, &RendezvousClient::serverInfo, this, &RendezvousWorker::noteInfo);
    connect(client, &RendezvousClient::errorOccurred, this, &RendezvousWorker::noteError);
    connect(client, &RendezvousClient::nameSeen, this, [this](const QString &name, bool isOnline) {
        using Presence = PeerRendezvous::Presence;
        if (m_watches.contains(name))
            noteSighting(name, {isOnline ? Presence::Online : Presence::Offline});
    });
    connect(client, &RendezvousClient::watchRefused, this,
            [this](const QString &name, const QString &text) {
                if (m_watches.contains(name))
                    noteSighting(name, {PeerRendezvous::Presence::Unknown, text});
            });
    connect(client, &RendezvousClient::watchFailed, this,
            [this](const QString &name, const QString &text) {
                if (m_watches.remove(name))
                    m_link->notices.put(notice::WatchFailed{name, text});
            });
}

void RendezvousWorker::noteState(RendezvousClient::State state)
{
    m_link->notices.put(notice::RendezvousState{state});
    if (state != RendezvousClient::State::Waiting)
        return;
    for (const QString &name : std::as_const(m_watches))
        noteSighting(name, {});
}

void RendezvousWorker::noteSighting(const QString &name, const Sighting &sighting)
{
    if (m_link->sightings.put(name, sighting))
        m_link->notices.put(notice::NamesSeen{});
}

void RendezvousWorker::noteInfo(const RendezvousInfo &info)
{
    m_link->notices.put(notice::RendezvousHostKnown{info.host.toString(), info.observedAddress});
}

void RendezvousWorker::noteError(RendezvousClient::Error error, const QString &text)
{
    if (error == RendezvousClient::Error::ProxyAuthentication) {
        const auto outcome = m_proxyQuestions.ask(m_client->refusedProxy());
        if (outcome == ProxyQuestions::Outcome::Known)
            m_client->checkConnection();
        if (outcome != ProxyQuestions::Outcome::Refused)
            return;
    }
    m_link->notices.put(notice::RendezvousFailed{toPublicError(error), text});
}

} // namespace peer
