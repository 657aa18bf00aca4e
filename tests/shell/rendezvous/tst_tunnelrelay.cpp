// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rawclient.h"
#include "secure/identity/identitykey.h"
#include "signaling/rendezvousproof.h"
#include "signaling/tunneljoin.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;

namespace {

const QString Call = u"call-aaaaaaaaaaaaaaaaa"_s;

/// One end of a tunnel, or what pretends to be one.
class RawEnd : public QObject
{
public:
    explicit RawEnd(const PeerRendezvousServer &server)
    {
        connect(&socket, &QWebSocket::binaryMessageReceived, this,
                [this](const QByteArray &datagram) { received.append(datagram); });
        connect(&socket, &QWebSocket::disconnected, this, [this] { m_isClosed = true; });
        QUrl url = server.url();
        url.setPath(TunnelPath.toString());
        socket.open(url);
    }
    bool isOpen() const { return socket.state() == QAbstractSocket::ConnectedState; }
    /// 0 while open.
    int closeCode() const { return m_isClosed ? int(socket.closeCode()) : 0; }
    void join(const QString &token, CallSide side)
    {
        socket.sendTextMessage(QString::fromUtf8(toJson(TunnelJoin{token, side})));
    }

    QWebSocket socket;
    QList<QByteArray> received;

private:
    bool m_isClosed = false;
};

int codeOf(TunnelClose close)
{
    return int(close);
}

} // namespace

/// Tunnels of a real server, from the call that has one to the datagrams in it.
class tst_TunnelRelay : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void bothSidesOfACallAreToldOfTheSameTunnel();
    void whatACallerSaysOfATunnelIsNotPassedOn();
    void aPublicUrlStandsInTheTunnels();
    void datagramsArriveAtTheOtherEnd();
    void aDatagramForNobodyIsDropped();
    void anEndThatIsDialledAgainTakesThePlace();
    void tunnelsAreApart();
    void aWrongTokenIsRefused();
    void whoDoesNotJoinIsClosed();
    void anythingButAJoinComesFirstIsRefused_data();
    void anythingButAJoinComesFirstIsRefused();
    void aSecondJoinIsRefused();
    void aDatagramThatIsTooLargeIsRefused();
    void tunnelsAreLimited();
    void endsOfAnAddressAreLimited();
    void octetsAreLimited();
    void aRateIsKept_data();
    void aRateIsKept();
    void anIdleTunnelIsClosed();
    void turnCredentialsComeWithTheWelcome();
    void turnCredentialsAreRenewedOnRequest();
    void strangersGetNoTurnCredentialsFromAClosedServer();

private:
    void listen(const PeerRendezvousServer::Limits &limits = {});
    /// A call from one client to another; false if the server does not route it.
    bool makeCall(const QJsonObject &offer = {{"type"_L1, "offer"_L1}});
    /// The token of a call.
    QString token();
    std::unique_ptr<RawEnd> openEnd();
    /// Two ends, joined.
    bool joinBoth();

    std::unique_ptr<PeerRendezvousServer> m_server;
    std::unique_ptr<RawClient> m_caller;
    std::unique_ptr<RawClient> m_callee;
    std::unique_ptr<RawEnd> m_first;
    std::unique_ptr<RawEnd> m_second;
};

void tst_TunnelRelay::init()
{
    m_server = std::make_unique<PeerRendezvousServer>();
}

void tst_TunnelRelay::cleanup()
{
    m_first.reset();
    m_second.reset();
    m_caller.reset();
    m_callee.reset();
    m_server.reset();
}

void tst_TunnelRelay::listen(const PeerRendezvousServer::Limits &limits)
{
    m_server->setLimits(limits);
    QVERIFY2(m_server->listen(), qPrintable(m_server->errorString()));
}

bool tst_TunnelRelay::makeCall(const QJsonObject &offer)
{
    m_callee = std::make_unique<RawClient>(*m_server);
    m_caller = std::make_unique<RawClient>(*m_server);
    if (!QTest::qWaitFor([&] { return m_callee->welcome() && m_caller->welcome(); }))
        return false;
    const auto key = *peer::IdentityKey::generate();
    message::Hello hello;
    const QString host = u"127.0.0.1:%1"_s.arg(m_server->serverPort());
    hello.identity = proveIdentity(key, m_callee->welcome()->challenge, host, u"-"_s);
    m_callee->send(hello);
    m_callee->send(message::Register{u"alice"_s});
    if (!QTest::qWaitFor([&] { return m_callee->last<message::Registered>().has_value(); }))
        return false;
    m_caller->send(message::Hello{});
    m_caller->send(message::Call{Call, u"alice"_s, {}, offer});
    return QTest::qWaitFor(
        [&] { return m_caller->last<message::Routed>() && m_callee->last<message::Incoming>(); });
}

QString tst_TunnelRelay::token()
{
    return makeCall() ? m_caller->last<message::Routed>()->tunnel.token : QString();
}

std::unique_ptr<RawEnd> tst_TunnelRelay::openEnd()
{
    auto end = std::make_unique<RawEnd>(*m_server);
    return QTest::qWaitFor([&] { return end->isOpen(); }) ? std::move(end) : nullptr;
}

bool tst_TunnelRelay::joinBoth()
{
    const QString secret = token();
    m_first = openEnd();
    m_second = openEnd();
    if (secret.isEmpty() || !m_first || !m_second)
        return false;
    m_first->join(secret, CallSide::Caller);
    m_second->join(secret, CallSide::Callee);
    // The two sockets have no order; when the first datagram arrives, both have joined.
    return QTest::qWaitFor([&] {
        m_first->socket.sendBinaryMessage("a");
        m_second->socket.sendBinaryMessage("b");
        const bool areJoined = !m_first->received.isEmpty() && !m_second->received.isEmpty();
        return areJoined;
    });
}

void tst_TunnelRelay::bothSidesOfACallAreToldOfTheSameTunnel()
{
    listen();
    QVERIFY(makeCall());
    const auto routed = m_caller->last<message::Routed>();
    QCOMPARE(routed->call, Call);
    QVERIFY(routed->side == CallSide::Caller);
    QCOMPARE(routed->tunnel.url, u"/tunnel"_s);
    const auto told = tunnelOf(m_callee->last<message::Incoming>()->signal);
    QVERIFY(told == routed->tunnel);
}

void tst_TunnelRelay::whatACallerSaysOfATunnelIsNotPassedOn()
{
    listen();
    QJsonObject offer{{"type"_L1, "offer"_L1}};
    setTunnel(offer, message::Tunnel{u"wss://elsewhere.example/"_s, u"token"_s});
    QVERIFY(makeCall(offer));
    const auto told = tunnelOf(m_callee->last<message::Incoming>()->signal);
    QVERIFY(told == m_caller->last<message::Routed>()->tunnel);
    offer["type"_L1] = "candidate"_L1;
    const auto before = m_callee->messages.size();
    m_caller->send(message::Signal{Call, CallSide::Caller, offer});
    QTRY_VERIFY(m_callee->messages.size() > before);
    QVERIFY(!m_callee->last<message::Incoming>()->signal.contains("tunnel"_L1));
    m_callee->send(message::Signal{Call, CallSide::Callee, offer});
    QTRY_VERIFY(m_caller->last<message::Signal>());
    QVERIFY(!m_caller->last<message::Signal>()->signal.contains("tunnel"_L1));
}

void tst_TunnelRelay::aPublicUrlStandsInTheTunnels()
{
    m_server->setPublicUrl(QUrl(u"wss://rv.example.org:8443/whatever?else"_s));
    listen();
    QVERIFY(makeCall());
    QCOMPARE(m_caller->last<message::Routed>()->tunnel.url, u"wss://rv.example.org:8443/tunnel"_s);
}

void tst_TunnelRelay::datagramsArriveAtTheOtherEnd()
{
    listen();
    QVERIFY(joinBoth());
    const QByteArray largest(1200, '\xa5');
    m_first->socket.sendBinaryMessage(largest);
    m_second->socket.sendBinaryMessage("hello");
    QTRY_COMPARE(m_second->received.last(), largest);
    QTRY_COMPARE(m_first->received.last(), "hello"_ba);
    QVERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 1\n"));
}

void tst_TunnelRelay::aDatagramForNobodyIsDropped()
{
    listen();
    const QString secret = token();
    m_first = openEnd();
    m_first->join(secret, CallSide::Caller);
    m_first->socket.sendBinaryMessage("lost");
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_datagrams_dropped_total 1\n"));
    m_second = openEnd();
    m_second->join(secret, CallSide::Callee);
    m_second->socket.sendBinaryMessage("found");
    QTRY_COMPARE(m_first->received, QList{"found"_ba});
    QVERIFY(m_second->received.isEmpty());
}

void tst_TunnelRelay::anEndThatIsDialledAgainTakesThePlace()
{
    listen();
    QVERIFY(joinBoth());
    const auto again = openEnd();
    again->join(m_caller->last<message::Routed>()->tunnel.token, CallSide::Caller);
    QTRY_COMPARE(m_first->closeCode(), codeOf(TunnelClose::Replaced));
    m_second->socket.sendBinaryMessage("to whom");
    QTRY_COMPARE(again->received, QList{"to whom"_ba});
    again->socket.sendBinaryMessage("from whom");
    QTRY_COMPARE(m_second->received.last(), "from whom"_ba);
}

void tst_TunnelRelay::tunnelsAreApart()
{
    listen();
    QVERIFY(joinBoth());
    m_caller->send(message::Call{u"call-bbbbbbbbbbbbbbbbb"_s, u"alice"_s, {}, QJsonObject()});
    QTRY_COMPARE(m_caller->last<message::Routed>()->call, u"call-bbbbbbbbbbbbbbbbb"_s);
    const auto stranger = openEnd();
    stranger->join(m_caller->last<message::Routed>()->tunnel.token, CallSide::Callee);
    stranger->socket.sendBinaryMessage("stranger");
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 2\n"));
    m_second->socket.sendBinaryMessage("friend");
    QTRY_COMPARE(m_first->received.last(), "friend"_ba);
    QVERIFY(!m_first->received.contains("stranger"));
    QVERIFY(!m_second->received.contains("stranger"));
}

void tst_TunnelRelay::aWrongTokenIsRefused()
{
    listen();
    m_first = openEnd();
    m_first->join(QString(75, u'A'), CallSide::Caller);
    QTRY_COMPARE(m_first->closeCode(), codeOf(TunnelClose::BadToken));
    QVERIFY(m_server->metrics().contains("peer_rendezvous_tunnels_refused_total 1\n"));
}

void tst_TunnelRelay::whoDoesNotJoinIsClosed()
{
    PeerRendezvousServer::Limits limits;
    limits.helloTime = 50ms;
    listen(limits);
    m_first = std::make_unique<RawEnd>(*m_server);
    QTRY_COMPARE(m_first->closeCode(), int(QWebSocketProtocol::CloseCodePolicyViolated));
}

void tst_TunnelRelay::anythingButAJoinComesFirstIsRefused_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("a datagram") << QString();
    QTest::newRow("no JSON") << u"hello"_s;
    QTest::newRow("another message") << u"{\"type\":\"hello\",\"version\":\"1.1\"}"_s;
    QTest::newRow("no token") << u"{\"type\":\"join\",\"side\":\"caller\"}"_s;
    QTest::newRow("no side") << u"{\"type\":\"join\",\"token\":\"abc\"}"_s;
    QTest::newRow("another side") << u"{\"type\":\"join\",\"token\":\"abc\",\"side\":\"both\"}"_s;
}

void tst_TunnelRelay::anythingButAJoinComesFirstIsRefused()
{
    QFETCH(QString, text);
    listen();
    m_first = openEnd();
    if (text.isEmpty())
        m_first->socket.sendBinaryMessage("datagram");
    else
        m_first->socket.sendTextMessage(text);
    QTRY_COMPARE(m_first->closeCode(), int(QWebSocketProtocol::CloseCodePolicyViolated));
}

void tst_TunnelRelay::aSecondJoinIsRefused()
{
    listen();
    QVERIFY(joinBoth());
    m_first->join(u"abc"_s, CallSide::Caller);
    QTRY_COMPARE(m_first->closeCode(), int(QWebSocketProtocol::CloseCodePolicyViolated));
}

void tst_TunnelRelay::aDatagramThatIsTooLargeIsRefused()
{
    listen();
    QVERIFY(joinBoth());
    m_first->socket.sendBinaryMessage(QByteArray(1501, 'x'));
    QTRY_COMPARE(m_first->closeCode(), int(QWebSocketProtocol::CloseCodeTooMuchData));
    QVERIFY(m_second->isOpen());
}

void tst_TunnelRelay::tunnelsAreLimited()
{
    PeerRendezvousServer::Limits limits;
    limits.tunnels = 1;
    listen(limits);
    QVERIFY(joinBoth());
    m_caller->send(message::Call{u"call-bbbbbbbbbbbbbbbbb"_s, u"alice"_s, {}, QJsonObject()});
    QTRY_COMPARE(m_caller->last<message::Routed>()->call, u"call-bbbbbbbbbbbbbbbbb"_s);
    const auto third = openEnd();
    third->join(m_caller->last<message::Routed>()->tunnel.token, CallSide::Callee);
    QTRY_COMPARE(third->closeCode(), codeOf(TunnelClose::Limit));
    QVERIFY(m_first->isOpen());
}

void tst_TunnelRelay::endsOfAnAddressAreLimited()
{
    PeerRendezvousServer::Limits limits;
    limits.tunnelEndsPerAddress = 1;
    listen(limits);
    const QString secret = token();
    m_first = openEnd();
    m_first->join(secret, CallSide::Caller);
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 1\n"));
    m_second = openEnd();
    m_second->join(secret, CallSide::Callee);
    QTRY_COMPARE(m_second->closeCode(), codeOf(TunnelClose::Limit));
    // One that has gone makes room.
    m_first->socket.close();
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 0\n"));
    m_second = openEnd();
    m_second->join(secret, CallSide::Callee);
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 1\n"));
    QVERIFY(m_second->isOpen());
}

void tst_TunnelRelay::octetsAreLimited()
{
    PeerRendezvousServer::Limits limits;
    limits.tunnelOctets = 5000;
    listen(limits);
    QVERIFY(joinBoth());
    for (int i = 0; i < 5; ++i)
        m_first->socket.sendBinaryMessage(QByteArray(1200, 'x'));
    QTRY_COMPARE(m_first->closeCode(), codeOf(TunnelClose::Limit));
    QTRY_COMPARE(m_second->closeCode(), codeOf(TunnelClose::Limit));
}

void tst_TunnelRelay::aRateIsKept_data()
{
    QTest::addColumn<double>("octets");
    QTest::addColumn<int>("datagrams");
    QTest::newRow("of octets") << 2400.0 << 1000;
    QTest::newRow("of datagrams") << 1e6 << 2;
}

/// Two datagrams are within the rate.
void tst_TunnelRelay::aRateIsKept()
{
    QFETCH(double, octets);
    QFETCH(int, datagrams);
    PeerRendezvousServer::Limits limits;
    limits.tunnelRate = {0.001, int(octets)};
    limits.datagramRate = {0.001, datagrams};
    listen(limits);
    const QString secret = token();
    m_first = openEnd();
    m_first->join(secret, CallSide::Caller);
    for (int i = 0; i < 4; ++i)
        m_first->socket.sendBinaryMessage(QByteArray(1200, 'x'));
    // Two for their rate, and two because nobody is there.
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_datagrams_dropped_total 4\n"));
    m_second = openEnd();
    m_second->join(secret, CallSide::Callee);
    m_second->socket.sendBinaryMessage("there");
    QTRY_COMPARE(m_first->received, QList{"there"_ba});
    m_first->socket.sendBinaryMessage(QByteArray(1200, 'x'));
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_datagrams_dropped_total 5\n"));
    QVERIFY(m_second->received.isEmpty());
    QVERIFY(m_first->isOpen());
}

void tst_TunnelRelay::anIdleTunnelIsClosed()
{
    PeerRendezvousServer::Limits limits;
    limits.tunnelIdle = 100ms;
    listen(limits);
    const QString secret = token();
    m_first = openEnd();
    m_second = openEnd();
    QVERIFY(m_first && m_second);
    m_first->join(secret, CallSide::Caller);
    m_second->join(secret, CallSide::Callee);
    QTRY_COMPARE(m_first->closeCode(), codeOf(TunnelClose::Idle));
    QTRY_COMPARE(m_second->closeCode(), codeOf(TunnelClose::Idle));
    QTRY_VERIFY(m_server->metrics().contains("peer_rendezvous_tunnels 0\n"));
}

void tst_TunnelRelay::turnCredentialsComeWithTheWelcome()
{
    QVERIFY(
        m_server->setTurn({u"turn:turn.example:3478"_s, u"turns:turn.example:443"_s}, "secret"_ba));
    listen();
    m_caller = std::make_unique<RawClient>(*m_server);
    QTRY_VERIFY(m_caller->welcome());
    const auto turn = m_caller->welcome()->turn;
    QVERIFY(turn);
    QCOMPARE(turn->uris, QStringList({u"turn:turn.example"_s, u"turns:turn.example:443"_s}));
    QCOMPARE(turn->lifetime, 3600);
    QVERIFY(turn->username.section(u':', 0, 0).toLongLong() > QDateTime::currentSecsSinceEpoch());
    m_caller->send(message::Hello{});
    QTRY_VERIFY(m_caller->last<message::Ready>());
    QVERIFY(!m_caller->last<message::Ready>()->turn);
}

void tst_TunnelRelay::turnCredentialsAreRenewedOnRequest()
{
    QVERIFY(m_server->setTurn({u"turn:turn.example"_s}, "secret"_ba));
    listen();
    m_caller = std::make_unique<RawClient>(*m_server);
    QTRY_VERIFY(m_caller->welcome());
    m_caller->send(message::Hello{});
    m_caller->send(message::RenewTurn{});
    QTRY_VERIFY(m_caller->last<message::Turn>());
    QVERIFY(m_caller->last<message::Turn>()->turn.username != m_caller->welcome()->turn->username);
}

void tst_TunnelRelay::strangersGetNoTurnCredentialsFromAClosedServer()
{
    QVERIFY(m_server->setTurn({u"turn:turn.example"_s}, "secret"_ba));
    QVERIFY(!m_server->setTurn({u"stun:turn.example"_s}, "secret"_ba));
    QVERIFY(!m_server->setTurn({u"turn:turn.example"_s}, {}));
    m_server->setTokens({"let-me-in"});
    listen();
    m_caller = std::make_unique<RawClient>(*m_server);
    QTRY_VERIFY(m_caller->welcome());
    QVERIFY(!m_caller->welcome()->turn);
    m_caller->send(message::RenewTurn{});
    QTRY_VERIFY(m_caller->isClosed());
    m_caller = std::make_unique<RawClient>(*m_server);
    QTRY_VERIFY(m_caller->welcome());
    message::Hello hello;
    hello.token = "let-me-in"_ba;
    m_caller->send(hello);
    QTRY_VERIFY(m_caller->last<message::Ready>());
    QVERIFY(m_caller->last<message::Ready>()->turn);
}

QTEST_GUILESS_MAIN(tst_TunnelRelay)

#include "tst_tunnelrelay.moc"
