// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_OWNERSHIP_H
#define PEER_QML_OWNERSHIP_H

#include <PeerConnection/peerconnection.h>

namespace peer::qml {

/// Of a child of an object that QML, or one that QML has made, has made: when it has ended, and its last signals were handed
/// out, leaves it to the garbage collector, so that it lives as long as something in QML refers to
/// it. One that has another parent by then is left alone.
void leaveWhenEnded(QObject *owner, ::PeerConnection *connection);

/// Of a connection that has ended: the functions in JavaScript that its signals would call, and
/// which mostly refer to it, are let go.
void forgetFunctions(::PeerConnection *connection);

} // namespace peer::qml

#endif // PEER_QML_OWNERSHIP_H
