// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_CALLFALLBACK_H
#define PEER_SIGNALING_CALLFALLBACK_H

#include "signaling/protocolmessages.h"
#include "signaling/rendezvousclient.h"

#include <QtCore/qhash.h>
#include <QtCore/qobject.h>

#include <map>
#include <memory>

namespace peer {

/// Calls that are offline at the host that a client is connected to, tried at its other hosts, one
/// after the other: two who were cut off from different hosts of a list find each other
/// nevertheless. Each host has a connection while there are calls there.
///
/// Emits each signal last, so that it may be deleted in the slot.
class CallFallback : public QObject
{
    Q_OBJECT

public:
    explicit CallFallback(const RendezvousConfig &config, QObject *parent = nullptr);
    ~CallFallback() override;

    /// early: the signals that came after the offer. refused: the host where it is offline.
    void tryCall(const rendezvous::message::Call &announcement, const QList<QJsonObject> &early,
                 const RendezvousHost &refused);
    bool sendSignal(const QString &callId, const QJsonObject &signal);
    void endCall(const QString &callId);
    /// As RendezvousClient::checkConnection().
    void checkConnections();

Q_SIGNALS:
    void signalReceived(const QString &callId, const QJsonObject &signal);
    /// As of RendezvousClient.
    void tunnelOffered(const QString &callId, const QUrl &url, const QString &token);
    void presenceChanged(const QString &callId, bool isThere);
    /// It is forgotten here. Offline: at all hosts.
    void callFailed(const QString &callId, peer::RendezvousClient::CallError error,
                    const QString &text);

private:
    struct Entry
    {
        rendezvous::message::Call announcement;
        QList<QJsonObject> early;
        QList<RendezvousHost> untried;
        RendezvousClient *client = nullptr;
        bool isAnswered = false;
        QString text; ///< what the last host said
    };

    void tryNextHost(const QString &callId);
    RendezvousClient *clientFor(const RendezvousHost &host);
    void noteFailure(const QString &callId, RendezvousClient::CallError error, const QString &text);
    void noteError(RendezvousClient *client);
    void leave(const QString &callId);

    RendezvousConfig m_config;
    QHash<QString, Entry> m_calls;
    std::map<QString, std::unique_ptr<RendezvousClient>> m_clients; ///< by host
};

} // namespace peer

#endif // PEER_SIGNALING_CALLFALLBACK_H
