// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model E: a bare UDP port that sends only where a handshake has proven consent. Prints its
// credentials and addresses as one line, takes the other's line, and exchanges a datagram with it.
//
//     datagrams < there > back &  datagrams < back > there

#include <PeerConnection/PeerDatagramSocket>

#include <QtCore/QCoreApplication>
#include <QtCore/QSocketNotifier>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>

#include <unistd.h>

#include <utility>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QTextStream in(stdin), out(stdout);
    PeerDatagramSocket socket;
    QObject::connect(&socket, &PeerDatagramSocket::stateChanged,
                     [&](PeerDatagramSocket::State state) {
                         if (state == PeerDatagramSocket::State::Open) {
                             const QStringList line{socket.usernameFragment(), socket.password()};
                             out << (line + socket.localAddresses()).join(u' ') << Qt::endl;
                         } else if (state == PeerDatagramSocket::State::Closed) {
                             qCritical("%s", qPrintable(socket.errorString()));
                             QCoreApplication::exit(1);
                         }
                     });

    QString fragment, password;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, [&] {
        input.setEnabled(false); // one line is all there is
        const QStringList words = in.readLine().split(u' ');
        fragment = words.value(0);
        password = words.value(1);
        for (const QString &address : words.mid(2))
            socket.testConnectivity(address, fragment, password);
    });
    // Whoever reaches us from an address that nobody knew of is behind a NAT: try that one too.
    QObject::connect(&socket, &PeerDatagramSocket::connectivityTested,
                     [&](const QString &address, const QString &name) {
                         if (name == fragment)
                             socket.testConnectivity(address, fragment, password);
                     });

    QTimer hello;
    QString peer;
    QObject::connect(&hello, &QTimer::timeout, [&] { socket.sendDatagram(peer, "hello"); });
    QObject::connect(&socket, &PeerDatagramSocket::connectivitySucceeded,
                     [&](const QString &address, const QString &reflexive) {
                         qInfo("proven: %s, which sees us at %s", qPrintable(address),
                               qPrintable(reflexive));
                         socket.openSession(address); // any other address is refused
                         peer = address;
                         hello.start(100);
                     });
    bool isDone = false;
    QObject::connect(&socket, &PeerDatagramSocket::datagramReceived,
                     [&](const QString &, const QByteArray &datagram) {
                         if (std::exchange(isDone, true))
                             return;
                         out << datagram << Qt::endl;
                         // Until the other has heard one of ours as well.
                         QTimer::singleShot(1000, &app, &QCoreApplication::quit);
                     });
    return app.exec();
}
