// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERMEDIADEVICE_H
#define PEERMEDIADEVICE_H

#include <PeerConnection/peerconnection_media_export.h>

#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

/// A camera, a microphone or a loudspeaker; see PeerMediaCall::cameras().
class PEERCONNECTION_MEDIA_EXPORT PeerMediaDevice
{
    Q_GADGET
    Q_PROPERTY(QString id MEMBER id FINAL)
    Q_PROPERTY(QString name MEMBER name FINAL)

public:
    /// The same for as long as the device is plugged in, and mostly when it comes back.
    QString id;
    /// For users.
    QString name;

    friend bool operator==(const PeerMediaDevice &left, const PeerMediaDevice &right)
    {
        return left.id == right.id && left.name == right.name;
    }
    friend bool operator!=(const PeerMediaDevice &left, const PeerMediaDevice &right)
    {
        return !(left == right);
    }
};

#endif // PEERMEDIADEVICE_H
