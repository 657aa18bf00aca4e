// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/sentnumbers.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

class tst_SentNumbers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thereIsNothingToGoOnWithAtFirst();
    void goesOnBehindTheLastPacket_data();
    void goesOnBehindTheLastPacket();
    void retransmissionsAreNumberedOneByOne();
    void whatIsAbandonedIsNotRepeated();
};

void tst_SentNumbers::thereIsNothingToGoOnWithAtFirst()
{
    QVERIFY(!SentNumbers().next(TimePoint(1s), 90'000));
}

void tst_SentNumbers::goesOnBehindTheLastPacket_data()
{
    QTest::addColumn<quint16>("sequence");
    QTest::addColumn<quint32>("timestamp");
    QTest::addColumn<int>("passed"); // ms
    QTest::addColumn<quint16>("nextSequence");
    QTest::addColumn<quint32>("nextTimestamp");
    QTest::newRow("at once") << quint16(7) << 1000U << 0 << quint16(8) << 1000U;
    QTest::newRow("after a second") << quint16(7) << 1000U << 1000 << quint16(8) << 91000U;
    QTest::newRow("a day later") << quint16(7) << 0U << 86'400'000 << quint16(8)
                                 << quint32(86'400LL * 90'000);
    QTest::newRow("both begin again")
        << quint16(0xffff) << 0xffffffffU << 1000 << quint16(0) << 89'999U;
}

void tst_SentNumbers::goesOnBehindTheLastPacket()
{
    QFETCH(quint16, sequence);
    QFETCH(quint32, timestamp);
    QFETCH(int, passed);
    SentNumbers numbers;
    numbers.note(3, 4, TimePoint(1s));
    numbers.note(sequence, timestamp, TimePoint(2s));
    const auto next = numbers.next(TimePoint(2s + std::chrono::milliseconds(passed)), 90'000);
    QVERIFY(next);
    QTEST(next->sequence, "nextSequence");
    QTEST(next->timestamp, "nextTimestamp");
}

void tst_SentNumbers::retransmissionsAreNumberedOneByOne()
{
    SentNumbers numbers;
    QCOMPARE(numbers.repeat(0xfffe), 0xfffe);
    QCOMPARE(numbers.repeat(0xffff), 0xffff);
    QCOMPARE(numbers.repeat(300), 0); // whoever sends has begun again
    QCOMPARE(numbers.repeat(301), 1);
}

void tst_SentNumbers::whatIsAbandonedIsNotRepeated()
{
    SentNumbers numbers;
    numbers.abandon();
    QVERIFY(!numbers.isAbandoned(0));
    numbers.note(0xfffe, 0, TimePoint(1s));
    QVERIFY(!numbers.isAbandoned(0xfffe));
    numbers.abandon();
    QVERIFY(numbers.isAbandoned(0xfffe));
    QVERIFY(numbers.isAbandoned(0xff00));
    for (int sequence = 0xffff; sequence < 0x20000; ++sequence) {
        numbers.note(std::uint16_t(sequence), 0, TimePoint(1s));
        QVERIFY2(!numbers.isAbandoned(std::uint16_t(sequence)),
                 qPrintable(QString::number(sequence)));
    }
}

QTEST_APPLESS_MAIN(tst_SentNumbers)

#include "tst_sentnumbers.moc"
