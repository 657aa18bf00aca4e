// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The state of a game, thirty times a second, by datagrams that are never repeated: what is late is
// of no use. Each side sends where its ball is, and draws the other's by the latest that came.
//
//     gamestate host peer://alice@rendezvous.example.org     prints the address to join
//     gamestate join ADDRESS

#include <PeerConnection/PeerChannel>
#include <PeerConnection/PeerConnection>
#include <PeerConnection/PeerListener>

#include <QtCore/QCoreApplication>
#include <QtCore/QDataStream>
#include <QtCore/QTextStream>
#include <QtCore/QTimer>

#include <cmath>

using namespace Qt::StringLiterals;

constexpr quint16 Channel = 1; // both sides open it by this number, without asking
constexpr int FrameTime = 33;  // milliseconds
constexpr quint32 Frames = 60; // then the one who joined has seen enough

void play(PeerConnection *call)
{
    PeerChannel::Options options;
    options.ordered = false;
    options.maxRetransmits = 0;
    options.negotiatedId = Channel;
    PeerChannel *channel = call->openChannel(u"state"_s, options);
    auto *timer = new QTimer(channel);
    QObject::connect(channel, &PeerChannel::opened, timer, [=] { timer->start(FrameTime); });
    QObject::connect(timer, &QTimer::timeout, channel, [=, frame = quint32(0)]() mutable {
        QByteArray datagram;
        QDataStream stream(&datagram, QIODevice::WriteOnly);
        ++frame;
        stream << frame << float(std::cos(frame / 10.0)) << float(std::sin(frame / 10.0));
        channel->sendMessage(datagram);
    });
    QObject::connect(channel, &PeerChannel::messageReceived, timer,
                     [latest = quint32(0)](const QByteArray &data) mutable {
                         QDataStream stream(data);
                         quint32 frame = 0;
                         float x = 0, y = 0;
                         stream >> frame >> x >> y;
                         if (stream.status() != QDataStream::Ok || frame <= latest)
                             return; // older than what is drawn
                         latest = frame;
                         QTextStream(stdout) << frame << ": " << x << ", " << y << Qt::endl;
                     });
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    const QUrl address(arguments.value(2));
    if (arguments.value(1) == u"host"_s) {
        auto *listener = new PeerListener(address, &app);
        QObject::connect(listener, &PeerListener::listening, [=] {
            QTextStream(stdout) << listener->address().toString() << Qt::endl;
        });
        QObject::connect(listener, &PeerListener::incomingConnection, [](PeerConnection *call) {
            play(call);
            QObject::connect(call, &PeerConnection::closed, call, &QObject::deleteLater);
            call->accept();
        });
        return app.exec();
    }
    PeerConnection call(address);
    play(&call);
    QObject::connect(&call, &PeerConnection::connected, [&] {
        QTimer::singleShot(Frames * FrameTime, &call, &PeerConnection::close);
    });
    QObject::connect(&call, &PeerConnection::closed,
                     [&] { app.exit(call.error() == PeerConnection::Error::None ? 0 : 1); });
    return app.exec();
}
