// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/listener.h"

#include "qml/PeerConnection/ownership.h"

namespace peer::qml::creatable {

PeerListener::PeerListener(QObject *parent)
    : ::PeerListener(parent)
{
    connect(this, &::PeerListener::incomingConnection, this,
            [this](::PeerConnection *connection) { leaveWhenEnded(this, connection); });
}

void PeerListener::classBegin() { }

void PeerListener::componentComplete()
{
    if (!listenAddress().isEmpty())
        listen();
}

} // namespace peer::qml::creatable
