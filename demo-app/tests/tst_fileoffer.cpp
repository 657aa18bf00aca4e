// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "fileoffer.h"

#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

class FileOfferTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNameIsMadeSafe_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("safe");
        QTest::newRow("a plain one stays") << u"holiday.jpg"_s << u"holiday.jpg"_s;
        QTest::newRow("of another script stays") << u"отпуск 2.jpg"_s << u"отпуск 2.jpg"_s;
        QTest::newRow("an absolute path") << u"/etc/passwd"_s << u"passwd"_s;
        QTest::newRow("a way out of the folder") << u"../../.bashrc"_s << u"bashrc"_s;
        QTest::newRow("a way out by the other slash") << u"..\\..\\x.exe"_s << u"x.exe"_s;
        QTest::newRow("the folder itself") << u".."_s << u"file"_s;
        QTest::newRow("nothing") << QString() << u"file"_s;
        QTest::newRow("a slash at the end") << u"folder/"_s << u"file"_s;
        QTest::newRow("hidden") << u"..hidden"_s << u"hidden"_s;
        QTest::newRow("an option") << u"-rf"_s << u"rf"_s;
        QTest::newRow("line breaks") << u"a\nb"_s << u"a_b"_s;
        QTest::newRow("a NUL") << u"a"_s + QChar(0) + u"b"_s << u"a_b"_s;
        QTest::newRow("turned around") << u"a\u202Egpj.exe"_s << u"a_gpj.exe"_s;
        QTest::newRow("half a surrogate pair") << u"a"_s + QChar(0xd800) << u"a\uFFFD"_s;
        QTest::newRow("what other systems forbid") << u"a:b*c?.txt"_s << u"a_b_c_.txt"_s;
        QTest::newRow("a device of another system") << u"con.txt"_s << u"_con.txt"_s;
        QTest::newRow("a port of another system") << u"COM1"_s << u"_COM1"_s;
        QTest::newRow("dots at the end") << u"name. . "_s << u"name"_s;
        QTest::newRow("too long") << QString(300, u'a') + u".tar"_s
                                  << QString(196, u'a') + u".tar"_s;
        QTest::newRow("too long without a suffix") << QString(300, u'a') << QString(200, u'a');
    }
    void aNameIsMadeSafe()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, safe);
        QCOMPARE(safeFileName(name), safe);
        QVERIFY(safeFileName(name).toUtf8().size() <= FileOffer::MaxName);
        QVERIFY(!safeFileName(name).contains(u'/'));
        QCOMPARE(safeFileName(safeFileName(name)), safeFileName(name));
    }

    void anOfferIsReadBack()
    {
        const FileOffer offer{u"ein \"Bild\".jpg"_s, qint64(5) << 30};
        const auto read = FileOffer::read(offer.write());
        QVERIFY(read);
        QCOMPARE(read->name, u"ein _Bild_.jpg"_s);
        QCOMPARE(read->size, offer.size);
    }

    void whatIsNoOfferIsRefused_data()
    {
        QTest::addColumn<QString>("message");
        QTest::newRow("nothing") << QString();
        QTest::newRow("no JSON") << u"hello"_s;
        QTest::newRow("an array") << u"[1]"_s;
        QTest::newRow("no size") << u"{\"name\":\"a\"}"_s;
        QTest::newRow("no name") << u"{\"size\":1}"_s;
        QTest::newRow("a name that is a number") << u"{\"name\":1,\"size\":1}"_s;
        QTest::newRow("a size in words") << u"{\"name\":\"a\",\"size\":\"1\"}"_s;
        QTest::newRow("less than nothing") << u"{\"name\":\"a\",\"size\":-1}"_s;
        QTest::newRow("half an octet") << u"{\"name\":\"a\",\"size\":1.5}"_s;
        QTest::newRow("more than the most") << u"{\"name\":\"a\",\"size\":8589934593}"_s;
        QTest::newRow("more than a number holds") << u"{\"name\":\"a\",\"size\":1e300}"_s;
        QTest::newRow("a message too long")
            << u"{\"size\":1,\"name\":\""_s + QString(5000, u'a') + u"\"}"_s;
    }
    void whatIsNoOfferIsRefused()
    {
        QFETCH(const QString, message);
        QVERIFY(!FileOffer::read(message));
    }

    void aReceiptIsNothingElse()
    {
        QVERIFY(FileOffer::isReceipt(FileOffer::receipt()));
        QVERIFY(!FileOffer::isReceipt(u"{}"_s));
        QVERIFY(!FileOffer::isReceipt(u"{\"received\":false}"_s));
        QVERIFY(!FileOffer::read(FileOffer::receipt()));
        QVERIFY(FileOffer::isCancellation(FileOffer::cancellation()));
        QVERIFY(!FileOffer::isCancellation(FileOffer::receipt()));
        QVERIFY(!FileOffer::isReceipt(FileOffer::cancellation()));
        QVERIFY(!FileOffer::read(FileOffer::cancellation()));
    }

    void aNumberGoesBeforeTheSuffixes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("third");
        QTest::newRow("one suffix") << u"a.jpg"_s << u"a (3).jpg"_s;
        QTest::newRow("two suffixes") << u"a.tar.gz"_s << u"a (3).tar.gz"_s;
        QTest::newRow("none") << u"a"_s << u"a (3)"_s;
        QTest::newRow("a dot in a sentence")
            << u"v1.2 of the plan.txt"_s << u"v1.2 of the plan (3).txt"_s;
    }
    void aNumberGoesBeforeTheSuffixes()
    {
        QFETCH(const QString, name);
        QFETCH(const QString, third);
        QCOMPARE(numberedFileName(name, 0), name);
        QCOMPARE(numberedFileName(name, 3), third);
    }
};

QTEST_APPLESS_MAIN(FileOfferTest)
#include "tst_fileoffer.moc"
