// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// Not part of the API: this header is not installed and may change at any time.

#ifndef PEERRENDEZVOUSSERVER_P_H
#define PEERRENDEZVOUSSERVER_P_H

#include "rendezvous/addressbudgets.h"
#include "rendezvous/clientlink.h"
#include "rendezvous/connectiongate.h"
#include "rendezvous/counters.h"
#include "rendezvous/namestore.h"
#include "rendezvous/servercertificate.h"
#include "rendezvous/stunport.h"
#include "rendezvous/switchboard.h"
#include "rendezvous/tunnelrelay.h"
#include "rendezvous/turncredentials.h"
#include "shell/systemrandom.h"

#include <PeerConnection/peerrendezvousserver.h>

#include <QtCore/qhash.h>
#include <QtCore/qtimer.h>

#include <memory>
#include <optional>

/// Joins the parts: gate, links, switchboard, names file, STUN.
class PeerRendezvousServerPrivate
{
public:
    /// All that is there between listen() and close().
    struct Running
    {
        Running(PeerRendezvousServerPrivate *d, std::size_t seed);

        peer::rendezvous::NameStore names;
        peer::rendezvous::AddressBudgets budgets;
        peer::rendezvous::Switchboard switchboard;
        peer::rendezvous::ConnectionGate gate;
        peer::rendezvous::StunPort stun;
        peer::rendezvous::TunnelRelay tunnels;
        std::shared_ptr<const peer::rendezvous::ClientLink::Policy> policy;
        QHash<peer::rendezvous::ClientId, peer::rendezvous::ClientLink *> links;
        /// Of all links, greeted or not.
        QObject linkOwner;
        QTimer advanceTimer;
        QTimer presenceTimer;
        QTimer saveTimer;
    };

    explicit PeerRendezvousServerPrivate(PeerRendezvousServer *server)
        : q(server)
    { }

    QString start(const QHostAddress &address, quint16 port);
    QString chooseCertificate(const QHostAddress &address);
    QString bindPorts(const QHostAddress &address, quint16 port);
    void stop();

    void takeSocket(const peer::rendezvous::AcceptedSocket &accepted);
    void takeHello(peer::rendezvous::ClientLink *link, const QString &id, const QByteArray &ticket);
    void takeMessage(const peer::rendezvous::ClientLink *link,
                     const peer::rendezvous::ClientMessage &message);
    void takeEnd(peer::rendezvous::ClientLink *link);
    void flush();
    void save();
    bool isTokenGood(const QByteArray &token) const;
    std::shared_ptr<const peer::rendezvous::ClientLink::Policy> makePolicy();
    peer::rendezvous::message::Tunnel mintTunnel(peer::TimePoint now);
    std::optional<peer::rendezvous::message::TurnServers> mintTurn();
    /// For users of this machine: loopback where the server listens on all addresses.
    QHostAddress reachableAddress() const;
    QString stunUri(const QByteArray &dialledHost) const;
    QByteArray metrics() const;

    PeerRendezvousServer *const q;
    PeerRendezvousServer::Limits limits;
    PeerRendezvousServer::TlsMode tlsMode = PeerRendezvousServer::TlsMode::Automatic;
    std::optional<peer::rendezvous::ServerCertificate> givenCertificate;
    std::optional<peer::rendezvous::ServerCertificate> certificate; ///< in use; none = plain
    QString namesFile;
    QUrl publicUrl;
    bool isCallPageEnabled = false;
    QStringList turnUris;
    QByteArray turnSecret;
    QList<QByteArray> tokenDigests; ///< SHA-256
    QString errorString;
    peer::rendezvous::Counters counters;
    peer::SystemRandom random;
    std::unique_ptr<Running> running;
};

#endif // PEERRENDEZVOUSSERVER_P_H
