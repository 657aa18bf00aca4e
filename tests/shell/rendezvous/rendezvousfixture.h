// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef RENDEZVOUSFIXTURE_H
#define RENDEZVOUSFIXTURE_H

#include "signaling/rendezvousclient.h"

#include <PeerConnection/PeerRendezvousServer>

#include <QtCore/qjsonobject.h>
#include <QtCore/qlist.h>

#include <memory>

/// What a client's signals said, in order.
class ClientLog : public QObject
{
    Q_OBJECT

public:
    struct Incoming
    {
        QString callId, callerName, callerId, targetName, service;
        QJsonObject signal;
    };
    struct Received
    {
        QString callId;
        QJsonObject signal;
    };
    struct FailedCall
    {
        QString callId;
        peer::RendezvousClient::CallError error;
        QString text;
    };
    struct FailedName
    {
        QString name;
        peer::RendezvousClient::NameError error;
        QString text;
    };
    struct Fault
    {
        peer::RendezvousClient::Error error;
        QString text;
    };

    explicit ClientLog(peer::RendezvousClient *client);

    QList<peer::RendezvousInfo> infos;
    QStringList registered;
    QList<FailedName> failedNames;
    QList<Incoming> incoming;
    QList<Received> received;
    QList<FailedCall> failedCalls;
    QList<Fault> faults;
};

/// A client with its log.
struct TestClient
{
    explicit TestClient(const peer::RendezvousConfig &config);

    bool isReady() const { return client->state() == peer::RendezvousClient::State::Ready; }

    std::unique_ptr<peer::RendezvousClient> client;
    std::unique_ptr<ClientLog> log;
};

/// How to reach the server, with a new identity.
peer::RendezvousConfig configFor(const PeerRendezvousServer &server);
/// 22 characters, different each time.
QString newCallId();
QJsonObject signalWith(int number);

#endif // RENDEZVOUSFIXTURE_H
