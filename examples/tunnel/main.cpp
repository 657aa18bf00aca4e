// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model D: datagrams through the rendezvous alone.
//
//     tunnel mint peer://rendezvous.example.org     prints a ticket, and answers
//     tunnel join TICKET                            says hello until it is answered

#include <PeerConnection/PeerTunnel>

#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    QTextStream out(stdout);
    PeerTunnel tunnel;
    QTimer hello;
    QObject::connect(&tunnel, &PeerTunnel::errorOccurred, [&] {
        qCritical("%s", qPrintable(tunnel.errorString()));
        QCoreApplication::exit(1);
    });
    if (arguments.value(1) == u"mint"_s) {
        QObject::connect(&tunnel, &PeerTunnel::ticketChanged, [&](const QUrl &ticket) {
            out << ticket.toString(QUrl::FullyEncoded) << Qt::endl;
        });
        QObject::connect(&tunnel, &PeerTunnel::datagramReceived, &tunnel,
                         &PeerTunnel::sendDatagram);
        tunnel.mint(QUrl(arguments.value(2)));
    } else if (arguments.value(1) == u"join"_s) {
        // A datagram may be lost, for one if the other end is not there yet.
        QObject::connect(&hello, &QTimer::timeout, [&] { tunnel.sendDatagram("hello"); });
        QObject::connect(&tunnel, &PeerTunnel::joined, [&] {
            tunnel.sendDatagram("hello");
            hello.start(200);
        });
        QObject::connect(&tunnel, &PeerTunnel::datagramReceived, [&](const QByteArray &datagram) {
            out << datagram << Qt::endl;
            QCoreApplication::quit();
        });
        tunnel.join(QUrl(arguments.value(2)));
    } else {
        qCritical("tunnel mint|join ADDRESS");
        return 1;
    }
    return app.exec();
}
