// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// A file to another machine, at the pace of the slower side.
//
//     filedrop receive peer://alice@rendezvous.example.org FOLDER     prints the address to drop at
//     filedrop send ADDRESS FILE

#include <PeerConnection/PeerChannel>
#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>

#include <QtCore/QCoreApplication>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtCore/QTextStream>

using namespace Qt::StringLiterals;

/// An empty message ends the file; whoever hangs up before has not sent it.
void receive(PeerChannel *channel, const QString &folder)
{
    // The peer chooses the name, but not the place.
    const QString name = QFileInfo(channel->label()).fileName();
    auto *file = new QSaveFile(folder + u'/' + name, channel);
    if (!file->open(QIODevice::WriteOnly)) {
        qCritical("%s: %s", qPrintable(file->fileName()), qPrintable(file->errorString()));
        channel->close();
        return;
    }
    QObject::connect(channel, &PeerChannel::messageReceived, file, [=](const QByteArray &part) {
        if (!part.isEmpty()) {
            file->write(part);
        } else if (file->commit()) {
            QTextStream(stdout) << name << Qt::endl;
            channel->sendText(u"done"_s);
        } else {
            qCritical("%s", qPrintable(file->errorString()));
            channel->close();
        }
    });
}

/// Fills the channel's buffer as far as it goes, and goes on when there is room.
void send(PeerChannel *channel, QFile *file)
{
    constexpr qint64 part = 64 * 1024;
    while (!file->atEnd() && channel->bufferedAmount() < PeerChannel::SendBufferSize - part)
        channel->sendMessage(file->read(part));
    if (file->atEnd() && file->isOpen()) {
        channel->sendMessage({});
        file->close();
    }
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const QUrl address(arguments.value(2));
    if (arguments.size() == 4 && arguments.at(1) == u"receive"_s) {
        auto *listener = new PeerListener(address, &app);
        listener->setAutoAccept(true);
        QObject::connect(listener, &PeerListener::listening, [=] {
            QTextStream(stdout) << listener->address().toString() << Qt::endl;
        });
        QObject::connect(listener, &PeerListener::incomingConnection, [=](PeerConnection *call) {
            QObject::connect(call, &PeerConnection::channelOpened, call, [=](PeerChannel *channel) {
                if (channel->label() != u"default"_s)
                    receive(channel, arguments.at(3));
            });
            QObject::connect(call, &PeerConnection::closed, call, &QObject::deleteLater);
        });
        return app.exec();
    }
    QFile file(arguments.value(3));
    if (arguments.value(1) != u"send"_s || !file.open(QIODevice::ReadOnly)) {
        qCritical("filedrop receive|send ADDRESS FOLDER|FILE");
        return 1;
    }
    PeerConnection call(address);
    PeerChannel *channel = call.openChannel(QFileInfo(file).fileName());
    channel->setBufferedAmountLowThreshold(PeerChannel::SendBufferSize / 2);
    QObject::connect(channel, &PeerChannel::opened, [&] { send(channel, &file); });
    QObject::connect(channel, &PeerChannel::bufferedAmountLow, [&] { send(channel, &file); });
    QObject::connect(channel, &PeerChannel::textReceived, [&] { app.exit(0); });
    QObject::connect(channel, &PeerChannel::closed, [&] { app.exit(1); });
    QObject::connect(&call, &PeerConnection::errorOccurred,
                     [&] { qCritical("%s", qPrintable(call.errorString())); });
    return app.exec();
}
