// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/connection.h"

#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>
#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerConnection::PeerConnection(QObject *parent)
    : ::PeerConnection(parent)
{
    connect(this, &::PeerConnection::stateChanged, this, [this] {
        if (state() == State::Closed)
            leaveToCollector(this, nullptr, qmlEngine(this));
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

void leaveToCollector(::PeerConnection *connection, QObject *former, QQmlEngine *engine)
{
    const auto leave = [connection, former, engine = QPointer(engine)] {
        if (connection->parent() && connection->parent() != former)
            return;
        connection->setParent(nullptr);
        // Functions in JavaScript that its signals would call refer to it mostly; no signal comes.
        QObject::disconnect(connection, nullptr, connection, nullptr);
        QQmlEngine::setObjectOwnership(connection, QQmlEngine::JavaScriptOwnership);
        // Without a wrapper in JavaScript the collector would not know of it.
        if (engine)
            engine->newQObject(connection);
        else
            connection->deleteLater();
    };
    QMetaObject::invokeMethod(connection, leave, Qt::QueuedConnection);
}

} // namespace peer::qml::creatable
