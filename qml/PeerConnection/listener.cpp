// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/listener.h"

#include "qml/PeerConnection/connection.h"

#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerListener::PeerListener(QObject *parent)
    : ::PeerListener(parent)
{
    connect(this, &::PeerListener::incomingConnection, this, [this](::PeerConnection *connection) {
        connect(connection, &::PeerConnection::closed, this,
                [this, connection] { leaveToCollector(connection, this, qmlEngine(this)); });
    });
}

void PeerListener::classBegin() { }

void PeerListener::componentComplete()
{
    if (!listenAddress().isEmpty())
        listen();
}

} // namespace peer::qml::creatable
