// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "../testcertificate.h"
#include "rendezvousfixture.h"
#include "signaling/protocolmessages.h"
#include "signaling/rendezvouspool.h"
#include "support/ports/quietport.h"

#include <QtCore/qjsondocument.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::RendezvousClient;
using peer::RendezvousConfig;
using peer::RendezvousPool;
using peer::test::quietPort;
using CallError = RendezvousClient::CallError;
using Error = RendezvousClient::Error;
using NameError = RendezvousClient::NameError;

namespace {

/// Something else than a rendezvous that takes WebSockets, and says one thing to each.
class FakeServer : public QObject
{
public:
    explicit FakeServer(const QString &greeting)
        : m_server(u"fake"_s, QWebSocketServer::NonSecureMode)
    {
        connect(&m_server, &QWebSocketServer::newConnection, this, [this, greeting] {
            QWebSocket *socket = m_server.nextPendingConnection();
            socket->setParent(this);
            connect(socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
                m_heard.append(QJsonDocument::fromJson(text.toUtf8())["type"_L1].toString());
            });
            if (!greeting.isEmpty())
                socket->sendTextMessage(greeting);
        });
        m_server.listen(QHostAddress::LocalHost);
    }
    quint16 port() const { return m_server.serverPort(); }
    /// The types of the messages that came.
    const QStringList &heard() const { return m_heard; }

private:
    QWebSocketServer m_server;
    QStringList m_heard;
};

RendezvousConfig plainConfig(const QList<quint16> &ports)
{
    RendezvousConfig config;
    for (const quint16 port : ports)
        config.hosts.append({u"127.0.0.1"_s, port});
    config.tls = RendezvousConfig::Tls::Off;
    config.identity = peer::IdentityKey::generate();
    return config;
}

} // namespace

class tst_RendezvousClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_server.reset(); }

    // Names
    void aNameOfAnotherKeyIsRefused();
    void theReplacedOneStaysAway();
    void namesNeedAnIdentityAndAForm();
    void anUnregisteredNameIsOffline();
    void moreNamesThanTheServerGivesAreRefused();

    // What can be wrong with a host
    void tellsWhatAnswersThere_data();
    void tellsWhatAnswersThere();
    void tellsBothVersions();
    void tellsThatNobodyAnswers();
    void tellsAWrongPin();
    void tellsAWrongCertificate_data();
    void tellsAWrongCertificate();
    void tellsARefusedToken_data();
    void tellsARefusedToken();

    // Calls
    void refusesCallsThatCannotBe_data();
    void refusesCallsThatCannotBe();
    void waitsWithAFewSignalsForTheConnection();
    void callsAreBounded();
    void refusesSignalsThatAreTooLarge();
    void anEndedCallIsSilent();
    void mayBeDeletedInItsSlots_data();
    void mayBeDeletedInItsSlots();

    void waitsForNoAnswerBeforeItAsks();

    // Several hosts
    void goesToTheNextHostIfTheFirstIsDead();
    void goesToTheNextHostIfTheFirstIsSilent();
    void looksForACalleeAtAllHosts();
    void isOfflineIfNoHostHasTheCallee();

    // Pool
    void aPoolSharesConnections();
    void aPoolKeepsAConnectionForAWhile();

private:
    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousClient::init()
{
    m_server = std::make_unique<PeerRendezvousServer>();
    QVERIFY2(m_server->listen(QHostAddress::LocalHost, quietPort()),
             qPrintable(m_server->errorString()));
}

// ---- Names

void tst_RendezvousClient::aNameOfAnotherKeyIsRefused()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    alice.client.reset();

    TestClient eve(configFor(*m_server));
    eve.client->registerName(u"alice"_s);
    QTRY_COMPARE(eve.log->failedNames.size(), 1);
    QCOMPARE(eve.log->failedNames.first().error, NameError::Owned);
    QCOMPARE(eve.log->failedNames.first().text,
             u"The name \"alice\" belongs to another identity."_s);
    QVERIFY(eve.isReady());
}

void tst_RendezvousClient::theReplacedOneStaysAway()
{
    const RendezvousConfig config = configFor(*m_server);
    TestClient older(config);
    older.client->registerName(u"alice"_s);
    QTRY_COMPARE(older.log->registered.size(), 1);
    TestClient newer(config);
    newer.client->registerName(u"alice"_s);
    QTRY_COMPARE(newer.log->registered.size(), 1);
    QTRY_COMPARE(older.log->failedNames.size(), 1);
    QCOMPARE(older.log->failedNames.first().error, NameError::Replaced);

    // Not even a new connection makes it come back by itself.
    older.client->checkConnection();
    QTRY_COMPARE(older.log->infos.size(), 2);
    QTRY_VERIFY(older.isReady());
    TestClient bob(configFor(*m_server));
    bob.client->call(newCallId(), u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(newer.log->incoming.size(), 1);
    QVERIFY(older.log->incoming.isEmpty());
    QCOMPARE(newer.log->failedNames.size(), 0);

    older.client->registerName(u"alice"_s);
    QTRY_COMPARE(newer.log->failedNames.size(), 1);
}

void tst_RendezvousClient::namesNeedAnIdentityAndAForm()
{
    RendezvousConfig config = configFor(*m_server);
    TestClient alice(config);
    alice.client->registerName(u"no name"_s);
    QVERIFY(alice.log->failedNames.isEmpty()); // not from within
    QTRY_COMPARE(alice.log->failedNames.size(), 1);
    QCOMPARE(alice.log->failedNames.first().error, NameError::Invalid);

    config.identity.reset();
    TestClient nobody(config);
    nobody.client->registerName(u"nobody"_s);
    QTRY_COMPARE(nobody.log->failedNames.size(), 1);
    QCOMPARE(nobody.log->failedNames.first().error, NameError::Unproven);
}

void tst_RendezvousClient::anUnregisteredNameIsOffline()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    alice.client->unregisterName(u"alice"_s);
    QTRY_VERIFY(!m_server->isRegistered(u"alice"_s));
    // And stays so with the next connection.
    alice.client->checkConnection();
    QTRY_COMPARE(alice.log->infos.size(), 2);
    QTRY_VERIFY(alice.isReady());
    QVERIFY(!m_server->isRegistered(u"alice"_s));
}

void tst_RendezvousClient::moreNamesThanTheServerGivesAreRefused()
{
    m_server->close();
    PeerRendezvousServer::Limits limits;
    limits.namesPerConnection = 1;
    m_server->setLimits(limits);
    QVERIFY(m_server->listen());
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"one"_s);
    alice.client->registerName(u"two"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    QTRY_COMPARE(alice.log->failedNames.size(), 1);
    QCOMPARE(alice.log->failedNames.first().error, NameError::Limit);
}

// ---- What can be wrong with a host

void tst_RendezvousClient::tellsWhatAnswersThere_data()
{
    QTest::addColumn<QString>("greeting");
    QTest::newRow("text") << u"hello"_s;
    QTest::newRow("another JSON") << u"[1,2]"_s;
    QTest::newRow("another protocol") << u"{\"type\":\"sing\"}"_s;
    QTest::newRow("a malformed welcome") << u"{\"type\":\"welcome\",\"version\":\"1.0\"}"_s;
    QTest::newRow("another message first") << u"{\"type\":\"ready\",\"resumed\":true}"_s;
}

void tst_RendezvousClient::tellsWhatAnswersThere()
{
    QFETCH(QString, greeting);
    const FakeServer fake(greeting);
    TestClient client(plainConfig({fake.port()}));
    QTRY_COMPARE(client.log->faults.size(), 1);
    QCOMPARE(client.log->faults.first().error, Error::NotRendezvous);
    QVERIFY(client.log->faults.first().text.contains(
        u"127.0.0.1:%1 is no rendezvous"_s.arg(fake.port())));
    QVERIFY(client.log->infos.isEmpty());
}

void tst_RendezvousClient::tellsBothVersions()
{
    const FakeServer fake(u"{\"type\":\"welcome\",\"version\":\"3.4\"}"_s);
    TestClient client(plainConfig({fake.port()}));
    QTRY_COMPARE(client.log->faults.size(), 1);
    QCOMPARE(client.log->faults.first().error, Error::OtherVersion);
    QVERIFY(client.log->faults.first().text.contains("version 3.4"_L1));
    QVERIFY(client.log->faults.first().text.contains("we speak 1.1"_L1));
    QCOMPARE(client.client->error(), Error::OtherVersion);

    const FakeServer older(u"{\"type\":\"error\",\"version\":\"0.3\"}"_s);
    TestClient other(plainConfig({older.port()}));
    QTRY_COMPARE(other.log->faults.size(), 1);
    QCOMPARE(other.log->faults.first().error, Error::OtherVersion);
    QVERIFY(other.log->faults.first().text.contains("version 0.3"_L1));
}

void tst_RendezvousClient::tellsThatNobodyAnswers()
{
    TestClient client(plainConfig({quietPort()}));
    QTRY_COMPARE(client.log->faults.size(), 1);
    QCOMPARE(client.log->faults.first().error, Error::Unreachable);
    // It goes on trying.
    QTRY_VERIFY(client.log->faults.size() > 1);

    // An HTTP server that is none for WebSockets.
    QTcpServer http;
    connect(&http, &QTcpServer::newConnection, &http, [&http] {
        QTcpSocket *socket = http.nextPendingConnection();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
            socket->disconnectFromHost();
        });
    });
    QVERIFY(http.listen(QHostAddress::LocalHost));
    TestClient other(plainConfig({http.serverPort()}));
    QTRY_COMPARE(other.log->faults.size(), 1);
    QCOMPARE(other.log->faults.first().error, Error::NotRendezvous);
}

void tst_RendezvousClient::tellsAWrongPin()
{
    m_server->close();
    m_server->setTlsMode(PeerRendezvousServer::TlsMode::SelfMade);
    QVERIFY(m_server->listen());
    RendezvousConfig config = configFor(*m_server);
    TestClient good(config);
    QTRY_VERIFY(good.isReady());
    config.pin[0] = char(config.pin[0] ^ 1);
    TestClient bad(config);
    QTRY_COMPARE(bad.log->faults.size(), 1);
    QCOMPARE(bad.log->faults.first().error, Error::PinMismatch);
    QVERIFY(bad.log->infos.isEmpty());
    // Who looks at certificates does not take it either.
    config.tls = RendezvousConfig::Tls::Verified;
    TestClient strict(config);
    QTRY_COMPARE(strict.log->faults.size(), 1);
    QCOMPARE(strict.log->faults.first().error, Error::CertificateRefused);
}

void tst_RendezvousClient::tellsAWrongCertificate_data()
{
    QTest::addColumn<QByteArray>("names");
    QTest::addColumn<bool>("isAuthorityKnown");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("good") << "IP:127.0.0.1"_ba << true << true;
    QTest::newRow("unknown authority") << "IP:127.0.0.1"_ba << false << false;
    QTest::newRow("another name") << "DNS:rv.example"_ba << true << false;
}

void tst_RendezvousClient::tellsAWrongCertificate()
{
    QFETCH(QByteArray, names);
    QFETCH(bool, isAuthorityKnown);
    QFETCH(bool, isGood);
    const TestCertificate authority = makeTestCertificate({});
    const TestCertificate certificate = makeTestCertificate(names, &authority);
    m_server->close();
    m_server->setCertificate({certificate.certificate}, certificate.key);
    QVERIFY2(m_server->listen(), qPrintable(m_server->errorString()));
    QCOMPARE(m_server->peerUrl(u"alice"_s).query(), QString());

    RendezvousConfig config = configFor(*m_server);
    config.tls = RendezvousConfig::Tls::Verified;
    if (isAuthorityKnown)
        config.extraAuthorities = {authority.certificate};
    TestClient client(config);
    if (isGood) {
        client.client->registerName(u"alice"_s);
        QTRY_COMPARE(client.log->registered.size(), 1);
    } else {
        QTRY_COMPARE(client.log->faults.size(), 1);
        QCOMPARE(client.log->faults.first().error, Error::CertificateRefused);
    }
}

void tst_RendezvousClient::tellsARefusedToken_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("text");
    QTest::newRow("good") << "swordfish"_ba << u""_s;
    QTest::newRow("none") << ""_ba << u"wants an access token"_s;
    QTest::newRow("wrong") << "catfish"_ba << u"does not accept the access token"_s;
}

void tst_RendezvousClient::tellsARefusedToken()
{
    QFETCH(QByteArray, token);
    QFETCH(QString, text);
    m_server->setTokens({"swordfish"_ba});
    RendezvousConfig config = configFor(*m_server);
    config.token = token;
    TestClient client(config);
    if (text.isEmpty()) {
        QTRY_VERIFY(client.isReady());
        return;
    }
    QTRY_COMPARE(client.log->faults.size(), 1);
    QCOMPARE(client.log->faults.first().error, Error::TokenRefused);
    QVERIFY(client.log->faults.first().text.contains(text));
    QVERIFY(token.isEmpty() || !client.log->faults.first().text.contains(QString::fromUtf8(token)));
    QCOMPARE(client.client->state(), RendezvousClient::State::Waiting);
}

// ---- Calls

void tst_RendezvousClient::refusesCallsThatCannotBe_data()
{
    QTest::addColumn<QString>("callId");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("service");
    QTest::addColumn<int>("offerSize");
    QTest::addColumn<CallError>("error");
    const QString call = u"a-call-of-the-right-form"_s;
    QTest::newRow("short id") << u"short"_s << u"alice"_s << u""_s << 10 << CallError::Invalid;
    QTest::newRow("id of an incoming call")
        << u"@a-call-of-another-form"_s << u"alice"_s << u""_s << 10 << CallError::Invalid;
    QTest::newRow("no name") << call << u""_s << u""_s << 10 << CallError::Invalid;
    QTest::newRow("bad name") << call << u"a/b"_s << u""_s << 10 << CallError::Invalid;
    QTest::newRow("bad service") << call << u"alice"_s << u"a\nb"_s << 10 << CallError::Invalid;
    QTest::newRow("large offer") << call << u"alice"_s << u""_s << 100'000 << CallError::TooLarge;
}

void tst_RendezvousClient::refusesCallsThatCannotBe()
{
    QFETCH(QString, callId);
    QFETCH(QString, name);
    QFETCH(QString, service);
    QFETCH(int, offerSize);
    QFETCH(CallError, error);
    TestClient client(configFor(*m_server));
    client.client->call(callId, name, service, {{"sdp"_L1, QString(offerSize, u'x')}});
    QVERIFY(client.log->failedCalls.isEmpty());
    QTRY_COMPARE(client.log->failedCalls.size(), 1);
    QCOMPARE(client.log->failedCalls.first().error, error);
    QVERIFY(!client.log->failedCalls.first().text.isEmpty());
    QVERIFY(!client.client->sendSignal(callId, signalWith(1)));
}

void tst_RendezvousClient::waitsWithAFewSignalsForTheConnection()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    TestClient bob(configFor(*m_server));
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, {}, signalWith(0));
    for (int i = 1; i <= RendezvousClient::MaxWaitingSignals; ++i)
        QVERIFY(bob.client->sendSignal(call, signalWith(i)));
    QVERIFY(!bob.client->sendSignal(call, signalWith(100)));
    QTRY_COMPARE(alice.log->received.size(), RendezvousClient::MaxWaitingSignals);
    for (qsizetype i = 0; i < alice.log->received.size(); ++i)
        QCOMPARE(alice.log->received[i].signal, signalWith(int(i) + 1));
    QVERIFY(bob.client->sendSignal(call, signalWith(100)));
}

void tst_RendezvousClient::callsAreBounded()
{
    const auto config = configFor(*m_server);
    m_server->close(); // they wait for the connection
    TestClient bob(config);
    QString first;
    for (int i = 0; i < RendezvousClient::MaxCalls; ++i) {
        const QString call = newCallId();
        bob.client->call(call, u"alice"_s, {}, signalWith(0));
        if (first.isEmpty())
            first = call;
    }
    QString call = newCallId();
    bob.client->call(call, u"alice"_s, {}, signalWith(0));
    QTRY_COMPARE(bob.log->failedCalls.size(), 1);
    QCOMPARE(bob.log->failedCalls.first().callId, call);
    QCOMPARE(bob.log->failedCalls.first().error, RendezvousClient::CallError::Limit);
    // One that has ended makes room.
    bob.client->endCall(first);
    call = newCallId();
    bob.client->call(call, u"alice"_s, {}, signalWith(0));
    QVERIFY(bob.client->sendSignal(call, signalWith(1)));
}

void tst_RendezvousClient::refusesSignalsThatAreTooLarge()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    const QString call = newCallId();
    alice.client->call(call, u"alice"_s, {}, signalWith(1));
    QVERIFY(!alice.client->sendSignal(call, {{"sdp"_L1, QString(100'000, u'x')}}));
    QVERIFY(alice.client->sendSignal(call, {{"sdp"_L1, QString(64 * 1024, u'x')}}));
    QTRY_COMPARE(alice.log->received.size(), 1);
}

void tst_RendezvousClient::anEndedCallIsSilent()
{
    TestClient alice(configFor(*m_server));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);
    TestClient bob(configFor(*m_server));
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(alice.log->incoming.size(), 1);
    const QString incoming = alice.log->incoming.first().callId;
    QVERIFY(alice.client->sendSignal(incoming, signalWith(2)));
    alice.client->endCall(incoming);
    alice.client->endCall(incoming);
    QTRY_COMPARE(bob.log->received.size(), 1); // what was sent before
    QVERIFY(!alice.client->sendSignal(incoming, signalWith(3)));
    QVERIFY(bob.client->sendSignal(call, signalWith(4)));

    const QString second = newCallId();
    bob.client->call(second, u"alice"_s, {}, signalWith(5));
    QTRY_COMPARE(alice.log->incoming.size(), 2);
    QVERIFY(alice.log->received.isEmpty());
    bob.client->endCall(second);
    bob.client->endCall(call);
    QTRY_VERIFY(m_server->metrics().contains("\npeer_rendezvous_calls 0\n"));
}

/// A call by a connection that has to be made first costs no round trip more.
void tst_RendezvousClient::waitsForNoAnswerBeforeItAsks()
{
    const peer::rendezvous::message::Welcome welcome{
        peer::rendezvous::ownProtocolVersion, QByteArray(32, 'c'), {}, {}, {80'000, 5, 5}};
    const FakeServer silent(QString::fromUtf8(
        peer::rendezvous::toJson(peer::rendezvous::ServerMessage(welcome)))); // and never "ready"
    RendezvousPool pool;
    const auto client = pool.client(plainConfig({silent.port()}));
    client->registerName(u"alice"_s);
    client->watch(u"carol"_s);
    client->mintTunnel();
    const QString call = newCallId();
    client->call(call, u"bob"_s, {}, signalWith(1));
    QVERIFY(client->sendSignal(call, signalWith(2)));
    QTRY_COMPARE(silent.heard().size(), 6);
    QCOMPARE(silent.heard().first(), u"hello"_s);
    QStringList all = silent.heard();
    all.sort();
    const QStringList expected{u"call"_s,     u"hello"_s,  u"mint"_s,
                               u"register"_s, u"signal"_s, u"watch"_s};
    QCOMPARE(all, expected);
    QVERIFY(client->state() != RendezvousClient::State::Ready);
}

void tst_RendezvousClient::mayBeDeletedInItsSlots_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("stateChanged") << 0;
    QTest::newRow("serverInfo") << 1;
    QTest::newRow("registered") << 2;
    QTest::newRow("incomingCall") << 3;
    QTest::newRow("signalReceived") << 4;
    QTest::newRow("callFailed") << 5;
    QTest::newRow("errorOccurred") << 6;
    QTest::newRow("registrationFailed") << 7;
    QTest::newRow("callFailed at all hosts") << 8;
}

void tst_RendezvousClient::mayBeDeletedInItsSlots()
{
    QFETCH(int, which);
    RendezvousConfig config = configFor(*m_server);
    if (which == 6)
        config.hosts = {{u"127.0.0.1"_s, quietPort()}};
    PeerRendezvousServer other;
    if (which == 8) {
        QVERIFY(other.listen());
        config.hosts.append({u"127.0.0.1"_s, other.serverPort()});
    }
    auto client = std::make_unique<RendezvousClient>(config);
    const auto reset = [&client] { client.reset(); };
    if (which == 0)
        connect(client.get(), &RendezvousClient::stateChanged, this, reset);
    else if (which == 1)
        connect(client.get(), &RendezvousClient::serverInfo, this, reset);
    else if (which == 2)
        connect(client.get(), &RendezvousClient::registered, this, reset);
    else if (which == 3)
        connect(client.get(), &RendezvousClient::incomingCall, this, reset);
    else if (which == 4)
        connect(client.get(), &RendezvousClient::signalReceived, this, reset);
    else if (which == 5 || which == 8)
        connect(client.get(), &RendezvousClient::callFailed, this, reset);
    else if (which == 6)
        connect(client.get(), &RendezvousClient::errorOccurred, this, reset);
    else
        connect(client.get(), &RendezvousClient::registrationFailed, this, reset);

    if (which == 3 || which == 4) {
        RendezvousClient *const caller = client.get();
        connect(caller, &RendezvousClient::registered, caller, [caller] {
            const QString call = newCallId();
            caller->call(call, u"alice"_s, {}, signalWith(1));
            caller->sendSignal(call, signalWith(2));
        });
    } else if (which == 5 || which == 8) {
        for (int i = 0; i < 3; ++i)
            client->call(newCallId(), u"nobody"_s, {}, signalWith(1));
    }
    client->registerName(which == 7 ? u"not valid"_s : u"alice"_s);
    client->open();
    QTRY_VERIFY(!client);
}

// ---- Several hosts

void tst_RendezvousClient::goesToTheNextHostIfTheFirstIsDead()
{
    TestClient client(plainConfig({quietPort(), m_server->serverPort()}));
    QTRY_VERIFY(client.isReady());
    QCOMPARE(client.client->info().host.port, m_server->serverPort());
    QVERIFY(client.log->faults.isEmpty());
}

void tst_RendezvousClient::goesToTheNextHostIfTheFirstIsSilent()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    const FakeServer mute({});
    TestClient client(plainConfig({silent.serverPort(), mute.port(), m_server->serverPort()}));
    QTRY_VERIFY(client.isReady());
    QCOMPARE(client.client->info().host.port, m_server->serverPort());
}

void tst_RendezvousClient::looksForACalleeAtAllHosts()
{
    PeerRendezvousServer other;
    QVERIFY(other.listen());
    TestClient alice(configFor(other));
    alice.client->registerName(u"alice"_s);
    QTRY_COMPARE(alice.log->registered.size(), 1);

    TestClient bob(plainConfig({m_server->serverPort(), quietPort(), other.serverPort()}));
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, u"chat"_s, signalWith(1));
    QVERIFY(bob.client->sendSignal(call, signalWith(2)));
    QTRY_COMPARE(alice.log->incoming.size(), 1);
    QCOMPARE(bob.client->info().host.port, m_server->serverPort());
    QCOMPARE(alice.log->incoming.first().service, u"chat"_s);
    QCOMPARE(alice.log->incoming.first().callerId.toStdString(),
             bob.client->config().identity->id());
    QTRY_COMPARE(alice.log->received.size(), 1);
    QCOMPARE(alice.log->received.first().signal, signalWith(2));

    QVERIFY(alice.client->sendSignal(alice.log->incoming.first().callId, signalWith(3)));
    QTRY_COMPARE(bob.log->received.size(), 1);
    QCOMPARE(bob.log->received.first().callId, call);
    QVERIFY(bob.client->sendSignal(call, signalWith(4)));
    QTRY_COMPARE(alice.log->received.size(), 2);
    QVERIFY(bob.log->failedCalls.isEmpty());
    QVERIFY(bob.log->faults.isEmpty());
    bob.client->endCall(call);
    // Its connection there is of no use any more.
    QTRY_COMPARE(other.connectionCount(), 1);
    QVERIFY(!bob.client->sendSignal(call, signalWith(5)));
}

void tst_RendezvousClient::isOfflineIfNoHostHasTheCallee()
{
    PeerRendezvousServer other;
    QVERIFY(other.listen());
    TestClient bob(plainConfig({m_server->serverPort(), other.serverPort(), quietPort()}));
    const QString call = newCallId();
    bob.client->call(call, u"alice"_s, {}, signalWith(1));
    QTRY_COMPARE(bob.log->failedCalls.size(), 1);
    QCOMPARE(bob.log->failedCalls.first().callId, call);
    QCOMPARE(bob.log->failedCalls.first().error, CallError::Offline);
    QTRY_COMPARE(other.connectionCount(), 0);
    QVERIFY(bob.isReady());
}

// ---- Pool

void tst_RendezvousClient::aPoolSharesConnections()
{
    RendezvousPool pool;
    const RendezvousConfig config = configFor(*m_server);
    const auto one = pool.client(config);
    const auto other = pool.client(config);
    QCOMPARE(one.get(), other.get());
    const auto another = pool.client(configFor(*m_server));
    QCOMPARE_NE(one.get(), another.get());
    QCOMPARE(pool.clientCount(), 2);
    QTRY_COMPARE(m_server->connectionCount(), 2);
}

void tst_RendezvousClient::aPoolKeepsAConnectionForAWhile()
{
    RendezvousPool pool(nullptr, 100ms);
    const RendezvousConfig config = configFor(*m_server);
    auto user = pool.client(config);
    const RendezvousClient *const client = user.get();
    QTRY_COMPARE(user->state(), RendezvousClient::State::Ready);
    user.reset();
    QCOMPARE(pool.clientCount(), 1);
    user = pool.client(config);
    QCOMPARE(user.get(), client);
    // Its time begins anew with the last user.
    auto second = pool.client(config);
    user.reset();
    second.reset();
    QTRY_COMPARE(pool.clientCount(), 0);
    QTRY_COMPARE(m_server->connectionCount(), 0);

    // A user may outlive the pool.
    auto brief = std::make_unique<RendezvousPool>();
    user = brief->client(config);
    brief.reset();
    user.reset();
}

QTEST_GUILESS_MAIN(tst_RendezvousClient)

#include "tst_rendezvousclient.moc"
