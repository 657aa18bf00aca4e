// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_RECENTPEOPLE_H
#define DEMO_RECENTPEOPLE_H

#include <QtCore/qabstractitemmodel.h>
#include <QtCore/qdatetime.h>
#include <QtCore/qlist.h>
#include <QtCore/qstring.h>
#include <QtQml/qqmlregistration.h>

#include <memory>

namespace demo {

class FileThread;

/// Whom we have talked to, the latest first: at most MaxPeople, kept in a JSON file that is ours
/// alone to read, for an address may hold a token.
class RecentPeople : public QAbstractListModel
{
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by Phone")
    Q_PROPERTY(int count READ count NOTIFY countChanged FINAL)

public:
    static constexpr int MaxPeople = 20;

    enum Role { NameRole = Qt::UserRole, AddressRole, TimeRole };

    /// Reads the file, if there is a good one. The thread, which writes it, outlives this.
    RecentPeople(const QString &fileName, FileThread &thread, QObject *parent = nullptr);

    int count() const { return int(m_people.size()); }
    /// Puts somebody on top. Whoever has the same name and identity gives way. An address that is
    /// none is not taken.
    void add(const QString &address);
    Q_INVOKABLE void remove(int row);

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

Q_SIGNALS:
    void countChanged();

private:
    struct Person
    {
        QString name;
        QString address;
        QDateTime time;
    };

    /// What the file is to become, shared with the thread that writes it.
    struct Unwritten;

    void load();
    /// At most one write waits for the thread; it takes what is the latest by then.
    void save() const;

    QString m_fileName;
    FileThread &m_thread;
    std::shared_ptr<Unwritten> m_unwritten;
    QList<Person> m_people;
};

} // namespace demo

#endif // DEMO_RECENTPEOPLE_H
