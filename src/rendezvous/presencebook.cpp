// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/presencebook.h"

namespace peer::rendezvous {

bool PresenceBook::watch(ClientId client, const QString &name)
{
    const auto own = m_watches.constFind(client);
    const bool hasOwn = own != m_watches.cend();
    if (hasOwn && own->contains(name))
        return true;
    const auto others = m_watchers.constFind(name);
    if ((hasOwn ? own->size() : 0) >= m_limits.watchesOfClient
        || (others != m_watchers.cend() ? others->size() : 0) >= m_limits.watchersOfName
        || m_watchCount >= m_limits.watches) {
        return false;
    }
    m_watches[client].insert(name);
    m_watchers[name].insert(client);
    ++m_watchCount;
    return true;
}

void PresenceBook::unwatch(ClientId client, const QString &name)
{
    const auto own = m_watches.find(client);
    if (own == m_watches.end() || !own->remove(name))
        return;
    if (own->isEmpty())
        m_watches.erase(own);
    removeWatcher(client, name);
}

void PresenceBook::forget(ClientId client)
{
    const QSet<QString> names = m_watches.take(client);
    for (const QString &name : names)
        removeWatcher(client, name);
    std::erase_if(m_notices, [client](const Notice &notice) { return notice.to == client; });
}

void PresenceBook::removeWatcher(ClientId client, const QString &name)
{
    --m_watchCount;
    const auto watchers = m_watchers.find(name);
    watchers->remove(client);
    if (!watchers->isEmpty())
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
    for (const ClientId watcher : *watchers)
        m_notices.push_back({watcher, name, isOnline});
}

} // namespace peer::rendezvous
