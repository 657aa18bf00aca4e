// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSLINK_H
#define PEER_SIGNALING_RENDEZVOUSLINK_H

#include "shell/websocketport.h"
#include "signaling/protocolmessages.h"
#include "signaling/rendezvousclient.h"

#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

namespace peer {

/// One connection to one host, from its opening to its end: checks that a rendezvous of our
/// version is there, then carries messages. Emits each signal last, so that it may be deleted in
/// the slot.
class RendezvousLink : public QObject
{
    Q_OBJECT

public:
    RendezvousLink(const RendezvousConfig &config, const RendezvousHost &host,
                   QObject *parent = nullptr);

    void open();
    const RendezvousHost &host() const { return m_host; }
    /// After welcomed().
    const rendezvous::message::Welcome &welcome() const { return m_welcome; }
    /// With the proof of the key, if the configuration has one.
    void sendHello(const QByteArray &ticket);
    /// False if it does not fit into the send buffer.
    bool send(const rendezvous::ClientMessage &message);
    bool sendJson(const QByteArray &json);

    /// After ended().
    RendezvousClient::Error error() const { return m_error; }
    const QString &errorString() const { return m_errorString; }
    QNetworkProxy proxy() const { return m_port.proxy(); }

Q_SIGNALS:
    void welcomed();
    /// Anything but Welcome and Error.
    void messageReceived(const peer::rendezvous::ServerMessage &message);
    /// Once, unless it is deleted before.
    void ended();

private:
    void receive(const QString &text);
    void takeWelcome(const rendezvous::message::Welcome &welcome);
    void takeError(const rendezvous::message::Error &error);
    void notePortEnd();
    void fail(RendezvousClient::Error error, const QString &text);

    RendezvousConfig m_config;
    RendezvousHost m_host;
    WebSocketPort m_port;
    QTimer m_welcomeTimer;
    bool m_isWelcomed = false;
    bool m_hasEnded = false;
    rendezvous::message::Welcome m_welcome;
    RendezvousClient::Error m_error = RendezvousClient::Error::None;
    QString m_errorString;
};

} // namespace peer

#endif // PEER_SIGNALING_RENDEZVOUSLINK_H
