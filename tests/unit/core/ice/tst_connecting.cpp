// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "twoagents.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace std::chrono_literals;
using ice::State;

class tst_Connecting : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void twoHostsConnectInOneRoundTrip();
};

void tst_Connecting::twoHostsConnectInOneRoundTrip()
{
    TwoAgents pair;
    pair.connect();
    const TimePoint start = pair.now;
    QVERIFY(pair.runUntil([&] { return pair.areConnected(); }));
    QCOMPARE(pair.now - start, Duration(20ms));
    QVERIFY(pair.agree());
    QVERIFY(pair.runUntil([&] {
        return pair[0].state() == State::Completed && pair[1].state() == State::Completed;
    }));
    QCOMPARE(pair.now - start, Duration(40ms));
    QCOMPARE(pair[0].roundTripTime(), Duration(20ms));
}

QTEST_APPLESS_MAIN(tst_Connecting)

#include "tst_connecting.moc"
