// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvousfixture.h"
#include "support/ports/quietport.h"

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer;
using peer::test::quietPort;

namespace {

const QJsonObject Offer{{"type"_L1, "offer"_L1}, {"seq"_L1, 1}};

/// Call, URL and token of a tunnelOffered().
struct Tunnel
{
    explicit Tunnel(const QSignalSpy &spy)
        : callId(spy.last().at(0).toString())
        , url(spy.last().at(1).toUrl())
        , token(spy.last().at(2).toString())
    { }

    QString callId;
    QUrl url;
    QString token;
};

} // namespace

/// What a client is offered besides signals: the tunnels of its calls, and TURN credentials.
class tst_RendezvousOffers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_server = std::make_unique<PeerRendezvousServer>(); }
    void cleanup() { m_server.reset(); }

    void bothSidesAreOfferedTheSameTunnel();
    void aTunnelIsOfferedAfterItsCall();
    void bothSidesAreOfferedAnotherOneAfterARestart();
    void aTunnelAtAnotherHostIsOfThatHost();
    void aTunnelOfNoCallIsMinted();
    void tunnelsThatWereAskedForAreFew();
    void turnCredentialsAreRenewedBeforeTheyExpire();
    void aClosedServerTellsOfTurnAfterHello();
    void aServerWithoutTurnTellsOfNone();

private:
    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousOffers::bothSidesAreOfferedTheSameTunnel()
{
    QVERIFY(m_server->listen());
    TestClient alice(configFor(*m_server));
    TestClient bob(configFor(*m_server));
    const QSignalSpy atAlice(alice.client.get(), &RendezvousClient::tunnelOffered);
    const QSignalSpy atBob(bob.client.get(), &RendezvousClient::tunnelOffered);
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, {}, Offer);
    QTRY_VERIFY(!atAlice.isEmpty() && !atBob.isEmpty());
    QCOMPARE(Tunnel(atBob).callId, call);
    QCOMPARE(Tunnel(atAlice).callId, alice.log->incoming.first().callId);
    QCOMPARE(Tunnel(atAlice).token, Tunnel(atBob).token);
    QCOMPARE(Tunnel(atBob).url, Tunnel(atAlice).url);
    QCOMPARE(Tunnel(atBob).url.port(), int(m_server->serverPort()));
    QCOMPARE(Tunnel(atBob).url.path(), u"/tunnel"_s);
}

void tst_RendezvousOffers::aTunnelIsOfferedAfterItsCall()
{
    QVERIFY(m_server->listen());
    TestClient alice(configFor(*m_server));
    bool isCallKnown = false, isInOrder = false;
    connect(alice.client.get(), &RendezvousClient::incomingCall, this, [&] { isCallKnown = true; });
    connect(alice.client.get(), &RendezvousClient::tunnelOffered, this,
            [&] { isInOrder = isCallKnown; });
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    alice.client->call(newCallId(), u"alice"_s, {}, Offer); // herself
    QTRY_VERIFY(isInOrder);
}

void tst_RendezvousOffers::bothSidesAreOfferedAnotherOneAfterARestart()
{
    const quint16 port = quietPort();
    QVERIFY(m_server->listen(QHostAddress::LocalHost, port));
    TestClient alice(configFor(*m_server));
    TestClient bob(configFor(*m_server));
    const QSignalSpy atAlice(alice.client.get(), &RendezvousClient::tunnelOffered);
    const QSignalSpy atBob(bob.client.get(), &RendezvousClient::tunnelOffered);
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    bob.client->call(newCallId(), u"alice"_s, {}, Offer);
    QTRY_VERIFY(!atAlice.isEmpty() && !atBob.isEmpty());
    const QString before = Tunnel(atBob).token;
    alice.client->sendSignal(alice.log->incoming.first().callId, signalWith(1));
    QTRY_COMPARE(bob.log->received.size(), 1);
    m_server->close();
    QVERIFY2(m_server->listen(QHostAddress::LocalHost, port), qPrintable(m_server->errorString()));
    const auto haveAnother = [&] {
        return Tunnel(atAlice).token != before && Tunnel(atBob).token != before;
    };
    QTRY_VERIFY_WITH_TIMEOUT(haveAnother(), 20'000);
    QCOMPARE(Tunnel(atAlice).token, Tunnel(atBob).token);
}

void tst_RendezvousOffers::aTunnelAtAnotherHostIsOfThatHost()
{
    QVERIFY(m_server->listen());
    PeerRendezvousServer other;
    QVERIFY(other.listen());
    TestClient alice(configFor(other));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    RendezvousConfig both = configFor(*m_server);
    both.hosts.append({u"127.0.0.1"_s, other.serverPort()});
    TestClient bob(both);
    const QSignalSpy atBob(bob.client.get(), &RendezvousClient::tunnelOffered);
    bob.client->call(newCallId(), u"alice"_s, {}, Offer);
    QTRY_VERIFY(!atBob.isEmpty());
    QCOMPARE(Tunnel(atBob).url.port(), int(other.serverPort()));
}

void tst_RendezvousOffers::aTunnelOfNoCallIsMinted()
{
    QVERIFY(m_server->listen());
    TestClient alice(configFor(*m_server));
    const QSignalSpy minted(alice.client.get(), &RendezvousClient::tunnelMinted);
    // Asked for before there is a connection.
    const QString first = alice.client->mintTunnel();
    const QString second = alice.client->mintTunnel();
    QTRY_COMPARE(minted.count(), 2);
    QCOMPARE(minted.at(0).at(0).toString(), first);
    QCOMPARE(minted.at(1).at(0).toString(), second);
    QCOMPARE(minted.at(0).at(1).toUrl().path(), u"/tunnel"_s);
    QVERIFY(minted.at(0).at(2) != minted.at(1).at(2));
}

void tst_RendezvousOffers::tunnelsThatWereAskedForAreFew()
{
    RendezvousConfig config;
    config.hosts = {{u"127.0.0.1"_s, quietPort()}};
    config.tls = RendezvousConfig::Tls::Off;
    TestClient alice(config);
    const QSignalSpy failed(alice.client.get(), &RendezvousClient::mintFailed);
    for (qsizetype i = 0; i < RendezvousClient::MaxMints; ++i)
        alice.client->mintTunnel();
    const QString refused = alice.client->mintTunnel();
    QTRY_COMPARE(failed.count(), 1);
    QCOMPARE(failed.first().at(0).toString(), refused);
}

void tst_RendezvousOffers::turnCredentialsAreRenewedBeforeTheyExpire()
{
    PeerRendezvousServer::Limits limits;
    limits.turnLifetime = 2s;
    m_server->setLimits(limits);
    QVERIFY(m_server->setTurn({u"turn:turn.example"_s}, "secret"_ba));
    QVERIFY(m_server->listen());
    TestClient bob(configFor(*m_server));
    const QSignalSpy changes(bob.client.get(), &RendezvousClient::turnChanged);
    bob.client->open();
    QTRY_COMPARE(bob.log->infos.size(), 1);
    const auto first = bob.log->infos.first().turn;
    QVERIFY(first);
    QCOMPARE(first->uris, QStringList{u"turn:turn.example"_s});
    QTRY_COMPARE(changes.size(), 1);
    QVERIFY(*bob.client->info().turn != *first);
    QVERIFY(changes.first().first().value<RendezvousTurn>() == *bob.client->info().turn);
    QTRY_COMPARE(changes.size(), 2);
}

void tst_RendezvousOffers::aClosedServerTellsOfTurnAfterHello()
{
    QVERIFY(m_server->setTurn({u"turn:turn.example"_s}, "secret"_ba));
    m_server->setTokens({"token"});
    QVERIFY(m_server->listen());
    RendezvousConfig config = configFor(*m_server);
    config.token = "token";
    TestClient bob(config);
    const QSignalSpy changes(bob.client.get(), &RendezvousClient::turnChanged);
    bob.client->open();
    QTRY_COMPARE(changes.size(), 1);
    QVERIFY(!bob.log->infos.first().turn);
    QVERIFY(bob.client->info().turn);
}

void tst_RendezvousOffers::aServerWithoutTurnTellsOfNone()
{
    QVERIFY(m_server->listen());
    TestClient bob(configFor(*m_server));
    bob.client->open();
    QTRY_VERIFY(bob.isReady());
    QVERIFY(!bob.client->info().turn);
}

QTEST_GUILESS_MAIN(tst_RendezvousOffers)

#include "tst_rendezvousoffers.moc"
