// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_NAMESTORE_H
#define PEER_RENDEZVOUS_NAMESTORE_H

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtCore/qstring.h>

#include <chrono>
#include <optional>

namespace peer::rendezvous {

/// Seconds since 1970: names outlive the machine's boot clock.
using WallTime = std::chrono::sys_seconds;

/// Which key each name belongs to, until it was not used for a while (D8). The memory is bounded by
/// maxNames.
///
/// As text: a line "peer-names 1", then for each name a line "NAME ID SECONDS", the last use in
/// seconds since 1970.
class NameStore
{
public:
    enum class Claim : quint8 {
        Owned,   ///< it has been this key's before
        Claimed, ///< it is from now on
        OwnedByOther,
        TooManyOfKey,
        TooMany,
    };

    NameStore(qsizetype maxNames, int maxNamesPerKey, std::chrono::seconds retention);

    /// What claim() would do.
    Claim wouldClaim(WallTime now, const QString &name, const QString &id) const;
    /// A use by id, if the name is not another's.
    Claim claim(WallTime now, const QString &name, const QString &id);
    /// A use by whoever has it.
    void touch(WallTime now, const QString &name);
    /// The name that the key used last; empty if it has none.
    QString nameOf(WallTime now, const QString &id) const;
    qsizetype count() const { return m_names.size(); }
    /// Forgets what was not used for the retention time.
    void removeExpired(WallTime now);

    /// Something changed since setSaved().
    bool isModified() const { return m_isModified; }
    void setSaved() { m_isModified = false; }
    QByteArray toText() const;
    /// Replaces all. On a fault nothing is changed, and a sentence with the line is returned.
    QString readText(const QByteArray &text);

private:
    struct Owner
    {
        QString id;
        WallTime lastUse;
    };

    bool isExpired(WallTime now, const Owner &owner) const;
    void add(const QString &name, const QString &id, WallTime lastUse);
    QHash<QString, Owner>::iterator remove(QHash<QString, Owner>::iterator it);

    qsizetype m_maxNames;
    int m_maxNamesPerKey;
    std::chrono::seconds m_retention;
    QHash<QString, Owner> m_names;
    QHash<QString, QStringList> m_namesOfKey;
    bool m_isModified = false;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_NAMESTORE_H
