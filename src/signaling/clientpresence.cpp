// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the client wants of the server beside calls: to hear of names, and tunnels.

#include "signaling/rendezvousclient_p.h"
#include "signaling/tunnelurl.h"

#include <chrono>
#include <utility>

namespace peer {

using namespace Qt::StringLiterals;
using namespace rendezvous;

namespace {

/// The server's rates allow more by then. After a restart of it all its clients ask at once.
constexpr std::chrono::milliseconds WatchRetry{5'000};
/// 22 of RFC 8839's ice-chars are 132 random bits.
constexpr std::size_t RequestSize = 22;

} // namespace

void RendezvousClient::Private::sendWishes()
{
    watchTimer.stop();
    for (auto it = watches.begin(); it != watches.end(); ++it) {
        it->isRefused = false;
        link->send(message::Watch{it.key()});
    }
    for (const QString &request : std::as_const(mints))
        link->send(message::Mint{request});
}

/// The connection is lost.
void RendezvousClient::Private::forgetPresence()
{
    watchTimer.stop();
    for (Watch &watch : watches)
        watch.isOnline.reset();
}

void RendezvousClient::Private::askAgain()
{
    for (auto it = watches.begin(); it != watches.end(); ++it) {
        if (std::exchange(it->isRefused, false) && link)
            link->send(message::Watch{it.key()});
    }
}

void RendezvousClient::Private::handle(const message::Watched &watched)
{
    const auto it = watches.find(watched.name);
    if (it == watches.end())
        return;
    it->isOnline = watched.isOnline;
    Q_EMIT q->nameSeen(watched.name, watched.isOnline);
}

void RendezvousClient::Private::handle(const message::NotWatched &refusal)
{
    const auto it = watches.find(refusal.name);
    if (it == watches.end())
        return;
    switch (refusal.cause) {
    case WatchFailure::Rate:
        it->isRefused = true;
        if (!watchTimer.isActive())
            watchTimer.start(WatchRetry);
        return;
    case WatchFailure::Limit:
        break;
    }
    watches.erase(it);
    Q_EMIT q->watchFailed(refusal.name,
                          u"The rendezvous does not let us watch more names, or more of us watch "
                          "\"%1\"."_s.arg(refusal.name));
}

void RendezvousClient::Private::failWatch(const QString &name, const QString &text)
{
    QMetaObject::invokeMethod(
        q, [this, name, text] { Q_EMIT q->watchFailed(name, text); }, Qt::QueuedConnection);
}

void RendezvousClient::Private::handle(const message::Minted &minted)
{
    if (!mints.removeOne(minted.request))
        return;
    if (const std::optional<QUrl> url = resolveTunnelUrl(config, info.host, minted.tunnel.url))
        Q_EMIT q->tunnelMinted(minted.request, *url, minted.tunnel.token);
    else
        Q_EMIT q->mintFailed(minted.request,
                             u"The rendezvous names a tunnel that is less safe "
                             "than itself."_s);
}

void RendezvousClient::Private::handle(const message::NotMinted &refusal)
{
    if (!mints.removeOne(refusal.request))
        return;
    switch (refusal.cause) {
    case MintFailure::None:
        Q_EMIT q->mintFailed(refusal.request, u"The rendezvous has no tunnels."_s);
        return;
    case MintFailure::Rate:
        break;
    }
    Q_EMIT q->mintFailed(refusal.request,
                         u"The rendezvous gives no more tunnels to us at the moment."_s);
}

// ---- The class

void RendezvousClient::watch(const QString &name)
{
    const bool isNew = !d->watches.contains(name);
    if (!isValidName(name)) {
        d->failWatch(name, u"\"%1\" is not a valid name."_s.arg(name));
        return;
    }
    if (isNew && d->watches.size() >= MaxWatches) {
        d->failWatch(name, u"Too many names are watched."_s);
        return;
    }
    Private::Watch &watch = d->watches[name];
    ++watch.users;
    if (isNew && d->link) {
        d->link->send(message::Watch{name});
    } else if (watch.isOnline) {
        QMetaObject::invokeMethod(
            this,
            [this, name] {
                const auto it = d->watches.constFind(name);
                if (it != d->watches.cend() && it->isOnline)
                    Q_EMIT nameSeen(name, *it->isOnline);
            },
            Qt::QueuedConnection);
    }
    open();
}

void RendezvousClient::unwatch(const QString &name)
{
    const auto it = d->watches.find(name);
    if (it == d->watches.end() || --it->users > 0)
        return;
    d->watches.erase(it);
    if (d->link)
        d->link->send(message::Unwatch{name});
}

QString RendezvousClient::mintTunnel()
{
    const QString request = QString::fromStdString(d->random.iceCharacters(RequestSize));
    if (d->mints.size() >= MaxMints) {
        QMetaObject::invokeMethod(
            this, [this, request] { Q_EMIT mintFailed(request, u"Too many tunnels at once."_s); },
            Qt::QueuedConnection);
        return request;
    }
    d->mints.append(request);
    if (d->link)
        d->link->send(message::Mint{request});
    open();
    return request;
}

} // namespace peer
