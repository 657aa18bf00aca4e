// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_FILETHREAD_H
#define DEMO_FILETHREAD_H

#include <QtCore/qobject.h>
#include <QtCore/qthread.h>

#include <utility>

namespace demo {

/// The one thread in which files are read and written, so that a slow disk never stops the window.
/// What is asked for is done in that order.
class FileThread
{
public:
    FileThread();
    /// Waits until all that was asked for is done.
    ~FileThread();

    FileThread(const FileThread &) = delete;
    FileThread &operator=(const FileThread &) = delete;

    /// Runs a function there.
    template<typename Function>
    void run(Function function)
    {
        QMetaObject::invokeMethod(&m_context, std::move(function), Qt::QueuedConnection);
    }
    /// Has an object without parent live there; it is deleted with the thread at the latest, if
    /// deleteLater() is called.
    void adopt(QObject *object) { object->moveToThread(&m_thread); }

private:
    QThread m_thread;
    QObject m_context;
};

} // namespace demo

#endif // DEMO_FILETHREAD_H
