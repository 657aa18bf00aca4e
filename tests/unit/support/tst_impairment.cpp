// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "impairer/impairment.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using peer::impairer::Clock;
using peer::impairer::Conditions;
using peer::impairer::Direction;
using peer::impairer::Packet;

namespace {

constexpr Clock::time_point Start{1h};

/// Sends packets numbered 0 … 255 at one instant, and returns those that have come out by then.
std::vector<int> arrivals(Direction &direction, int sent, Clock::time_point by)
{
    for (int i = 0; i < sent; ++i)
        direction.push(Start, Packet{static_cast<std::uint8_t>(i)});
    std::vector<int> numbers;
    while (const auto packet = direction.pop(by))
        numbers.push_back(packet->front());
    return numbers;
}

} // namespace

class tst_Impairment : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPerfectLinkDeliversInOrderAtOnce();
    void aPacketComesNeitherBeforeNorAfterItsDelay();
    void losesAboutAsManyAsAskedFor();
    void heldBackPacketsAreOvertaken();
    void duplicatesArriveTwice();
    void rateSpacesPacketsOut();
    void dropsWhatExceedsTheQueue();
    void nothingWaitsLongerThanTheQueueAllows();
    void sameSeedSameFate();
};

void tst_Impairment::aPerfectLinkDeliversInOrderAtOnce()
{
    Direction direction({}, 1);
    QCOMPARE(arrivals(direction, 4, Start), (std::vector{0, 1, 2, 3}));
    QCOMPARE(direction.counters().forwarded, 4u);
    QVERIFY(direction.nextDue() == Clock::time_point::max());
}

void tst_Impairment::aPacketComesNeitherBeforeNorAfterItsDelay()
{
    Conditions conditions;
    conditions.delay = 10ms;
    Direction direction(conditions, 1);
    QVERIFY(arrivals(direction, 1, Start + 10ms - 1ns).empty());
    QVERIFY(direction.nextDue() == Start + 10ms);
    QVERIFY(direction.pop(Start + 10ms));
}

void tst_Impairment::losesAboutAsManyAsAskedFor()
{
    Conditions conditions;
    conditions.loss = 0.2;
    conditions.queueLimit = 20000;
    Direction direction(conditions, 1);
    const auto arrived = arrivals(direction, 10000, Start).size();
    QCOMPARE(arrived + direction.counters().lost, std::size_t(10000));
    // Five standard deviations of a binomial distribution around the mean.
    QVERIFY2(arrived > 7800 && arrived < 8200, qPrintable(QString::number(arrived)));
}

void tst_Impairment::heldBackPacketsAreOvertaken()
{
    Conditions conditions;
    conditions.reordering = 0.1;
    conditions.holdBack = 1ms;
    Direction direction(conditions, 3);
    const auto numbers = arrivals(direction, 100, Start + 1ms);
    QCOMPARE(numbers.size(), std::size_t(100));
    QVERIFY(direction.counters().heldBack > 0);
    QVERIFY(!std::is_sorted(numbers.begin(), numbers.end()));
}

void tst_Impairment::duplicatesArriveTwice()
{
    Conditions conditions;
    conditions.duplication = 1;
    Direction direction(conditions, 1);
    QCOMPARE(arrivals(direction, 2, Start), (std::vector{0, 0, 1, 1}));
}

void tst_Impairment::rateSpacesPacketsOut()
{
    Conditions conditions;
    conditions.megabitsPerSecond = 8; // a byte a microsecond
    Direction direction(conditions, 1);
    direction.push(Start, Packet(1000));
    direction.push(Start, Packet(500));
    QVERIFY(direction.nextDue() == Start + 1ms);
    QVERIFY(direction.pop(Start + 1ms));
    QVERIFY(direction.nextDue() == Start + 1500us);
}

void tst_Impairment::dropsWhatExceedsTheQueue()
{
    Conditions conditions;
    conditions.delay = 1ms;
    conditions.queueLimit = 3;
    Direction direction(conditions, 1);
    QCOMPARE(arrivals(direction, 5, Start + 1ms), (std::vector{0, 1, 2}));
    QCOMPARE(direction.counters().overflowed, 2u);
}

void tst_Impairment::nothingWaitsLongerThanTheQueueAllows()
{
    Conditions conditions;
    conditions.megabitsPerSecond = 0.01; // 0.8 ms an octet
    conditions.queueTime = 1ms;
    Direction direction(conditions, 1);
    QCOMPARE(arrivals(direction, 5, Start + 1s), (std::vector{0, 1}));
    QCOMPARE(direction.counters().overflowed, 3u);
}

void tst_Impairment::sameSeedSameFate()
{
    Conditions conditions;
    conditions.loss = 0.3;
    conditions.reordering = 0.3;
    conditions.holdBack = 1ms;
    Direction one(conditions, 42);
    Direction two(conditions, 42);
    Direction other(conditions, 43);
    const auto numbers = arrivals(one, 200, Start + 1ms);
    QCOMPARE(arrivals(two, 200, Start + 1ms), numbers);
    QVERIFY(arrivals(other, 200, Start + 1ms) != numbers);
}

QTEST_APPLESS_MAIN(tst_Impairment)

#include "tst_impairment.moc"
