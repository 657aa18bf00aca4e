// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEERNETWORKREPORT_H
#define PEERNETWORKREPORT_H

#include <PeerConnection/peerconnection_export.h>

#include <QtCore/qjsonobject.h>
#include <QtCore/qlist.h>
#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>
#include <QtCore/qstringlist.h>

class PEERCONNECTION_EXPORT PeerNetworkReport
{
    Q_GADGET

public:
    enum class Nat { Unknown, None, Constant, Varying };
    Q_ENUM(Nat)

    enum class Filtering { Unknown, Open, Restricted };
    Q_ENUM(Filtering)

    enum class Direct { Unknown, Impossible, Sometimes, Mostly };
    Q_ENUM(Direct)

    struct Udp
    {
        QStringList addresses;
        bool isTested = false;
        bool isOpen = false;
        QString publicAddress;
        Nat nat = Nat::Unknown;
        Filtering filtering = Filtering::Unknown;
        double roundTripTime = 0;
    };

    struct Rendezvous
    {
        QString host;
        bool isTested = false;
        bool isReachable = false;
        bool hasTunnel = true;
        QString observedAddress;
        QString proxy;
        QString problem;
        double connectTime = 0;
    };

    struct Relay
    {
        QString uri = {};
        QString username = {};
        bool isTested = false;
        bool isUsable = false;
        QString relayedAddress = {};
        QString problem = {};
        double allocationTime = 0;
    };

    Rendezvous rendezvous;
    Udp ipv4;
    Udp ipv6;
    QList<Relay> relays;

    Direct direct() const;
    QString expectation() const;
    QString toString() const;
    QJsonObject toJson() const;
};

#endif // PEERNETWORKREPORT_H
