// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qdir.h>
#include <QtCore/qelapsedtimer.h>
#include <QtTest/qtest.h>

#include <malloc.h>
#include <unistd.h>

#include <vector>

using namespace Qt::StringLiterals;

namespace {

constexpr int Connections = 200;
/// In which everything that is made once, and most of what keeps the room of its peak, is made.
constexpr int WarmUpRounds = 2;
constexpr int MaxRounds = 6;
/// What a round may add to the heap: 80 octets a connection, less than any object of ours has.
constexpr std::size_t Allowance = Connections * std::size_t(80);

/// What a process holds on to.
struct Holdings
{
    qsizetype descriptors = 0;
    qsizetype threads = 0;
    std::size_t heap = 0;

    bool operator==(const Holdings &) const = default;

    static Holdings now()
    {
        malloc_trim(0); // free blocks that wait to be merged count as used until then
        Holdings holdings;
        const QDir::Filters all = QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot;
        holdings.descriptors = QDir(u"/proc/self/fd"_s).entryList(all).size();
        holdings.threads = QDir(u"/proc/self/task"_s).entryList(all).size();
        const struct mallinfo2 info = mallinfo2();
        holdings.heap = info.uordblks + info.hblkhd;
        return holdings;
    }

    /// What is left when nothing has changed for a second: the last packets of a call hold on to
    /// some of it.
    static Holdings atRest()
    {
        Holdings holdings = now();
        QElapsedTimer clock;
        clock.start();
        const bool isAtRest = eventually([&] {
            const Holdings next = now();
            if (next != holdings)
                clock.start();
            holdings = next;
            return clock.hasExpired(1'000);
        });
        if (!isAtRest)
            qWarning("the process does not come to rest");
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
    // A leak grows in every round. Containers that keep the room of their peak (Qt's queue of
    // posted events, hash tables, the calls that both ends remember) grow only with a new peak, and
    // ever more rarely.
    Holdings before;
    bool hasSettled = false;
    for (int round = 1; round <= MaxRounds && !hasSettled; ++round) {
        runRound(meeting, round);
        if (QTest::currentTestFailed())
            return;
        QVERIFY(eventually([&] { return standing == 0; }));
        const Holdings after = Holdings::atRest();
        qInfo("round %d: %lld descriptors, %lld threads, %zu octets of heap", round,
              qlonglong(after.descriptors), qlonglong(after.threads), after.heap);
        if (round > WarmUpRounds) {
            QCOMPARE(after.descriptors, before.descriptors);
            QCOMPARE(after.threads, before.threads);
            hasSettled = after.heap <= before.heap + Allowance;
        }
        before = after;
    }
    QVERIFY2(hasSettled, "every round has left something on the heap");
}

/// To mallinfo2() a block in a thread's cache is in use. The caches hold up to some hundred KiB,
/// and other blocks after every round, which would drown what is looked for: this program goes
/// without. glibc reads its settings before main().
int main(int argc, char *argv[])
{
    constexpr char Variable[] = "GLIBC_TUNABLES";
    if (!qEnvironmentVariableIsSet(Variable)) {
        qputenv(Variable, "glibc.malloc.tcache_count=0");
        execv("/proc/self/exe", argv);
        qFatal("cannot start myself again");
    }
    QCoreApplication application(argc, argv);
    ManyConnectionsTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_manyconnections.moc"
