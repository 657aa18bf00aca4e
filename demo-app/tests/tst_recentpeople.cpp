// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "filethread.h"
#include "recentpeople.h"

#include <QtCore/qfile.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

class RecentPeopleTest : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    QString file() const { return m_folder.filePath(u"people.json"_s); }
    static QString nameAt(const RecentPeople &people, int row)
    {
        return people.data(people.index(row), RecentPeople::NameRole).toString();
    }

private Q_SLOTS:
    void init() { QFile::remove(file()); }

    void theLatestIsOnTopAndSurvivesTheProgram()
    {
        {
            FileThread thread;
            RecentPeople people(file(), thread);
            people.add(u"peer://alice@a.example"_s);
            people.add(u"peer://bob@a.example#token"_s);
            people.add(u"peer://alice@a.example"_s);
            QCOMPARE(people.count(), 2);
            QCOMPARE(nameAt(people, 0), u"alice"_s);
        }
        FileThread thread;
        const RecentPeople people(file(), thread);
        QCOMPARE(people.count(), 2);
        QCOMPARE(nameAt(people, 0), u"alice"_s);
        QCOMPARE(people.data(people.index(1), RecentPeople::AddressRole).toString(),
                 u"peer://bob@a.example#token"_s);
        QVERIFY(!(QFile::permissions(file()) & (QFile::ReadOther | QFile::ReadGroup)));
    }

    void thereAreNeverTooMany()
    {
        FileThread thread;
        RecentPeople people(file(), thread);
        for (int i = 0; i < 2 * RecentPeople::MaxPeople; ++i)
            people.add(u"peer://p%1@a.example"_s.arg(i));
        QCOMPARE(people.count(), RecentPeople::MaxPeople);
        QCOMPARE(nameAt(people, 0), u"p39"_s);
    }

    void sameIdentityIsSamePerson()
    {
        FileThread thread;
        RecentPeople people(file(), thread);
        const QString id(52, u'a');
        people.add(u"peer://alice@a.example?id="_s + id);
        people.add(u"peer://alicia@b.example?id="_s + id);
        QCOMPARE(people.count(), 1);
        QCOMPARE(nameAt(people, 0), u"alicia"_s);
    }

    void aBusyDiskHasOneWriteWaitingForIt()
    {
        QSemaphore gate;
        QByteArray afterFirst;
        {
            FileThread thread;
            RecentPeople people(file(), thread);
            thread.run([&gate] { gate.acquire(); });
            people.add(u"peer://alice@a.example"_s);
            thread.run([this, &afterFirst] {
                QFile written(file());
                if (written.open(QIODevice::ReadOnly))
                    afterFirst = written.readAll();
            });
            people.add(u"peer://bob@a.example"_s); // goes along with the first
            gate.release();
        }
        QVERIFY(afterFirst.contains("alice@"));
        QVERIFY(afterFirst.contains("bob@"));
        FileThread thread;
        QCOMPARE(RecentPeople(file(), thread).count(), 2);
    }

    void whatIsNoAddressIsNotTaken()
    {
        FileThread thread;
        RecentPeople people(file(), thread);
        people.add(u"https://alice.example"_s);
        QCOMPARE(people.count(), 0);
    }

    void somebodyCanBeForgotten()
    {
        FileThread thread;
        RecentPeople people(file(), thread);
        people.add(u"peer://alice@a.example"_s);
        people.remove(1);
        people.remove(-1);
        QCOMPARE(people.count(), 1);
        people.remove(0);
        QCOMPARE(people.count(), 0);
    }

    void aBrokenFileIsAnEmptyList_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no JSON") << QByteArray("{");
        QTest::newRow("an object") << QByteArray("{\"address\": 1}");
        QTest::newRow("no address") << QByteArray("[{\"time\": \"2026-01-01T00:00:00Z\"}]");
        QTest::newRow("no time") << QByteArray("[{\"address\": \"peer://a@b.example\"}]");
        QTest::newRow("a bad address")
            << QByteArray("[{\"address\": \"http://b\", \"time\": \"2026-01-01T00:00:00Z\"}]");
        QTest::newRow("far too large") << QByteArray(1 << 20, ' ') + "[]";
    }
    void aBrokenFileIsAnEmptyList()
    {
        QFETCH(const QByteArray, content);
        QFile broken(file());
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write(content);
        broken.close();
        FileThread thread;
        QCOMPARE(RecentPeople(file(), thread).count(), 0);
    }
};

QTEST_GUILESS_MAIN(RecentPeopleTest)
#include "tst_recentpeople.moc"
