// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A rendezvous, a listener that echoes and a caller in one program; exits with 0 when the caller's
// message has come back.

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerIdentity>
#include <PeerConnection/PeerListener>
#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qcoreapplication.h>

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    PeerRendezvousServer server;
    if (!server.listen(QHostAddress::LocalHost))
        qFatal("%s", qPrintable(server.errorString()));

    PeerListener listener(server.peerUrl(QStringLiteral("alice")), PeerIdentity::create());
    listener.setAutoAccept(true);
    QObject::connect(&listener, &PeerListener::incomingConnection, [](PeerConnection *connection) {
        QObject::connect(connection, &PeerConnection::messageReceived, connection,
                         &PeerConnection::sendMessage);
    });

    PeerConnection call;
    QObject::connect(&listener, &PeerListener::listening, [&] {
        call.setDestination(listener.address());
        call.open();
        call.sendMessage("hello");
    });
    QObject::connect(&call, &PeerConnection::messageReceived, [&](const QByteArray &message) {
        const bool isWell = message == "hello" && call.isIdentityVerified();
        qInfo("received '%s'", message.constData());
        QCoreApplication::exit(isWell ? 0 : 1);
    });
    QObject::connect(&call, &PeerConnection::errorOccurred, [&] {
        qCritical("%s", qPrintable(call.errorString()));
        QCoreApplication::exit(1);
    });
    return application.exec();
}
