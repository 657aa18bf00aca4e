// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "api/peerrendezvous_p.h"

#include <QtCore/qpointer.h>
#include <QtNetwork/qauthenticator.h>

#include <utility>
#include <variant>

std::optional<PeerAddress> PeerRendezvousPrivate::destination(const QString &name,
                                                              const QStringList &ids) const
{
    if (!parsed || state == State::Idle || state == State::Closed)
        return std::nullopt;
    PeerAddress address = *parsed;
    if (!address.setName(name) || !address.setIds(ids))
        return std::nullopt;
    return address;
}

void PeerRendezvousPrivate::takeNotices()
{
    for (peer::RendezvousNotice &notice : link->notices.takeAll())
        pending.push_back(std::move(notice));
    processNotices();
}

// A slot may run an event loop of its own, and what is pending has its turn there: the order stays.
void PeerRendezvousPrivate::processNotices()
{
    Q_Q(PeerRendezvous);
    const QPointer<PeerRendezvous> guard(q);
    while (guard && !pending.empty()) {
        const peer::RendezvousNotice notice = std::move(pending.front());
        pending.pop_front();
        if (!pending.empty() && !std::exchange(isTurnPosted, true)) {
            const auto goOn = [this] {
                isTurnPosted = false;
                processNotices();
            };
            QMetaObject::invokeMethod(q, goOn, Qt::QueuedConnection);
        }
        if (state != State::Closed)
            std::visit([this](const auto &which) { process(which); }, notice);
    }
}

void PeerRendezvousPrivate::process(const peer::notice::RendezvousState &notice)
{
    using ClientState = peer::RendezvousClient::State;
    switch (notice.state) {
    case ClientState::Ready:
        error = PeerConnection::Error::None;
        errorString.clear();
        setState(State::Connected);
        return;
    case ClientState::Waiting:
        setState(State::Interrupted);
        return;
    case ClientState::Idle:
    case ClientState::Connecting:
        // Perhaps for a moment only: what is known of others is kept meanwhile.
        if (state == State::Connected)
            setState(State::Interrupted);
        return;
    }
}

void PeerRendezvousPrivate::process(const peer::notice::RendezvousHostKnown &notice)
{
    Q_Q(PeerRendezvous);
    if (host == notice.host && observedAddress == notice.observedAddress)
        return;
    host = notice.host;
    observedAddress = notice.observedAddress;
    Q_EMIT q->hostChanged(host);
}

void PeerRendezvousPrivate::process(const peer::notice::RendezvousFailed &notice)
{
    fail(notice.error, notice.text);
}

void PeerRendezvousPrivate::process(const peer::notice::NamesSeen &)
{
    const QPointer<PeerRendezvous> guard(q_ptr);
    const QHash<QString, peer::Sighting> seen = link->sightings.takeAll();
    for (auto it = seen.cbegin(); guard && it != seen.cend(); ++it) {
        if (watches.contains(it.key()))
            setPresence(it.key(), it->presence);
        if (guard && !it->refusal.isEmpty() && watches.contains(it.key()))
            Q_EMIT guard->watchFailed(it.key(), it->refusal);
    }
}

void PeerRendezvousPrivate::process(const peer::notice::WatchFailed &notice)
{
    Q_Q(PeerRendezvous);
    if (watches.remove(notice.name) == 0)
        return;
    const QPointer<PeerRendezvous> guard(q);
    Q_EMIT q->watchedNamesChanged();
    if (guard)
        Q_EMIT q->watchFailed(notice.name, notice.text);
}

void PeerRendezvousPrivate::process(const peer::notice::ProxyAuthentication &notice)
{
    Q_Q(PeerRendezvous);
    QAuthenticator authenticator;
    const std::shared_ptr<peer::RendezvousMailboxes> worker = link;
    Q_EMIT q->proxyAuthenticationRequired(notice.proxy, &authenticator);
    worker->commands.put(peer::command::ProxyCredentials{notice.proxy, authenticator.user(),
                                                         authenticator.password()});
}

void PeerRendezvousPrivate::setState(State next)
{
    Q_Q(PeerRendezvous);
    if (state == next)
        return;
    state = next;
    const QPointer<PeerRendezvous> guard(q);
    Q_EMIT q->stateChanged(next);
    if (guard && next == State::Connected)
        Q_EMIT q->connected();
}

void PeerRendezvousPrivate::setPresence(const QString &name, Presence presence)
{
    Q_Q(PeerRendezvous);
    Presence &known = watches[name];
    if (known == presence)
        return;
    known = presence;
    const QPointer<PeerRendezvous> guard(q);
    Q_EMIT q->presenceChanged(name, presence);
    if (!guard)
        return;
    switch (presence) {
    case Presence::Unknown:
        return;
    case Presence::Offline:
        Q_EMIT q->peerOffline(name);
        return;
    case Presence::Online:
        Q_EMIT q->peerOnline(name);
        return;
    }
}

void PeerRendezvousPrivate::forgetPresence()
{
    const QPointer<PeerRendezvous> guard(q_ptr);
    const QStringList names = watches.keys();
    for (const QString &name : names) {
        if (watches.contains(name))
            setPresence(name, Presence::Unknown);
        if (!guard)
            return;
    }
}

void PeerRendezvousPrivate::fail(PeerConnection::Error cause, const QString &text)
{
    Q_Q(PeerRendezvous);
    error = cause;
    errorString = text;
    Q_EMIT q->errorOccurred(cause);
}
