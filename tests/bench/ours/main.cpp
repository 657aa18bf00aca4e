// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Our two processes of a measurement, and the rendezvous between them:
//
//     bench_peer rendezvous
//     bench_peer listen HOST:PORT
//     bench_peer dial PEER-URI
//
// With --one-thread behind it everything is done in the main thread (PeerRuntime).
//
// bench.py says which commands they take.

#include "caller.h"
#include "commandline.h"
#include "listener.h"

#include <PeerConnection/PeerRendezvousServer>
#include <PeerConnection/PeerRuntime>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qjsonobject.h>

#include <cstdio>
#include <memory>

using namespace Qt::StringLiterals;

namespace {

int runRendezvous(CommandLine &commands)
{
    PeerRendezvousServer server;
    if (!server.listen(QHostAddress::LocalHost))
        qFatal("%s", qPrintable(server.errorString()));
    commands.tell({{u"address"_s, u"127.0.0.1:%1"_s.arg(server.serverPort())}});
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QStringList arguments = QCoreApplication::arguments();
    if (arguments.removeAll(u"--one-thread"_s) > 0)
        PeerRuntime::setThreading(PeerRuntime::Threading::CallingThread);
    CommandLine commands;
    if (arguments.value(1) == u"rendezvous"_s)
        return runRendezvous(commands);
    if (arguments.size() != 3) {
        std::fputs("bench_peer rendezvous | listen HOST:PORT | dial PEER-URI [--one-thread]\n",
                   stderr);
        return 1;
    }
    if (arguments[1] == u"listen"_s) {
        const Listener listener(commands, arguments[2]);
        return QCoreApplication::exec();
    }
    const Caller caller(commands, arguments[2]);
    return QCoreApplication::exec();
}
