// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/listener.h"

#include "qml/PeerConnection/connection.h"

#include <QtCore/qpointer.h>
#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerListener::PeerListener(QObject *parent)
    : ::PeerListener(parent)
{
    connect(this, &::PeerListener::incomingConnection, this, [this](::PeerConnection *connection) {
        // When the last signals have been handed out.
        connect(
            connection, &::PeerConnection::closed, this,
            [this, connection = QPointer(connection)] {
                if (connection)
                    leave(connection);
            },
            Qt::QueuedConnection);
    });
}

void PeerListener::leave(::PeerConnection *connection)
{
    QQmlEngine *engine = qmlEngine(this);
    if (connection->parent() != this || !engine)
        return;
    forgetFunctions(connection);
    connection->setParent(nullptr);
    QQmlEngine::setObjectOwnership(connection, QQmlEngine::JavaScriptOwnership);
    engine->newQObject(connection); // the collector would not know of it otherwise
}

void PeerListener::classBegin() { }

void PeerListener::componentComplete()
{
    if (!listenAddress().isEmpty())
        listen();
}

} // namespace peer::qml::creatable
