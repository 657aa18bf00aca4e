// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "endsignals.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsocketnotifier.h>

#include <csignal>
#include <sys/socket.h>
#include <unistd.h>

namespace {

/// A signal handler may do little more than write an octet: to the first; the event loop has the
/// second.
int sockets[2] = {-1, -1};

void handleSignal(int)
{
    const char octet = 0;
    [[maybe_unused]] const ssize_t written = write(sockets[0], &octet, 1);
}

} // namespace

bool quitOnEndSignals()
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        return false;
    auto *notifier = new QSocketNotifier(sockets[1], QSocketNotifier::Read,
                                         QCoreApplication::instance());
    QObject::connect(notifier, &QSocketNotifier::activated, QCoreApplication::instance(),
                     &QCoreApplication::quit);

    struct sigaction action = {};
    action.sa_handler = handleSignal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    return sigaction(SIGTERM, &action, nullptr) == 0 && sigaction(SIGINT, &action, nullptr) == 0;
}
