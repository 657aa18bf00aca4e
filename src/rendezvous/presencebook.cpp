// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/presencebook.h"

namespace peer::rendezvous {

namespace {

void countDown(QHash<QByteArray, int> &counts, const QByteArray &key)
{
    const auto it = counts.find(key);
    if (--*it == 0)
        counts.erase(it);
}

} // namespace

bool PresenceBook::mayWatch(ClientId client, const QByteArray &address, const QString &name) const
{
    const auto own = m_watches.constFind(client);
    if (own != m_watches.cend() && own->names.size() >= m_limits.watchesOfClient)
        return false;
    const auto others = m_watchers.constFind(name);
    const bool isNameTaken = others != m_watchers.cend()
        && (others->clients.size() >= m_limits.watchersOfName
            || others->ofAddress.value(address) >= m_limits.watchersOfNameAndAddress);
    return !isNameTaken && m_ofAddress.value(address) < m_limits.watchesOfAddress
        && m_watchCount < m_limits.watches;
}

bool PresenceBook::watch(ClientId client, const QByteArray &address, const QString &name)
{
    const auto own = m_watches.constFind(client);
    if (own != m_watches.cend() && own->names.contains(name))
        return true;
    if (!mayWatch(client, address, name))
        return false;
    Watches &watches = m_watches[client];
    watches.address = address;
    watches.names.insert(name);
    Watchers &watchers = m_watchers[name];
    watchers.clients.insert(client);
    ++watchers.ofAddress[address];
    ++m_ofAddress[address];
    ++m_watchCount;
    return true;
}

void PresenceBook::unwatch(ClientId client, const QString &name)
{
    const auto own = m_watches.find(client);
    if (own == m_watches.end() || !own->names.remove(name))
        return;
    const QByteArray address = own->address;
    if (own->names.isEmpty())
        m_watches.erase(own);
    removeWatcher(client, address, name);
}

void PresenceBook::forget(ClientId client)
{
    const Watches own = m_watches.take(client);
    for (const QString &name : own.names)
        removeWatcher(client, own.address, name);
    std::erase_if(m_notices, [client](const Notice &notice) { return notice.to == client; });
}

void PresenceBook::removeWatcher(ClientId client, const QByteArray &address, const QString &name)
{
    --m_watchCount;
    countDown(m_ofAddress, address);
    const auto watchers = m_watchers.find(name);
    watchers->clients.remove(client);
    countDown(watchers->ofAddress, address);
    if (!watchers->clients.isEmpty())
        return;
    m_watchers.erase(watchers);
    stopLeaving(name);
}

bool PresenceBook::stopLeaving(const QString &name)
{
    const auto leaving = m_leaving.constFind(name);
    if (leaving == m_leaving.cend())
        return false;
    m_due.erase({*leaving, name});
    m_leaving.erase(leaving);
    return true;
}

void PresenceBook::noteOnline(const QString &name)
{
    if (!m_watchers.contains(name))
        return;
    // If it was away for a moment only, nobody has heard of that.
    if (!stopLeaving(name))
        tell(name, true);
}

void PresenceBook::noteOffline(TimePoint now, const QString &name)
{
    if (!m_watchers.contains(name) || m_leaving.contains(name))
        return;
    m_leaving.insert(name, now + m_limits.offlineDelay);
    m_due.insert({now + m_limits.offlineDelay, name});
}

void PresenceBook::advance(TimePoint now)
{
    while (!m_due.empty() && m_due.begin()->first <= now) {
        const QString name = m_due.begin()->second;
        stopLeaving(name);
        tell(name, false);
    }
}

TimePoint PresenceBook::nextDeadline() const
{
    return m_due.empty() ? Never : m_due.begin()->first;
}

std::optional<PresenceBook::Notice> PresenceBook::nextNotice()
{
    if (m_notices.empty())
        return std::nullopt;
    Notice notice = std::move(m_notices.front());
    m_notices.pop_front();
    return notice;
}

void PresenceBook::tell(const QString &name, bool isOnline)
{
    const auto watchers = m_watchers.constFind(name);
    if (watchers == m_watchers.cend())
        return;
    for (const ClientId watcher : watchers->clients)
        m_notices.push_back({watcher, name, isOnline});
}

} // namespace peer::rendezvous
