// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The two processes of a video call that media.py measures, and the rendezvous between them:
//
//     bench_media rendezvous ADDRESS
//     bench_media listen PEER-URI [FILM]
//     bench_media dial PEER-URI [FILM]
//
// Each says {address} first, the caller {} when it is connected; then any command gives the figures
// of MediaEnd, and "quit" ends it.

#include "media/mediaend.h"
#include "ours/commandline.h"

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>
#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qcoreapplication.h>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace {

constexpr int CallerId = 3;
constexpr int CalleeId = 12;

int runRendezvous(CommandLine &commands, const QString &address)
{
    PeerRendezvousServer server;
    if (!server.listen(QHostAddress(address)))
        qFatal("%s", qPrintable(server.errorString()));
    const QUrl name = server.peerUrl(u"bench"_s);
    commands.tell({{u"address"_s, name.toString(QUrl::FullyEncoded)}});
    return QCoreApplication::exec();
}

int runListener(CommandLine &commands, const QString &name, const QString &film)
{
    MediaEnd end(commands, CalleeId, film);
    PeerListener listener;
    listener.setListenAddress(QUrl(name));
    listener.setIdentity(PeerIdentity::create());
    QObject::connect(&listener, &PeerListener::incomingConnection, &listener,
                     [&end](PeerConnection *connection) {
                         end.take(connection);
                         connection->accept();
                     });
    QObject::connect(&listener, &PeerListener::listening, &listener, [&] {
        commands.tell({{u"address"_s, listener.address().toString(QUrl::FullyEncoded)}});
    });
    QObject::connect(&listener, &PeerListener::errorOccurred, &listener,
                     [&listener] { qFatal("%s", qPrintable(listener.errorString())); });
    listener.listen();
    return QCoreApplication::exec();
}

int runCaller(CommandLine &commands, const QString &address, const QString &film)
{
    PeerConnection connection;
    MediaEnd end(commands, CallerId, film);
    connection.setIdentity(PeerIdentity::create());
    connection.setDestination(QUrl(address));
    end.take(&connection);
    QObject::connect(&connection, &PeerConnection::connected, &connection,
                     [&commands] { commands.tell({}); });
    connection.open();
    return QCoreApplication::exec();
}

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    CommandLine commands;
    const QString role = arguments.value(1);
    if (arguments.size() == 3 && role == u"rendezvous"_s)
        return runRendezvous(commands, arguments[2]);
    const bool isSide = arguments.size() == 3 || arguments.size() == 4;
    if (isSide && role == u"listen"_s)
        return runListener(commands, arguments[2], arguments.value(3));
    if (isSide && role == u"dial"_s)
        return runCaller(commands, arguments[2], arguments.value(3));
    std::fputs("bench_media rendezvous ADDRESS | listen|dial PEER-URI [FILM]\n", stderr);
    return 1;
}
