// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/connection.h"

#include <QtQml/qqmlengine.h>

namespace peer::qml {

PeerConnection::PeerConnection(QObject *parent)
    : ::PeerConnection(parent)
{
    connect(this, &::PeerConnection::stateChanged, this, [this] {
        if (state() == State::Closed)
            leaveToCollector(this, this);
        else
            QQmlEngine::setObjectOwnership(this, QQmlEngine::CppOwnership);
    });
}

void PeerConnection::classBegin() { }

void PeerConnection::componentComplete()
{
    if (!destination().isEmpty())
        open();
}

void leaveToCollector(::PeerConnection *connection, const QObject *maker)
{
    if (connection->parent())
        return;
    QQmlEngine::setObjectOwnership(connection, QQmlEngine::JavaScriptOwnership);
    // Without a wrapper in JavaScript the collector would not know of it.
    if (QQmlEngine *engine = qmlEngine(maker))
        engine->newQObject(connection);
}

} // namespace peer::qml
