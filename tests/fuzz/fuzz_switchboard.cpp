// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

// The input is what a few clients do at a rendezvous: they come, with a key or without one and with a
// ticket or without one, they go, time passes, and they send: any text, or messages with names and
// calls of which there are so few that they meet. The first octet of each operation chooses it, the
// next ones are its arguments; the input is read as zeros behind its end.
//
// Whatever they do: nobody hears of a call, or speaks in it, without a key that has to do with it,
// nothing goes to who is not there, no bound is passed, and when all have gone nothing is left.

#include "fuzz/expect.h"
#include "fuzz/input.h"
#include "rendezvous/switchboard.h"

#include <QtCore/qhash.h>
#include <QtCore/qset.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

using namespace peer;
using namespace peer::rendezvous;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int Sockets = 6;

PeerRendezvousLimits smallLimits()
{
    PeerRendezvousLimits limits;
    limits.rateBuckets = 4;
    limits.namesPerConnection = 2;
    limits.namesPerKey = 3;
    limits.names = 5;
    limits.claimRate = {1, 4};
    limits.watchesPerConnection = 3;
    limits.watchersPerName = 3;
    limits.watches = 6;
    limits.watchRate = {1, 20};
    limits.callsPerConnection = 3;
    limits.calls = 6;
    limits.callRate = {1, 20};
    return limits;
}

/// Of keys: empty, the one of nobody, or an id.
QString idOf(int choice)
{
    return choice % 4 == 0 ? QString() : QString(52, QChar(u'a' + choice % 4));
}

class Harness
{
public:
    explicit Harness(fuzz::Input input)
        : m_input(input)
        , m_names(m_limits.names, m_limits.namesPerKey, m_limits.nameRetention)
        , m_budgets(m_limits, 1)
        , m_board(m_limits, m_names, m_budgets, m_counters)
    {
        m_board.setTunnelMint([this](TimePoint) {
            return message::Tunnel{u"/tunnel"_s, QString::number(++m_tunnels)};
        });
    }

    void run()
    {
        for (int i = 0; i < 400 && !m_input.isAtEnd(); ++i) {
            operate();
            drain();
            check();
        }
        for (int socket = 0; socket < Sockets; ++socket)
            leave(socket, Switchboard::Leaving::Silent);
        pass(m_limits.resumeTime);
        drain();
        PEER_FUZZ_EXPECT(m_board.clientCount() == 0);
        PEER_FUZZ_EXPECT(m_board.callCount() == 0);
        PEER_FUZZ_EXPECT(m_board.onlineCount() == 0);
        PEER_FUZZ_EXPECT(m_board.watchCount() == 0);
        pass(m_limits.nameRetention);
        PEER_FUZZ_EXPECT(m_names.count() == 0);
    }

private:
    struct Seen
    {
        QSet<QString> keys;  ///< of those who have called, which others could not
        QSet<QString> names; ///< that they have called
        bool isOpen = false; ///< one of them has no key
    };

    Switchboard::Times times() const
    {
        return {TimePoint(1h) + m_since,
                WallTime(1'700'000'000s)
                    + std::chrono::duration_cast<std::chrono::seconds>(m_since)};
    }
    void pass(Duration time)
    {
        m_since += time;
        m_board.advancePresence(times().now);
        m_board.advance(times());
    }

    void operate();
    void come(int socket);
    void leave(int socket, Switchboard::Leaving leaving);
    void say(int socket, ClientMessage message);
    ClientMessage message();
    QJsonObject signal();
    QString name();
    QString call() { return u"call-call-call-%1"_s.arg(m_input.octet() % 8); }
    CallSide side() { return (m_input.octet() & 1) ? CallSide::Callee : CallSide::Caller; }
    void drain();
    void checkOutgoing(const Switchboard::Outgoing &outgoing);
    void checkAudience(const Switchboard::Outgoing &outgoing);
    void check() const;

    fuzz::Input m_input;
    PeerRendezvousLimits m_limits = smallLimits();
    NameStore m_names;
    AddressBudgets m_budgets;
    Counters m_counters;
    Switchboard m_board;
    Duration m_since{};
    int m_tunnels = 0;
    std::array<ClientId, Sockets> m_sockets{};
    QHash<ClientId, QString> m_keys; ///< of all that ever came
    QHash<QString, Seen> m_calls;
    QHash<QString, QSet<QString>> m_owners; ///< of a name, ever
    QHash<QString, QString> m_tunnelOf;     ///< the call of a token
    QSet<QString> m_online;
};

void Harness::operate()
{
    const std::uint8_t operation = m_input.octet();
    const int socket = (operation >> 3) % Sockets;
    switch (operation & 7) {
    case 0:
        come(socket);
        return;
    case 1:
        leave(socket,
              (m_input.octet() & 1) ? Switchboard::Leaving::Closed : Switchboard::Leaving::Silent);
        return;
    case 2:
        pass((operation & 128 ? Duration(10min) : Duration(100ms)) * m_input.octet());
        return;
    case 3: {
        const ByteView text = m_input.some();
        const auto parsed = parseClientMessage(
            QByteArray(reinterpret_cast<const char *>(text.data()), qsizetype(text.size())));
        if (parsed)
            say(socket, *parsed);
        return;
    }
    default:
        say(socket, message());
        return;
    }
}

void Harness::come(int socket)
{
    if (m_sockets[std::size_t(socket)] != ClientId::None)
        return;
    const std::uint8_t choice = m_input.octet();
    const QString id = idOf(choice);
    // Some have the same one by mistake, or try another's.
    const QByteArray ticket = (choice & 4) ? QByteArray(TicketSize, char('0' + (choice >> 3) % 4))
                                           : QByteArray();
    const Switchboard::Connected connected = m_board.connect(times(), id, ticket, "address");
    PEER_FUZZ_EXPECT(connected.client != ClientId::None);
    PEER_FUZZ_EXPECT(connected.resumed == m_keys.contains(connected.client));
    PEER_FUZZ_EXPECT(!connected.resumed || m_keys.value(connected.client) == id);
    // The server closes its other socket, of which the switchboard hears nothing more.
    bool hadSocket = false;
    for (ClientId &other : m_sockets) {
        if (other == connected.client) {
            other = ClientId::None;
            hadSocket = true;
        }
    }
    PEER_FUZZ_EXPECT(connected.hadSocket == hadSocket);
    m_keys.insert(connected.client, id);
    m_sockets[std::size_t(socket)] = connected.client;
}

void Harness::leave(int socket, Switchboard::Leaving leaving)
{
    ClientId &client = m_sockets[std::size_t(socket)];
    m_board.disconnect(times(), client, leaving);
    client = ClientId::None;
}

void Harness::say(int socket, ClientMessage message)
{
    const ClientId client = m_sockets[std::size_t(socket)];
    if (client == ClientId::None)
        return;
    const QString key = m_keys.value(client);
    if (const auto *request = std::get_if<message::Register>(&message))
        m_owners[request->name.isEmpty() ? key : request->name].insert(key);
    if (auto *signal = std::get_if<message::Signal>(&message))
        signal->signal.insert(u"from"_s, key);
    if (auto *offer = std::get_if<message::Call>(&message); offer && offer->signal)
        offer->signal->insert(u"from"_s, key);
    m_board.receive(times(), client, message);
    std::vector<Switchboard::Outgoing> said;
    while (auto outgoing = m_board.nextOutgoing())
        said.push_back(std::move(*outgoing));
    const auto *call = std::get_if<message::Call>(&message);
    const bool isTaken = call && std::none_of(said.begin(), said.end(), [](const auto &each) {
                             return std::holds_alternative<message::Failed>(each.message);
                         });
    if (isTaken) {
        Seen &seen = m_calls[call->call];
        seen.isOpen = seen.isOpen || key.isEmpty();
        seen.keys.insert(key);
        seen.names.insert(call->to);
    }
    for (const Switchboard::Outgoing &outgoing : said)
        checkOutgoing(outgoing);
}

QString Harness::name()
{
    const std::uint8_t choice = m_input.octet();
    return (choice & 8) ? idOf(1 + choice % 3) : QString(QChar(u'm' + choice % 4));
}

QJsonObject Harness::signal()
{
    const std::uint8_t choice = m_input.octet();
    QJsonObject signal{{u"type"_s, (choice & 1) ? u"offer"_s : u"answer"_s}, {u"seq"_s, choice}};
    // A tunnel of the sender's own is never passed on.
    if (choice & 2)
        signal.insert(u"tunnel"_s, QJsonObject{{u"url"_s, u"/evil"_s}, {u"token"_s, u"evil"_s}});
    return signal;
}

ClientMessage Harness::message()
{
    switch (m_input.octet() % 12) {
    case 0:
    case 1:
        return message::Register{name()};
    case 2:
        return message::Register{};
    case 3:
        return message::Unregister{name()};
    case 4:
    case 5:
        return message::Call{call(), name(), {}, signal()};
    case 6:
        return message::Call{call(), name(), {}, {}};
    case 7:
        return message::End{call(), side()};
    case 8:
        return message::Watch{name()};
    case 9:
        return (m_input.octet() & 1) ? ClientMessage(message::Unwatch{name()})
                                     : ClientMessage(message::Mint{call()});
    default:
        return message::Signal{call(), side(), signal()};
    }
}

void Harness::drain()
{
    while (const auto outgoing = m_board.nextOutgoing())
        checkOutgoing(*outgoing);
    while (const auto event = m_board.nextEvent()) {
        if (const auto *online = std::get_if<Switchboard::NameOnline>(&*event)) {
            PEER_FUZZ_EXPECT(!online->id.isEmpty());
            m_online.insert(online->name);
        } else {
            m_online.remove(std::get<Switchboard::NameOffline>(*event).name);
        }
    }
}

void Harness::checkOutgoing(const Switchboard::Outgoing &outgoing)
{
    PEER_FUZZ_EXPECT(std::count(m_sockets.begin(), m_sockets.end(), outgoing.to) == 1);
    PEER_FUZZ_EXPECT(parseServerMessage(toJson(outgoing.message)));
    checkAudience(outgoing);
}

/// Nobody but those whose call it is hears of it.
void Harness::checkAudience(const Switchboard::Outgoing &outgoing)
{
    const QString key = m_keys.value(outgoing.to);
    const auto isCaller = [&](const QString &call, const QString &who) {
        const Seen seen = m_calls.value(call);
        return who.isEmpty() ? seen.isOpen : seen.keys.contains(who);
    };
    const auto isCalled = [&](const QString &call, const QString &who) {
        const Seen seen = m_calls.value(call);
        return std::any_of(seen.names.begin(), seen.names.end(),
                           [&](const QString &name) { return m_owners.value(name).contains(who); });
    };
    const auto expectParty = [&](const QString &call) {
        PEER_FUZZ_EXPECT(isCaller(call, key) || isCalled(call, key));
    };
    const auto expectTunnel = [&](const QString &call, const QJsonObject &signal) {
        if (const auto tunnel = tunnelOf(signal)) {
            PEER_FUZZ_EXPECT(tunnel->token != "evil"_L1);
            PEER_FUZZ_EXPECT(m_tunnelOf.value(tunnel->token, call) == call);
            m_tunnelOf.insert(tunnel->token, call);
        }
    };
    if (const auto *incoming = std::get_if<message::Incoming>(&outgoing.message)) {
        PEER_FUZZ_EXPECT(!key.isEmpty());
        PEER_FUZZ_EXPECT(m_owners.value(incoming->to).contains(key));
        expectParty(incoming->call);
        expectTunnel(incoming->call, incoming->signal);
        // What it says of the caller, the caller has proven.
        PEER_FUZZ_EXPECT(isCaller(incoming->call, incoming->callerId));
        PEER_FUZZ_EXPECT(incoming->signal.value(u"from"_s) == incoming->callerId);
        PEER_FUZZ_EXPECT(incoming->callerName.isEmpty()
                         || m_owners.value(incoming->callerName).contains(incoming->callerId));
    } else if (const auto *signal = std::get_if<message::Signal>(&outgoing.message)) {
        expectParty(signal->call);
        expectTunnel(signal->call, signal->signal);
        const QString from = signal->signal.value(u"from"_s).toString();
        PEER_FUZZ_EXPECT(signal->side == CallSide::Caller ? isCaller(signal->call, from)
                                                          : isCalled(signal->call, from));
    } else if (const auto *routed = std::get_if<message::Routed>(&outgoing.message)) {
        expectParty(routed->call);
        expectTunnel(
            routed->call,
            {{u"tunnel"_s,
              QJsonObject{{u"url"_s, routed->tunnel.url}, {u"token"_s, routed->tunnel.token}}}});
    } else if (const auto *presence = std::get_if<message::Presence>(&outgoing.message)) {
        expectParty(presence->call);
    }
}

void Harness::check() const
{
    PEER_FUZZ_EXPECT(m_board.callCount() <= m_limits.calls);
    PEER_FUZZ_EXPECT(m_board.watchCount() <= m_limits.watches);
    PEER_FUZZ_EXPECT(m_names.count() <= m_limits.names);
    PEER_FUZZ_EXPECT(m_board.onlineCount() == m_online.size());
    // Besides those with a socket only those are kept who are in a call and have a ticket.
    PEER_FUZZ_EXPECT(m_board.clientCount() <= Sockets + 4);
    for (const QString &name : m_online)
        PEER_FUZZ_EXPECT(m_board.isOnline(name));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Harness(fuzz::Input(ByteView(data, size))).run();
    return 0;
}
