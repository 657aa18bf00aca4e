// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "signaling/rendezvouspool.h"

#include <QtCore/qhashfunctions.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>

#include <unordered_map>

namespace peer {

class RendezvousPool::Private
{
public:
    struct Entry
    {
        std::unique_ptr<RendezvousClient> client;
        std::weak_ptr<RendezvousClient> users;
        std::unique_ptr<QTimer> linger;
    };

    void release(const QByteArray &key);

    std::chrono::milliseconds lingerTime{};
    std::unordered_map<QByteArray, Entry> entries;
};

RendezvousPool::RendezvousPool(QObject *parent, std::chrono::milliseconds linger)
    : QObject(parent)
    , d(std::make_unique<Private>())
{
    d->lingerTime = linger;
}

RendezvousPool::~RendezvousPool() = default;

std::shared_ptr<RendezvousClient> RendezvousPool::client(const RendezvousConfig &config)
{
    const QByteArray key = config.sharingKey();
    Private::Entry &entry = d->entries[key];
    if (std::shared_ptr<RendezvousClient> shared = entry.users.lock())
        return shared;
    if (!entry.client) {
        entry.client = std::make_unique<RendezvousClient>(config);
        entry.linger = std::make_unique<QTimer>();
        entry.linger->setSingleShot(true);
        connect(entry.linger.get(), &QTimer::timeout, this, [this, key] { d->release(key); });
        entry.client->open();
    }
    entry.linger->stop();
    const auto startLinger = [pool = QPointer<RendezvousPool>(this), key](RendezvousClient *) {
        if (!pool)
            return;
        const auto it = pool->d->entries.find(key);
        if (it != pool->d->entries.end())
            it->second.linger->start(pool->d->lingerTime);
    };
    std::shared_ptr<RendezvousClient> shared(entry.client.get(), startLinger);
    entry.users = shared;
    return shared;
}

qsizetype RendezvousPool::clientCount() const
{
    return qsizetype(d->entries.size());
}

void RendezvousPool::checkConnections()
{
    for (const auto &[key, entry] : d->entries)
        entry.client->checkConnection();
}

/// In the slot of the entry's own timer.
void RendezvousPool::Private::release(const QByteArray &key)
{
    const auto it = entries.find(key);
    if (it == entries.end() || !it->second.users.expired())
        return;
    it->second.client.release()->deleteLater();
    it->second.linger.release()->deleteLater();
    entries.erase(it);
}

} // namespace peer
