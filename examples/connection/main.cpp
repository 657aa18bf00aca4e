// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Model A: one object, one destination.
//
//     connection listen peer://alice@rendezvous.example.org     prints the address to call, and echoes
//     connection call ADDRESS                                   says hello, and prints the answer

#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>

#include <QtCore/QCoreApplication>
#include <QtCore/QTextStream>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    QTextStream out(stdout);
    if (arguments.value(1) == u"listen"_s) {
        auto *listener = new PeerListener(QUrl(arguments.value(2)), &app);
        QObject::connect(listener, &PeerListener::listening,
                         [&] { out << listener->address().toString() << Qt::endl; });
        QObject::connect(listener, &PeerListener::incomingConnection, [](PeerConnection *call) {
            QObject::connect(call, &PeerConnection::textReceived, call, &PeerConnection::sendText);
            QObject::connect(call, &PeerConnection::closed, call, &QObject::deleteLater);
            call->accept();
        });
        QObject::connect(listener, &PeerListener::errorOccurred, [&] {
            qCritical("%s", qPrintable(listener->errorString()));
            QCoreApplication::exit(1);
        });
    } else if (arguments.value(1) == u"call"_s) {
        auto *call = new PeerConnection(QUrl(arguments.value(2)), &app);
        QObject::connect(call, &PeerConnection::connected, [&] { call->sendText(u"hello"_s); });
        QObject::connect(call, &PeerConnection::textReceived, [&](const QString &text) {
            out << text << Qt::endl;
            call->close();
        });
        QObject::connect(call, &PeerConnection::closed, [&] {
            if (call->error() != PeerConnection::Error::None)
                qCritical("%s", qPrintable(call->errorString()));
            QCoreApplication::exit(call->error() == PeerConnection::Error::None ? 0 : 1);
        });
    } else {
        qCritical("connection listen|call ADDRESS");
        return 1;
    }
    return app.exec();
}
