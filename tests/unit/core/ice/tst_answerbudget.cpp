// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/ice/answerbudget.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::ice;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint Start{1h};

TransportAddress address(int number)
{
    TransportAddress at = *TransportAddress::fromString("192.0.2.1:1000");
    at.port = std::uint16_t(1000 + number);
    return at;
}

/// Of a thousand others that ask at that time.
int answered(AnswerBudget &budget, TimePoint now)
{
    int count = 0;
    for (int i = 0; i < 1000; ++i)
        count += budget.take(now, address(i)) ? 1 : 0;
    return count;
}

} // namespace

class tst_AnswerBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesABurstAndThenOneInEachGap();
    void restGivesNoMoreThanTheBurst();
    void anAddressIsAnsweredOnceInItsGap();
    void whoIsNotAnsweredTakesNothing();
    void aClockThatRunsBackGivesNothing();
};

void tst_AnswerBudget::givesABurstAndThenOneInEachGap()
{
    AnswerBudget budget({100ms, 3});
    QCOMPARE(answered(budget, Start), 3);
    QCOMPARE(answered(budget, Start + 99ms), 0);
    QCOMPARE(answered(budget, Start + 100ms), 1);
    QCOMPARE(answered(budget, Start + 100ms), 0);
    QCOMPARE(answered(budget, Start + 300ms), 2);
}

void tst_AnswerBudget::restGivesNoMoreThanTheBurst()
{
    AnswerBudget budget({100ms, 3});
    QCOMPARE(answered(budget, Start), 3);
    QCOMPARE(answered(budget, Start + 24h), 3);
    AnswerBudget single({100ms, 1});
    QCOMPARE(answered(single, Start), 1);
    QCOMPARE(answered(single, Start + 99ms), 0);
    QCOMPARE(answered(single, Start + 24h), 1);
}

void tst_AnswerBudget::anAddressIsAnsweredOnceInItsGap()
{
    AnswerBudget budget({1us, 1000});
    QVERIFY(budget.take(Start, address(0)));
    QVERIFY(!budget.take(Start, address(0)));
    QVERIFY(budget.take(Start, address(1)));
    QVERIFY(!budget.take(Start + AnswerBudget::AddressGap - 1ns, address(0)));
    QVERIFY(budget.take(Start + AnswerBudget::AddressGap, address(0)));
    QVERIFY(!budget.take(Start + AnswerBudget::AddressGap, address(0)));
}

void tst_AnswerBudget::whoIsNotAnsweredTakesNothing()
{
    AnswerBudget budget({100ms, 2});
    QVERIFY(budget.take(Start, address(0)));
    for (int i = 0; i < 1000; ++i)
        QVERIFY(!budget.take(Start, address(0)));
    QVERIFY(budget.take(Start, address(1)));
    QVERIFY(!budget.take(Start, address(2)));
    QVERIFY(budget.take(Start + 100ms, address(2)));
}

void tst_AnswerBudget::aClockThatRunsBackGivesNothing()
{
    AnswerBudget budget({100ms, 2});
    QCOMPARE(answered(budget, Start), 2);
    QCOMPARE(answered(budget, Start - 1h), 0);
    QCOMPARE(answered(budget, Start), 0);
    QCOMPARE(answered(budget, Start + 100ms), 1);
}

QTEST_APPLESS_MAIN(tst_AnswerBudget)

#include "tst_answerbudget.moc"
