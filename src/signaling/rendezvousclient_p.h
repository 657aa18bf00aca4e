// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_SIGNALING_RENDEZVOUSCLIENT_P_H
#define PEER_SIGNALING_RENDEZVOUSCLIENT_P_H

#include "shell/systemrandom.h"
#include "signaling/backoff.h"
#include "signaling/callbook.h"
#include "signaling/callfallback.h"
#include "signaling/hostrace.h"
#include "signaling/rendezvousclient.h"
#include "signaling/rendezvouslink.h"

#include <QtCore/qhash.h>
#include <QtCore/qset.h>
#include <QtCore/qtimer.h>

#include <memory>
#include <optional>

namespace peer {

/// Connection: none, a race, a link, or a wait, by turns. A race may run beside a link that is not
/// trusted any more. Nothing touches a member after it has emitted: the slot may delete all.
class RendezvousClient::Private
{
public:
    explicit Private(RendezvousClient *client, const RendezvousConfig &configuration);

    // Connection (rendezvousclient.cpp)
    void startRace();
    void noteRaceWon();
    void noteRaceLost();
    void noteLinkEnded();
    void retryLater(Error reason);
    void takeLink(std::unique_ptr<RendezvousLink> link);
    void retireLink();
    void dropLink();
    void sendFirstFlight();
    void setState(State next);
    QByteArray ticketFor(const RendezvousHost &host);

    // Messages and calls (clientcalls.cpp)
    void handle(const rendezvous::message::Welcome &) { }
    void handle(const rendezvous::message::Error &) { }
    void handle(const rendezvous::message::Ready &ready);
    void handle(const rendezvous::message::Registered &registered);
    void handle(const rendezvous::message::NotRegistered &refusal);
    void handle(const rendezvous::message::Replaced &replaced);
    void handle(const rendezvous::message::Incoming &incoming);
    void handle(const rendezvous::message::Signal &signal);
    void handle(const rendezvous::message::Routed &routed);
    void handle(const rendezvous::message::Turn &turn);
    void handle(const rendezvous::message::Failed &failure);
    void handle(const rendezvous::message::Presence &presence);
    // Presence of names, and tunnels of their own (clientpresence.cpp)
    void handle(const rendezvous::message::Watched &watched);
    void handle(const rendezvous::message::NotWatched &refusal);
    void handle(const rendezvous::message::Minted &minted);
    void handle(const rendezvous::message::NotMinted &refusal);
    bool hasWishes() const;
    void sendWishes();
    void failWishes();
    void askAgain();
    void askLater();
    void forgetPresence();
    void refuseWatch(const QString &name, const QString &text);
    void tellLater(const QString &name);
    void failWatch(const QString &name, const QString &text);

    void addCall(const rendezvous::message::Call &announcement);
    void offerTunnel(const QString &callId, const rendezvous::message::Tunnel &tunnel);
    void takeTurn(const rendezvous::message::TurnServers &turn);
    void announce(const CallRecord &record);
    void flushWaiting(CallRecord &record);
    void finishEnding();
    void sendEnd(const CallRecord &record);
    void tryElsewhere(CallRecord &record);
    void failCall(const QString &callId, CallError error, const QString &text);
    void failLater(const QString &callId, CallError error, const QString &text);
    QString calleeText(const CallRecord &record) const;

    bool isReady() const { return state == State::Ready; }
    int maxMessageSize() const;

    RendezvousClient *const q;
    const RendezvousConfig config;
    State state = State::Idle;
    RendezvousInfo info;
    Error error = Error::None;
    QString errorString;
    QNetworkProxy refusedProxy;

    SystemRandom random;
    Backoff backoff;
    QTimer retryTimer;
    QTimer turnTimer;   ///< when it ends, the TURN credentials are to be renewed
    QTimer steadyTimer; ///< when it ends, the connection has stood for a while
    std::unique_ptr<HostRace> race;
    std::unique_ptr<RendezvousLink> link; ///< its hello is sent
    /// The one before, until it ends or farewellTimer does: signals may still arrive by it.
    std::unique_ptr<RendezvousLink> retired;
    QTimer farewellTimer;
    QHash<QString, QByteArray> tickets; ///< by host
    QSet<QString> names;                ///< to be registered on each connection
    /// One watched name.
    struct Watch
    {
        int users = 0;
        std::optional<bool> isOnline{}; ///< null: not known at the moment
        bool isGranted = false;         ///< by the server, on this connection
        QString refusal{};              ///< why it is not; told
    };
    QHash<QString, Watch> watches;
    QTimer watchTimer; ///< when it ends, what is not granted is asked for again
    Backoff watchBackoff;
    QStringList mints; ///< requests without an answer
    CallBook calls;
    std::unique_ptr<CallFallback> fallback; ///< made when it is needed
};

} // namespace peer

#endif // PEER_SIGNALING_RENDEZVOUSCLIENT_P_H
