// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/connection.h"

#include "qml/PeerConnection/ownership.h"

#include <QtCore/qmetaobject.h>
#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerConnection::PeerConnection(QObject *parent)
    : ::PeerConnection(parent)
{
    connect(this, &::PeerConnection::stateChanged, this, &PeerConnection::keep);
}

void PeerConnection::classBegin() { }

void PeerConnection::componentComplete()
{
    if (destination().isEmpty())
        return;
    keep();
    open();
}

void PeerConnection::keep()
{
    if (state() == State::Closed) {
        // When the last signals have been handed out.
        const auto leave = [this] {
            m_self = QJSValue();
            forgetFunctions(this);
        };
        QMetaObject::invokeMethod(this, leave, Qt::QueuedConnection);
    } else if (QQmlEngine *engine = m_self.isUndefined() ? qmlEngine(this) : nullptr) {
        m_self = engine->newQObject(this);
    }
}

} // namespace peer::qml::creatable
