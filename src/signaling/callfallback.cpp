// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/callfallback.h"

#include <QtCore/qpointer.h>

#include <algorithm>

namespace peer {

using CallError = RendezvousClient::CallError;

CallFallback::CallFallback(const RendezvousConfig &config, QObject *parent)
    : QObject(parent)
    , m_config(config)
{ }

CallFallback::~CallFallback() = default;

void CallFallback::tryCall(const rendezvous::message::Call &announcement,
                           const QList<QJsonObject> &early, const RendezvousHost &refused)
{
    Entry entry;
    entry.announcement = announcement;
    entry.early = early;
    entry.untried = m_config.hosts;
    entry.untried.removeAll(refused);
    m_calls.insert(announcement.call, entry);
    tryNextHost(announcement.call);
}

bool CallFallback::sendSignal(const QString &callId, const QJsonObject &signal)
{
    const auto entry = m_calls.find(callId);
    if (entry == m_calls.end() || !entry->client)
        return false;
    if (!entry->isAnswered && entry->early.size() < RendezvousClient::MaxWaitingSignals)
        entry->early.append(signal);
    return entry->client->sendSignal(callId, signal);
}

void CallFallback::endCall(const QString &callId)
{
    leave(callId);
    m_calls.remove(callId);
}

void CallFallback::checkConnections()
{
    for (const auto &[host, client] : m_clients)
        client->checkConnection();
}

void CallFallback::tryNextHost(const QString &callId)
{
    Entry &entry = m_calls[callId];
    if (entry.untried.isEmpty()) {
        const QString text = entry.text;
        m_calls.remove(callId);
        Q_EMIT callFailed(callId, CallError::Offline, text);
        return;
    }
    entry.client = clientFor(entry.untried.takeFirst());
    const rendezvous::message::Call &announcement = entry.announcement;
    entry.client->call(announcement.call, announcement.to, announcement.service,
                       announcement.signal.value_or(QJsonObject()));
    for (const QJsonObject &signal : std::as_const(entry.early))
        entry.client->sendSignal(callId, signal);
}

RendezvousClient *CallFallback::clientFor(const RendezvousHost &host)
{
    std::unique_ptr<RendezvousClient> &client = m_clients[host.toString()];
    if (client)
        return client.get();
    RendezvousConfig config = m_config;
    config.hosts = {host};
    client = std::make_unique<RendezvousClient>(config);
    connect(client.get(), &RendezvousClient::callFailed, this, &CallFallback::noteFailure);
    connect(client.get(), &RendezvousClient::presenceChanged, this, &CallFallback::presenceChanged);
    connect(client.get(), &RendezvousClient::errorOccurred, this,
            [this, each = client.get()] { noteError(each); });
    connect(client.get(), &RendezvousClient::signalReceived, this,
            [this](const QString &callId, const QJsonObject &signal) {
                const auto entry = m_calls.find(callId);
                if (entry == m_calls.end())
                    return;
                entry->isAnswered = true;
                entry->early.clear();
                Q_EMIT signalReceived(callId, signal);
            });
    connect(client.get(), &RendezvousClient::tunnelOffered, this, &CallFallback::tunnelOffered);
    return client.get();
}

void CallFallback::noteFailure(const QString &callId, CallError error, const QString &text)
{
    const auto entry = m_calls.find(callId);
    if (entry == m_calls.end())
        return;
    entry->text = text;
    leave(callId);
    if (error == CallError::Offline) {
        tryNextHost(callId);
        return;
    }
    m_calls.remove(callId);
    Q_EMIT callFailed(callId, error, text);
}

/// The host cannot be had: nobody is to be found there. Calls that go on wait for it.
void CallFallback::noteError(RendezvousClient *client)
{
    QStringList waiting;
    for (auto it = m_calls.cbegin(); it != m_calls.cend(); ++it) {
        if (it->client == client && !it->isAnswered)
            waiting.append(it.key());
    }
    const QString text = client->errorString();
    const QPointer<CallFallback> self(this);
    for (const QString &callId : std::as_const(waiting)) {
        if (!self)
            return;
        noteFailure(callId, CallError::Offline, text);
    }
}

/// Ends the call where it is tried, and that connection with the last call there.
void CallFallback::leave(const QString &callId)
{
    const auto entry = m_calls.find(callId);
    if (entry == m_calls.end() || !entry->client)
        return;
    RendezvousClient *const client = std::exchange(entry->client, nullptr);
    client->endCall(callId);
    const bool isUsed = std::any_of(m_calls.cbegin(), m_calls.cend(),
                                    [client](const Entry &each) { return each.client == client; });
    if (isUsed)
        return;
    const auto it = std::find_if(m_clients.begin(), m_clients.end(), [client](const auto &each) {
        return each.second.get() == client;
    });
    it->second->disconnect(this);
    it->second.release()->deleteLater();
    m_clients.erase(it);
}

} // namespace peer
