// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/mediacall.h"

#include <PeerConnection/peerconnection.h>

#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerMediaCall::PeerMediaCall(QObject *parent)
    : ::PeerMediaCall(parent)
{
    connect(this, &::PeerMediaCall::connectionChanged, this, [this] {
        if (const PeerConnection *call = connection()) {
            connect(call, &PeerConnection::stateChanged, this, [this] { keepOrLeave(); });
            connect(call, &QObject::destroyed, this, [this] { keepOrLeave(); });
        }
        keepOrLeave();
    });
}

void PeerMediaCall::keepOrLeave()
{
    if (!connection() || connection()->state() == PeerConnection::State::Closed)
        m_self = QJSValue();
    else if (QQmlEngine *engine = m_self.isUndefined() ? qmlEngine(this) : nullptr)
        m_self = engine->newQObject(this);
}

} // namespace peer::qml::creatable
