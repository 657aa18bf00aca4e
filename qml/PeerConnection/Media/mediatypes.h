// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_MEDIATYPES_H
#define PEER_QML_MEDIATYPES_H

#include <PeerConnection/peermediadevice.h>
#include <PeerConnection/peermediastatistics.h>

#include <QtQml/qqml.h>

/// The names of the public media types in QML.
namespace peer::qml {

struct MediaDeviceType
{
    Q_GADGET
    QML_FOREIGN(PeerMediaDevice)
    QML_VALUE_TYPE(peerMediaDevice)
};

struct MediaStatisticsType
{
    Q_GADGET
    QML_FOREIGN(PeerMediaStatistics)
    QML_VALUE_TYPE(peerMediaStatistics)
};

} // namespace peer::qml

#endif // PEER_QML_MEDIATYPES_H
