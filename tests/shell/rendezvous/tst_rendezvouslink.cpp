// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rawclient.h"
#include "rendezvousfixture.h"
#include "signaling/rendezvousproof.h"

#include <QtCore/qfile.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace peer::rendezvous;
using peer::IdentityKey;

namespace {

/// A hello that proves the key to this server.
message::Hello helloOf(const IdentityKey &key, const RawClient &client,
                       const PeerRendezvousServer &server)
{
    message::Hello hello;
    const QString pin = server.publicKeyPin();
    hello.identity = proveIdentity(key, client.welcome()->challenge,
                                   u"127.0.0.1:%1"_s.arg(server.serverPort()),
                                   pin.isEmpty() ? NoPin.toString() : pin);
    return hello;
}

} // namespace

/// What the server does with a WebSocket, seen from the wire.
class tst_RendezvousLink : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_server = std::make_unique<PeerRendezvousServer>(); }
    void cleanup() { m_server.reset(); }

    void saysWelcomeAtOnce();
    void refusesWhatIsNoHello_data();
    void refusesWhatIsNoHello();
    void refusesASecondHello();
    void refusesBinaryMessages();
    void refusesAnotherMajorVersionWithBothNumbers();
    void takesALaterMinorVersionAndItsUnknownTypes();
    void waitsForAHelloNoLongerThanItsTime();
    void refusesWrongTokens_data();
    void refusesWrongTokens();
    void refusesWrongProofs_data();
    void refusesWrongProofs();

    void aMessageThatIsTooLargeEndsTheSocket();
    void messagesBeyondTheRateAreDroppedAndCallersTold();
    void octetsBeyondTheRateAreDropped();
    void whoGoesOnBeyondTheRateIsClosed();
    void aSlowReaderIsClosed();
    void whoAnswersNoPingIsClosed();
    void whoAnswersPingsIsKept();
    void anOpenSocketIsTakenOverByItsTicket();

    void namesSurviveARestart();
    void namesAreFreeAfterThirtyDays();
    void aDamagedNamesFileIsToldAndNotTouched();
    void namesThatCannotBeWrittenAreTold();
    void tellsWhoIsRegistered();
    void mayBeDeletedInASlot();

private:
    void listen(const PeerRendezvousServer::Limits &limits = {})
    {
        m_server->setLimits(limits);
        QVERIFY2(m_server->listen(), qPrintable(m_server->errorString()));
    }
    /// A client whose hello was taken.
    std::unique_ptr<RawClient> greeted(const std::optional<IdentityKey> &key = std::nullopt)
    {
        auto client = std::make_unique<RawClient>(*m_server);
        [&] { QTRY_VERIFY(client->welcome()); }();
        client->send(key ? helloOf(*key, *client, *m_server) : message::Hello{});
        [&] { QTRY_VERIFY(client->last<message::Ready>()); }();
        return client;
    }

    std::unique_ptr<PeerRendezvousServer> m_server;
};

void tst_RendezvousLink::saysWelcomeAtOnce()
{
    listen();
    RawClient client(*m_server);
    RawClient other(*m_server);
    QTRY_VERIFY(client.welcome() && other.welcome());
    const message::Welcome welcome = *client.welcome();
    QCOMPARE(welcome.version, ownProtocolVersion);
    QCOMPARE(welcome.stun, QStringList{u"stun:127.0.0.1:%1"_s.arg(m_server->serverPort())});
    QCOMPARE(welcome.address, u"127.0.0.1:%1"_s.arg(client.socket.localPort()));
    QCOMPARE(welcome.limits.message, m_server->limits().messageSize);
    QCOMPARE(welcome.limits.calls, m_server->limits().callsPerConnection);
    QCOMPARE(welcome.limits.names, m_server->limits().namesPerConnection);
    QCOMPARE_NE(welcome.challenge, other.welcome()->challenge);
}

void tst_RendezvousLink::refusesWhatIsNoHello_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("a call") << toJson(
        ClientMessage(message::Call{newCallId(), u"alice"_s, {}, signalWith(1)}));
    QTest::newRow("a registration") << toJson(ClientMessage(message::Register{u"alice"_s}));
    QTest::newRow("an unknown type") << R"({"type":"turn"})"_ba;
    QTest::newRow("garbage") << "hello"_ba;
    QTest::newRow("nothing") << ""_ba;
    QTest::newRow("a malformed hello") << R"({"type":"hello","version":"x"})"_ba;
}

void tst_RendezvousLink::refusesWhatIsNoHello()
{
    QFETCH(QByteArray, text);
    listen();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    client.sendText(text);
    QTRY_VERIFY(client.isClosed());
    QCOMPARE(client.fatalError(), FatalError::Malformed);
    QCOMPARE(client.socket.closeCode(), QWebSocketProtocol::CloseCodePolicyViolated);
    QVERIFY(m_server->metrics().contains("messages_malformed_total 1\n"));
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void tst_RendezvousLink::refusesASecondHello()
{
    listen();
    const auto client = greeted();
    client->send(message::Hello{});
    QTRY_VERIFY(client->isClosed());
    QCOMPARE(client->fatalError(), FatalError::Malformed);
}

void tst_RendezvousLink::refusesBinaryMessages()
{
    listen();
    const auto client = greeted();
    client->socket.sendBinaryMessage("\1\2\3"_ba);
    QTRY_VERIFY(client->isClosed());
    QCOMPARE(client->fatalError(), FatalError::Malformed);
}

void tst_RendezvousLink::refusesAnotherMajorVersionWithBothNumbers()
{
    listen();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    client.sendText(R"({"type":"hello","version":"2.7","something":"else"})"_ba);
    QTRY_VERIFY(client.isClosed());
    const auto error = client.last<message::Error>();
    QVERIFY(error);
    QCOMPARE(error->cause, FatalError::Version);
    QCOMPARE(error->version, ownProtocolVersion);
    QVERIFY(error->text.contains("2.7"_L1) && error->text.contains("1.1"_L1));
}

void tst_RendezvousLink::takesALaterMinorVersionAndItsUnknownTypes()
{
    listen();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    client.sendText(R"({"type":"hello","version":"1.9","something":"new"})"_ba);
    QTRY_VERIFY(client.last<message::Ready>());
    client.sendText(R"({"type":"sing"})"_ba);
    client.send(message::Call{newCallId(), u"nobody"_s, {}, signalWith(1)});
    QTRY_VERIFY(client.last<message::Failed>());
    QVERIFY(client.isOpen());
}

void tst_RendezvousLink::waitsForAHelloNoLongerThanItsTime()
{
    PeerRendezvousServer::Limits limits;
    limits.helloTime = 50ms;
    listen(limits);
    RawClient client(*m_server);
    QTRY_VERIFY(client.isClosed());
    QVERIFY(client.fatalError());
    QTRY_COMPARE(m_server->connectionCount(), 0);
}

void tst_RendezvousLink::refusesWrongTokens_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("first") << "open-sesame"_ba << true;
    QTest::newRow("second") << "swordfish"_ba << true;
    QTest::newRow("none") << ""_ba << false;
    QTest::newRow("another") << "open-sesamf"_ba << false;
    QTest::newRow("a part") << "open-sesam"_ba << false;
    QTest::newRow("more") << "open-sesame!"_ba << false;
}

void tst_RendezvousLink::refusesWrongTokens()
{
    QFETCH(QByteArray, token);
    QFETCH(bool, isGood);
    m_server->setTokens({"open-sesame"_ba, "swordfish"_ba});
    listen();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    message::Hello hello;
    hello.token = token;
    client.send(hello);
    if (isGood) {
        QTRY_VERIFY(client.last<message::Ready>());
    } else {
        QTRY_VERIFY(client.isClosed());
        QCOMPARE(client.fatalError(), FatalError::Token);
    }
}

void tst_RendezvousLink::refusesWrongProofs_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<QString>("pin");
    QTest::addColumn<bool>("isOldChallenge");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("good") << true << u"own"_s << false << true;
    QTest::newRow("made for another server") << true << QString(52, u'a') << false << false;
    QTest::newRow("made for a plain server") << true << u"-"_s << false << false;
    QTest::newRow("made for another challenge") << true << u"own"_s << true << false;
    QTest::newRow("good, plain") << false << u"-"_s << false << true;
    QTest::newRow("behind a proxy that ends TLS") << false << QString(52, u'a') << false << true;
    QTest::newRow("plain, for another challenge") << false << u"-"_s << true << false;
}

void tst_RendezvousLink::refusesWrongProofs()
{
    QFETCH(bool, tls);
    QFETCH(QString, pin);
    QFETCH(bool, isOldChallenge);
    QFETCH(bool, isGood);
    if (tls)
        m_server->setTlsMode(PeerRendezvousServer::TlsMode::SelfMade);
    listen();
    RawClient client(*m_server);
    QTRY_VERIFY(client.welcome());
    const QByteArray challenge = isOldChallenge ? QByteArray(32, '\0')
                                                : client.welcome()->challenge;
    message::Hello hello;
    hello.identity = proveIdentity(IdentityKey::generate().value(), challenge, u"127.0.0.1:1"_s,
                                   pin == "own"_L1 ? m_server->publicKeyPin() : pin);
    client.send(hello);
    if (isGood) {
        QTRY_VERIFY(client.last<message::Ready>());
    } else {
        QTRY_VERIFY(client.isClosed());
        QCOMPARE(client.fatalError(), FatalError::Proof);
    }
}

// ---- Limits

void tst_RendezvousLink::aMessageThatIsTooLargeEndsTheSocket()
{
    PeerRendezvousServer::Limits limits;
    limits.messageSize = 1000;
    listen(limits);
    const auto fits = greeted();
    const QByteArray start = R"({"type":"sing","song":")";
    fits->sendText(start + QByteArray(1000 - start.size() - 2, 'x') + R"("})");
    fits->send(message::Call{newCallId(), u"nobody"_s, {}, signalWith(1)});
    QTRY_VERIFY(fits->last<message::Failed>());
    fits->sendText(start + QByteArray(1000 - start.size() - 1, 'x') + R"("})");
    QTRY_VERIFY(fits->isClosed());
    QCOMPARE(fits->socket.closeCode(), QWebSocketProtocol::CloseCodeTooMuchData);
}

void tst_RendezvousLink::messagesBeyondTheRateAreDroppedAndCallersTold()
{
    PeerRendezvousServer::Limits limits;
    limits.messageRate = {0.001, 2};
    listen(limits);
    const IdentityKey key = IdentityKey::generate().value();
    const auto client = greeted(key);
    const message::Call call{newCallId(), u"nobody"_s, {}, signalWith(1)};
    client->send(call);
    QTRY_COMPARE(client->last<message::Failed>(),
                 (message::Failed{call.call, CallFailure::Offline}));
    client->send(call);
    QTRY_COMPARE(client->last<message::Failed>(), (message::Failed{call.call, CallFailure::Rate}));
    client->send(message::Register{u"alice"_s});
    QTRY_COMPARE(client->last<message::NotRegistered>(),
                 (message::NotRegistered{u"alice"_s, RegistrationFailure::Rate}));
    client->send(message::Signal{call.call, CallSide::Caller, signalWith(1)});
    QTRY_VERIFY(m_server->metrics().contains("messages_dropped_total 3\n"));
    QVERIFY(client->isOpen());
}

void tst_RendezvousLink::octetsBeyondTheRateAreDropped()
{
    PeerRendezvousServer::Limits limits;
    limits.octetRate = {0.001, 2000};
    listen(limits);
    const auto client = greeted();
    client->sendText(R"({"type":"sing","song":")" + QByteArray(2000, 'x') + R"("})");
    QTRY_VERIFY(m_server->metrics().contains("messages_dropped_total 1\n"));
    client->send(message::Call{newCallId(), u"nobody"_s, {}, signalWith(1)});
    QTRY_COMPARE(client->last<message::Failed>().value_or(message::Failed{}).cause,
                 CallFailure::Offline);
}

void tst_RendezvousLink::whoGoesOnBeyondTheRateIsClosed()
{
    PeerRendezvousServer::Limits limits;
    limits.messageRate = {0.001, 1};
    limits.droppedRate = {0.001, 3};
    listen(limits);
    const auto client = greeted();
    for (int i = 0; i < 4; ++i)
        client->sendText("{}");
    QTRY_VERIFY(client->isClosed());
    QCOMPARE(client->fatalError(), FatalError::Rate);
}

void tst_RendezvousLink::aSlowReaderIsClosed()
{
    PeerRendezvousServer::Limits limits;
    limits.sendQueue = 100'000;
    listen(limits);
    const IdentityKey key = IdentityKey::generate().value();
    RawSocket slow(*m_server, upgradeHead(*m_server));
    QTRY_VERIFY(slow.received.contains("welcome"));
    const qsizetype json = slow.received.indexOf('{');
    const auto welcome = parseServerMessage(slow.received.sliced(json));
    QVERIFY(welcome);
    message::Hello hello;
    hello.identity = proveIdentity(key, std::get<message::Welcome>(*welcome).challenge,
                                   u"127.0.0.1:1"_s, NoPin.toString());
    slow.socket.write(clientFrame(toJson(ClientMessage(hello))));
    slow.socket.write(clientFrame(toJson(ClientMessage(message::Register{u"slow"_s}))));
    QTRY_VERIFY(m_server->isRegistered(u"slow"_s));

    // From now on the kernel's buffers fill, and then the server's.
    slow.socket.setReadBufferSize(1);
    slow.socket.disconnect(&slow);
    const auto caller = greeted();
    const QJsonObject large{{"sdp"_L1, QString(60'000, u'x')}};
    const QString call = newCallId();
    caller->send(message::Call{call, u"slow"_s, {}, large});
    for (int i = 0; i < 400 && m_server->isRegistered(u"slow"_s); ++i) {
        caller->send(message::Signal{call, CallSide::Caller, large});
        QCoreApplication::processEvents();
    }
    QTRY_VERIFY(!m_server->isRegistered(u"slow"_s));
    QTRY_COMPARE(m_server->connectionCount(), 1);
}

void tst_RendezvousLink::whoAnswersNoPingIsClosed()
{
    PeerRendezvousServer::Limits limits;
    limits.pingInterval = 20ms;
    limits.silence = 400ms;
    listen(limits);
    RawSocket silent(*m_server, upgradeHead(*m_server));
    QTRY_VERIFY(silent.received.contains("welcome"));
    silent.socket.write(clientFrame(toJson(ClientMessage(message::Hello{}))));
    QTRY_VERIFY(silent.received.contains("ready"));
    QTRY_VERIFY(silent.isClosed());
    QVERIFY(silent.received.contains("\x89")); // pings came
}

void tst_RendezvousLink::whoAnswersPingsIsKept()
{
    PeerRendezvousServer::Limits limits;
    limits.pingInterval = 20ms;
    limits.silence = 500ms;
    listen(limits);
    const auto client = greeted();
    // A QWebSocket answers pings by itself; far more of them pass than a silent one would survive.
    RawSocket silent(*m_server, upgradeHead(*m_server));
    QTRY_VERIFY(silent.isClosed());
    QVERIFY(client->isOpen());
    client->send(message::Call{newCallId(), u"nobody"_s, {}, signalWith(1)});
    QTRY_VERIFY(client->last<message::Failed>());
}

void tst_RendezvousLink::anOpenSocketIsTakenOverByItsTicket()
{
    listen();
    const IdentityKey key = IdentityKey::generate().value();
    RawClient first(*m_server);
    QTRY_VERIFY(first.welcome());
    message::Hello hello = helloOf(key, first, *m_server);
    hello.ticket = QByteArray(32, 't');
    first.send(hello);
    first.send(message::Register{u"alice"_s});
    QTRY_VERIFY(first.last<message::Registered>());

    RawClient second(*m_server);
    QTRY_VERIFY(second.welcome());
    hello = helloOf(key, second, *m_server);
    hello.ticket = QByteArray(32, 't');
    second.send(hello);
    QTRY_COMPARE(second.last<message::Ready>(), message::Ready{true});
    QTRY_VERIFY(first.isClosed());
    second.send(message::Register{u"alice"_s});
    QTRY_VERIFY(second.last<message::Registered>());
    QTRY_COMPARE(m_server->connectionCount(), 1);
    QVERIFY(m_server->isRegistered(u"alice"_s));
}

// ---- Names

void tst_RendezvousLink::namesSurviveARestart()
{
    QTemporaryDir directory;
    const QString fileName = directory.filePath(u"names"_s);
    const IdentityKey alice = IdentityKey::generate().value();
    const IdentityKey bob = IdentityKey::generate().value();
    m_server->setNamesFile(fileName);
    listen();
    auto client = greeted(alice);
    client->send(message::Register{u"alice"_s});
    QTRY_VERIFY(client->last<message::Registered>());
    // Without waiting for the end of the server.
    QTRY_VERIFY(QFile::exists(fileName) && [&] {
        QFile file(fileName);
        return file.open(QIODevice::ReadOnly) && file.readAll().contains("\nalice ");
    }());
    client.reset();
    m_server = std::make_unique<PeerRendezvousServer>();
    m_server->setNamesFile(fileName);
    listen();
    client = greeted(bob);
    client->send(message::Register{u"alice"_s});
    QTRY_COMPARE(client->last<message::NotRegistered>(),
                 (message::NotRegistered{u"alice"_s, RegistrationFailure::Owned}));
    client = greeted(alice);
    client->send(message::Register{u"alice"_s});
    QTRY_VERIFY(client->last<message::Registered>());
}

void tst_RendezvousLink::namesAreFreeAfterThirtyDays()
{
    QTemporaryDir directory;
    const QString fileName = directory.filePath(u"names"_s);
    const QString id = QString(52, u'a');
    const qint64 now = QDateTime::currentSecsSinceEpoch();
    constexpr qint64 Days30 = 30 * 24 * 3600;
    QFile file(fileName);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(u"peer-names 1\nold %1 %2\nyoung %1 %3\n"_s.arg(id)
                   .arg(now - Days30 - 60)
                   .arg(now - Days30 + 3600)
                   .toUtf8());
    file.close();
    m_server->setNamesFile(fileName);
    listen();
    const auto client = greeted(IdentityKey::generate());
    client->send(message::Register{u"young"_s});
    QTRY_VERIFY(client->last<message::NotRegistered>());
    client->send(message::Register{u"old"_s});
    QTRY_VERIFY(client->last<message::Registered>());
}

void tst_RendezvousLink::aDamagedNamesFileIsToldAndNotTouched()
{
    QTemporaryDir directory;
    const QString fileName = directory.filePath(u"names"_s);
    QFile file(fileName);
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.write("peer-names 1\nalice\n");
    file.flush();
    m_server->setNamesFile(fileName);
    QVERIFY(!m_server->listen());
    QVERIFY2(m_server->errorString().contains(fileName)
                 && m_server->errorString().contains("Line 2"_L1),
             qPrintable(m_server->errorString()));
    file.seek(0);
    QCOMPARE(file.readAll(), "peer-names 1\nalice\n"_ba);
}

void tst_RendezvousLink::namesThatCannotBeWrittenAreTold()
{
    QTemporaryDir directory;
    m_server->setNamesFile(directory.filePath(u"no/such/folder"_s));
    QVERIFY(!m_server->listen());
    QVERIFY(m_server->errorString().contains("cannot be written"_L1));

    // It worked at the start but does so no more.
    const QString folder = directory.filePath(u"folder"_s);
    QVERIFY(QDir().mkpath(folder));
    m_server->setNamesFile(folder + "/names"_L1);
    QSignalSpy errors(m_server.get(), &PeerRendezvousServer::errorOccurred);
    listen();
    QVERIFY(QDir(folder).removeRecursively());
    const auto client = greeted(IdentityKey::generate());
    client->send(message::Register{u"alice"_s});
    QTRY_COMPARE(errors.count(), 1);
    QVERIFY(errors[0][0].toString().contains("cannot be written"_L1));
}

void tst_RendezvousLink::tellsWhoIsRegistered()
{
    listen();
    QSignalSpy registered(m_server.get(), &PeerRendezvousServer::peerRegistered);
    QSignalSpy unregistered(m_server.get(), &PeerRendezvousServer::peerUnregistered);
    const IdentityKey key = IdentityKey::generate().value();
    auto client = greeted(key);
    client->send(message::Register{u"alice"_s});
    QTRY_COMPARE(registered.count(), 1);
    QCOMPARE(registered[0][0].toString(), u"alice"_s);
    QCOMPARE(registered[0][1].toString().toStdString(), key.id());
    client.reset();
    QTRY_COMPARE(unregistered.count(), 1);
    QCOMPARE(unregistered[0][0].toString(), u"alice"_s);
    QVERIFY(!m_server->isRegistered(u"alice"_s));
}

void tst_RendezvousLink::mayBeDeletedInASlot()
{
    listen();
    bool isDeleted = false;
    connect(m_server.get(), &PeerRendezvousServer::peerRegistered, this, [&] {
        m_server.reset();
        isDeleted = true;
    });
    const auto client = greeted(IdentityKey::generate());
    client->send(message::Register{u"alice"_s});
    client->send(message::Register{u"bob"_s});
    QTRY_VERIFY(isDeleted);
    QTRY_VERIFY(client->isClosed());
}

QTEST_GUILESS_MAIN(tst_RendezvousLink)

#include "tst_rendezvouslink.moc"
