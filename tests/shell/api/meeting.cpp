// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include "support/ports/quietport.h"

using namespace Qt::StringLiterals;

ConnectionLog::ConnectionLog(PeerConnection *connection)
{
    connect(connection, &PeerConnection::stateChanged, this,
            [this](PeerConnection::State state) { states.append(state); });
    connect(connection, &PeerConnection::errorOccurred, this,
            [this](PeerConnection::Error error) { errors.append(error); });
    connect(connection, &PeerConnection::textReceived, this,
            [this](const QString &text) { texts.append(text); });
    connect(connection, &PeerConnection::messageReceived, this,
            [this](const QByteArray &message) { messages.append(message); });
    connect(connection, &PeerConnection::channelOpened, this,
            [this](PeerChannel *channel) { channels.append(channel); });
    connect(connection, &PeerConnection::connected, this, [this] { ++connected; });
    connect(connection, &PeerConnection::closed, this, [this] { ++closed; });
    connect(connection, &PeerConnection::peerChanged, this, [this] { ++peerChanges; });
    connect(connection, &PeerConnection::pathChanged, this, [this] { ++pathChanges; });
}

Meeting::Meeting()
    : server(std::make_unique<PeerRendezvousServer>())
{
    if (!server->listen(QHostAddress::LocalHost, peer::test::quietPort()))
        qFatal("no rendezvous: %ls", qUtf16Printable(server->errorString()));
}

Meeting::~Meeting() = default;

QUrl Meeting::newName() const
{
    static int number = 0;
    return server->peerUrl(u"peer-%1"_s.arg(++number));
}

bool Meeting::listen(bool autoAccept)
{
    listener = std::make_unique<PeerListener>(newName());
    listener->setAutoAccept(autoAccept);
    listener->setAllowedIds(allowedIds);
    QObject::connect(listener.get(), &PeerListener::incomingConnection, listener.get(),
                     [this](PeerConnection *connection) {
                         ++incoming;
                         callee = connection;
                         calleeLog = std::make_unique<ConnectionLog>(connection);
                         if (onIncoming)
                             onIncoming(connection);
                     });
    return eventually([this] { return listener->state() == PeerListener::State::Listening; });
}

void Meeting::dial()
{
    dial(listener->address());
}

void Meeting::dial(const QUrl &address)
{
    caller = std::make_unique<PeerConnection>(address);
    callerLog = std::make_unique<ConnectionLog>(caller.get());
}

bool Meeting::connect()
{
    dial();
    return eventually(
        [this] { return callerLog->connected == 1 && callee && calleeLog->connected == 1; });
}
