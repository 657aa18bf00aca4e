// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include <PeerConnection/peerruntime.h>

#include "shell/networkthread.h"

/*!
    \class PeerRuntime
    \inmodule PeerConnection
    \brief Where the network work of this process is done.

    By default all connections of a process share one thread, which starts when it is first needed
    and ends with QCoreApplication: so a busy window does not hold up a call, and a transfer does
    not make a window stutter. Programs without a window may prefer to keep everything in one
    thread.
*/

/*!
    \enum PeerRuntime::Threading
    \value NetworkThread  A thread of its own does the network work.
    \value CallingThread  The thread that makes the first connection or listener does it, in its
                          event loop. All others must then be made in that thread.
*/

/*!
    Chooses the \a threading for this process. Only before the first connection or listener starts;
    returns false, and changes nothing, after that. Thread-safe.
*/
bool PeerRuntime::setThreading(Threading threading)
{
    return peer::NetworkThread::setMode(threading == Threading::CallingThread
                                            ? peer::NetworkThread::Mode::CallingThread
                                            : peer::NetworkThread::Mode::OwnThread);
}

/*! What was chosen; NetworkThread at first. Thread-safe. */
PeerRuntime::Threading PeerRuntime::threading()
{
    return peer::NetworkThread::mode() == peer::NetworkThread::Mode::CallingThread
        ? Threading::CallingThread
        : Threading::NetworkThread;
}
