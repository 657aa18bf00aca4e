// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_CONNECTION_H
#define PEER_QML_CONNECTION_H

#include <PeerConnection/peerconnection.h>

#include <QtQml/qjsvalue.h>
#include <QtQml/qqml.h>
#include <QtQml/qqmlparserstatus.h>

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
/// that has ended may be, if it belongs to JavaScript, as what Component.createObject() makes.
class PeerConnection
    : public ::PeerConnection
    , public QQmlParserStatus
{
public:
    explicit PeerConnection(QObject *parent = nullptr);

    void classBegin() override;
    void componentComplete() override;

private:
    void keep();

    /// What refers to this from JavaScript, while it lives. (An ownership set here would be lost:
    /// Component.createObject() sets another one last.)
    QJSValue m_self;
};

/// The name of the base is meant to be found here in the namespace by the compiler, and outside of
/// it, in the type description, by the tools.
struct ConnectionType
{
    Q_GADGET
    QML_FOREIGN(PeerConnection)
    QML_NAMED_ELEMENT(PeerConnection)
};

} // namespace peer::qml::creatable

#endif // PEER_QML_CONNECTION_H
