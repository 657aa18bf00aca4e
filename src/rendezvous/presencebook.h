// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_PRESENCEBOOK_H
#define PEER_RENDEZVOUS_PRESENCEBOOK_H

#include "core/base/time.h"

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtCore/qset.h>
#include <QtCore/qstring.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace peer::rendezvous {

/// A client of the switchboard: what survives its sockets. Never reused; 0 is none.
enum class ClientId : std::uint64_t { None = 0 };

/// Who wants to hear of which name (PROTOCOL.md, "Presence").
///
/// That a name is online is told at once; that it is offline, when it has been for a while: a
/// client that changes its connection is not seen to leave, and who comes and goes quickly does not
/// make the server send to all who watch him at the pace of his choice.
///
/// How to drive it: tell it of every change by noteOnline() and noteOffline(); call advance() no
/// later than nextDeadline(); after each of them drain nextNotice().
class PresenceBook
{
public:
    /// "Address" as of addressKey(): else a few sockets could take what is there for all, or all
    /// the places at one name.
    struct Limits
    {
        int watchesOfClient = 0;
        int watchesOfAddress = 0;
        int watchersOfName = 0;
        int watchersOfNameAndAddress = 0;
        int watches = 0; ///< of all clients
        Duration offlineDelay{};
    };
    struct Notice
    {
        ClientId to;
        QString name;
        bool isOnline;
    };

    explicit PresenceBook(const Limits &limits)
        : m_limits(limits)
    { }

    /// False if that were too many. Again for the same name: true. A client has the same address
    /// until it is forgotten.
    bool watch(ClientId client, const QByteArray &address, const QString &name);
    void unwatch(ClientId client, const QString &name);
    /// All its watches.
    void forget(ClientId client);

    void noteOnline(const QString &name);
    void noteOffline(TimePoint now, const QString &name);
    void advance(TimePoint now);
    /// It is offline, but nobody has been told.
    bool isLeaving(const QString &name) const { return m_leaving.contains(name); }
    /// Never, if no name is about to be told offline.
    TimePoint nextDeadline() const;
    std::optional<Notice> nextNotice();

    qsizetype watchCount() const { return m_watchCount; }

private:
    /// What is watched by one client.
    struct Watches
    {
        QByteArray address;
        QSet<QString> names;
    };
    /// Who watches one name.
    struct Watchers
    {
        QSet<ClientId> clients;
        QHash<QByteArray, int> ofAddress; ///< no zeros
    };

    bool mayWatch(ClientId client, const QByteArray &address, const QString &name) const;
    void tell(const QString &name, bool isOnline);
    void removeWatcher(ClientId client, const QByteArray &address, const QString &name);
    /// False if it is not.
    bool stopLeaving(const QString &name);

    Limits m_limits;
    qsizetype m_watchCount = 0;
    QHash<QString, Watchers> m_watchers; ///< by name; no empty ones
    QHash<ClientId, Watches> m_watches;  ///< the same the other way
    QHash<QByteArray, int> m_ofAddress;  ///< how many watches of it; no zeros
    QHash<QString, TimePoint> m_leaving; ///< watched names, and when they are told offline
    std::set<std::pair<TimePoint, QString>> m_due; ///< the same in order
    std::deque<Notice> m_notices;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_PRESENCEBOOK_H
