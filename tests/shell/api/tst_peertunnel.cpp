// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <PeerConnection/PeerTunnel>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qtcpserver.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>
#include <QtWebSockets/qwebsocket.h>
#include <QtWebSockets/qwebsocketserver.h>

using namespace Qt::StringLiterals;

using State = PeerTunnel::State;
using Error = PeerConnection::Error;

namespace {

QUrl addressOf(const PeerRendezvousServer &server)
{
    const QString pin = server.publicKeyPin();
    return QUrl(u"peer://%1:%2?tls=%3"_s.arg(server.url().host())
                    .arg(server.serverPort())
                    .arg(pin.isEmpty() ? u"off"_s : pin));
}

/// Greets as a rendezvous of that version would, if at all, and answers to nothing.
class SilentRendezvous : public QObject
{
public:
    explicit SilentRendezvous(const QString &version = u"1.1"_s)
        : m_server(u"silent"_s, QWebSocketServer::NonSecureMode)
    {
        connect(&m_server, &QWebSocketServer::newConnection, this, [this, version] {
            QWebSocket *socket = m_server.nextPendingConnection();
            socket->setParent(this);
            connect(socket, &QWebSocket::textMessageReceived, this, [this](const QString &text) {
                if (text.contains(u"\"mint\""_s))
                    ++minted;
            });
            const QString challenge(43, u'A');
            socket->sendTextMessage(
                u"{\"type\":\"welcome\",\"version\":\"%1\",\"challenge\":\"%2\",\"stun\":[],"
                "\"address\":\"127.0.0.1:1\","
                "\"limits\":{\"message\":80000,\"calls\":5,\"names\":5}}"_s.arg(version,
                                                                                challenge));
        });
        m_server.listen(QHostAddress::LocalHost);
    }
    QUrl address() const
    {
        return QUrl(u"peer://127.0.0.1:%1?tls=off"_s.arg(m_server.serverPort()));
    }

    int minted = 0;

private:
    QWebSocketServer m_server;
};

/// Both ends of a tunnel.
struct Ends
{
    PeerTunnel caller, callee;

    [[nodiscard]] bool join(const PeerRendezvousServer &server) { return join(addressOf(server)); }
    [[nodiscard]] bool join(const QUrl &rendezvous)
    {
        QObject::connect(&caller, &PeerTunnel::ticketChanged, &callee, &PeerTunnel::join);
        caller.mint(rendezvous);
        return eventually(
            [this] { return caller.state() == State::Joined && callee.state() == State::Joined; });
    }
    /// Until the server has both ends, what the first sends is dropped.
    [[nodiscard]] bool arrives(PeerTunnel &from, PeerTunnel &to, const QByteArray &datagram)
    {
        const QSignalSpy received(&to, &PeerTunnel::datagramReceived);
        return eventually([&] {
            from.sendDatagram(datagram);
            for (const auto &each : received) {
                if (each.first().toByteArray() == datagram)
                    return true;
            }
            return false;
        });
    }
};

} // namespace

class PeerTunnelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesDatagramsBothWays_data();
    void carriesDatagramsBothWays();
    void refusesDatagramsOfOtherSizes();
    void boundsWhatWaitsToBeSent();
    void boundsWhatWaitsToBeRead();
    void refusesWhatIsNoTicket_data();
    void refusesWhatIsNoTicket();
    void refusesWhatIsNoRendezvous_data();
    void refusesWhatIsNoRendezvous();
    void saysThatThereAreNoTunnels();
    void waitsNoLongerThanItsPatience_data();
    void waitsNoLongerThanItsPatience();
    void tellsWhatIsKnownWhenItHasNoPatienceLeft();
    void saysThatTheRendezvousIsTooOld();
    void mayBeClosedWhileItIsMinted();
    void manyMayBeClosedWhileTheyAreMinted();
    void endsWhenTheServerDoesNotKnowTheTicket();
    void endsWhenSomebodyElseTakesItsPlace();
    void mayBeDeletedInItsSlots_data();
    void mayBeDeletedInItsSlots();
};

void PeerTunnelTest::carriesDatagramsBothWays_data()
{
    QTest::addColumn<bool>("hasTls");
    QTest::newRow("plain") << false;
    QTest::newRow("pinned key") << true;
}

void PeerTunnelTest::carriesDatagramsBothWays()
{
    QFETCH(bool, hasTls);
    PeerRendezvousServer server;
    if (hasTls)
        server.setTlsMode(PeerRendezvousServer::TlsMode::SelfMade);
    QVERIFY2(server.listen(), qPrintable(server.errorString()));
    Ends ends;
    QVERIFY(!ends.caller.sendDatagram("too early"));
    QVERIFY(ends.join(server));
    QCOMPARE(ends.caller.ticket(), ends.callee.ticket());
    QCOMPARE(ends.caller.ticket().scheme(), hasTls ? u"wss"_s : u"ws"_s);
    QVERIFY(ends.arrives(ends.caller, ends.callee, "there"));
    QVERIFY(ends.arrives(ends.callee, ends.caller, "and back"));
    QVERIFY(
        ends.arrives(ends.caller, ends.callee, QByteArray(PeerTunnel::MaximumDatagramSize, 'x')));
    ends.caller.close();
    QCOMPARE(ends.caller.state(), State::Closed);
    QCOMPARE(ends.caller.error(), Error::None);
    QVERIFY(!ends.caller.sendDatagram("too late"));
}

void PeerTunnelTest::refusesDatagramsOfOtherSizes()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    Ends ends;
    QVERIFY(ends.join(server));
    QVERIFY(!ends.caller.sendDatagram(QByteArray()));
    QVERIFY(!ends.caller.sendDatagram(QByteArray(PeerTunnel::MaximumDatagramSize + 1, 'x')));
    QVERIFY(ends.arrives(ends.caller, ends.callee, "still there"));
}

void PeerTunnelTest::boundsWhatWaitsToBeSent()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    Ends ends;
    QVERIFY(ends.join(server));
    const QByteArray datagram(PeerTunnel::MaximumDatagramSize, 'x');
    bool isRefused = false;
    for (int i = 0; i < 1'000'000 && !isRefused; ++i)
        isRefused = !ends.caller.sendDatagram(datagram);
    QVERIFY(isRefused);
    QVERIFY(ends.caller.droppedDatagrams() > 0);
    QVERIFY(ends.arrives(ends.caller, ends.callee, "after all"));
}

void PeerTunnelTest::boundsWhatWaitsToBeRead()
{
    // The server goes on while this thread stands still.
    QThread thread;
    QObject context;
    context.moveToThread(&thread);
    thread.start();
    std::unique_ptr<PeerRendezvousServer> server;
    QUrl address;
    QMetaObject::invokeMethod(
        &context,
        [&] {
            server = std::make_unique<PeerRendezvousServer>();
            if (server->listen())
                address = addressOf(*server);
        },
        Qt::BlockingQueuedConnection);
    const auto end = qScopeGuard([&] {
        QMetaObject::invokeMethod(
            &context, [&] { server.reset(); }, Qt::BlockingQueuedConnection);
        thread.quit();
        thread.wait();
    });
    Ends ends;
    QVERIFY(ends.join(address));
    QVERIFY(ends.arrives(ends.caller, ends.callee, "there"));
    QElapsedTimer clock;
    clock.start();
    while (ends.callee.droppedDatagrams() == 0 && clock.elapsed() < 30'000)
        ends.caller.sendDatagram("x");
    QVERIFY(ends.callee.droppedDatagrams() > 0);
    QVERIFY(ends.arrives(ends.caller, ends.callee, "the latest"));
}

void PeerTunnelTest::refusesWhatIsNoTicket_data()
{
    QTest::addColumn<QUrl>("ticket");
    QTest::newRow("empty") << QUrl();
    QTest::newRow("another scheme") << QUrl(u"https://127.0.0.1/tunnel#token=abc"_s);
    QTest::newRow("no host") << QUrl(u"wss:///tunnel#token=abc"_s);
    QTest::newRow("no token") << QUrl(u"wss://127.0.0.1/tunnel"_s);
    QTest::newRow("empty token") << QUrl(u"wss://127.0.0.1/tunnel#token="_s);
    QTest::newRow("token with a space") << QUrl(u"wss://127.0.0.1/tunnel#token=a%20b"_s);
    QTest::newRow("token too long")
        << QUrl(u"wss://127.0.0.1/tunnel#token="_s + QString(257, u'a'));
    QTest::newRow("user information") << QUrl(u"wss://me@127.0.0.1/tunnel#token=abc"_s);
    QTest::newRow("pin too short") << QUrl(u"wss://127.0.0.1/tunnel#token=abc&pin=aaaa"_s);
    QTest::newRow("pin without TLS")
        << QUrl(u"ws://127.0.0.1/tunnel#token=abc&pin="_s + QString(52, u'a'));
    QTest::newRow("plain to another host") << QUrl(u"ws://192.0.2.1/tunnel#token=abc"_s);
}

void PeerTunnelTest::refusesWhatIsNoTicket()
{
    QFETCH(QUrl, ticket);
    PeerTunnel tunnel;
    const QSignalSpy errors(&tunnel, &PeerTunnel::errorOccurred);
    tunnel.join(ticket);
    QVERIFY(errors.isEmpty());
    QVERIFY(eventually([&] { return errors.count() == 1; }));
    QCOMPARE(tunnel.error(), Error::BadAddress);
    QCOMPARE(tunnel.state(), State::Closed);
}

void PeerTunnelTest::refusesWhatIsNoRendezvous_data()
{
    QTest::addColumn<QUrl>("address");
    QTest::addColumn<Error>("error");
    QTest::newRow("empty") << QUrl() << Error::BadAddress;
    QTest::newRow("plain to another host")
        << QUrl(u"peer://192.0.2.1?tls=off"_s) << Error::BadAddress;
    QTest::newRow("nobody there") << QUrl(u"peer://127.0.0.1:1?tls=off"_s)
                                  << Error::RendezvousUnreachable;
}

void PeerTunnelTest::refusesWhatIsNoRendezvous()
{
    QFETCH(QUrl, address);
    QFETCH(Error, error);
    PeerTunnel tunnel;
    tunnel.mint(address);
    QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
    QCOMPARE(tunnel.error(), error);
    QVERIFY(!tunnel.errorString().isEmpty());
}

void PeerTunnelTest::saysThatThereAreNoTunnels()
{
    PeerRendezvousServer server;
    PeerRendezvousServer::Limits limits;
    limits.tunnels = 0;
    server.setLimits(limits);
    QVERIFY(server.listen());
    PeerTunnel tunnel;
    tunnel.mint(addressOf(server));
    QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
    QCOMPARE(tunnel.error(), Error::RendezvousRefused);
}

void PeerTunnelTest::waitsNoLongerThanItsPatience_data()
{
    QTest::addColumn<bool>("isGreeted");
    QTest::newRow("nothing is said") << false;
    QTest::newRow("the question is not answered") << true;
}

void PeerTunnelTest::waitsNoLongerThanItsPatience()
{
    QFETCH(bool, isGreeted);
    QTcpServer mute;
    QVERIFY(mute.listen(QHostAddress::LocalHost));
    SilentRendezvous silent;
    PeerTunnel tunnel;
    QCOMPARE(tunnel.patience(), 30'000);
    tunnel.setPatience(0);
    QCOMPARE(tunnel.patience(), 1000);
    const QSignalSpy errors(&tunnel, &PeerTunnel::errorOccurred);
    tunnel.mint(isGreeted ? silent.address()
                          : QUrl(u"peer://127.0.0.1:%1?tls=off"_s.arg(mute.serverPort())));
    QCOMPARE(tunnel.state(), State::Minting);
    QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
    QCOMPARE(tunnel.error(), Error::RendezvousUnreachable);
    QCOMPARE(tunnel.errorString(), u"The rendezvous has not answered within 1 s."_s);
    QCOMPARE(errors.count(), 1);
    QCOMPARE(silent.minted, isGreeted ? 1 : 0);
}

/// The connection is shared, and after a definite answer it is not tried again for long.
void PeerTunnelTest::tellsWhatIsKnownWhenItHasNoPatienceLeft()
{
    PeerRendezvousServer server;
    server.setTokens({"secret"});
    QVERIFY(server.listen());
    for (int i = 0; i < 2; ++i) {
        PeerTunnel tunnel;
        tunnel.setPatience(1000);
        tunnel.mint(addressOf(server));
        QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
        QCOMPARE(tunnel.error(), Error::RendezvousRefused);
        QVERIFY(tunnel.errorString().contains(u"token"_s));
    }
}

void PeerTunnelTest::saysThatTheRendezvousIsTooOld()
{
    SilentRendezvous old(u"1.0"_s);
    PeerTunnel tunnel;
    tunnel.mint(old.address());
    QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
    QCOMPARE(tunnel.error(), Error::RendezvousVersion);
    QVERIFY(tunnel.errorString().contains(u"version 1.0"_s));
    QCOMPARE(old.minted, 0);
}

void PeerTunnelTest::mayBeClosedWhileItIsMinted()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    PeerTunnel tunnel;
    const QSignalSpy errors(&tunnel, &PeerTunnel::errorOccurred);
    const QSignalSpy tickets(&tunnel, &PeerTunnel::ticketChanged);
    tunnel.mint(addressOf(server));
    tunnel.close();
    QCOMPARE(tunnel.state(), State::Closed);
    // Another one, by the same connection, has gone all the way meanwhile.
    Ends ends;
    QVERIFY(ends.join(server));
    QCOMPARE(tunnel.state(), State::Closed);
    QCOMPARE(tunnel.error(), Error::None);
    QVERIFY(tunnel.ticket().isEmpty());
    QCOMPARE(errors.count() + tickets.count(), 0);
}

/// What nobody waits for any more takes no place.
void PeerTunnelTest::manyMayBeClosedWhileTheyAreMinted()
{
    SilentRendezvous silent;
    for (int i = 1; i <= 100; ++i) {
        PeerTunnel tunnel;
        tunnel.mint(silent.address());
        QVERIFY(eventually([&] { return silent.minted >= i; }));
        if (i % 2 == 0)
            tunnel.close();
    }
    PeerTunnel last;
    last.setPatience(1000);
    last.mint(silent.address());
    QVERIFY(eventually([&] { return last.state() == State::Closed; }));
    QCOMPARE(last.error(), Error::RendezvousUnreachable);
    QCOMPARE(silent.minted, 101);
}

void PeerTunnelTest::endsWhenTheServerDoesNotKnowTheTicket()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    PeerTunnel tunnel;
    tunnel.join(QUrl(
        u"ws://%1:%2/tunnel#token=forged"_s.arg(server.url().host()).arg(server.serverPort())));
    QVERIFY(eventually([&] { return tunnel.state() == State::Closed; }));
    QCOMPARE(tunnel.error(), Error::RendezvousRefused);
}

void PeerTunnelTest::endsWhenSomebodyElseTakesItsPlace()
{
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    Ends ends;
    QVERIFY(ends.join(server));
    PeerTunnel thief;
    thief.join(ends.caller.ticket());
    QVERIFY(eventually([&] { return ends.callee.state() == State::Closed; }));
    QCOMPARE(ends.callee.error(), Error::RendezvousRefused);
    QVERIFY(ends.arrives(ends.caller, thief, "hello"));
}

void PeerTunnelTest::mayBeDeletedInItsSlots_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("stateChanged") << 0;
    QTest::newRow("ticketChanged") << 1;
    QTest::newRow("joined") << 2;
    QTest::newRow("datagramReceived") << 3;
    QTest::newRow("errorOccurred") << 4;
}

void PeerTunnelTest::mayBeDeletedInItsSlots()
{
    QFETCH(int, which);
    PeerRendezvousServer server;
    QVERIFY(server.listen());
    QPointer<PeerTunnel> tunnel = new PeerTunnel;
    PeerTunnel other;
    connect(tunnel, &PeerTunnel::ticketChanged, &other, &PeerTunnel::join);
    const auto end = [tunnel] { delete tunnel.data(); };
    switch (which) {
    case 0:
        QMetaObject::invokeMethod(
            this, [=, this] { connect(tunnel, &PeerTunnel::stateChanged, this, end); },
            Qt::QueuedConnection);
        break;
    case 1:
        connect(tunnel, &PeerTunnel::ticketChanged, this, end);
        break;
    case 2:
        connect(tunnel, &PeerTunnel::joined, this, end);
        break;
    case 3:
        connect(tunnel, &PeerTunnel::datagramReceived, this, end);
        break;
    case 4:
        connect(tunnel, &PeerTunnel::errorOccurred, this, end);
        break;
    }
    tunnel->mint(which == 4 ? QUrl() : addressOf(server));
    QVERIFY(eventually([&] {
        other.sendDatagram("end");
        return tunnel.isNull();
    }));
}

QTEST_GUILESS_MAIN(PeerTunnelTest)

#include "tst_peertunnel.moc"
