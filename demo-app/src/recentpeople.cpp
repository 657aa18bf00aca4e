// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "recentpeople.h"

#include "filethread.h"

#include <PeerConnection/PeerAddress>

#include <QtCore/qfile.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qjsondocument.h>
#include <QtCore/qjsonobject.h>
#include <QtCore/qlocale.h>
#include <QtCore/qsavefile.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

using namespace Qt::StringLiterals;

namespace demo {

namespace {

/// More than MaxPeople addresses of the greatest length take, escaped.
constexpr qint64 MaxFile = 64 * 1024;

/// The same person: the same identity, or for lack of one the same name in the same place.
bool isSame(const PeerAddress &left, const PeerAddress &right)
{
    if (!left.ids().isEmpty() && !right.ids().isEmpty())
        return left.ids().first() == right.ids().first();
    return left.name() == right.name() && left.host() == right.host()
        && left.port() == right.port();
}

} // namespace

struct RecentPeople::Unwritten
{
    std::mutex mutex;
    std::optional<QByteArray> content;
};

RecentPeople::RecentPeople(const QString &fileName, FileThread &thread, QObject *parent)
    : QAbstractListModel(parent)
    , m_fileName(fileName)
    , m_thread(thread)
    , m_unwritten(std::make_shared<Unwritten>())
{
    load();
}

void RecentPeople::add(const QString &text)
{
    const PeerAddress address = PeerAddress::fromString(text);
    if (!address.isValid())
        return;
    const auto known = std::ranges::find_if(m_people, [&address](const Person &person) {
        return isSame(PeerAddress::fromString(person.address), address);
    });
    beginResetModel();
    if (known != m_people.end())
        m_people.erase(known);
    m_people.prepend({address.name(), address.toString(PeerAddress::Format::WithToken),
                      QDateTime::currentDateTimeUtc()});
    if (m_people.size() > MaxPeople)
        m_people.removeLast();
    endResetModel();
    save();
    Q_EMIT countChanged();
}

void RecentPeople::remove(int row)
{
    if (row < 0 || row >= m_people.size())
        return;
    beginRemoveRows({}, row, row);
    m_people.removeAt(row);
    endRemoveRows();
    save();
    Q_EMIT countChanged();
}

int RecentPeople::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : count();
}

QVariant RecentPeople::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Person &person = m_people.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case NameRole:
        return person.name;
    case AddressRole:
        return person.address;
    case TimeRole:
        return QLocale().toString(person.time.toLocalTime(), QLocale::ShortFormat);
    }
    return {};
}

QHash<int, QByteArray> RecentPeople::roleNames() const
{
    return {{NameRole, "name"}, {AddressRole, "address"}, {TimeRole, "time"}};
}

void RecentPeople::load()
{
    QFile file(m_fileName);
    if (!file.open(QIODevice::ReadOnly) || file.size() > MaxFile)
        return;
    const QJsonArray people = QJsonDocument::fromJson(file.read(MaxFile)).array();
    for (const QJsonValue &value : people) {
        const PeerAddress address = PeerAddress::fromString(value["address"_L1].toString());
        const QDateTime time = QDateTime::fromString(value["time"_L1].toString(), Qt::ISODate);
        if (m_people.size() < MaxPeople && address.isValid() && time.isValid()) {
            m_people.append(
                {address.name(), address.toString(PeerAddress::Format::WithToken), time});
        }
    }
}

void RecentPeople::save() const
{
    QJsonArray people;
    for (const Person &person : m_people) {
        people.append(QJsonObject{{u"address"_s, person.address},
                                  {u"time"_s, person.time.toString(Qt::ISODate)}});
    }
    {
        const std::lock_guard lock(m_unwritten->mutex);
        const bool isWaiting = m_unwritten->content.has_value();
        m_unwritten->content = QJsonDocument(people).toJson();
        if (isWaiting)
            return;
    }
    m_thread.run([fileName = m_fileName, unwritten = m_unwritten] {
        std::optional<QByteArray> content;
        {
            const std::lock_guard lock(unwritten->mutex);
            content = std::exchange(unwritten->content, std::nullopt);
        }
        QSaveFile file(fileName);
        if (content && file.open(QIODevice::WriteOnly)) {
            file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
            file.write(*content);
            file.commit();
        }
    });
}

} // namespace demo
