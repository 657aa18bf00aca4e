// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "commandline.h"

#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

class CommandLineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mistakesAreToldAndNothingStarts_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("an unknown option") << QStringList{u"--loud"_s};
        QTest::newRow("something that is no option") << QStringList{u"peer://a@b"_s};
        QTest::newRow("a source without a name") << QStringList{u"--source="_s};
        QTest::newRow("seconds in words") << QStringList{u"--seconds"_s, u"ten"_s};
        QTest::newRow("no seconds at all") << QStringList{u"--seconds"_s, u"0"_s};
        QTest::newRow("more than an hour") << QStringList{u"--seconds"_s, u"3601"_s};
        QTest::newRow("figures without an end") << QStringList{u"--figures"_s, u"a.json"_s};
        QTest::newRow("a screenshot without an end") << QStringList{u"--screenshot"_s, u"a.png"_s};
        QTest::newRow("a size of one number") << QStringList{u"--size"_s, u"640"_s};
        QTest::newRow("a size that nobody can read") << QStringList{u"--size"_s, u"100x100"_s};
        QTest::newRow("a colour") << QStringList{u"--scheme"_s, u"pink"_s};
        QTest::newRow("help") << QStringList{u"--help"_s};
    }
    void mistakesAreToldAndNothingStarts()
    {
        QFETCH(const QStringList, arguments);
        CommandLine options;
        QString message;
        QVERIFY(!CommandLine::parse(QStringList{u"demo-app"_s} + arguments, &options, &message));
        QVERIFY(!message.isEmpty());
    }

    void everyOptionIsRead()
    {
        CommandLine options;
        QString message;
        QVERIFY(CommandLine::parse({u"demo-app"_s,
                                    u"--name"_s,
                                    u"alice"_s,
                                    u"--rendezvous"_s,
                                    u"127.0.0.1:1?tls=off"_s,
                                    u"--data"_s,
                                    u"d"_s,
                                    u"--downloads"_s,
                                    u"r"_s,
                                    u"--dial"_s,
                                    u"peer://b@c"_s,
                                    u"--answer"_s,
                                    u"--source"_s,
                                    u"test"_s,
                                    u"--send"_s,
                                    u"f"_s,
                                    u"--screenshot"_s,
                                    u"s.png"_s,
                                    u"--figures"_s,
                                    u"f.json"_s,
                                    u"--seconds"_s,
                                    u"10"_s,
                                    u"--size"_s,
                                    u"640x480"_s,
                                    u"--scheme"_s,
                                    u"dark"_s},
                                   &options, &message));
        QCOMPARE(options.name, u"alice"_s);
        QCOMPARE(options.rendezvous, u"127.0.0.1:1?tls=off"_s);
        QCOMPARE(options.data, u"d"_s);
        QCOMPARE(options.downloads, u"r"_s);
        QCOMPARE(options.dial, u"peer://b@c"_s);
        QVERIFY(options.answers);
        QCOMPARE(options.source, PeerMediaCall::Source::Test);
        QCOMPARE(options.sendFile, u"f"_s);
        QCOMPARE(options.screenshot, u"s.png"_s);
        QCOMPARE(options.figures, u"f.json"_s);
        QCOMPARE(options.seconds, 10);
        QCOMPARE(options.size, QSize(640, 480));
        QCOMPARE(options.scheme, CommandLine::Scheme::Dark);
    }

    void withoutOptionsNothingIsAnsweredAndDevicesAreUsed()
    {
        CommandLine options;
        QString message;
        QVERIFY(CommandLine::parse({u"demo-app"_s}, &options, &message));
        QVERIFY(!options.answers);
        QCOMPARE(options.source, PeerMediaCall::Source::Automatic);
        QCOMPARE(options.seconds, 0);
    }

    void aFilmMayBeSaidToBeSilent()
    {
        CommandLine options;
        QString message;
        QVERIFY(CommandLine::parse(
            {u"demo-app"_s, u"--source"_s, u"film.webm"_s, u"--silent"_s, u"--seconds"_s, u"4"_s},
            &options, &message));
        QVERIFY(options.isSilent);
    }

    void thePeerMayBeAnotherProgram()
    {
        CommandLine options;
        QString message;
        QVERIFY(CommandLine::parse({u"demo-app"_s}, &options, &message));
        QVERIFY(!options.isPeerOther);
        QVERIFY(CommandLine::parse({u"demo-app"_s, u"--other-peer"_s, u"--seconds"_s, u"4"_s},
                                   &options, &message));
        QVERIFY(options.isPeerOther);
        QVERIFY(!CommandLine::parse({u"demo-app"_s, u"--other-peer"_s}, &options, &message));
    }

    void ringingMayBeSilent()
    {
        CommandLine options;
        QString message;
        QVERIFY(CommandLine::parse({u"demo-app"_s}, &options, &message));
        QVERIFY(!options.isSilent);
        QVERIFY(CommandLine::parse({u"demo-app"_s, u"--silent"_s}, &options, &message));
        QVERIFY(options.isSilent);
    }

    void aFilmIsFoundFromWhereTheProgramWasStarted()
    {
        CommandLine options;
        QString message;
        QVERIFY(
            CommandLine::parse({u"demo-app"_s, u"--source"_s, u"film.webm"_s}, &options, &message));
        QCOMPARE(options.source, PeerMediaCall::Source::File);
        QVERIFY(options.file.endsWith(u"/film.webm"_s));
        QVERIFY(options.file.startsWith(u'/'));
    }
};

QTEST_GUILESS_MAIN(CommandLineTest)
#include "tst_commandline.moc"
