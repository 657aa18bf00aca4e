// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model B: no rendezvous; the application carries the signals, here as lines on standard output and
// input. With two named pipes between them:
//
//     mkfifo there back
//     pipes call  > there < back &
//     pipes answer < there > back

#include <PeerConnection/PeerConnection>

#include <QtCore/QCoreApplication>
#include <QtCore/QSocketNotifier>

#include <unistd.h>

#include <cstdio>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const bool isCaller = app.arguments().value(1) == u"call"_s;

    PeerConnection call;
    call.setSignaling(PeerConnection::Signaling::External);
    call.setLoopbackAllowed(true); // both programs are on this machine
    QObject::connect(&call, &PeerConnection::signalReady, [](const QByteArray &signal) {
        std::fprintf(stdout, "%s\n", signal.constData()); // one line of JSON
        std::fflush(stdout);
    });

    QByteArray unread;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, [&] {
        char buffer[4096];
        const ssize_t size = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (size <= 0) {
            input.setEnabled(false);
            return;
        }
        unread.append(buffer, qsizetype(size));
        for (qsizetype end; (end = unread.indexOf('\n')) >= 0; unread.remove(0, end + 1))
            call.handleSignal(unread.first(end));
    });

    QObject::connect(&call, &PeerConnection::stateChanged, [&](PeerConnection::State state) {
        if (state == PeerConnection::State::Ringing && !isCaller)
            call.accept();
    });
    QObject::connect(&call, &PeerConnection::connected, [&] {
        if (isCaller)
            call.sendText(u"hello"_s);
    });
    QObject::connect(&call, &PeerConnection::textReceived, [&](const QString &text) {
        qInfo("%s", qPrintable(text)); // standard output is taken
        if (!isCaller)
            call.sendText(text);
        else
            call.close();
    });
    QObject::connect(&call, &PeerConnection::closed, [&] {
        if (call.error() != PeerConnection::Error::None)
            qCritical("%s", qPrintable(call.errorString()));
        QCoreApplication::exit(call.error() == PeerConnection::Error::None ? 0 : 1);
    });
    if (isCaller)
        call.open();
    return app.exec();
}
