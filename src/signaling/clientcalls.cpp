// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the client does with the server's messages, and with the calls.

#include "signaling/rendezvousclient_p.h"
#include "signaling/tunnelurl.h"

#include <algorithm>

namespace peer {

using namespace Qt::StringLiterals;
using namespace rendezvous;

namespace {

/// Credentials are renewed at least so often, in seconds.
constexpr int MaxTurnLifetime = 24 * 3600;

} // namespace

// ---- Names

void RendezvousClient::Private::handle(const message::Registered &registered)
{
    if (names.contains(registered.name))
        Q_EMIT q->registered(registered.name);
}

void RendezvousClient::Private::handle(const message::NotRegistered &refusal)
{
    if (!names.remove(refusal.name))
        return;
    switch (refusal.cause) {
    case RegistrationFailure::Owned:
        Q_EMIT q->registrationFailed(
            refusal.name, NameError::Owned,
            u"The name \"%1\" belongs to another identity."_s.arg(refusal.name));
        return;
    case RegistrationFailure::Unproven:
        Q_EMIT q->registrationFailed(refusal.name, NameError::Unproven,
                                     u"The rendezvous has no proof of our identity."_s);
        return;
    case RegistrationFailure::Limit:
    case RegistrationFailure::Rate:
        break;
    }
    Q_EMIT q->registrationFailed(refusal.name, NameError::Limit,
                                 u"The rendezvous does not give more names to us at the moment."_s);
}

void RendezvousClient::Private::handle(const message::Replaced &replaced)
{
    if (names.remove(replaced.name)) {
        Q_EMIT q->registrationFailed(
            replaced.name, NameError::Replaced,
            u"\"%1\" was registered again elsewhere, with the same identity."_s.arg(replaced.name));
    }
}

// ---- Calls

void RendezvousClient::Private::handle(const message::Ready &ready)
{
    error = Error::None;
    errorString.clear();
    setState(State::Ready);
    if (ready.turn)
        handle(message::Turn{*ready.turn});
    for (CallRecord &record : calls.records()) {
        if (record.isElsewhere)
            continue;
        if (!ready.resumed && record.isAnswered && record.side == CallSide::Caller)
            announce(record);
        flushWaiting(record);
    }
    finishEnding();
}

void RendezvousClient::Private::finishEnding()
{
    QStringList ended;
    for (auto it = calls.records().cbegin(); it != calls.records().cend(); ++it) {
        if (it->isEnding) {
            sendEnd(*it);
            ended.append(it.key());
        }
    }
    for (const QString &callId : std::as_const(ended))
        calls.remove(callId);
}

void RendezvousClient::Private::addCall(const message::Call &announcement)
{
    if (!isValidCall(announcement.call) || !isValidName(announcement.to)
        || !isValidService(announcement.service) || calls.find(announcement.call)) {
        failLater(announcement.call, CallError::Invalid, u"Such a call cannot be made."_s);
        return;
    }
    if (toJson(announcement).size() > maxMessageSize()) {
        failLater(announcement.call, CallError::TooLarge,
                  u"The offer is larger than the rendezvous takes."_s);
        return;
    }
    if (calls.size() >= MaxCalls) {
        failLater(announcement.call, CallError::Limit, u"There are too many calls."_s);
        return;
    }
    CallRecord &record = calls.add(CallSide::Caller, announcement.call);
    record.announcement = announcement;
    if (link)
        announce(record);
}

void RendezvousClient::Private::announce(const CallRecord &record)
{
    if (record.side == CallSide::Caller)
        link->send(record.announcement);
}

void RendezvousClient::Private::flushWaiting(CallRecord &record)
{
    for (const QByteArray &json : std::as_const(record.waiting))
        link->sendJson(json);
    record.waiting.clear();
}

void RendezvousClient::Private::sendEnd(const CallRecord &record)
{
    link->send(message::End{record.call, record.side});
}

void RendezvousClient::Private::handle(const message::Incoming &incoming)
{
    const QString callId = CallBook::userId(CallSide::Callee, incoming.call);
    if (const CallRecord *known = calls.find(callId)) {
        if (const auto tunnel = tunnelOf(incoming.signal))
            offerTunnel(callId, *tunnel);
        if (!known->isEnding)
            Q_EMIT q->signalReceived(callId, incoming.signal);
        return;
    }
    if (calls.hasEnded(callId) || calls.size() >= MaxCalls) {
        if (link) // by the one before it, which may outlive it
            link->send(message::End{incoming.call, CallSide::Callee});
        return;
    }
    calls.add(CallSide::Callee, incoming.call);
    if (const auto tunnel = tunnelOf(incoming.signal))
        offerTunnel(callId, *tunnel);
    Q_EMIT q->incomingCall(callId, incoming.callerName, incoming.callerId, incoming.to,
                           incoming.service, incoming.signal);
}

void RendezvousClient::Private::handle(const message::Signal &signal)
{
    const CallSide ours = signal.side == CallSide::Caller ? CallSide::Callee : CallSide::Caller;
    CallRecord *record = calls.find(ours, signal.call);
    if (!record || record->isEnding)
        return;
    if (!record->isAnswered) {
        record->isAnswered = true;
        record->early.clear();
        record->announcement.signal.reset();
    }
    const QString callId = CallBook::userId(ours, signal.call);
    if (const auto tunnel = tunnelOf(signal.signal))
        offerTunnel(callId, *tunnel);
    Q_EMIT q->signalReceived(callId, signal.signal);
}

void RendezvousClient::Private::handle(const message::Routed &routed)
{
    const CallRecord *record = calls.find(routed.side, routed.call);
    if (record && !record->isEnding && !record->isElsewhere)
        offerTunnel(CallBook::userId(routed.side, routed.call), routed.tunnel);
}

/// From the event loop: after what else the same message says.
void RendezvousClient::Private::offerTunnel(const QString &callId, const message::Tunnel &tunnel)
{
    const std::optional<QUrl> url = resolveTunnelUrl(config, info.host, tunnel.url);
    if (!url)
        return;
    QMetaObject::invokeMethod(
        q,
        [this, callId, url = *url, token = tunnel.token] {
            if (calls.find(callId))
                Q_EMIT q->tunnelOffered(callId, url, token);
        },
        Qt::QueuedConnection);
}

// ---- TURN

/// Credentials are renewed when half of their time is over.
void RendezvousClient::Private::takeTurn(const message::TurnServers &turn)
{
    info.turn = {turn.uris, turn.username, turn.password};
    const std::chrono::seconds lifetime(std::min(turn.lifetime, MaxTurnLifetime));
    turnTimer.start(std::chrono::milliseconds(lifetime) / 2);
}

void RendezvousClient::Private::handle(const message::Turn &turn)
{
    takeTurn(turn.turn);
    const RendezvousTurn told = *info.turn;
    QMetaObject::invokeMethod(
        q, [this, told] { Q_EMIT q->turnChanged(told); }, Qt::QueuedConnection);
}

void RendezvousClient::Private::handle(const message::Failed &failure)
{
    CallRecord *record = calls.find(CallSide::Caller, failure.call);
    if (!record || record->isElsewhere)
        return; // a callee waits for its caller to come back
    switch (failure.cause) {
    case CallFailure::Unknown:
        if (!record->isAnnouncedAgain) {
            record->isAnnouncedAgain = true;
            announce(*record);
            return;
        }
        failCall(failure.call, CallError::Refused, u"The rendezvous does not take this call."_s);
        return;
    case CallFailure::Offline:
        if (config.hosts.size() > 1 && !record->isEnding) {
            tryElsewhere(*record);
            return;
        }
        failCall(failure.call, CallError::Offline, calleeText(*record) + u" is offline."_s);
        return;
    case CallFailure::Limit:
        failCall(failure.call, CallError::Limit,
                 u"The rendezvous or the callee takes no more calls at the moment."_s);
        return;
    case CallFailure::Rate:
        failCall(failure.call, CallError::RateLimited,
                 u"The rendezvous takes no more calls from here at the moment."_s);
        return;
    }
}

void RendezvousClient::Private::handle(const message::Presence &presence)
{
    const CallSide ours = presence.side == CallSide::Caller ? CallSide::Callee : CallSide::Caller;
    const CallRecord *record = calls.find(ours, presence.call);
    if (record && !record->isEnding)
        Q_EMIT q->presenceChanged(CallBook::userId(ours, presence.call), presence.isThere);
}

void RendezvousClient::Private::tryElsewhere(CallRecord &record)
{
    if (!fallback) {
        fallback = std::make_unique<CallFallback>(config);
        connect(fallback.get(), &CallFallback::signalReceived, q,
                &RendezvousClient::signalReceived);
        connect(fallback.get(), &CallFallback::tunnelOffered, q, &RendezvousClient::tunnelOffered);
        connect(fallback.get(), &CallFallback::presenceChanged, q,
                &RendezvousClient::presenceChanged);
        connect(fallback.get(), &CallFallback::callFailed, q,
                [this](const QString &callId, CallError reason, const QString &text) {
                    failCall(callId, reason, text);
                });
    }
    record.isElsewhere = true;
    fallback->tryCall(record.announcement, std::exchange(record.early, {}), info.host);
}

QString RendezvousClient::Private::calleeText(const CallRecord &record) const
{
    return u'"' + record.announcement.to + u'"';
}

void RendezvousClient::Private::failCall(const QString &callId, CallError reason,
                                         const QString &text)
{
    const CallRecord *record = calls.find(callId);
    const bool isEnding = record && record->isEnding;
    calls.remove(callId);
    if (!isEnding)
        Q_EMIT q->callFailed(callId, reason, text);
}

void RendezvousClient::Private::failLater(const QString &callId, CallError reason,
                                          const QString &text)
{
    QMetaObject::invokeMethod(
        q, [this, callId, reason, text] { Q_EMIT q->callFailed(callId, reason, text); },
        Qt::QueuedConnection);
}

} // namespace peer
