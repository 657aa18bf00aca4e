// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/deadline.h"
#include "media/engine/fault.h"

#include <QtTest/qtest.h>

#include <atomic>

using namespace peer::media;

class tst_Deadline : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(!initializeGStreamer()); }
    void callsOnce();
    void isSilentOnceStopped();
    void beginsAgain();
    void canBeDestroyedAtAnyTime();
};

void tst_Deadline::callsOnce()
{
    std::atomic<int> calls = 0;
    std::atomic<int> later = 0;
    Deadline deadline([&] { ++calls; });
    Deadline after([&] { ++later; });
    deadline.start(GST_MSECOND);
    after.start(50 * GST_MSECOND);
    QVERIFY(QTest::qWaitFor([&] { return later == 1; }, 30'000));
    QCOMPARE(calls, 1);
}

void tst_Deadline::isSilentOnceStopped()
{
    std::atomic<int> calls = 0;
    std::atomic<int> later = 0;
    Deadline deadline([&] { ++calls; });
    Deadline after([&] { ++later; });
    deadline.start(GST_SECOND);
    deadline.stop();
    after.start(GST_SECOND + 50 * GST_MSECOND);
    QVERIFY(QTest::qWaitFor([&] { return later == 1; }, 30'000));
    QCOMPARE(calls, 0);
}

void tst_Deadline::beginsAgain()
{
    std::atomic<int> calls = 0;
    Deadline deadline([&] { ++calls; });
    deadline.start(3600 * GST_SECOND);
    deadline.start(GST_MSECOND);
    QVERIFY(QTest::qWaitFor([&] { return calls == 1; }, 30'000));
    deadline.start(GST_MSECOND);
    QVERIFY(QTest::qWaitFor([&] { return calls == 2; }, 30'000));
}

void tst_Deadline::canBeDestroyedAtAnyTime()
{
    std::atomic<int> calls = 0;
    for (int i = 0; i < 200; ++i) {
        Deadline deadline([&] { ++calls; });
        deadline.start(GstClockTime(i) * GST_USECOND);
    }
    const int before = calls;
    std::atomic<int> later = 0;
    Deadline after([&] { ++later; });
    after.start(50 * GST_MSECOND); // when all the others would have been due
    QVERIFY(QTest::qWaitFor([&] { return later == 1; }, 30'000));
    QCOMPARE(calls, before);
}

QTEST_GUILESS_MAIN(tst_Deadline)
#include "tst_deadline.moc"
