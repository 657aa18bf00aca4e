// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/networkthread.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qmutex.h>
#include <QtCore/qthread.h>

#include <openssl/crypto.h>

#include <memory>
#include <utility>

using namespace Qt::StringLiterals;

namespace peer {

namespace {

/// Set in ~Holder, which runs with the static objects; trivially destroyed itself, so that it can
/// be read still.
constinit bool isProcessEnding = false;

/// QThread::wait() returns before the thread has ended: what the system calls at its end comes
/// later, and may come while the process ends. OpenSSL would free there what it keeps for a
/// thread, such as its random generators, while exit() frees all that it has; it does not guard the
/// one against the other. So that is done before, after the last use.
class Thread final : public QThread
{
    void run() override
    {
        exec();
        // Sockets that were told to go later; they say goodbye by OpenSSL.
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        OPENSSL_thread_stop();
    }
};

struct Holder
{
    ~Holder()
    {
        stop();
        isProcessEnding = true;
    }

    /// With mutex held. False after the end of the application, until there is another one.
    bool start();
    void stop();

    QMutex mutex;
    NetworkThread::Mode mode = NetworkThread::Mode::OwnThread;
    /// Null in CallingThread mode.
    std::unique_ptr<QThread> thread;
    /// Lives in the network thread; null when not in use.
    QObject *context = nullptr;
    /// stop() is at work: nothing more is taken.
    bool isEnding = false;
    bool hasEndedWithApplication = false;
};

Holder &holder()
{
    static Holder instance;
    return instance;
}

void stopWithApplication()
{
    if (isProcessEnding)
        return;
    holder().stop();
    const QMutexLocker lock(&holder().mutex);
    holder().hasEndedWithApplication = true;
}

bool Holder::start()
{
    if (isEnding)
        return false;
    if (context)
        return true;
    if (hasEndedWithApplication && !QCoreApplication::instance())
        return false;
    context = new QObject;
    if (mode == NetworkThread::Mode::OwnThread) {
        thread = std::make_unique<Thread>();
        thread->setObjectName(u"PeerConnection"_s);
        context->moveToThread(thread.get());
        thread->start();
    }
    if (QCoreApplication::instance())
        qAddPostRoutine(stopWithApplication);
    return true;
}

void Holder::stop()
{
    QObject *ending = nullptr;
    {
        const QMutexLocker lock(&mutex);
        if (!context || isEnding)
            return;
        isEnding = true;
        ending = context;
    }
    // After what was called before, which may use the context still; then nothing is left there.
    const auto deleteContext = [this, ending] {
        {
            const QMutexLocker lock(&mutex);
            context = nullptr;
        }
        delete ending;
    };
    if (thread) {
        Q_ASSERT(QThread::currentThread() != thread.get());
        QMetaObject::invokeMethod(
            ending,
            [deleteContext] {
                deleteContext();
                QThread::currentThread()->quit();
            },
            Qt::QueuedConnection);
        thread->wait();
        thread.reset();
    } else {
        // Its thread is the caller, or has no event loop any more.
        deleteContext();
    }
    const QMutexLocker lock(&mutex);
    isEnding = false;
}

} // namespace

bool NetworkThread::setMode(Mode mode)
{
    if (isProcessEnding)
        return false;
    const QMutexLocker lock(&holder().mutex);
    if (holder().context)
        return holder().mode == mode;
    holder().mode = mode;
    return true;
}

NetworkThread::Mode NetworkThread::mode()
{
    if (isProcessEnding)
        return Mode::OwnThread;
    const QMutexLocker lock(&holder().mutex);
    return holder().mode;
}

bool NetworkThread::call(std::function<void()> function)
{
    if (isProcessEnding)
        return false;
    // Posted under the lock, so that the context cannot go meanwhile.
    const QMutexLocker lock(&holder().mutex);
    return holder().start()
        && QMetaObject::invokeMethod(holder().context, std::move(function), Qt::QueuedConnection);
}

bool NetworkThread::isCurrent()
{
    if (isProcessEnding)
        return false;
    const QMutexLocker lock(&holder().mutex);
    return holder().context && holder().context->thread() == QThread::currentThread();
}

QObject *NetworkThread::context()
{
    if (isProcessEnding)
        return nullptr;
    const QMutexLocker lock(&holder().mutex);
    return holder().context;
}

void NetworkThread::stop()
{
    if (!isProcessEnding)
        holder().stop();
}

} // namespace peer
