// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/stall.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint Start{1h};

} // namespace

class tst_Stall : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsOnceIfSomethingWasLost();
    void aShortOneIsNone();
    void whatIsLostBetweenTwoIsOfNeither();
    void withoutLossNothingIsGivenUp();
};

void tst_Stall::endsOnceIfSomethingWasLost()
{
    Stall stall;
    stall.note(Start, true);
    QVERIFY(!stall.isLong(Start + Stall::Long - 1ms));
    QVERIFY(stall.isLong(Start + Stall::Long));
    stall.noteLoss();
    stall.note(Start + 150ms, true);
    QCOMPARE(stall.losses(), 0U);
    stall.note(Start + Stall::Long, false);
    QVERIFY(!stall.isLong(Start + 2 * Stall::Long));
    QCOMPARE(stall.losses(), 1U);
    stall.note(Start + 2 * Stall::Long, false);
    QCOMPARE(stall.losses(), 1U);
}

void tst_Stall::aShortOneIsNone()
{
    Stall stall;
    stall.note(Start, true);
    stall.noteLoss();
    stall.note(Start + Stall::Long - 1ms, false);
    QCOMPARE(stall.losses(), 0U);
}

void tst_Stall::whatIsLostBetweenTwoIsOfNeither()
{
    Stall stall;
    stall.note(Start, true);
    stall.noteLoss();
    stall.note(Start + 10ms, false);
    stall.noteLoss();
    stall.note(Start + 20ms, true);
    stall.note(Start + 1s, false);
    QCOMPARE(stall.losses(), 0U);
}

void tst_Stall::withoutLossNothingIsGivenUp()
{
    Stall stall;
    stall.note(Start, true);
    stall.note(Start + 1s, false);
    QCOMPARE(stall.losses(), 0U);
}

QTEST_APPLESS_MAIN(tst_Stall)

#include "tst_stall.moc"
