// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/networkthread.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpointer.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qtest.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
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

/// OpenSSL's memory, of which counts what a thread allocates that sets isCounted.
namespace counting {

struct alignas(std::max_align_t) Header
{
    bool isCounted;
};

thread_local bool isCounted = false;
std::atomic<int> blocks{0};

void *allocate(std::size_t size, const char *, int)
{
    auto *const header = static_cast<Header *>(std::malloc(sizeof(Header) + size));
    if (!header)
        return nullptr;
    header->isCounted = isCounted;
    blocks += isCounted;
    return header + 1;
}

void release(void *block, const char *, int)
{
    if (!block)
        return;
    Header *const header = static_cast<Header *>(block) - 1;
    blocks -= header->isCounted;
    std::free(header);
}

void *reallocate(void *block, std::size_t size, const char *file, int line)
{
    if (!block)
        return allocate(size, file, line);
    Header *const header = static_cast<Header *>(block) - 1;
    auto *const moved = static_cast<Header *>(std::realloc(header, sizeof(Header) + size));
    return moved ? moved + 1 : nullptr;
}

} // namespace counting

/// As a DTLS handshake does: with the thread's own random generators and errors.
void useOpenSsl()
{
    unsigned char octets[16];
    RAND_bytes(octets, sizeof octets);
    RAND_priv_bytes(octets, sizeof octets);
    ERR_raise(ERR_LIB_USER, 1);
    ERR_clear_error();
}

QSemaphore mayEnd;

/// Holds a thread up between the end of what it runs and what the system calls at its end.
struct LateEnd
{
    ~LateEnd() { mayEnd.tryAcquire(1, 5000); } // if somebody waits for that end
};

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
    void keepsNothingOfOpenSslUntilTheSystemEndsIt();
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

void tst_NetworkThread::keepsNothingOfOpenSslUntilTheSystemEndsIt()
{
    // The process may end in between, and OpenSSL with it.
    std::atomic<int> held{0};
    useOpenSsl(); // what it makes once is of no thread
    QVERIFY(NetworkThread::call([&held] {
        thread_local const LateEnd lateEnd;
        counting::isCounted = true;
        useOpenSsl();
        held = counting::blocks.load();
    }));
    NetworkThread::stop();
    const int left = counting::blocks;
    mayEnd.release();
    QVERIFY(held > 0);
    QCOMPARE(left, 0);
}

int main(int argc, char **argv)
{
    // Possible only before OpenSSL has allocated anything.
    if (CRYPTO_set_mem_functions(counting::allocate, counting::reallocate, counting::release) != 1)
        return 1;
    useAndEnd();
    QCoreApplication application(argc, argv);
    prelude.isCalledWithTheNextApplication = NetworkThread::call([] {});
    tst_NetworkThread test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_networkthread.moc"
