// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/addressbudgets.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::TimePoint;

class tst_AddressBudgets : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aBucketGivesItsBurstAndThenItsRate();
    void aBucketHoldsNoMoreThanItsBurst();
    void aBucketIsNotEmptiedByWhatDoesNotFit();
    void aClockThatStandsGivesNothing();
    void addressesOfOnePrefixAreOne_data();
    void addressesOfOnePrefixAreOne();
    void anAddressHasItsConnectionsAndTheServerAll();
    void closedConnectionsMakeRoom();
    void newConnectionsHaveARate();
    void callsAndClaimsHaveTheirOwnRates();
    void manyAddressesTakeNoMoreMemoryThanTheBuckets();

private:
    static constexpr TimePoint m_start{1h};
};

void tst_AddressBudgets::aBucketGivesItsBurstAndThenItsRate()
{
    const PeerRendezvousRate rate{2, 3};
    TokenBucket bucket;
    for (int i = 0; i < 3; ++i)
        QVERIFY(bucket.take(m_start, rate));
    QVERIFY(!bucket.take(m_start, rate));
    QVERIFY(!bucket.take(m_start + 499ms, rate));
    QVERIFY(bucket.take(m_start + 501ms, rate));
    QVERIFY(!bucket.take(m_start + 501ms, rate));
    QVERIFY(bucket.take(m_start + 1001ms, rate));
}

void tst_AddressBudgets::aBucketHoldsNoMoreThanItsBurst()
{
    const PeerRendezvousRate rate{1000, 2};
    TokenBucket bucket;
    QVERIFY(bucket.take(m_start, rate));
    QVERIFY(bucket.take(m_start + 24h, rate, 2));
    QVERIFY(!bucket.take(m_start + 24h, rate));
}

void tst_AddressBudgets::aBucketIsNotEmptiedByWhatDoesNotFit()
{
    const PeerRendezvousRate rate{1, 10};
    TokenBucket bucket;
    QVERIFY(bucket.take(m_start, rate, 6));
    QVERIFY(!bucket.take(m_start, rate, 6));
    QVERIFY(bucket.take(m_start, rate, 4));
    QVERIFY(!bucket.take(m_start + 24h, rate, 11));
}

void tst_AddressBudgets::aClockThatStandsGivesNothing()
{
    const PeerRendezvousRate rate{1000, 1};
    TokenBucket bucket;
    QVERIFY(bucket.take(m_start, rate));
    QVERIFY(!bucket.take(m_start - 1h, rate));
    QVERIFY(!bucket.take(m_start, rate)); // that hour has been counted already
}

void tst_AddressBudgets::addressesOfOnePrefixAreOne_data()
{
    QTest::addColumn<QString>("one");
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("isSame");
    QTest::newRow("IPv4 itself") << u"192.0.2.1"_s << u"192.0.2.1"_s << true;
    QTest::newRow("IPv4 neighbours") << u"192.0.2.1"_s << u"192.0.2.2"_s << false;
    QTest::newRow("IPv4 mapped") << u"192.0.2.1"_s << u"::ffff:192.0.2.1"_s << true;
    QTest::newRow("IPv6 of one /64") << u"2001:db8:1:2::1"_s << u"2001:db8:1:2:ffff::"_s << true;
    QTest::newRow("IPv6 of two /64") << u"2001:db8:1:2::1"_s << u"2001:db8:1:3::1"_s << false;
    QTest::newRow("IPv4 and IPv6") << u"0.0.0.1"_s << u"::"_s << false;
}

void tst_AddressBudgets::addressesOfOnePrefixAreOne()
{
    QFETCH(QString, one);
    QFETCH(QString, other);
    QFETCH(bool, isSame);
    QCOMPARE(addressKey(QHostAddress(one)) == addressKey(QHostAddress(other)), isSame);
}

void tst_AddressBudgets::anAddressHasItsConnectionsAndTheServerAll()
{
    PeerRendezvousLimits limits;
    limits.connections = 5;
    limits.connectionsPerAddress = 3;
    AddressBudgets budgets(limits, 1);
    for (int i = 0; i < 3; ++i)
        QVERIFY(budgets.openConnection(m_start, "a"_ba));
    QVERIFY(!budgets.openConnection(m_start, "a"_ba));
    QVERIFY(budgets.openConnection(m_start, "b"_ba));
    QVERIFY(budgets.openConnection(m_start, "c"_ba));
    QVERIFY(!budgets.openConnection(m_start, "d"_ba));
    QCOMPARE(budgets.connectionCount(), 5);
}

void tst_AddressBudgets::closedConnectionsMakeRoom()
{
    PeerRendezvousLimits limits;
    limits.connectionsPerAddress = 1;
    AddressBudgets budgets(limits, 1);
    QVERIFY(budgets.openConnection(m_start, "a"_ba));
    budgets.closeConnection("a"_ba);
    budgets.closeConnection("a"_ba);
    budgets.closeConnection("b"_ba);
    QCOMPARE(budgets.connectionCount(), 0);
    QVERIFY(budgets.openConnection(m_start, "a"_ba));
}

void tst_AddressBudgets::newConnectionsHaveARate()
{
    PeerRendezvousLimits limits;
    limits.connectionRate = {1, 2};
    AddressBudgets budgets(limits, 1);
    for (int i = 0; i < 2; ++i) {
        QVERIFY(budgets.openConnection(m_start, "a"_ba));
        budgets.closeConnection("a"_ba);
    }
    QVERIFY(!budgets.openConnection(m_start, "a"_ba));
    QVERIFY(budgets.openConnection(m_start, "b"_ba));
    QVERIFY(budgets.openConnection(m_start + 1s, "a"_ba));
}

void tst_AddressBudgets::callsAndClaimsHaveTheirOwnRates()
{
    PeerRendezvousLimits limits;
    limits.callRate = {1, 1};
    limits.claimRate = {1, 2};
    AddressBudgets budgets(limits, 1);
    QVERIFY(budgets.takeCall(m_start, "a"_ba));
    QVERIFY(!budgets.takeCall(m_start, "a"_ba));
    QVERIFY(budgets.takeClaim(m_start, "a"_ba));
    QVERIFY(budgets.takeClaim(m_start, "a"_ba));
    QVERIFY(!budgets.takeClaim(m_start, "a"_ba));
    QVERIFY(budgets.takeCall(m_start + 1s, "a"_ba));
}

void tst_AddressBudgets::manyAddressesTakeNoMoreMemoryThanTheBuckets()
{
    // One bucket for all: who comes second finds it empty.
    AddressRates rates({1, 1}, 1, 7);
    QVERIFY(rates.take(m_start, "a"_ba));
    QVERIFY(!rates.take(m_start, "b"_ba));
    AddressRates wide({1, 1}, 100'000, 7);
    QVERIFY(wide.take(m_start, "a"_ba));
    QVERIFY(wide.take(m_start, "b"_ba));
}

QTEST_APPLESS_MAIN(tst_AddressBudgets)

#include "tst_addressbudgets.moc"
