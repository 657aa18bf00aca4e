// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERRUNTIME_H
#define PEERRUNTIME_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qobjectdefs.h>

class PEERCONNECTION_EXPORT PeerRuntime
{
    Q_GADGET

public:
    enum class Threading {
        NetworkThread,
        CallingThread,
    };
    Q_ENUM(Threading)

    PeerRuntime() = delete;

    static bool setThreading(Threading threading);
    static Threading threading();
};

#endif // PEERRUNTIME_H
