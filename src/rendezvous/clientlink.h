// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_CLIENTLINK_H
#define PEER_RENDEZVOUS_CLIENTLINK_H

#include "rendezvous/connectiongate.h"
#include "rendezvous/counters.h"
#include "rendezvous/silencewatch.h"
#include "rendezvous/switchboard.h"
#include "rendezvous/tokenbucket.h"
#include "signaling/protocolmessages.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <functional>
#include <memory>
#include <optional>

namespace peer::rendezvous {

/// One WebSocket of a client: says welcome, checks hello, keeps the rates and the sizes, notices a
/// dead socket. What comes after a valid hello goes to the owner.
class ClientLink : public QObject
{
    Q_OBJECT

public:
    /// What a hello is held against.
    struct Policy
    {
        PeerRendezvousLimits limits;
        std::function<bool(const QByteArray &token)> isTokenGood;
        /// Whether host and pin of a proof mean this server.
        std::function<bool(const message::Identity &)> isForUs;
        /// Whether one without a token may stay.
        std::function<bool()> isPublic;
        /// TURN servers and fresh credentials; null where there are none.
        std::function<std::optional<message::TurnServers>()> mintTurn;
    };

    /// Takes the socket, says welcome. counters is borrowed.
    ClientLink(const AcceptedSocket &accepted, std::shared_ptr<const Policy> policy,
               message::Welcome welcome, Counters &counters, QObject *parent);
    ~ClientLink() override;

    const QByteArray &address() const { return m_address; }
    /// For the owner to note whose socket it is.
    ClientId client() const { return m_client; }
    void setClient(ClientId client) { m_client = client; }
    /// It ended because nothing was heard.
    bool wasSilent() const { return m_wasSilent; }
    void send(const ServerMessage &message);
    /// After helloAccepted().
    void sendReady(bool isResumed);
    /// Ends it from our side; ended() follows.
    void close(QWebSocketProtocol::CloseCode code);

Q_SIGNALS:
    /// id: proven, or empty.
    void helloAccepted(const QString &id, const QByteArray &ticket);
    void messageReceived(const peer::rendezvous::ClientMessage &message);
    /// Once, from the event loop; the owner deletes it.
    void ended();

private:
    void receive(const QString &text);
    bool isWithinRate(qsizetype octets);
    void drop(const QByteArray &utf8);
    void takeHello(const message::Hello &hello);
    void fail(FatalError cause, const QString &text);
    void checkSilence();

    std::unique_ptr<QWebSocket> m_socket;
    std::shared_ptr<const Policy> m_policy;
    Counters &m_counters;
    QByteArray m_address;
    QByteArray m_challenge;
    ClientId m_client = ClientId::None;
    bool m_isGreeted = false; ///< a valid hello came
    bool m_hasTurn = false;   ///< TURN credentials went with the welcome
    bool m_isFailed = false;
    bool m_wasSilent = false;
    TokenBucket m_messages;
    TokenBucket m_octets;
    TokenBucket m_dropped;
    QTimer m_helloTimer;
    QTimer m_pingTimer;
    SilenceWatch m_silence;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_CLIENTLINK_H
