// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rendezvousfixture.h"
#include "signaling/protocolmessages.h"

#include <QtCore/qjsondocument.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

#include <functional>

using namespace Qt::StringLiterals;
using namespace peer;
using namespace peer::rendezvous;

namespace {

constexpr ProtocolVersion FirstVersion{1, 0};

/// Greets as a rendezvous would, and answers to nothing but what it is told to.
class ScriptedServer : public QObject
{
public:
    explicit ScriptedServer(const ProtocolVersion &version = ownProtocolVersion)
        : m_server(u"scripted"_s, QWebSocketServer::NonSecureMode)
    {
        connect(&m_server, &QWebSocketServer::newConnection, this, [this, version] {
            QWebSocket *socket = m_server.nextPendingConnection();
            socket->setParent(this);
            connect(socket, &QWebSocket::textMessageReceived, this,
                    [this, socket](const QString &text) { receive(socket, text); });
            say(socket, message::Welcome{version, QByteArray(32, 'c'), {}, {}, {80'000, 5, 5}});
        });
        m_server.listen(QHostAddress::LocalHost);
    }

    RendezvousConfig config() const
    {
        RendezvousConfig config;
        config.hosts = {{u"127.0.0.1"_s, m_server.serverPort()}};
        config.tls = RendezvousConfig::Tls::Off;
        return config;
    }
    int count(const QString &type) const { return int(heard.count(type)); }

    /// The types of the messages that came.
    QStringList heard;
    /// To the watches, the first of which is number 1.
    std::function<QList<ServerMessage>(int number, const QString &name)> onWatch;

private:
    void receive(QWebSocket *socket, const QString &text)
    {
        const auto message = parseClientMessage(text.toUtf8());
        if (!message)
            return;
        heard.append(QJsonDocument::fromJson(text.toUtf8())["type"_L1].toString());
        if (std::holds_alternative<message::Hello>(*message))
            say(socket, message::Ready{});
        const auto *watch = std::get_if<message::Watch>(&*message);
        if (!watch || !onWatch)
            return;
        for (const ServerMessage &answer : onWatch(count(u"watch"_s), watch->name))
            say(socket, answer);
    }
    static void say(QWebSocket *socket, const ServerMessage &message)
    {
        socket->sendTextMessage(QString::fromUtf8(toJson(message)));
    }

    QWebSocketServer m_server;
};

} // namespace

/// What a client wants beside calls, of servers that do not give it at once.
class tst_RendezvousWishes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsRefusedIsAskedForAgain_data();
    void whatIsRefusedIsAskedForAgain();
    void whatIsNotAnsweredIsAskedForAgain();
    void whatIsTakenBackIsNotAskedForAgain();
    void whoWatchesWhatIsRefusedIsToldToo();
    void nothingIsKnownOfWhatIsRefusedAfterAll();
    void anOlderServerIsNotAsked();
    void aTunnelThatIsTakenBackIsNotAskedFor();
    void tunnelsThatAreTakenBackMakeRoom();
};

void tst_RendezvousWishes::whatIsRefusedIsAskedForAgain_data()
{
    QTest::addColumn<int>("cause");
    QTest::newRow("too many") << int(WatchFailure::Limit);
    QTest::newRow("too fast") << int(WatchFailure::Rate);
}

void tst_RendezvousWishes::whatIsRefusedIsAskedForAgain()
{
    QFETCH(int, cause);
    ScriptedServer server;
    server.onWatch = [cause](int number, const QString &name) -> QList<ServerMessage> {
        const message::NotWatched refusal{name, WatchFailure(cause)};
        if (number == 1)
            return {refusal, refusal};
        return {message::Watched{name, true}};
    };
    const TestClient client(server.config());
    const QSignalSpy refused(client.client.get(), &RendezvousClient::watchRefused);
    const QSignalSpy failed(client.client.get(), &RendezvousClient::watchFailed);
    const QSignalSpy seen(client.client.get(), &RendezvousClient::nameSeen);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE(refused.count(), 1);
    QCOMPARE(refused.first().at(0).toString(), u"alice"_s);
    QVERIFY(!refused.first().at(1).toString().isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(seen.count(), 1, 30'000);
    QVERIFY(seen.first().at(1).toBool());
    QCOMPARE(server.count(u"watch"_s), 2);
    QCOMPARE(refused.count(), 1);
    QCOMPARE(failed.count(), 0);
}

/// The server drops what comes too fast.
void tst_RendezvousWishes::whatIsNotAnsweredIsAskedForAgain()
{
    ScriptedServer server;
    server.onWatch = [](int number, const QString &name) -> QList<ServerMessage> {
        if (number == 1)
            return {};
        return {message::Watched{name, false}};
    };
    const TestClient client(server.config());
    const QSignalSpy seen(client.client.get(), &RendezvousClient::nameSeen);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE_WITH_TIMEOUT(seen.count(), 1, 30'000);
}

void tst_RendezvousWishes::whatIsTakenBackIsNotAskedForAgain()
{
    ScriptedServer server;
    server.onWatch = [](int, const QString &name) -> QList<ServerMessage> {
        if (name == "alice"_L1)
            return {message::NotWatched{name, WatchFailure::Limit}};
        return {};
    };
    const TestClient client(server.config());
    const QSignalSpy refused(client.client.get(), &RendezvousClient::watchRefused);
    client.client->watch(u"alice"_s);
    client.client->watch(u"carol"_s);
    QTRY_COMPARE(refused.count(), 1);
    client.client->unwatch(u"alice"_s);
    // When carol is asked for again, alice would be too.
    QTRY_COMPARE_WITH_TIMEOUT(server.count(u"watch"_s), 3, 30'000);
    QTRY_COMPARE(server.count(u"unwatch"_s), 1);
    QCOMPARE(refused.count(), 1);
}

void tst_RendezvousWishes::whoWatchesWhatIsRefusedIsToldToo()
{
    ScriptedServer server;
    server.onWatch = [](int, const QString &name) -> QList<ServerMessage> {
        return {message::NotWatched{name, WatchFailure::Limit}};
    };
    const TestClient client(server.config());
    const QSignalSpy refused(client.client.get(), &RendezvousClient::watchRefused);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE(refused.count(), 1);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE(refused.count(), 2);
}

void tst_RendezvousWishes::nothingIsKnownOfWhatIsRefusedAfterAll()
{
    ScriptedServer server;
    server.onWatch = [](int number, const QString &name) -> QList<ServerMessage> {
        if (number == 1)
            return {message::Watched{name, true}};
        return {message::NotWatched{name, WatchFailure::Limit}};
    };
    const TestClient client(server.config());
    const QSignalSpy refused(client.client.get(), &RendezvousClient::watchRefused);
    const QSignalSpy seen(client.client.get(), &RendezvousClient::nameSeen);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE(seen.count(), 1);
    client.client->checkConnection(); // another socket
    QTRY_COMPARE(refused.count(), 1);
    client.client->watch(u"alice"_s);
    QTRY_COMPARE(refused.count(), 2);
    QCOMPARE(seen.count(), 1);
}

void tst_RendezvousWishes::anOlderServerIsNotAsked()
{
    const ScriptedServer server(FirstVersion);
    const TestClient client(server.config());
    const QSignalSpy refused(client.client.get(), &RendezvousClient::watchRefused);
    const QSignalSpy failed(client.client.get(), &RendezvousClient::mintFailed);
    // Before there is a connection, and after.
    for (int round = 1; round <= 2; ++round) {
        client.client->watch(QString::number(round));
        const QString request = client.client->mintTunnel();
        QTRY_COMPARE(refused.count(), round);
        QTRY_COMPARE(failed.count(), round);
        QCOMPARE(refused.last().at(0).toString(), QString::number(round));
        QVERIFY(refused.last().at(1).toString().contains(u"version 1.0"_s));
        QCOMPARE(failed.last().at(0).toString(), request);
        QCOMPARE(failed.last().at(1).value<RendezvousClient::MintError>(),
                 RendezvousClient::MintError::TooOld);
        QVERIFY(failed.last().at(2).toString().contains(u"version 1.0"_s));
        QTRY_VERIFY(client.isReady());
    }
    client.client->unwatch(u"1"_s);
    QCOMPARE(server.heard, QStringList{u"hello"_s});
}

void tst_RendezvousWishes::aTunnelThatIsTakenBackIsNotAskedFor()
{
    const ScriptedServer server;
    const TestClient client(server.config());
    client.client->cancelMint(client.client->mintTunnel());
    client.client->mintTunnel();
    QTRY_COMPARE(server.count(u"mint"_s), 1);
    QTRY_VERIFY(client.isReady());
    QCOMPARE(server.count(u"mint"_s), 1);
}

void tst_RendezvousWishes::tunnelsThatAreTakenBackMakeRoom()
{
    const ScriptedServer server;
    const TestClient client(server.config());
    const QSignalSpy failed(client.client.get(), &RendezvousClient::mintFailed);
    for (qsizetype i = 0; i < 2 * RendezvousClient::MaxMints; ++i)
        client.client->cancelMint(client.client->mintTunnel());
    client.client->mintTunnel();
    QTRY_COMPARE(server.count(u"mint"_s), 1);
    QCOMPARE(failed.count(), 0);
}

QTEST_GUILESS_MAIN(tst_RendezvousWishes)

#include "tst_rendezvouswishes.moc"
