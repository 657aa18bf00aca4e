// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SHELL_NETWORKTHREAD_H
#define PEER_SHELL_NETWORKTHREAD_H

#include <QtCore/qobject.h>

#include <functional>

namespace peer {

/// The one thread in which all sessions, their drivers and sockets live (D4).
///
/// It starts when it is first used, and ends when QCoreApplication does: by then every event loop
/// has returned, and objects on the stack of main() are gone if they were declared after the
/// application. (aboutToQuit comes too early for that: it is emitted before exec() returns.) Where
/// the application is never destroyed, it ends with the static objects of the process. What lives
/// in the thread then is deleted in it, if it is a child of context().
///
/// All functions are thread-safe.
class NetworkThread
{
public:
    enum class Mode : quint8 {
        OwnThread,
        /// Everything stays in the thread that uses it first, whose event loop does the work: for
        /// tools, servers and tests.
        CallingThread,
    };

    /// To be set before first use; false, and nothing changed, after it.
    static bool setMode(Mode mode);
    static Mode mode();

    /// Calls function in the network thread, from its event loop, in the order of the calls.
    /// False, and it is dropped, while it ends, and after the end of the application until there
    /// is another one.
    static bool call(std::function<void()> function);
    /// Whether the caller is in the network thread.
    static bool isCurrent();

    /// Parent for what is to end with the thread. Null unless in use.
    static QObject *context();

    /// Ends it now, waiting for what is under way: for tests. The next use starts another one.
    /// Not to be called in the network thread itself, unless it is the calling one.
    static void stop();
};

} // namespace peer

#endif // PEER_SHELL_NETWORKTHREAD_H
