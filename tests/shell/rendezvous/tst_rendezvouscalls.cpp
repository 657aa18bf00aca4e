// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvousfixture.h"

#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::RendezvousClient;
using CallError = RendezvousClient::CallError;

class tst_RendezvousCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void aCallReachesTheNameAndSignalsGoBothWays_data();
    void aCallReachesTheNameAndSignalsGoBothWays();
    void aCallToAnAbsentNameIsOffline();
    void aListenerWithoutNameIsFoundByItsId();
    void aPeerCanCallItselfOverOneConnection();
    void twoHundredCallsOverOneSharedClient();
    void twoHundredCallersWithASocketEach();

private:
    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousCalls::init()
{
    m_server = std::make_unique<PeerRendezvousServer>();
    QVERIFY2(m_server->listen(), qPrintable(m_server->errorString()));
}

void tst_RendezvousCalls::cleanup()
{
    m_server.reset();
}

void tst_RendezvousCalls::aCallReachesTheNameAndSignalsGoBothWays_data()
{
    QTest::addColumn<PeerRendezvousServer::TlsMode>("mode");
    QTest::newRow("plain") << PeerRendezvousServer::TlsMode::Off;
    QTest::newRow("with a pinned key") << PeerRendezvousServer::TlsMode::SelfMade;
}

void tst_RendezvousCalls::aCallReachesTheNameAndSignalsGoBothWays()
{
    QFETCH(PeerRendezvousServer::TlsMode, mode);
    m_server->close();
    m_server->setTlsMode(mode);
    QVERIFY2(m_server->listen(), qPrintable(m_server->errorString()));

    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered, QStringList{u"alice"_s});
    QVERIFY(m_server->isRegistered(u"alice"_s));

    TestClient bob(configFor(*m_server));
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, u"chat"_s, signalWith(1));
    QVERIFY(bob.client->sendSignal(call, signalWith(2)));
    QTRY_COMPARE(alice.log->incoming.size(), 1);
    const ClientLog::Incoming incoming = alice.log->incoming.first();
    QCOMPARE(incoming.targetName, u"alice"_s);
    QCOMPARE(incoming.service, u"chat"_s);
    QCOMPARE(incoming.callerName, QString());
    QCOMPARE(incoming.callerId.toStdString(), bob.client->config().identity->id());
    QCOMPARE(incoming.signal, signalWith(1));
    QTRY_COMPARE(alice.log->received.size(), 1);
    QCOMPARE(alice.log->received.first().callId, incoming.callId);
    QCOMPARE(alice.log->received.first().signal, signalWith(2));

    QVERIFY(alice.client->sendSignal(incoming.callId, signalWith(3)));
    QTRY_COMPARE(bob.log->received.size(), 1);
    QCOMPARE(bob.log->received.first().callId, call);
    QCOMPARE(bob.log->received.first().signal, signalWith(3));
    QVERIFY(bob.client->sendSignal(call, signalWith(4)));
    QTRY_COMPARE(alice.log->received.size(), 2);
    QCOMPARE(alice.log->received.last().signal, signalWith(4));

    QCOMPARE(bob.log->infos.size(), 1);
    const peer::RendezvousInfo &info = bob.client->info();
    QCOMPARE(info.stunUris, QStringList{u"stun:127.0.0.1:%1"_s.arg(m_server->serverPort())});
    QVERIFY(info.observedAddress.startsWith("127.0.0.1:"_L1));
    QVERIFY(bob.log->faults.isEmpty());
}

void tst_RendezvousCalls::aCallToAnAbsentNameIsOffline()
{
    TestClient bob(configFor(*m_server));
    const QString call = newCallId();
    bob.client->call(call, u"nobody"_s, {}, signalWith(1));
    QTRY_COMPARE(bob.log->failedCalls.size(), 1);
    QCOMPARE(bob.log->failedCalls.first().callId, call);
    QCOMPARE(bob.log->failedCalls.first().error, CallError::Offline);
    QVERIFY(!bob.client->sendSignal(call, signalWith(2)));
}

void tst_RendezvousCalls::aListenerWithoutNameIsFoundByItsId()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName({});
    const QString id = QString::fromStdString(alice.client->config().identity->id());
    QTRY_COMPARE(alice.log->registered, QStringList{id});

    TestClient bob(configFor(*m_server));
    bob.client->call(newCallId(), id, {}, signalWith(1));
    QTRY_COMPARE(alice.log->incoming.size(), 1);
    QCOMPARE(alice.log->incoming.first().targetName, id);
}

void tst_RendezvousCalls::aPeerCanCallItselfOverOneConnection()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    const QString call = newCallId();
    QTRY_COMPARE(alice.log->registered.size(), 1);
    alice.client->call(call, u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(alice.log->incoming.size(), 1);
    const QString answering = alice.log->incoming.first().callId;
    QCOMPARE_NE(answering, call);
    QCOMPARE(alice.log->incoming.first().callerName, u"alice"_s);

    QVERIFY(alice.client->sendSignal(answering, signalWith(2)));
    QTRY_COMPARE(alice.log->received.size(), 1);
    QCOMPARE(alice.log->received.last().callId, call);
    QVERIFY(alice.client->sendSignal(call, signalWith(3)));
    QTRY_COMPARE(alice.log->received.size(), 2);
    QCOMPARE(alice.log->received.last().callId, answering);
    QCOMPARE(alice.log->received.last().signal, signalWith(3));
}

void tst_RendezvousCalls::twoHundredCallsOverOneSharedClient()
{
    constexpr int count = 200;
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    QObject::connect(alice.client.get(), &RendezvousClient::incomingCall, alice.log.get(),
                     [&alice](const QString &callId) {
                         for (int i = 0; i < 10; ++i)
                             QVERIFY(alice.client->sendSignal(callId, signalWith(i)));
                     });

    TestClient bob(configFor(*m_server));
    // As large as a real offer with candidates.
    const QJsonObject offer{{"sdp"_L1, QString(4000, u'x')}};
    for (int i = 0; i < count; ++i) {
        const QString call = newCallId();
        bob.client->call(call, u"alice"_s, {}, offer);
        for (int j = 0; j < 10; ++j)
            QVERIFY(bob.client->sendSignal(call, signalWith(j)));
    }
    QTRY_COMPARE(alice.log->incoming.size(), count);
    QTRY_COMPARE(alice.log->received.size(), count * 10);
    QTRY_COMPARE(bob.log->received.size(), count * 10);
    QVERIFY(bob.log->failedCalls.isEmpty());
}

void tst_RendezvousCalls::twoHundredCallersWithASocketEach()
{
    constexpr int count = 200;
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    peer::RendezvousConfig config = configFor(*m_server);
    std::vector<TestClient> callers;
    for (int i = 0; i < count; ++i) {
        callers.emplace_back(config);
        callers.back().client->call(newCallId(), u"alice"_s, {}, signalWith(1));
    }
    QTRY_COMPARE(alice.log->incoming.size(), count);
    for (const ClientLog::Incoming &incoming : std::as_const(alice.log->incoming))
        QVERIFY(alice.client->sendSignal(incoming.callId, signalWith(2)));
    for (const TestClient &caller : callers)
        QTRY_COMPARE(caller.log->received.size(), 1);
}

QTEST_GUILESS_MAIN(tst_RendezvousCalls)

#include "tst_rendezvouscalls.moc"
