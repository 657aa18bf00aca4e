// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/namesfile.h"
#include "rendezvous/namestore.h"

#include <QtCore/qfile.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using Claim = NameStore::Claim;

namespace {

constexpr auto Retention = 30 * 24h;
constexpr WallTime Start{1'700'000'000s};
const QString Alice = QString(52, u'a');
const QString Bob = QString(52, u'b');

} // namespace

class tst_NameStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNameBelongsToTheKeyThatClaimedIt();
    void aNameIsFreeThirtyDaysAfterItsLastUse();
    void aUseProlongsAName();
    void anotherKeyCannotProlongAName();
    void aKeyHasAFewNames();
    void theStoreHoldsAFewNames();
    void expiredNamesMakeRoom();
    void tellsTheNameThatAKeyUsedLast();
    void readsWhatItWrites();
    void refusesDamagedText_data();
    void refusesDamagedText();
    void damagedTextChangesNothing();
    void aFileThatIsNotThereIsEmpty();
    void aFileIsReplacedAsAWhole();
    void tellsWhatIsWrongWithAFile();
};

void tst_NameStore::aNameBelongsToTheKeyThatClaimedIt()
{
    NameStore names(10, 10, Retention);
    QCOMPARE(names.wouldClaim(Start, u"alice"_s, Alice), Claim::Claimed);
    QCOMPARE(names.count(), 0);
    QCOMPARE(names.claim(Start, u"alice"_s, Alice), Claim::Claimed);
    QCOMPARE(names.claim(Start, u"alice"_s, Alice), Claim::Owned);
    QCOMPARE(names.claim(Start, u"alice"_s, Bob), Claim::OwnedByOther);
    QCOMPARE(names.claim(Start, u"Alice"_s, Bob), Claim::Claimed);
    QCOMPARE(names.count(), 2);
}

void tst_NameStore::aNameIsFreeThirtyDaysAfterItsLastUse()
{
    NameStore names(10, 10, Retention);
    names.claim(Start, u"alice"_s, Alice);
    QCOMPARE(names.claim(Start + Retention, u"alice"_s, Bob), Claim::OwnedByOther);
    QCOMPARE(names.claim(Start + Retention + 1s, u"alice"_s, Bob), Claim::Claimed);
    QCOMPARE(names.claim(Start + Retention + 1s, u"alice"_s, Alice), Claim::OwnedByOther);
    QCOMPARE(names.nameOf(Start + Retention + 1s, Alice), QString());
    QCOMPARE(names.nameOf(Start + Retention + 1s, Bob), u"alice"_s);
}

void tst_NameStore::aUseProlongsAName()
{
    NameStore names(10, 10, Retention);
    names.claim(Start, u"alice"_s, Alice);
    QCOMPARE(names.claim(Start + Retention, u"alice"_s, Alice), Claim::Owned);
    QCOMPARE(names.claim(Start + 2 * Retention, u"alice"_s, Bob), Claim::OwnedByOther);
    names.touch(Start + 2 * Retention, u"alice"_s);
    QCOMPARE(names.claim(Start + 3 * Retention, u"alice"_s, Bob), Claim::OwnedByOther);
    // A clock that was set back takes nothing away.
    names.touch(Start, u"alice"_s);
    QCOMPARE(names.claim(Start + 3 * Retention, u"alice"_s, Bob), Claim::OwnedByOther);
}

void tst_NameStore::anotherKeyCannotProlongAName()
{
    NameStore names(10, 10, Retention);
    names.claim(Start, u"alice"_s, Alice);
    QCOMPARE(names.claim(Start + Retention, u"alice"_s, Bob), Claim::OwnedByOther);
    QCOMPARE(names.claim(Start + Retention + 1s, u"alice"_s, Bob), Claim::Claimed);
}

void tst_NameStore::aKeyHasAFewNames()
{
    NameStore names(10, 2, Retention);
    QCOMPARE(names.claim(Start, u"one"_s, Alice), Claim::Claimed);
    QCOMPARE(names.claim(Start, u"two"_s, Alice), Claim::Claimed);
    QCOMPARE(names.claim(Start, u"three"_s, Alice), Claim::TooManyOfKey);
    QCOMPARE(names.claim(Start, u"one"_s, Alice), Claim::Owned);
    QCOMPARE(names.claim(Start + 1s, u"three"_s, Bob), Claim::Claimed);
    QCOMPARE(names.claim(Start + Retention + 1s, u"four"_s, Alice), Claim::Claimed);
}

void tst_NameStore::theStoreHoldsAFewNames()
{
    NameStore names(2, 10, Retention);
    QCOMPARE(names.claim(Start, u"one"_s, Alice), Claim::Claimed);
    QCOMPARE(names.claim(Start, u"two"_s, Bob), Claim::Claimed);
    QCOMPARE(names.claim(Start, u"three"_s, Bob), Claim::TooMany);
    // An expired name changes its owner without taking more room.
    QCOMPARE(names.claim(Start + Retention + 1s, u"one"_s, Bob), Claim::Claimed);
    QCOMPARE(names.count(), 2);
}

void tst_NameStore::expiredNamesMakeRoom()
{
    NameStore names(2, 10, Retention);
    names.claim(Start, u"one"_s, Alice);
    names.claim(Start + 1h, u"two"_s, Bob);
    names.removeExpired(Start + Retention + 1s);
    QCOMPARE(names.count(), 1);
    QCOMPARE(names.claim(Start + Retention + 1s, u"three"_s, Alice), Claim::Claimed);
}

void tst_NameStore::tellsTheNameThatAKeyUsedLast()
{
    NameStore names(10, 10, Retention);
    QCOMPARE(names.nameOf(Start, Alice), QString());
    names.claim(Start, u"one"_s, Alice);
    names.claim(Start + 1s, u"two"_s, Alice);
    QCOMPARE(names.nameOf(Start + 2s, Alice), u"two"_s);
    names.touch(Start + 2s, u"one"_s);
    QCOMPARE(names.nameOf(Start + 2s, Alice), u"one"_s);
}

void tst_NameStore::readsWhatItWrites()
{
    NameStore names(10, 10, Retention);
    QVERIFY(!names.isModified());
    names.claim(Start, u"zoe"_s, Bob);
    names.claim(Start + 5s, u"al~ice"_s, Alice);
    QVERIFY(names.isModified());
    const QByteArray text = names.toText();
    QCOMPARE(text,
             "peer-names 1\nal~ice " + Alice.toLatin1() + " 1700000005\nzoe " + Bob.toLatin1()
                 + " 1700000000\n");
    NameStore read(10, 10, Retention);
    QCOMPARE(read.readText(text), QString());
    QVERIFY(!read.isModified());
    QCOMPARE(read.toText(), text);
    QCOMPARE(read.claim(Start + Retention, u"zoe"_s, Alice), Claim::OwnedByOther);
    QCOMPARE(read.claim(Start + Retention + 1s, u"zoe"_s, Alice), Claim::Claimed);
}

void tst_NameStore::refusesDamagedText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("fault");
    const QByteArray first = "peer-names 1\n";
    const QByteArray id = Alice.toLatin1();
    const QString line2 = u"Line 2 is not a name, an id and a time."_s;
    QTest::newRow("empty") << ""_ba << u"The last line is not complete."_s;
    QTest::newRow("another file") << "<html>\n"_ba << u"Line 1 is not \"peer-names 1\"."_s;
    QTest::newRow("another version") << "peer-names 2\n"_ba << u"Line 1 is not \"peer-names 1\"."_s;
    QTest::newRow("cut") << first + "alice " + id + " 17000" << u"The last line is not complete."_s;
    QTest::newRow("empty line") << first + "\n" << line2;
    QTest::newRow("two words") << first + "alice " + id + "\n" << line2;
    QTest::newRow("four words") << first + "alice " + id + " 1 1\n" << line2;
    QTest::newRow("no time") << first + "alice " + id + " soon\n" << line2;
    QTest::newRow("negative time") << first + "alice " + id + " -1\n" << line2;
    QTest::newRow("huge time") << first + "alice " + id + " 99999999999999999999\n" << line2;
    QTest::newRow("bad name") << first + "al/ice " + id + " 1\n" << line2;
    QTest::newRow("bad id") << first + "alice bob 1\n" << line2;
    QTest::newRow("an id for a name") << first + id + ' ' + id + " 1\n" << line2;
    QTest::newRow("NUL octets") << first + QByteArray(100, '\0') + '\n' << line2;
    QTest::newRow("twice") << first + "alice " + id + " 1\nalice " + id + " 2\n"
                           << u"Line 3 has a name that stands above already."_s;
    QTest::newRow("too many") << first + "a " + id + " 1\nb " + id + " 1\nc " + id + " 1\n"
                              << u"There are more than 2 names."_s;
}

void tst_NameStore::refusesDamagedText()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, fault);
    NameStore names(2, 10, Retention);
    QCOMPARE(names.readText(text), fault);
}

void tst_NameStore::damagedTextChangesNothing()
{
    NameStore names(10, 10, Retention);
    names.claim(Start, u"alice"_s, Alice);
    const QByteArray before = names.toText();
    QVERIFY(!names.readText("peer-names 1\nbob " + Bob.toLatin1() + " 1\nx\n").isEmpty());
    QCOMPARE(names.toText(), before);
}

void tst_NameStore::aFileThatIsNotThereIsEmpty()
{
    QTemporaryDir directory;
    NameStore names(10, 10, Retention);
    QCOMPARE(loadNames(names, directory.filePath(u"names"_s)), QString());
    QCOMPARE(names.count(), 0);
}

void tst_NameStore::aFileIsReplacedAsAWhole()
{
    QTemporaryDir directory;
    const QString fileName = directory.filePath(u"names"_s);
    NameStore names(10, 10, Retention);
    names.claim(Start, u"alice"_s, Alice);
    QCOMPARE(saveNames(names, fileName), QString());
    QVERIFY(!names.isModified());
    names.claim(Start, u"bob"_s, Bob);
    QCOMPARE(saveNames(names, fileName), QString());

    NameStore read(10, 10, Retention);
    QCOMPARE(loadNames(read, fileName), QString());
    QCOMPARE(read.toText(), names.toText());
    QCOMPARE(QDir(directory.path()).entryList(QDir::Files), QStringList{u"names"_s});
}

void tst_NameStore::tellsWhatIsWrongWithAFile()
{
    QTemporaryDir directory;
    const QString fileName = directory.filePath(u"names"_s);
    QFile file(fileName);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("garbage\n");
    file.close();
    NameStore names(10, 10, Retention);
    const QString fault = loadNames(names, fileName);
    QVERIFY2(fault.contains(fileName) && fault.contains(u"is damaged: Line 1"_s),
             qPrintable(fault));

    names.claim(Start, u"alice"_s, Alice);
    const QString elsewhere = directory.filePath(u"not/there"_s);
    QVERIFY(saveNames(names, elsewhere).contains(elsewhere));
    QVERIFY(names.isModified());
}

QTEST_APPLESS_MAIN(tst_NameStore)

#include "tst_namestore.moc"
