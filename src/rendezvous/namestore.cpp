// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/namestore.h"

#include "signaling/protocolmessages.h"

#include <QtCore/qlist.h>

#include <algorithm>

namespace peer::rendezvous {

using namespace Qt::StringLiterals;

namespace {

constexpr QByteArrayView FirstLine = "peer-names 1";

struct Line
{
    QString name;
    QString id;
    WallTime lastUse;
};

std::optional<Line> readLine(const QByteArray &text)
{
    const QList<QByteArray> words = text.split(' ');
    if (words.size() != 3)
        return std::nullopt;
    bool isNumber = false;
    const qint64 seconds = words[2].toLongLong(&isNumber);
    Line line{QString::fromUtf8(words[0]), QString::fromUtf8(words[1]),
              WallTime(std::chrono::seconds(seconds))};
    // A name that is an id needs no entry: it belongs to that key for ever.
    if (!isNumber || seconds < 0 || !isValidName(line.name) || isIdentityName(line.name)
        || !isIdentityName(line.id)) {
        return std::nullopt;
    }
    return line;
}

} // namespace

NameStore::NameStore(qsizetype maxNames, int maxNamesPerKey, std::chrono::seconds retention)
    : m_maxNames(maxNames)
    , m_maxNamesPerKey(maxNamesPerKey)
    , m_retention(retention)
{ }

NameStore::Claim NameStore::wouldClaim(WallTime now, const QString &name, const QString &id) const
{
    const auto owner = m_names.constFind(name);
    const bool isTaken = owner != m_names.cend() && !isExpired(now, *owner);
    if (isTaken)
        return owner->id == id ? Claim::Owned : Claim::OwnedByOther;
    const QStringList own = m_namesOfKey.value(id);
    const qsizetype ownCount = std::count_if(own.begin(), own.end(), [&](const QString &each) {
        return !isExpired(now, *m_names.constFind(each));
    });
    if (ownCount >= m_maxNamesPerKey)
        return Claim::TooManyOfKey;
    if (owner == m_names.cend() && m_names.size() >= m_maxNames)
        return Claim::TooMany;
    return Claim::Claimed;
}

NameStore::Claim NameStore::claim(WallTime now, const QString &name, const QString &id)
{
    const Claim result = wouldClaim(now, name, id);
    if (result == Claim::Owned) {
        touch(now, name);
    } else if (result == Claim::Claimed) {
        const auto expired = m_names.find(name);
        if (expired != m_names.end())
            remove(expired);
        add(name, id, now);
    }
    return result;
}

void NameStore::touch(WallTime now, const QString &name)
{
    const auto owner = m_names.find(name);
    if (owner == m_names.end() || owner->lastUse >= now)
        return;
    owner->lastUse = now;
    m_isModified = true;
}

QString NameStore::nameOf(WallTime now, const QString &id) const
{
    QString name;
    WallTime newest{};
    for (const QString &each : m_namesOfKey.value(id)) {
        const Owner &owner = *m_names.constFind(each);
        if (!isExpired(now, owner) && (name.isEmpty() || owner.lastUse > newest)) {
            name = each;
            newest = owner.lastUse;
        }
    }
    return name;
}

void NameStore::removeExpired(WallTime now)
{
    for (auto it = m_names.begin(); it != m_names.end();)
        it = isExpired(now, *it) ? remove(it) : std::next(it);
}

QByteArray NameStore::toText() const
{
    QStringList sorted = m_names.keys();
    sorted.sort();
    QByteArray text = FirstLine.toByteArray() + '\n';
    for (const QString &name : std::as_const(sorted)) {
        const Owner &owner = *m_names.constFind(name);
        text += name.toUtf8() + ' ' + owner.id.toUtf8() + ' '
            + QByteArray::number(qint64(owner.lastUse.time_since_epoch().count())) + '\n';
    }
    return text;
}

QString NameStore::readText(const QByteArray &text)
{
    NameStore read(m_maxNames, m_maxNamesPerKey, m_retention);
    if (!text.endsWith('\n'))
        return "The last line is not complete."_L1;
    const QList<QByteArray> lines = text.chopped(1).split('\n');
    if (lines.first() != FirstLine)
        return "Line 1 is not \"peer-names 1\"."_L1;
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const std::optional<Line> line = readLine(lines[i]);
        if (!line)
            return u"Line %1 is not a name, an id and a time."_s.arg(i + 1);
        if (read.m_names.contains(line->name))
            return u"Line %1 has a name that stands above already."_s.arg(i + 1);
        if (read.count() >= m_maxNames)
            return u"There are more than %1 names."_s.arg(m_maxNames);
        read.add(line->name, line->id, line->lastUse);
    }
    read.m_isModified = false;
    *this = read;
    return {};
}

bool NameStore::isExpired(WallTime now, const Owner &owner) const
{
    return now - owner.lastUse > m_retention;
}

void NameStore::add(const QString &name, const QString &id, WallTime lastUse)
{
    m_names.insert(name, {id, lastUse});
    m_namesOfKey[id].append(name);
    m_isModified = true;
}

QHash<QString, NameStore::Owner>::iterator NameStore::remove(QHash<QString, Owner>::iterator it)
{
    const auto names = m_namesOfKey.find(it->id);
    names->removeOne(it.key());
    if (names->isEmpty())
        m_namesOfKey.erase(names);
    m_isModified = true;
    return m_names.erase(it);
}

} // namespace peer::rendezvous
