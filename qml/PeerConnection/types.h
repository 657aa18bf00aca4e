// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_TYPES_H
#define PEER_QML_TYPES_H

#include <PeerConnection/peeraddress.h>
#include <PeerConnection/peerchannel.h>
#include <PeerConnection/peerdatagramsocket.h>
#include <PeerConnection/peeridentity.h>
#include <PeerConnection/peerpath.h>
#include <PeerConnection/peerreport.h>
#include <PeerConnection/peerstatistics.h>
#include <PeerConnection/peertrack.h>
#include <PeerConnection/peertunnel.h>

#include <QtCore/qobject.h>
#include <QtQml/qqml.h>

/// The names of the public types in QML. A value type has a lower-case name, as in QtQuick; its
/// enums are found under its name in C++: `call.path.kind === PeerPath.Direct`.
namespace peer::qml {

struct ChannelType
{
    Q_GADGET
    QML_FOREIGN(PeerChannel)
    QML_NAMED_ELEMENT(PeerChannel)
    QML_UNCREATABLE("Channels are opened by PeerConnection.openChannel().")
};

struct TrackType
{
    Q_GADGET
    QML_FOREIGN(PeerTrack)
    QML_NAMED_ELEMENT(PeerTrack)
    QML_UNCREATABLE("Tracks are added by a MediaCall, or by the peer.")
};

struct TunnelType
{
    Q_GADGET
    QML_FOREIGN(PeerTunnel)
    QML_NAMED_ELEMENT(PeerTunnel)
};

struct DatagramSocketType
{
    Q_GADGET
    QML_FOREIGN(PeerDatagramSocket)
    QML_NAMED_ELEMENT(PeerDatagramSocket)
};

struct StatisticsType
{
    Q_GADGET
    QML_FOREIGN(PeerStatistics)
    QML_VALUE_TYPE(peerStatistics)
};

struct ReportType
{
    Q_GADGET
    QML_FOREIGN(PeerReport)
    QML_VALUE_TYPE(peerReport)
};

struct IdentityType
{
    Q_GADGET
    QML_FOREIGN(PeerIdentity)
    QML_VALUE_TYPE(peerIdentity)
};

struct PathType
{
    Q_GADGET
    QML_FOREIGN(PeerPath)
    QML_VALUE_TYPE(peerPath)
};

class PathEnums : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(PeerPath)
    QML_EXTENDED_NAMESPACE(PeerPath)
    QML_UNCREATABLE("PeerPath has enums alone.")
};

struct AddressType
{
    Q_GADGET
    QML_FOREIGN(PeerAddress)
    QML_VALUE_TYPE(peerAddress)
};

class AddressEnums : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(PeerAddress)
    QML_EXTENDED_NAMESPACE(PeerAddress)
    QML_UNCREATABLE("PeerAddress has enums alone.")
};

struct AddressErrorType
{
    Q_GADGET
    QML_FOREIGN(PeerAddressError)
    QML_VALUE_TYPE(peerAddressError)
};

class AddressErrorEnums : public QObject
{
    Q_OBJECT
    QML_NAMED_ELEMENT(PeerAddressError)
    QML_EXTENDED_NAMESPACE(PeerAddressError)
    QML_UNCREATABLE("PeerAddressError has enums alone.")
};

} // namespace peer::qml

#endif // PEER_QML_TYPES_H
