// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/ownership.h"

#include <QtCore/qpointer.h>
#include <QtQml/qqmlengine.h>

namespace peer::qml {

namespace {

/// Of the object, or of whoever has made it.
QQmlEngine *engineOf(const QObject *object)
{
    while (object && !qmlEngine(object))
        object = object->parent();
    return object ? qmlEngine(object) : nullptr;
}

void leave(QObject *owner, ::PeerConnection *connection)
{
    QQmlEngine *engine = engineOf(owner);
    if (connection->parent() != owner || !engine)
        return;
    forgetFunctions(connection);
    connection->setParent(nullptr);
    QQmlEngine::setObjectOwnership(connection, QQmlEngine::JavaScriptOwnership);
    engine->newQObject(connection); // the collector would not know of it otherwise
}

} // namespace

void leaveWhenEnded(QObject *owner, ::PeerConnection *connection)
{
    QObject::connect(
        connection, &::PeerConnection::closed, owner,
        [owner, connection = QPointer(connection)] {
            if (connection)
                leave(owner, connection);
        },
        Qt::QueuedConnection);
}

void forgetFunctions(::PeerConnection *connection)
{
    QObject::disconnect(connection, nullptr, connection, nullptr);
}

} // namespace peer::qml
