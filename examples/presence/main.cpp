// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model C: the connection to the rendezvous as an object, that tells who is there. Each of two
// programs watches the other, and the first one to see the other calls.
//
//     presence peer://rendezvous.example.org alice bob
//     presence peer://rendezvous.example.org bob alice

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>
#include <PeerConnection/PeerRendezvous>

#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() != 4) {
        qCritical("presence RENDEZVOUS OWN-NAME OTHER-NAME");
        return 1;
    }
    const QString own = arguments.at(2);
    const QString other = arguments.at(3);
    QTextStream out(stdout);

    // The call and the listener share its socket.
    PeerRendezvous rendezvous(QUrl(arguments.at(1)));
    QObject::connect(&rendezvous, &PeerRendezvous::connected, [&] {
        out << "connected to " << rendezvous.host() << Qt::endl;
        if (!rendezvous.findChildren<PeerListener *>().isEmpty())
            return; // again, after an interruption
        PeerListener *listener = rendezvous.listen(own);
        QObject::connect(listener, &PeerListener::listening, [&] { rendezvous.watch(other); });
        QObject::connect(listener, &PeerListener::errorOccurred, [listener] {
            qCritical("%s", qPrintable(listener->errorString()));
            QCoreApplication::exit(1);
        });
        QObject::connect(listener, &PeerListener::incomingConnection, [&](PeerConnection *call) {
            QObject::connect(call, &PeerConnection::textReceived, call, &PeerConnection::sendText);
            QObject::connect(call, &PeerConnection::closed, &app, &QCoreApplication::quit);
            call->accept();
        });
    });
    QObject::connect(&rendezvous, &PeerRendezvous::peerOffline,
                     [&](const QString &name) { out << name << " is offline" << Qt::endl; });
    QObject::connect(&rendezvous, &PeerRendezvous::peerOnline, [&](const QString &name) {
        out << name << " is online" << Qt::endl;
        if (own > other)
            return; // the other one calls
        PeerConnection *call = rendezvous.dial(name);
        QObject::connect(call, &PeerConnection::connected, [call] { call->sendText(u"hello"_s); });
        QObject::connect(call, &PeerConnection::textReceived, [&out, call](const QString &text) {
            out << text << Qt::endl;
            call->close();
        });
        QObject::connect(call, &PeerConnection::closed, &app, &QCoreApplication::quit);
    });
    QObject::connect(&rendezvous, &PeerRendezvous::errorOccurred,
                     [&] { qWarning("%s", qPrintable(rendezvous.errorString())); });
    return app.exec();
}
