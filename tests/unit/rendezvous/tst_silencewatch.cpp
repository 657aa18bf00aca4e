// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvous/silencewatch.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::TimePoint;

class tst_SilenceWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoAnswersIsNotSilent();
    void whoDoesNotAnswerIsSilentAfterItsTime();
    void nobodyIsSilentWhoWasNotAsked_data();
    void nobodyIsSilentWhoWasNotAsked();
    void whoIsAskedSeldomIsAskedOnceAtLeast();

private:
    static constexpr TimePoint m_start{1h};
    PeerRendezvousLimits m_limits; // 20 s, 50 s
};

void tst_SilenceWatch::whoAnswersIsNotSilent()
{
    SilenceWatch watch(m_start);
    for (TimePoint now = m_start; now < m_start + 1h; now += 20s) {
        QVERIFY(watch.asks(now, m_limits));
        watch.heard(now + 15s);
    }
}

void tst_SilenceWatch::whoDoesNotAnswerIsSilentAfterItsTime()
{
    SilenceWatch watch(m_start);
    watch.heard(m_start + 15s);
    for (const auto at : {20s, 40s, 60s})
        QVERIFY(watch.asks(m_start + at, m_limits));
    QVERIFY(!watch.asks(m_start + 80s, m_limits));
}

void tst_SilenceWatch::nobodyIsSilentWhoWasNotAsked_data()
{
    QTest::addColumn<bool>("answers");
    QTest::newRow("who answers then") << true;
    QTest::newRow("who does not answer then either") << false;
}

/// The machine sleeps for an hour.
void tst_SilenceWatch::nobodyIsSilentWhoWasNotAsked()
{
    QFETCH(bool, answers);
    SilenceWatch watch(m_start);
    QVERIFY(watch.asks(m_start + 20s, m_limits));
    QVERIFY(watch.asks(m_start + 1h, m_limits));
    if (answers)
        watch.heard(m_start + 1h);
    QCOMPARE(watch.asks(m_start + 1h + 20s, m_limits), answers);
}

void tst_SilenceWatch::whoIsAskedSeldomIsAskedOnceAtLeast()
{
    m_limits.pingInterval = 2min;
    SilenceWatch watch(m_start);
    QVERIFY(watch.asks(m_start + 2min, m_limits));
    QVERIFY(!watch.asks(m_start + 4min, m_limits));
}

QTEST_APPLESS_MAIN(tst_SilenceWatch)

#include "tst_silencewatch.moc"
