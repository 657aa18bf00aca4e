// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/switchboard.h"

#include <QtCore/qcryptographichash.h>

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

Switchboard::Switchboard(const PeerRendezvousLimits &limits, NameStore &names,
                         AddressBudgets &budgets, Counters &counters)
    : m_limits(limits)
    , m_names(names)
    , m_budgets(budgets)
    , m_counters(counters)
    , m_presence({limits.watchesPerConnection, limits.watchesPerAddress, limits.watchersPerName,
                  limits.watchersPerNameAndAddress, limits.watches, limits.presenceDelay})
{ }

// ---- Clients

Switchboard::Connected Switchboard::connect(const Times &times, const QString &id,
                                            const QByteArray &ticket, const QByteArray &address)
{
    // Looked up by its digest, so that the time of a look-up tells nothing about tickets.
    const QByteArray digest = ticket.isEmpty()
        ? QByteArray()
        : QCryptographicHash::hash(ticket, QCryptographicHash::Sha256);
    const ClientId known = m_tickets.value(digest, ClientId::None);
    if (known != ClientId::None && m_clients[known].id == id) {
        Client &client = m_clients[known];
        const bool hadSocket = client.hasSocket;
        if (hadSocket)
            setAllOffline(times, known);
        m_presence.forget(known); // it asks again
        const bool wasAway = client.hasClosed;
        client.hasSocket = true;
        client.hasClosed = false;
        client.address = address;
        ++m_counters.clientsResumed;
        if (wasAway)
            tellPresence(known);
        learnPresence(known);
        return {known, true, hadSocket};
    }

    const ClientId fresh{++m_lastClient};
    Client client;
    client.id = id;
    client.address = address;
    // With a ticket that another key holds there is nothing to resume later.
    if (!digest.isEmpty() && known == ClientId::None) {
        client.ticketDigest = digest;
        m_tickets.insert(digest, fresh);
    }
    m_clients.insert(fresh, client);
    return {fresh, false, false};
}

void Switchboard::disconnect(const Times &times, ClientId id, Leaving leaving)
{
    const auto client = m_clients.find(id);
    if (client == m_clients.end())
        return;
    client->hasSocket = false;
    client->disconnectedAt = times.now;
    setAllOffline(times, id);
    m_presence.forget(id);
    std::erase_if(m_outgoing, [id](const Outgoing &outgoing) { return outgoing.to == id; });
    client->hasClosed = leaving == Leaving::Closed;
    if (client->hasClosed)
        tellPresence(id);

    const bool hasCalls = !client->outgoingCalls.isEmpty() || !client->incomingCalls.isEmpty();
    if (client->ticketDigest.isEmpty() || !hasCalls)
        forget(id);
}

void Switchboard::receive(const Times &times, ClientId from, const ClientMessage &message)
{
    if (m_clients.contains(from))
        std::visit([&](const auto &it) { handle(times, from, it); }, message);
}

void Switchboard::advance(const Times &times)
{
    QList<ClientId> gone;
    for (auto it = m_clients.cbegin(); it != m_clients.cend(); ++it) {
        if (!it->hasSocket && times.now - it->disconnectedAt >= m_limits.resumeTime)
            gone.append(it.key());
    }
    for (const ClientId client : std::as_const(gone))
        forget(client);

    QStringList idle;
    for (auto it = m_calls.cbegin(); it != m_calls.cend(); ++it) {
        if (times.now - it->lastSignal >= m_limits.callIdle)
            idle.append(it.key());
    }
    for (const QString &call : std::as_const(idle))
        removeCall(call);

    // To be here is to use one's name.
    for (auto it = m_online.keyBegin(); it != m_online.keyEnd(); ++it)
        m_names.touch(times.wall, *it);
    m_names.removeExpired(times.wall);
}

void Switchboard::forget(ClientId id)
{
    const Client client = m_clients.take(id);
    if (!client.ticketDigest.isEmpty())
        m_tickets.remove(client.ticketDigest);
    for (const QString &call : client.outgoingCalls)
        removeCall(call);
    for (const QString &call : client.incomingCalls) {
        if (const auto it = m_calls.find(call); it != m_calls.end()) {
            it->callee = ClientId::None;
            m_callsWithoutCallee.insert(call);
        }
    }
}

// ---- Presence

/// To the other sides of all its calls.
void Switchboard::tellPresence(ClientId of)
{
    const Client &client = *m_clients.constFind(of);
    for (const QString &call : client.outgoingCalls)
        tellPresence(call, CallSide::Caller, of, m_calls.constFind(call)->callee);
    for (const QString &call : client.incomingCalls)
        tellPresence(call, CallSide::Callee, of, m_calls.constFind(call)->caller);
}

/// Of those on the other sides who are away.
void Switchboard::learnPresence(ClientId who)
{
    const Client &client = *m_clients.constFind(who);
    const auto learn = [&](const QString &call, CallSide side, ClientId other) {
        const auto known = m_clients.constFind(other);
        if (known != m_clients.cend() && known->hasClosed)
            tellPresence(call, side, other, who);
    };
    for (const QString &call : client.outgoingCalls)
        learn(call, CallSide::Callee, m_calls.constFind(call)->callee);
    for (const QString &call : client.incomingCalls)
        learn(call, CallSide::Caller, m_calls.constFind(call)->caller);
}

void Switchboard::tellPresence(const QString &callId, CallSide side, ClientId of, ClientId to)
{
    // Before it has answered, a callee may not know the call.
    const bool isKnownThere = side == CallSide::Callee || m_calls.constFind(callId)->calleeAnswered;
    // A callee that has ended the call may be forgotten before the call is.
    const auto receiver = m_clients.constFind(to);
    if (isKnownThere && to != of && receiver != m_clients.cend() && receiver->hasSocket)
        send(to, message::Presence{callId, side, m_clients.constFind(of)->hasSocket});
}

void Switchboard::handle(const Times &times, ClientId from, const message::Watch &request)
{
    const QByteArray address = m_clients.constFind(from)->address;
    if (!m_budgets.takeWatch(times.now, address))
        send(from, message::NotWatched{request.name, WatchFailure::Rate});
    else if (!m_presence.watch(from, address, request.name))
        send(from, message::NotWatched{request.name, WatchFailure::Limit});
    else
        send(from,
             message::Watched{request.name,
                              isOnline(request.name) || m_presence.isLeaving(request.name)});
}

void Switchboard::handle(const Times &, ClientId from, const message::Unwatch &request)
{
    m_presence.unwatch(from, request.name);
}

void Switchboard::advancePresence(TimePoint now)
{
    m_presence.advance(now);
    drainPresence();
}

void Switchboard::drainPresence()
{
    while (const auto notice = m_presence.nextNotice())
        send(notice->to, message::Watched{notice->name, notice->isOnline});
}

// ---- Names

void Switchboard::handle(const Times &, ClientId, const message::Hello &) { }

void Switchboard::handle(const Times &times, ClientId from, const message::Register &request)
{
    Client &client = m_clients[from];
    const QString name = request.name.isEmpty() ? client.id : request.name;
    if (const auto failure = claim(times, client, name)) {
        ++m_counters.registrationsRefused;
        send(from, message::NotRegistered{name, *failure});
        return;
    }
    const ClientId before = m_online.value(name, ClientId::None);
    if (before != ClientId::None && before != from) {
        m_clients[before].names.remove(name);
        send(before, message::Replaced{name});
    }
    client.names.insert(name);
    m_online.insert(name, from);
    ++m_counters.registrations;
    send(from, message::Registered{name});
    if (before == from)
        return;
    m_events.push_back(NameOnline{name, client.id});
    // To those who watch the name nothing has changed when it but moves to another socket.
    if (before == ClientId::None) {
        m_presence.noteOnline(name);
        drainPresence();
    }
    findCallsOf(name);
}

/// Null if the client may register it.
std::optional<RegistrationFailure> Switchboard::claim(const Times &times, const Client &client,
                                                      const QString &name)
{
    if (client.id.isEmpty())
        return RegistrationFailure::Unproven;
    if (!client.names.contains(name) && client.names.size() >= m_limits.namesPerConnection)
        return RegistrationFailure::Limit;
    if (isIdentityName(name)) {
        if (name == client.id)
            return std::nullopt;
        return RegistrationFailure::Owned;
    }
    if (m_names.wouldClaim(times.wall, name, client.id) == NameStore::Claim::Claimed
        && !m_budgets.takeClaim(times.now, client.address)) {
        return RegistrationFailure::Rate;
    }
    switch (m_names.claim(times.wall, name, client.id)) {
    case NameStore::Claim::Owned:
    case NameStore::Claim::Claimed:
        return std::nullopt;
    case NameStore::Claim::OwnedByOther:
        return RegistrationFailure::Owned;
    case NameStore::Claim::TooManyOfKey:
    case NameStore::Claim::TooMany:
        break;
    }
    return RegistrationFailure::Limit;
}

void Switchboard::handle(const Times &times, ClientId from, const message::Unregister &request)
{
    if (m_online.value(request.name, ClientId::None) == from)
        setOffline(times, from, request.name);
}

void Switchboard::setOffline(const Times &times, ClientId id, const QString &name)
{
    m_clients[id].names.remove(name);
    m_online.remove(name);
    m_names.touch(times.wall, name);
    m_events.push_back(NameOffline{name});
    m_presence.noteOffline(times.now, name);
}

void Switchboard::setAllOffline(const Times &times, ClientId id)
{
    const QSet<QString> names = m_clients[id].names;
    for (const QString &name : names)
        setOffline(times, id, name);
}

/// What callees are told: a name registered by this client, else the one its key used last.
QString Switchboard::nameOf(const Times &times, const Client &client) const
{
    for (const QString &name : client.names) {
        if (!isIdentityName(name))
            return name;
    }
    return client.id.isEmpty() ? QString() : m_names.nameOf(times.wall, client.id);
}

// ---- Calls

void Switchboard::handle(const Times &times, ClientId from, const message::Call &request)
{
    auto call = m_calls.find(request.call);
    if (call == m_calls.end()) {
        if (const auto failure = addCall(times, from, request)) {
            ++(*failure == CallFailure::Offline ? m_counters.callsOffline
                                                : m_counters.callsRefused);
            send(from, message::Failed{request.call, *failure});
            return;
        }
        call = m_calls.find(request.call);
    } else if (!mayClaimCall(from, *call)) {
        send(from, message::Failed{request.call, CallFailure::Unknown});
        return;
    } else if (call->caller != from) {
        m_clients[call->caller].outgoingCalls.remove(request.call);
        m_clients[from].outgoingCalls.insert(request.call);
        call->caller = from;
    }
    sayRouted(request.call, *call, CallSide::Caller);
    if (request.signal)
        deliverToCallee(times, request.call, *call, *request.signal);
    else
        sayRouted(request.call, *call, CallSide::Callee); // which has no offer to tell it
}

/// The route stands: tells the one side which tunnel the call has.
void Switchboard::sayRouted(const QString &callId, const Call &call, CallSide side)
{
    const auto client = m_clients.constFind(side == CallSide::Caller ? call.caller : call.callee);
    if (call.tunnel && client != m_clients.cend() && client->hasSocket)
        send(client.key(), message::Routed{callId, side, *call.tunnel});
}

/// Calls that wait for somebody of that name, who went on with them while the server did not know
/// of them: it was restarted, or he was away for long.
void Switchboard::findCallsOf(const QString &name)
{
    const QSet<QString> waiting = m_callsWithoutCallee;
    for (const QString &callId : waiting) {
        Call &call = m_calls[callId];
        if (call.to == name && calleeOf(callId, call) != ClientId::None)
            sayRouted(callId, call, CallSide::Callee);
    }
}

std::optional<CallFailure> Switchboard::addCall(const Times &times, ClientId from,
                                                const message::Call &request)
{
    Client &caller = m_clients[from];
    if (caller.outgoingCalls.size() >= m_limits.callsPerConnection
        || m_calls.size() >= m_limits.calls) {
        return CallFailure::Limit;
    }
    if (!m_budgets.takeCall(times.now, caller.address))
        return CallFailure::Rate;

    const ClientId callee = m_online.value(request.to, ClientId::None);
    // Without a signal it is a call that went on before: its callee may be about to come back.
    if (callee == ClientId::None && request.signal)
        return CallFailure::Offline;

    Call call;
    call.caller = from;
    call.to = request.to;
    call.service = request.service;
    call.lastSignal = times.now;
    if (m_mintTunnel)
        call.tunnel = m_mintTunnel(times.now);
    if (callee != ClientId::None && !tieToCallee(request.call, call, callee))
        return CallFailure::Limit;
    caller.outgoingCalls.insert(request.call);
    m_calls.insert(request.call, call);
    if (callee == ClientId::None)
        m_callsWithoutCallee.insert(request.call);
    ++m_counters.callsRouted;
    return std::nullopt;
}

/// Who knows the call and has proven its caller's key is its caller come back without a ticket.
bool Switchboard::mayClaimCall(ClientId from, const Call &call) const
{
    if (call.caller == from)
        return true;
    const Client &caller = *m_clients.constFind(call.caller);
    return caller.id == m_clients.constFind(from)->id && (!caller.hasSocket || !caller.id.isEmpty())
        && call.callee != from;
}

bool Switchboard::tieToCallee(const QString &callId, Call &call, ClientId callee)
{
    Client &client = m_clients[callee];
    if (client.incomingCalls.size() >= m_limits.callsPerConnection)
        return false;
    client.incomingCalls.insert(callId);
    call.callee = callee;
    call.calleeKey = client.id;
    m_callsWithoutCallee.remove(callId);
    return true;
}

ClientId Switchboard::calleeOf(const QString &callId, Call &call)
{
    if (call.callee != ClientId::None)
        return call.callee;
    const ClientId online = m_online.value(call.to, ClientId::None);
    if (online == ClientId::None)
        return ClientId::None;
    const bool isSameKey = call.calleeKey.isEmpty()
        || call.calleeKey == m_clients.constFind(online)->id;
    if (isSameKey)
        tieToCallee(callId, call, online);
    return call.callee;
}

void Switchboard::deliverToCallee(const Times &times, const QString &callId, Call &call,
                                  const QJsonObject &signal)
{
    call.lastSignal = times.now;
    const ClientId callee = calleeOf(callId, call);
    if (callee == ClientId::None || call.calleeEnded || !m_clients.constFind(callee)->hasSocket) {
        ++m_counters.signalsDropped;
        return;
    }
    ++m_counters.signalsRouted;
    QJsonObject told = signal;
    const bool isOffer = signal.value("type"_L1) == "offer"_L1;
    setTunnel(told, isOffer ? call.tunnel : std::nullopt);
    if (call.calleeAnswered) {
        send(callee, message::Signal{callId, CallSide::Caller, told});
        return;
    }
    const Client &caller = *m_clients.constFind(call.caller);
    send(callee,
         message::Incoming{callId, call.to, call.service, nameOf(times, caller), caller.id, told});
}

void Switchboard::handle(const Times &times, ClientId from, const message::Signal &signal)
{
    const auto call = m_calls.find(signal.call);
    const bool isFromCaller = signal.side == CallSide::Caller;
    const bool isKnown = call != m_calls.end()
        && (isFromCaller ? call->caller : calleeOf(signal.call, *call)) == from;
    if (!isKnown) {
        send(from, message::Failed{signal.call, CallFailure::Unknown});
    } else if (isFromCaller) {
        deliverToCallee(times, signal.call, *call, signal.signal);
    } else if (!call->calleeEnded) {
        call->calleeAnswered = true;
        call->lastSignal = times.now;
        const bool isThere = m_clients.constFind(call->caller)->hasSocket;
        ++(isThere ? m_counters.signalsRouted : m_counters.signalsDropped);
        if (isThere) {
            message::Signal told = signal;
            setTunnel(told.signal, std::nullopt);
            send(call->caller, told);
        }
    }
}

void Switchboard::handle(const Times &, ClientId from, const message::End &end)
{
    const auto call = m_calls.find(end.call);
    if (call == m_calls.end())
        return;
    if (end.side == CallSide::Caller) {
        if (call->caller == from)
            removeCall(end.call);
    } else if (call->callee == from) {
        // Kept for the caller's sake: a repeated offer must not ring again.
        call->calleeEnded = true;
        m_clients[from].incomingCalls.remove(end.call);
    }
}

/// It costs what a call costs.
void Switchboard::handle(const Times &times, ClientId from, const message::Mint &request)
{
    if (!m_mintTunnel)
        send(from, message::NotMinted{request.request, MintFailure::None});
    else if (!m_budgets.takeCall(times.now, m_clients.constFind(from)->address))
        send(from, message::NotMinted{request.request, MintFailure::Rate});
    else
        send(from, message::Minted{request.request, m_mintTunnel(times.now)});
}

void Switchboard::removeCall(const QString &callId)
{
    const auto call = m_calls.find(callId);
    if (call == m_calls.end())
        return;
    if (const auto caller = m_clients.find(call->caller); caller != m_clients.end())
        caller->outgoingCalls.remove(callId);
    if (const auto callee = m_clients.find(call->callee); callee != m_clients.end())
        callee->incomingCalls.remove(callId);
    m_calls.erase(call);
    m_callsWithoutCallee.remove(callId);
}

// ---- Out

void Switchboard::send(ClientId to, ServerMessage message)
{
    m_outgoing.push_back({to, std::move(message)});
}

std::optional<Switchboard::Outgoing> Switchboard::nextOutgoing()
{
    if (m_outgoing.empty())
        return std::nullopt;
    Outgoing outgoing = std::move(m_outgoing.front());
    m_outgoing.pop_front();
    return outgoing;
}

std::optional<Switchboard::Event> Switchboard::nextEvent()
{
    if (m_events.empty())
        return std::nullopt;
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

} // namespace peer::rendezvous
