// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_CONNECTION_H
#define PEER_QML_CONNECTION_H

#include <PeerConnection/peerconnection.h>

#include <QtQml/qqml.h>
#include <QtQml/qqmlparserstatus.h>

class QQmlEngine;

/// Types that QML can make, under the names of the public classes that they derive from: see
/// PeerConnection there. A namespace of their own, so that elsewhere these names mean the bases.
namespace peer::qml::creatable {

/// What `PeerConnection { … }` makes in QML: a connection that dials its destination, if it has
/// one, when its component is complete.
///
/// To QML this class and ::PeerConnection are one type, so that a property of that type takes
/// incoming connections, and those that C++ has made, as well. Hence it adds nothing that QML could
/// see, and has no Q_OBJECT: its meta-object is the base's. ConnectionType registers it.
///
/// A live connection is never collected as garbage, whoever has made it and however it is kept; one
/// that has ended, and has no parent, may be.
class PeerConnection
    : public ::PeerConnection
    , public QQmlParserStatus
{
public:
    explicit PeerConnection(QObject *parent = nullptr);

    void classBegin() override;
    void componentComplete() override;
};

/// The name of the base is meant to be found here in the namespace by the compiler, and outside of
/// it, in the type description, by the tools.
struct ConnectionType
{
    Q_GADGET
    QML_FOREIGN(PeerConnection)
    QML_NAMED_ELEMENT(PeerConnection)
};

/// Leaves a connection that has ended, and that has no parent but perhaps former, to the garbage
/// collector: it lives as long as something in QML refers to it. Not before its last signal has
/// been handed out.
void leaveToCollector(::PeerConnection *connection, QObject *former, QQmlEngine *engine);

} // namespace peer::qml::creatable

#endif // PEER_QML_CONNECTION_H
