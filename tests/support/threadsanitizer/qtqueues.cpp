// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// What ThreadSanitizer has to be told about Qt. It sees synchronisation in code that it instruments
// and in the system's functions, and Debian's Qt is neither: its queues of events and of tasks are
// guarded by futexes of its own. (QMutex is no trouble: its inline functions tell by themselves.)
// So all that one thread hands to another through them would look like a race.
//
// This program's definitions of the functions by which our code hands something over come before
// Qt's. They do what Qt's do, and say that what happened before the handing over happened before
// the running, and what happened in a thread before who waits for its end goes on. Linked into the
// tests of the preset "tsan" alone, and not instrumented.

#include <QtCore/qobject.h>
#include <QtCore/qrunnable.h>
#include <QtCore/qthread.h>
#include <QtCore/qthreadpool.h>

#include <sanitizer/tsan_interface.h>

#include <dlfcn.h>

#include <functional>
#include <utility>

// Of the run-time library; its header does not tell of them.
extern "C" void AnnotateIgnoreWritesBegin(const char *file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char *file, int line);

namespace {

/// Qt's own, which the definition in this program hides.
template<typename Function>
Function *original(const char *symbol)
{
    void *const found = dlsym(RTLD_NEXT, symbol);
    if (!found)
        qFatal("this Qt has no %s", symbol);
    return reinterpret_cast<Function *>(found);
}

/// Meanwhile nothing that this thread does is looked at: Qt makes the event and wakes the other
/// thread's event loop.
class InsideQt
{
public:
    InsideQt() { AnnotateIgnoreWritesBegin(__FILE__, __LINE__); }
    ~InsideQt() { AnnotateIgnoreWritesEnd(__FILE__, __LINE__); }
    InsideQt(const InsideQt &) = delete;
    InsideQt &operator=(const InsideQt &) = delete;
};

/// Stands for what has been answered to callers who wait (Qt::BlockingQueuedConnection).
char answers;

/// A call on its way through the event queue of the thread that makes it.
class CarriedCall final : public QtPrivate::QSlotObjectBase
{
public:
    explicit CarriedCall(QtPrivate::QSlotObjectBase *call)
        : QSlotObjectBase(&CarriedCall::handle)
        , m_call(call)
    { }

private:
    static void handle(int which, QSlotObjectBase *base, QObject *receiver, void **arguments,
                       bool *)
    {
        auto *const self = static_cast<CarriedCall *>(base);
        __tsan_acquire(self);
        switch (which) {
        case Destroy:
            self->m_call->destroyIfLastRef();
            delete self;
            break;
        case Call:
            self->m_call->call(receiver, arguments);
            __tsan_release(&answers);
            break;
        default:
            break;
        }
    }

    QtPrivate::QSlotObjectBase *const m_call;
};

/// A task on its way to a thread of a pool.
class CarriedTask final : public QRunnable
{
public:
    explicit CarriedTask(std::function<void()> task)
        : m_task(std::move(task))
    { }

    void run() override
    {
        __tsan_acquire(this);
        m_task();
    }

private:
    std::function<void()> m_task;
};

} // namespace

bool QMetaObject::invokeMethodImpl(QObject *object, QtPrivate::QSlotObjectBase *slot,
                                   Qt::ConnectionType type, void *result)
{
    static auto *const invoke =
        original<bool(QObject *, QtPrivate::QSlotObjectBase *, Qt::ConnectionType, void *)>(
            "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14Connec"
            "tionT"
            "ypeEPv");
    auto *const call = new CarriedCall(slot);
    __tsan_release(call);
    const bool isDone = [&] {
        const InsideQt inside;
        return invoke(object, call, type, result);
    }();
    if (type == Qt::BlockingQueuedConnection)
        __tsan_acquire(&answers);
    return isDone;
}

void QThread::start(Priority priority)
{
    static auto *const start = original<void(QThread *, Priority)>(
        "_ZN7QThread5startENS_8PriorityE");
    QObject::connect(
        this, &QThread::finished, this, [this] { __tsan_release(this); }, Qt::DirectConnection);
    start(this, priority);
}

bool QThread::wait(QDeadlineTimer deadline)
{
    static auto *const wait = original<bool(QThread *, QDeadlineTimer)>(
        "_ZN7QThread4waitE14QDeadlineTimer");
    const bool hasEnded = wait(this, deadline);
    __tsan_acquire(this);
    return hasEnded;
}

void QThreadPool::start(std::function<void()> task, int priority)
{
    auto *const carried = new CarriedTask(std::move(task));
    __tsan_release(carried);
    const InsideQt inside;
    start(carried, priority);
}

/// What is left is between Qt and itself: the last act of a thread is to wake who waits for it,
/// under a mutex that ThreadSanitizer does not see.
extern "C" Q_DECL_EXPORT const char *__tsan_default_suppressions()
{
    return "race:QWaitCondition::~QWaitCondition\n";
}
