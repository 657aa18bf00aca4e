// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <QtCore/qdir.h>
#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <malloc.h>

#include <vector>

using namespace Qt::StringLiterals;

namespace {

constexpr int Connections = 200;

/// What a process holds on to.
struct Holdings
{
    qsizetype descriptors = 0;
    qsizetype threads = 0;
    std::size_t heap = 0;

    static Holdings now()
    {
        malloc_trim(0);
        Holdings holdings;
        const QDir::Filters all = QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot;
        holdings.descriptors = QDir(u"/proc/self/fd"_s).entryList(all).size();
        holdings.threads = QDir(u"/proc/self/task"_s).entryList(all).size();
        holdings.heap = mallinfo2().uordblks;
        return holdings;
    }
};

} // namespace

/// A listener with as many connections as a small server has, again and again.
class ManyConnectionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leavesNothingBehind();

private:
    void runRound(Meeting &meeting, int round);
};

void ManyConnectionsTest::runRound(Meeting &meeting, int round)
{
    const QString greeting = u"greetings of round %1"_s.arg(round);
    QElapsedTimer clock;
    clock.start();
    int connected = 0;
    int echoed = 0;
    int closed = 0;
    int failed = 0;
    std::vector<std::unique_ptr<PeerConnection>> callers;
    for (int i = 0; i < Connections; ++i) {
        auto caller = std::make_unique<PeerConnection>(meeting.listener->address());
        PeerConnection *each = caller.get();
        connect(each, &PeerConnection::connected, this, [&, each] {
            ++connected;
            each->sendText(greeting);
        });
        connect(each, &PeerConnection::textReceived, this,
                [&](const QString &text) { echoed += text == greeting ? 1 : 0; });
        connect(each, &PeerConnection::closed, this, [&] { ++closed; });
        connect(each, &PeerConnection::errorOccurred, this, [&, each] {
            ++failed;
            qWarning("%ls, state %d, after %lld ms, %d connected",
                     qUtf16Printable(each->errorString()), int(each->state()), clock.elapsed(),
                     connected);
        });
        callers.push_back(std::move(caller));
    }
    // All of them stand at the same time before the first goes.
    QVERIFY(QTest::qWaitFor([&] { return echoed == Connections || failed > 0; }, 60'000));
    QCOMPARE(failed, 0);
    QCOMPARE(connected, Connections);
    for (const auto &caller : callers)
        caller->close();
    QVERIFY(QTest::qWaitFor([&] { return closed == Connections; }, 60'000));
    QCOMPARE(failed, 0);
}

void ManyConnectionsTest::leavesNothingBehind()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.listener->setMaxConnections(Connections);
    int standing = 0;
    meeting.onIncoming = [&](PeerConnection *connection) {
        meeting.calleeLog.reset();
        ++standing;
        connect(connection, &PeerConnection::textReceived, connection, &PeerConnection::sendText);
        connect(connection, &PeerConnection::closed, connection, [&standing, connection] {
            --standing;
            connection->deleteLater();
        });
    };
    Holdings before;
    for (int round = 1; round <= 3; ++round) {
        runRound(meeting, round);
        if (QTest::currentTestFailed())
            return;
        QVERIFY(eventually([&] { return standing == 0; }));
        // What the last packets of a call hold on to goes with them.
        Holdings after;
        const auto hasSettled = [&] {
            after = Holdings::now();
            return before.threads > 0 && after.descriptors == before.descriptors
                && after.threads == before.threads && after.heap <= before.heap + 64 * 1024;
        };
        const bool isSettled = QTest::qWaitFor(hasSettled, round == 3 ? 30'000 : 10'000);
        qInfo("round %d: %lld descriptors, %lld threads, %zu octets of heap", round,
              qlonglong(after.descriptors), qlonglong(after.threads), after.heap);
        if (round == 3)
            QVERIFY2(isSettled, "something was left behind");
        before = after;
    }
}

QTEST_GUILESS_MAIN(ManyConnectionsTest)

#include "tst_manyconnections.moc"
