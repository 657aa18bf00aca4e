// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/mediacall.h"

#include <QtQml/qqmlengine.h>

namespace peer::qml::creatable {

PeerMediaCall::PeerMediaCall(QObject *parent)
    : ::PeerMediaCall(parent)
{
    connect(this, &::PeerMediaCall::activeChanged, this, [this] {
        if (isActive())
            QQmlEngine::setObjectOwnership(this, QQmlEngine::CppOwnership);
        else if (!this->parent())
            QQmlEngine::setObjectOwnership(this, QQmlEngine::JavaScriptOwnership);
    });
}

} // namespace peer::qml::creatable
