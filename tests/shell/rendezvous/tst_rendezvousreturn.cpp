// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "breakablerelay.h"
#include "rendezvousfixture.h"
#include "support/ports/quietport.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::RendezvousClient;
using peer::RendezvousConfig;
using peer::test::quietPort;

namespace {

/// Alice, Bob, and a call from him to her that she has answered.
struct Call
{
    Call(const RendezvousConfig &alicesConfig, const RendezvousConfig &bobsConfig)
        : alice(alicesConfig)
        , bob(bobsConfig)
    { }

    bool isAnswered()
    {
        if (bob.log->received.isEmpty()) {
            if (incoming.isEmpty() && !alice.log->incoming.isEmpty()) {
                incoming = alice.log->incoming.first().callId;
                alice.client->sendSignal(incoming, signalWith(0));
            }
            return false;
        }
        return true;
    }
    /// Whether one of both was sent what the other has not heard yet, until it has.
    bool reaches(TestClient &from, const QString &callId, TestClient &to, int number)
    {
        const auto hasIt = [&] {
            return std::any_of(
                to.log->received.begin(), to.log->received.end(),
                [number](const auto &each) { return each.signal == signalWith(number); });
        };
        if (hasIt())
            return true;
        // As a session repeats it.
        from.client->sendSignal(callId, signalWith(number));
        return false;
    }

    TestClient alice;
    TestClient bob;
    QString outgoing = newCallId();
    QString incoming;
};

} // namespace

/// Connections break, servers restart, and calls go on.
class tst_RendezvousReturn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_server.reset(); }

    void aBrokenConnectionReturnsWithNamesAndCalls_data();
    void aBrokenConnectionReturnsWithNamesAndCalls();
    void aRestartedServerIsToldOfCallsThatGoOn();
    void anUnansweredCallReachesARestartedServer();
    void anEndedCallDoesNotRingAgainAfterARestart();
    void aFrozenConnectionIsReplacedOnDemand();
    void whatWasUnderWayOnAReplacedConnectionArrives();
    void aReplacedConnectionMayOutliveTheNext();
    void replacedConnectionsAreFewAndGo();
    void aBreakIsNoErrorIfTheConnectionReturns();
    void signalsWaitWhileTheConnectionIsAway();
    void moreThanAHundredCallsSurviveARestart();
    void goesToAnotherHostWhenOneDies();

private:
    void restart(quint16 port)
    {
        m_server = std::make_unique<PeerRendezvousServer>();
        QVERIFY2(m_server->listen(QHostAddress::LocalHost, port),
                 qPrintable(m_server->errorString()));
    }
    RendezvousConfig configVia(const BreakableRelay &relay) const
    {
        RendezvousConfig config = configFor(*m_server);
        config.hosts = {{u"127.0.0.1"_s, relay.serverPort()}};
        return config;
    }
    void connectCall(Call &call)
    {
        call.alice.client->registerName(u"alice"_s);
        QTRY_COMPARE(call.alice.log->registered.size(), 1);
        call.bob.client->call(call.outgoing, u"alice"_s, u"chat"_s, signalWith(0));
        QTRY_VERIFY(call.isAnswered());
        QTRY_VERIFY(call.alice.isReady() && call.bob.isReady());
    }
    /// The line of the server's metrics that counts them.
    QByteArray routedSignals() const
    {
        const QByteArray metrics = m_server->metrics();
        const qsizetype at = metrics.indexOf("\npeer_rendezvous_signals_routed_total ");
        return at < 0 ? QByteArray() : metrics.mid(at, metrics.indexOf('\n', at + 1) - at);
    }
    void bothWaysWork(Call &call, int number)
    {
        QTRY_VERIFY(call.reaches(call.alice, call.incoming, call.bob, number));
        QTRY_VERIFY(call.reaches(call.bob, call.outgoing, call.alice, number + 1));
    }

    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousReturn::init()
{
    m_server = std::make_unique<PeerRendezvousServer>();
    QVERIFY2(m_server->listen(QHostAddress::LocalHost, quietPort()),
             qPrintable(m_server->errorString()));
}

void tst_RendezvousReturn::aBrokenConnectionReturnsWithNamesAndCalls_data()
{
    QTest::addColumn<bool>("alicesBreaks");
    QTest::addColumn<bool>("bobsBreaks");
    QTest::newRow("the callee's") << true << false;
    QTest::newRow("the caller's") << false << true;
    QTest::newRow("both") << true << true;
}

void tst_RendezvousReturn::aBrokenConnectionReturnsWithNamesAndCalls()
{
    QFETCH(bool, alicesBreaks);
    QFETCH(bool, bobsBreaks);
    BreakableRelay toAlice(m_server->serverPort());
    BreakableRelay toBob(m_server->serverPort());
    Call call(configVia(toAlice), configVia(toBob));
    connectCall(call);
    for (int round = 1; round <= 3; ++round) {
        if (alicesBreaks)
            toAlice.breakConnections();
        if (bobsBreaks)
            toBob.breakConnections();
        bothWaysWork(call, round * 10);
        QTRY_COMPARE(toAlice.acceptedCount(), alicesBreaks ? round + 1 : 1);
    }
    QTRY_VERIFY(m_server->isRegistered(u"alice"_s));
    QCOMPARE(call.alice.log->incoming.size(), 1);
    QVERIFY(call.bob.log->failedCalls.isEmpty());
    QVERIFY(call.alice.log->failedNames.isEmpty());
    QVERIFY(m_server->metrics().contains("_calls 1\n"));
}

void tst_RendezvousReturn::aRestartedServerIsToldOfCallsThatGoOn()
{
    Call call(configFor(*m_server), configFor(*m_server));
    connectCall(call);
    const quint16 port = m_server->serverPort();
    m_server.reset();
    QTRY_VERIFY(!call.alice.isReady() && !call.bob.isReady());
    restart(port);
    bothWaysWork(call, 10);
    QCOMPARE(call.alice.log->incoming.size(), 1);
    QVERIFY(call.bob.log->failedCalls.isEmpty());
    QTRY_VERIFY(m_server->isRegistered(u"alice"_s));
}

void tst_RendezvousReturn::anUnansweredCallReachesARestartedServer()
{
    const quint16 port = m_server->serverPort();
    Call call(configFor(*m_server), configFor(*m_server));
    QTRY_VERIFY(call.bob.isReady());
    m_server.reset();
    QTRY_VERIFY(!call.bob.isReady() && !call.alice.isReady());
    call.bob.client->call(call.outgoing, u"alice"_s, {}, signalWith(1));
    QVERIFY(call.bob.client->sendSignal(call.outgoing, signalWith(2)));
    restart(port);
    call.alice.client->registerName(u"alice"_s);
    // Whoever comes first: the caller of somebody who is not there yet calls again.
    QTRY_VERIFY([&] {
        if (!call.bob.log->failedCalls.isEmpty()) {
            call.bob.log->failedCalls.clear();
            call.bob.client->call(call.outgoing, u"alice"_s, {}, signalWith(1));
            call.bob.client->sendSignal(call.outgoing, signalWith(2));
        }
        return !call.alice.log->received.isEmpty();
    }());
    QCOMPARE(call.alice.log->incoming.first().signal, signalWith(1));
    QCOMPARE(call.alice.log->received.first().signal, signalWith(2));
}

void tst_RendezvousReturn::anEndedCallDoesNotRingAgainAfterARestart()
{
    Call call(configFor(*m_server), configFor(*m_server));
    call.alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(call.alice.log->registered.size(), 1);
    call.bob.client->call(call.outgoing, u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(call.alice.log->incoming.size(), 1);
    // Bob never hears of it.
    call.alice.client->endCall(call.alice.log->incoming.first().callId);
    const quint16 port = m_server->serverPort();
    m_server.reset();
    QTRY_VERIFY(!call.alice.isReady() && !call.bob.isReady());
    restart(port);
    QTRY_VERIFY(m_server->isRegistered(u"alice"_s) && call.bob.isReady());
    QTRY_VERIFY(call.bob.client->sendSignal(call.outgoing, signalWith(2))
                || !call.bob.log->failedCalls.isEmpty());
    const QString next = newCallId();
    call.bob.client->call(next, u"alice"_s, {}, signalWith(3));
    QTRY_COMPARE(call.alice.log->incoming.size(), 2);
    QCOMPARE(call.alice.log->incoming.last().signal, signalWith(3));
}

void tst_RendezvousReturn::aFrozenConnectionIsReplacedOnDemand()
{
    BreakableRelay toAlice(m_server->serverPort());
    Call call(configVia(toAlice), configFor(*m_server));
    connectCall(call);
    toAlice.freezeConnections();
    QVERIFY(call.alice.isReady()); // as far as it knows
    call.alice.client->checkConnection();
    QTRY_COMPARE(call.alice.log->infos.size(), 2);
    bothWaysWork(call, 10);
    QTRY_COMPARE(call.alice.log->registered.size(), 2);
    QCOMPARE(toAlice.acceptedCount(), 2);
}

/// The server may speak on the former connection until it has read the hello of the next.
void tst_RendezvousReturn::whatWasUnderWayOnAReplacedConnectionArrives()
{
    BreakableRelay toAlice(m_server->serverPort());
    Call call(configVia(toAlice), configFor(*m_server));
    connectCall(call);
    toAlice.freezeConnections();
    call.alice.log->received.clear();
    const QByteArray before = routedSignals();
    QVERIFY(call.bob.client->sendSignal(call.outgoing, signalWith(20)));
    QTRY_VERIFY(routedSignals() != before);
    call.alice.client->checkConnection();
    QTRY_COMPARE(call.alice.log->infos.size(), 2);
    QTRY_VERIFY(call.alice.isReady());
    QVERIFY(call.alice.log->received.isEmpty());
    toAlice.thawConnections();
    QTRY_COMPARE(call.alice.log->received.size(), 1);
    QCOMPARE(call.alice.log->received.first().signal, signalWith(20));
    bothWaysWork(call, 30);
    QVERIFY(call.alice.log->failedNames.isEmpty());
}

/// What it brings of an ended call would be answered on a connection that is not there.
void tst_RendezvousReturn::aReplacedConnectionMayOutliveTheNext()
{
    BreakableRelay toAlice(m_server->serverPort());
    Call call(configVia(toAlice), configFor(*m_server));
    call.alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(call.alice.log->registered.size(), 1);
    call.bob.client->call(call.outgoing, u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(call.alice.log->incoming.size(), 1);
    toAlice.freezeConnections();
    // The caller repeats its offer to somebody who has ended the call, and is not heard.
    const QByteArray before = routedSignals();
    QVERIFY(call.bob.client->sendSignal(call.outgoing, signalWith(2)));
    QTRY_VERIFY(routedSignals() != before);
    call.alice.client->endCall(call.alice.log->incoming.first().callId);
    call.alice.client->checkConnection();
    QTRY_COMPARE(call.alice.log->infos.size(), 2);
    toAlice.breakConnections(); // the next one
    QTRY_VERIFY(!call.alice.isReady());
    toAlice.thawConnections();
    QTRY_COMPARE(call.alice.log->infos.size(), 3);
    QTRY_VERIFY(call.alice.isReady());
    QCOMPARE(call.alice.log->incoming.size(), 1);
    QVERIFY(call.alice.log->received.isEmpty());
}

/// Of those that nothing is heard on the last one alone is listened to, and not for long.
void tst_RendezvousReturn::replacedConnectionsAreFewAndGo()
{
    BreakableRelay relay(m_server->serverPort());
    TestClient client(configVia(relay));
    QTRY_VERIFY(client.isReady());
    for (int count = 2; count <= 4; ++count) {
        relay.freezeConnections();
        client.client->checkConnection();
        QTRY_COMPARE(client.log->infos.size(), count);
        QTRY_VERIFY(client.isReady());
    }
    QCOMPARE(relay.acceptedCount(), 4);
    QTRY_COMPARE_WITH_TIMEOUT(relay.openCount(), 1, 30'000);
    QVERIFY(client.isReady());
}

void tst_RendezvousReturn::aBreakIsNoErrorIfTheConnectionReturns()
{
    BreakableRelay relay(m_server->serverPort());
    TestClient client(configVia(relay));
    QSignalSpy states(client.client.get(), &RendezvousClient::stateChanged);
    QTRY_VERIFY(client.isReady());
    relay.breakConnections();
    QTRY_COMPARE(client.log->infos.size(), 2);
    QTRY_VERIFY(client.isReady());
    QVERIFY(client.log->faults.isEmpty());
    QCOMPARE(client.client->error(), RendezvousClient::Error::None);
    QVERIFY(states.count() >= 3);

    TestClient other(configFor(*m_server));
    QTRY_VERIFY(other.isReady());
    const quint16 port = m_server->serverPort();
    m_server.reset();
    QTRY_VERIFY(!other.log->faults.isEmpty());
    QCOMPARE(other.log->faults.first().error, RendezvousClient::Error::Unreachable);
    restart(port);
    QTRY_VERIFY(other.isReady());
    QCOMPARE(other.client->error(), RendezvousClient::Error::None);
}

void tst_RendezvousReturn::signalsWaitWhileTheConnectionIsAway()
{
    Call call(configFor(*m_server), configFor(*m_server));
    connectCall(call);
    const quint16 port = m_server->serverPort();
    m_server.reset();
    QTRY_VERIFY(!call.alice.isReady() && !call.bob.isReady());
    // The caller's signals find the callee only if it is back first: the callee's always arrive.
    for (int i = 1; i <= 5; ++i)
        QVERIFY(call.bob.client->sendSignal(call.outgoing, signalWith(i)));
    call.bob.client->endCall(call.outgoing);
    QVERIFY(!call.bob.client->sendSignal(call.outgoing, signalWith(6)));
    restart(port);
    QTRY_VERIFY(m_server->metrics().contains("_calls_routed_total 1\n"));
    QTRY_VERIFY(m_server->metrics().contains("_calls 0\n"));
}

void tst_RendezvousReturn::moreThanAHundredCallsSurviveARestart()
{
    constexpr int count = 150;
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    TestClient bob(configFor(*m_server));
    QStringList calls;
    for (int i = 0; i < count; ++i) {
        calls.append(newCallId());
        bob.client->call(calls.last(), u"alice"_s, {}, signalWith(1));
    }
    QTRY_COMPARE(alice.log->incoming.size(), count);
    for (const auto &incoming : std::as_const(alice.log->incoming))
        QVERIFY(alice.client->sendSignal(incoming.callId, signalWith(2)));
    QTRY_COMPARE(bob.log->received.size(), count);

    const quint16 port = m_server->serverPort();
    m_server.reset();
    QTRY_VERIFY(!alice.isReady() && !bob.isReady());
    restart(port);
    QTRY_VERIFY(m_server->isRegistered(u"alice"_s) && bob.isReady());
    QTRY_VERIFY(m_server->metrics().contains("_calls 150\n"));
    for (const QString &call : std::as_const(calls))
        QVERIFY(bob.client->sendSignal(call, signalWith(3)));
    QTRY_COMPARE(alice.log->incoming.size() + alice.log->received.size(), 2 * count);
    QCOMPARE(alice.log->incoming.size(), count);
    QVERIFY(bob.log->failedCalls.isEmpty());
}

void tst_RendezvousReturn::goesToAnotherHostWhenOneDies()
{
    PeerRendezvousServer other;
    QVERIFY(other.listen());
    RendezvousConfig alicesConfig = configFor(*m_server);
    alicesConfig.hosts.append({u"127.0.0.1"_s, other.serverPort()});
    RendezvousConfig bobsConfig = alicesConfig;
    bobsConfig.identity = peer::IdentityKey::generate();
    Call call(alicesConfig, bobsConfig);
    connectCall(call);
    QVERIFY(m_server->isRegistered(u"alice"_s));
    m_server.reset();
    QTRY_VERIFY(other.isRegistered(u"alice"_s));
    bothWaysWork(call, 10);
    QVERIFY(call.bob.log->failedCalls.isEmpty());
}

QTEST_GUILESS_MAIN(tst_RendezvousReturn)

#include "tst_rendezvousreturn.moc"
