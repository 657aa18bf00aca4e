// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_RENDEZVOUS_SWITCHBOARD_H
#define PEER_RENDEZVOUS_SWITCHBOARD_H

#include "core/base/time.h"
#include "rendezvous/addressbudgets.h"
#include "rendezvous/counters.h"
#include "rendezvous/namestore.h"
#include "rendezvous/presencebook.h"
#include "signaling/protocolmessages.h"

#include <PeerConnection/peerrendezvouslimits.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qhash.h>
#include <QtCore/qset.h>
#include <QtCore/qstring.h>

#include <deque>
#include <functional>
#include <optional>
#include <variant>

namespace peer::rendezvous {

/// Who is here under which names, and which calls lead where (PROTOCOL.md). No I/O, no clock.
///
/// How to drive it: connect() a client when its hello has passed all checks, receive() each of its
/// further messages, disconnect() it with its socket; advance() every minute or so. After each of
/// them, drain nextOutgoing() and nextEvent(). Its memory is bounded by the limits on connections,
/// names and calls, and by resumeTime.
class Switchboard
{
public:
    struct Outgoing
    {
        ClientId to; ///< it has a socket
        ServerMessage message;
    };
    struct NameOnline
    {
        QString name;
        QString id;
    };
    struct NameOffline
    {
        QString name;
    };
    using Event = std::variant<NameOnline, NameOffline>;

    struct Times
    {
        TimePoint now;
        WallTime wall;
    };

    /// The tunnel of a new call.
    using TunnelMint = std::function<message::Tunnel(TimePoint)>;

    /// All are borrowed but the limits.
    Switchboard(const PeerRendezvousLimits &limits, NameStore &names, AddressBudgets &budgets,
                Counters &counters);

    /// Without it calls have no tunnel.
    void setTunnelMint(TunnelMint mint) { m_mintTunnel = std::move(mint); }

    struct Connected
    {
        ClientId client;
        bool resumed;
        /// It had another socket, to be closed.
        bool hadSocket;
    };
    /// id: proven, or empty. ticket: or empty. address: as of addressKey().
    Connected connect(const Times &times, const QString &id, const QByteArray &ticket,
                      const QByteArray &address);
    enum class Leaving : std::uint8_t {
        Closed, ///< the client has closed the socket
        Silent, ///< nothing was heard, and the server has closed it
    };
    /// The socket is gone: its names are offline at once, its calls wait for resumeTime.
    void disconnect(const Times &times, ClientId client, Leaving leaving);
    /// Any message but Hello, which is ignored.
    void receive(const Times &times, ClientId client, const ClientMessage &message);
    void advance(const Times &times);
    /// As advance(), for presence alone: no later than nextPresenceDeadline().
    void advancePresence(TimePoint now);
    TimePoint nextPresenceDeadline() const { return m_presence.nextDeadline(); }

    std::optional<Outgoing> nextOutgoing();
    std::optional<Event> nextEvent();

    bool isOnline(const QString &name) const { return m_online.contains(name); }
    qsizetype clientCount() const { return qsizetype(m_clients.size()); }
    qsizetype onlineCount() const { return m_online.size(); }
    qsizetype callCount() const { return m_calls.size(); }
    qsizetype watchCount() const { return m_presence.watchCount(); }

private:
    struct Client
    {
        QString id;
        QByteArray ticketDigest;
        QByteArray address;
        bool hasSocket = true;
        bool hasClosed = false; ///< that is why it has no socket
        TimePoint disconnectedAt{};
        QSet<QString> names;
        QSet<QString> outgoingCalls;
        QSet<QString> incomingCalls;
    };
    struct Call
    {
        ClientId caller;
        ClientId callee = ClientId::None; ///< None: to be found under the name again
        QString to;
        QString service;
        /// Whose key the callee had proven. Another may not take its place.
        QString calleeKey;
        bool calleeAnswered = false; ///< it has sent a signal
        bool calleeEnded = false;
        TimePoint lastSignal;
        std::optional<message::Tunnel> tunnel;
    };

    void handle(const Times &times, ClientId from, const message::Hello &);
    void handle(const Times &times, ClientId from, const message::Register &request);
    void handle(const Times &times, ClientId from, const message::Unregister &request);
    void handle(const Times &times, ClientId from, const message::Call &request);
    void handle(const Times &times, ClientId from, const message::Signal &signal);
    void handle(const Times &times, ClientId from, const message::End &end);
    void handle(const Times &times, ClientId from, const message::Watch &request);
    void handle(const Times &times, ClientId from, const message::Unwatch &request);
    void handle(const Times &times, ClientId from, const message::Mint &request);
    void handle(const Times &, ClientId, const message::RenewTurn &) { } // the link's business

    std::optional<RegistrationFailure> claim(const Times &times, const Client &client,
                                             const QString &name);
    std::optional<CallFailure> addCall(const Times &times, ClientId from,
                                       const message::Call &request);
    bool mayClaimCall(ClientId from, const Call &call) const;
    void deliverToCallee(const Times &times, const QString &callId, Call &call,
                         const QJsonObject &signal);
    /// The client that stands for the callee now, if any; ties the call to it.
    ClientId calleeOf(const QString &callId, Call &call);
    bool tieToCallee(const QString &callId, Call &call, ClientId callee);
    void findCallsOf(const QString &name);
    void sayRouted(const QString &callId, const Call &call, CallSide side);
    QString nameOf(const Times &times, const Client &client) const;
    void setAllOffline(const Times &times, ClientId client);
    void setOffline(const Times &times, ClientId client, const QString &name);
    void removeCall(const QString &callId);
    void forget(ClientId client);
    void drainPresence();
    void tellPresence(ClientId of);
    void learnPresence(ClientId who);
    void tellPresence(const QString &callId, CallSide side, ClientId of, ClientId to);
    void send(ClientId to, ServerMessage message);

    PeerRendezvousLimits m_limits;
    NameStore &m_names;
    AddressBudgets &m_budgets;
    Counters &m_counters;
    std::uint64_t m_lastClient = 0;
    QHash<ClientId, Client> m_clients;
    QHash<QByteArray, ClientId> m_tickets; ///< by the ticket's SHA-256
    QHash<QString, ClientId> m_online;
    PresenceBook m_presence;
    QHash<QString, Call> m_calls;
    QSet<QString> m_callsWithoutCallee;
    TunnelMint m_mintTunnel;
    std::deque<Outgoing> m_outgoing;
    std::deque<Event> m_events;
};

} // namespace peer::rendezvous

#endif // PEER_RENDEZVOUS_SWITCHBOARD_H
