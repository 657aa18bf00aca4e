// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/rendezvous.h"

#include "qml/PeerConnection/ownership.h"

#include <PeerConnection/peerlistener.h>

#include <QtCore/qcoreevent.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qpointer.h>

namespace peer::qml::creatable {

PeerRendezvous::PeerRendezvous(QObject *parent)
    : ::PeerRendezvous(parent)
{ }

void PeerRendezvous::classBegin() { }

void PeerRendezvous::componentComplete()
{
    if (!address().isEmpty())
        open();
}

void PeerRendezvous::childEvent(QChildEvent *event)
{
    if (!event->added())
        return;
    // When it has been constructed: before any signal of its, which come from the event loop.
    const auto take = [this, child = QPointer(event->child())] {
        if (auto *connection = qobject_cast<::PeerConnection *>(child.get())) {
            leaveWhenEnded(this, connection);
        } else if (auto *listener = qobject_cast<::PeerListener *>(child.get())) {
            connect(listener, &::PeerListener::incomingConnection, listener,
                    [listener](::PeerConnection *incoming) { leaveWhenEnded(listener, incoming); });
        }
    };
    QMetaObject::invokeMethod(this, take, Qt::QueuedConnection);
}

} // namespace peer::qml::creatable
