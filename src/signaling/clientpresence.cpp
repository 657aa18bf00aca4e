// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What the client wants of the server beside calls: to hear of names, and tunnels.

#include "signaling/protocolversion.h"
#include "signaling/rendezvousclient_p.h"
#include "signaling/tunnelurl.h"

#include <QtCore/qpointer.h>

#include <chrono>
#include <utility>

namespace peer {

using namespace Qt::StringLiterals;
using namespace rendezvous;

namespace {

/// A server that limits rates allows more by the first; one that is full may be so for long. After
/// a restart of it all its clients ask at once.
constexpr std::chrono::milliseconds FirstWatchRetry{5'000};
constexpr std::chrono::milliseconds LongestWatchRetry{300'000};
/// 22 of RFC 8839's ice-chars are 132 random bits.
constexpr std::size_t RequestSize = 22;

} // namespace

/// The server knows what they are.
bool RendezvousClient::Private::hasWishes() const
{
    return link && link->welcome().version.minor >= wishesMinor;
}

void RendezvousClient::Private::sendWishes()
{
    watchTimer.stop();
    watchBackoff = Backoff(FirstWatchRetry, LongestWatchRetry);
    for (Watch &watch : watches)
        watch.isGranted = false;
    if (!hasWishes()) {
        failWishes();
        return;
    }
    for (auto it = watches.cbegin(); it != watches.cend(); ++it)
        link->send(message::Watch{it.key()});
    if (!watches.isEmpty())
        askLater();
    for (const QString &request : std::as_const(mints))
        link->send(message::Mint{request});
}

/// The server is older than they are. From the event loop, for it is also called from within the
/// client's functions.
void RendezvousClient::Private::failWishes()
{
    QMetaObject::invokeMethod(
        q,
        [this] {
            if (!link || hasWishes())
                return;
            const QString text =
                u"The rendezvous %1 speaks version %2 of the protocol, which knows "
                "neither presence nor tunnels without calls: update it."_s.arg(
                    link->host().toString(), link->welcome().version.toString());
            const QPointer<RendezvousClient> guard(q);
            const QStringList requests = std::exchange(mints, {});
            for (const QString &request : requests) {
                Q_EMIT q->mintFailed(request, MintError::TooOld, text);
                if (!guard)
                    return;
            }
            const QStringList watched = watches.keys();
            for (const QString &name : watched) {
                refuseWatch(name, text);
                if (!guard)
                    return;
            }
        },
        Qt::QueuedConnection);
}

/// The connection is lost.
void RendezvousClient::Private::forgetPresence()
{
    watchTimer.stop();
    for (Watch &watch : watches) {
        watch.isOnline.reset();
        watch.isGranted = false;
    }
}

void RendezvousClient::Private::askAgain()
{
    bool isAnyLeft = false;
    for (auto it = watches.cbegin(); hasWishes() && it != watches.cend(); ++it) {
        if (it->isGranted)
            continue;
        isAnyLeft = true;
        link->send(message::Watch{it.key()});
    }
    if (isAnyLeft)
        askLater();
    else
        watchBackoff.reset();
}

/// An answer may never come, for the server drops what comes too fast.
void RendezvousClient::Private::askLater()
{
    if (!watchTimer.isActive())
        watchTimer.start(watchBackoff.next(random));
}

void RendezvousClient::Private::handle(const message::Watched &watched)
{
    const auto it = watches.find(watched.name);
    if (it == watches.end())
        return;
    it->isOnline = watched.isOnline;
    it->isGranted = true;
    if (!std::exchange(it->refusal, {}).isEmpty())
        watchBackoff.reset(); // there may be room for others too
    Q_EMIT q->nameSeen(watched.name, watched.isOnline);
}

void RendezvousClient::Private::handle(const message::NotWatched &refusal)
{
    askLater();
    switch (refusal.cause) {
    case WatchFailure::Rate:
        refuseWatch(refusal.name,
                    u"The rendezvous does not let us ask for more names at the moment."_s);
        return;
    case WatchFailure::Limit:
        break;
    }
    refuseWatch(refusal.name,
                u"The rendezvous does not let us watch more names, or more of us watch "
                "\"%1\"."_s.arg(refusal.name));
}

void RendezvousClient::Private::refuseWatch(const QString &name, const QString &text)
{
    const auto it = watches.find(name);
    if (it == watches.end())
        return;
    it->isOnline.reset();
    it->isGranted = false;
    if (std::exchange(it->refusal, text).isEmpty())
        Q_EMIT q->watchRefused(name, text);
}

/// What is known of it, to whoever watches it too.
void RendezvousClient::Private::tellLater(const QString &name)
{
    QMetaObject::invokeMethod(
        q,
        [this, name] {
            const auto it = watches.constFind(name);
            if (it != watches.cend() && it->isOnline)
                Q_EMIT q->nameSeen(name, *it->isOnline);
            else if (it != watches.cend() && !it->refusal.isEmpty())
                Q_EMIT q->watchRefused(name, it->refusal);
        },
        Qt::QueuedConnection);
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
        Q_EMIT q->mintFailed(minted.request, MintError::Refused,
                             u"The rendezvous names a tunnel that is less safe "
                             "than itself."_s);
}

void RendezvousClient::Private::handle(const message::NotMinted &refusal)
{
    if (!mints.removeOne(refusal.request))
        return;
    switch (refusal.cause) {
    case MintFailure::None:
        Q_EMIT q->mintFailed(refusal.request, MintError::Refused,
                             u"The rendezvous has no tunnels."_s);
        return;
    case MintFailure::Rate:
        break;
    }
    Q_EMIT q->mintFailed(refusal.request, MintError::Refused,
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
    ++d->watches[name].users;
    if (isNew && d->hasWishes()) {
        d->link->send(message::Watch{name});
        d->askLater();
    } else if (isNew && d->link) {
        d->failWishes();
    } else if (!isNew) {
        d->tellLater(name);
    }
    open();
}

void RendezvousClient::unwatch(const QString &name)
{
    const auto it = d->watches.find(name);
    if (it == d->watches.end() || --it->users > 0)
        return;
    d->watches.erase(it);
    if (d->hasWishes())
        d->link->send(message::Unwatch{name});
}

QString RendezvousClient::mintTunnel()
{
    const QString request = QString::fromStdString(d->random.iceCharacters(RequestSize));
    if (d->mints.size() >= MaxMints) {
        QMetaObject::invokeMethod(
            this,
            [this, request] {
                Q_EMIT mintFailed(request, MintError::Refused, u"Too many tunnels at once."_s);
            },
            Qt::QueuedConnection);
        return request;
    }
    d->mints.append(request);
    if (d->hasWishes())
        d->link->send(message::Mint{request});
    else if (d->link)
        d->failWishes();
    open();
    return request;
}

void RendezvousClient::cancelMint(const QString &request)
{
    d->mints.removeOne(request);
}

} // namespace peer
