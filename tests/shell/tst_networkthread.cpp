// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/networkthread.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <vector>

using namespace Qt::StringLiterals;
using peer::NetworkThread;

namespace {

/// What happened around applications that came and went before the tests.
struct Prelude
{
    bool wasCalled = false;
    bool childWentInItsThread = false;
    bool isRefusedWithoutApplication = false;
    bool isCalledWithTheNextApplication = false;
} prelude;

/// Uses the thread and leaves it to the end of the application.
void useAndEnd()
{
    std::atomic<QThread *> thread{nullptr};
    std::atomic<bool> wasDeleted{false};
    {
        int argc = 1;
        char name[] = "prelude";
        char *argv[] = {name, nullptr};
        QCoreApplication application(argc, argv);
        prelude.wasCalled = NetworkThread::call([&] {
            thread = QThread::currentThread();
            auto *const child = new QObject(NetworkThread::context());
            QObject::connect(child, &QObject::destroyed,
                             [&] { wasDeleted = QThread::currentThread() == thread; });
        });
    }
    prelude.childWentInItsThread = wasDeleted && thread;
    prelude.isRefusedWithoutApplication = !NetworkThread::call([] {});
}

} // namespace

class tst_NetworkThread : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void endsWithTheApplication();
    void callsInAThreadOfItsOwn();
    void callsInOrder();
    void mayStayInTheCallingThread();
    void theModeIsFixedByFirstUse();
    void startsAgainAfterAStop();
    void manyThreadsMayCall();
};

void tst_NetworkThread::init()
{
    NetworkThread::stop();
    QVERIFY(NetworkThread::setMode(NetworkThread::Mode::OwnThread));
}

void tst_NetworkThread::cleanup()
{
    NetworkThread::stop();
}

void tst_NetworkThread::endsWithTheApplication()
{
    QVERIFY(prelude.wasCalled);
    QVERIFY(prelude.childWentInItsThread);
    QVERIFY(prelude.isRefusedWithoutApplication);
    QVERIFY(prelude.isCalledWithTheNextApplication);
}

void tst_NetworkThread::callsInAThreadOfItsOwn()
{
    std::atomic<bool> isCurrent{false};
    std::atomic<bool> isDone{false};
    QString name;
    QVERIFY(!NetworkThread::isCurrent());
    QVERIFY(NetworkThread::call([&] {
        isCurrent = NetworkThread::isCurrent();
        name = QThread::currentThread()->objectName();
        isDone = true;
    }));
    QTRY_VERIFY(isDone);
    QVERIFY(isCurrent);
    QVERIFY(!NetworkThread::isCurrent());
    QCOMPARE(name, u"PeerConnection"_s);
}

void tst_NetworkThread::callsInOrder()
{
    std::vector<int> order;
    for (int at = 0; at < 1000; ++at)
        QVERIFY(NetworkThread::call([&order, at] { order.push_back(at); }));
    NetworkThread::stop(); // waits for them
    QCOMPARE(order.size(), std::size_t(1000));
    for (int at = 0; at < 1000; ++at)
        QCOMPARE(order[std::size_t(at)], at);
}

void tst_NetworkThread::mayStayInTheCallingThread()
{
    QVERIFY(NetworkThread::setMode(NetworkThread::Mode::CallingThread));
    bool isDone = false;
    QVERIFY(NetworkThread::call([&] { isDone = true; }));
    QVERIFY(!isDone);
    QVERIFY(NetworkThread::isCurrent());
    QTRY_VERIFY(isDone);
    QPointer<QObject> child(new QObject(NetworkThread::context()));
    NetworkThread::stop();
    QVERIFY(!child);
}

void tst_NetworkThread::theModeIsFixedByFirstUse()
{
    QVERIFY(NetworkThread::call([] {}));
    QVERIFY(!NetworkThread::setMode(NetworkThread::Mode::CallingThread));
    QVERIFY(NetworkThread::setMode(NetworkThread::Mode::OwnThread));
    QVERIFY(NetworkThread::mode() == NetworkThread::Mode::OwnThread);
}

void tst_NetworkThread::startsAgainAfterAStop()
{
    for (int times = 0; times < 3; ++times) {
        std::atomic<bool> isDone{false};
        QVERIFY(NetworkThread::call([&] { isDone = true; }));
        NetworkThread::stop();
        QVERIFY(isDone);
        QVERIFY(!NetworkThread::context());
    }
}

void tst_NetworkThread::manyThreadsMayCall()
{
    int count = 0; // only the network thread touches it
    std::vector<std::unique_ptr<QThread>> threads;
    for (int at = 0; at < 4; ++at) {
        threads.emplace_back(QThread::create([&count] {
            for (int times = 0; times < 100; ++times)
                NetworkThread::call([&count] { ++count; });
        }));
        threads.back()->start();
    }
    for (const auto &thread : threads)
        QVERIFY(thread->wait());
    NetworkThread::stop();
    QCOMPARE(count, 400);
}

int main(int argc, char **argv)
{
    useAndEnd();
    QCoreApplication application(argc, argv);
    prelude.isCalledWithTheNextApplication = NetworkThread::call([] {});
    tst_NetworkThread test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_networkthread.moc"
