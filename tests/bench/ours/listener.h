// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef BENCH_LISTENER_H
#define BENCH_LISTENER_H

#include "commandline.h"

#include <PeerConnection/PeerListener>

/// The side that is called: sends back what comes on the default channel of a connection, and
/// counts what comes on others.
class Listener
{
public:
    Listener(CommandLine &commands, const QString &rendezvous);

private:
    struct Counted
    {
        qint64 messages = 0, octets = 0, first = 0, last = 0;
    };

    void serve(PeerConnection *connection);
    void count(const QByteArray &message);
    void obey(const QString &name);

    CommandLine &m_commands;
    PeerListener m_listener;
    Counted m_counted;
};

#endif // BENCH_LISTENER_H
