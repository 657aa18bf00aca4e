// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "support/ports/quietport.h"

#include <PeerConnection/PeerRendezvous>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qnetworkaccessmanager.h>
#include <QtNetwork/qnetworkreply.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <memory>
#include <vector>

using namespace Qt::StringLiterals;
using peer::test::quietPort;

using State = PeerRendezvous::State;
using Presence = PeerRendezvous::Presence;
using Error = PeerConnection::Error;

namespace {

/// A server with its address for a PeerRendezvous.
struct Server
{
    explicit Server(const PeerRendezvousServer::Limits &limits = {})
    {
        server.setLimits(limits);
        if (!server.listen(QHostAddress::LocalHost, quietPort()))
            qFatal("the rendezvous does not listen");
    }

    QUrl address(const QString &parameters = {}) const
    {
        return QUrl(u"peer://%1:%2?tls=off%3"_s.arg(server.url().host())
                        .arg(server.serverPort())
                        .arg(parameters));
    }
    /// A figure of GET /metrics.
    qint64 figure(const QByteArray &name) const
    {
        QNetworkAccessManager web;
        std::unique_ptr<QNetworkReply> reply(web.get(QNetworkRequest(
            QUrl(u"http://%1:%2/metrics"_s.arg(server.url().host()).arg(server.serverPort())))));
        if (!eventually([&] { return reply->isFinished(); }))
            return -1;
        const QList<QByteArray> lines = reply->readAll().split('\n');
        for (const QByteArray &line : lines) {
            if (line.startsWith("peer_rendezvous_" + name + ' '))
                return line.mid(line.indexOf(' ') + 1).toLongLong();
        }
        return -1;
    }

    PeerRendezvousServer server;
};

} // namespace

/// The connection to the rendezvous as an object: shared, watched, and back again.
class PeerRendezvousTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsHowItIsConnected();
    void refusesAddresses_data();
    void refusesAddresses();
    void isTriedAgainUntilItIsThere();
    void goesToTheNextHost();
    void sharesOneSocketWithItsCallsAndListeners();
    void theNewestListenerOfANameGetsItsCalls();
    void aNameMayBeListenedToAgainAtOnce();
    void aHundredCallsShareOneSocket();
    void makesNoCallsUnlessItIsOpen();
    void tellsWhoComesAndGoes();
    void tellsAfterARestartOfTheServerToo();
    void knowsNothingOfOthersWhileItIsAway();
    void severalMayWatchTheSameName();
    void watchesAFewNames();
    void hearsTheLatestOfANameAloneAfterASleep();
    void isToldWhenTheServerAllowsNoMoreAndAsksAgain();
    void asksAgainForWhatCameTooFast();
    void goesOnWithItsCallsWhenItIsClosed();
    void mayBeDeletedInItsSlots_data();
    void mayBeDeletedInItsSlots();
};

void PeerRendezvousTest::tellsHowItIsConnected()
{
    Server server;
    PeerRendezvous rendezvous(server.address());
    const QSignalSpy states(&rendezvous, &PeerRendezvous::stateChanged);
    const QSignalSpy connected(&rendezvous, &PeerRendezvous::connected);
    QCOMPARE(rendezvous.state(), State::Idle);
    QVERIFY(eventually([&] { return rendezvous.state() == State::Connected; }));
    QCOMPARE(states.first().first().value<State>(), State::Connecting);
    QCOMPARE(connected.count(), 1);
    QVERIFY(rendezvous.host().endsWith(u':' + QString::number(server.server.serverPort())));
    QVERIFY(!rendezvous.observedAddress().isEmpty());
    QVERIFY(!rendezvous.identity().isNull());
    rendezvous.close();
    QCOMPARE(rendezvous.state(), State::Closed);
    rendezvous.open();
    QCOMPARE(rendezvous.state(), State::Closed);
}

void PeerRendezvousTest::refusesAddresses_data()
{
    QTest::addColumn<QUrl>("address");
    QTest::newRow("none") << QUrl();
    QTest::newRow("another scheme") << QUrl(u"https://localhost"_s);
    QTest::newRow("plain to another host") << QUrl(u"peer://rendezvous.invalid?tls=off"_s);
}

void PeerRendezvousTest::refusesAddresses()
{
    QFETCH(QUrl, address);
    PeerRendezvous rendezvous(address);
    const QSignalSpy errors(&rendezvous, &PeerRendezvous::errorOccurred);
    QVERIFY(eventually([&] { return errors.count() == 1; }));
    QCOMPARE(rendezvous.error(), Error::BadAddress);
    QVERIFY(!rendezvous.errorString().isEmpty());
    QCOMPARE(rendezvous.state(), State::Closed);
}

void PeerRendezvousTest::isTriedAgainUntilItIsThere()
{
    const quint16 port = quietPort();
    PeerRendezvous rendezvous(QUrl(u"peer://127.0.0.1:%1?tls=off"_s.arg(port)));
    QVERIFY(eventually([&] { return rendezvous.state() == State::Interrupted; }));
    QVERIFY(eventually([&] { return rendezvous.error() == Error::RendezvousUnreachable; }));
    PeerRendezvousServer server;
    QVERIFY2(server.listen(QHostAddress::LocalHost, port), qPrintable(server.errorString()));
    QVERIFY(eventually([&] { return rendezvous.state() == State::Connected; }));
    QCOMPARE(rendezvous.error(), Error::None);
    QVERIFY(rendezvous.errorString().isEmpty());
}

void PeerRendezvousTest::goesToTheNextHost()
{
    Server second;
    auto first = std::make_unique<Server>();
    PeerRendezvous rendezvous(first->address(
        u"&rv=%1:%2"_s.arg(second.server.url().host()).arg(second.server.serverPort())));
    QVERIFY(rendezvous.watch(u"alice"_s));
    QVERIFY(eventually([&] { return rendezvous.presence(u"alice"_s) == Presence::Offline; }));
    QVERIFY(rendezvous.host().endsWith(u':' + QString::number(first->server.serverPort())));
    PeerRendezvous alice(second.address());
    QVERIFY(eventually([&] { return alice.state() == State::Connected; }));
    QVERIFY(alice.listen(u"alice"_s));

    first.reset();
    QVERIFY(eventually([&] {
        return rendezvous.host().endsWith(u':' + QString::number(second.server.serverPort()));
    }));
    QVERIFY(eventually([&] { return rendezvous.presence(u"alice"_s) == Presence::Online; }));
}

void PeerRendezvousTest::sharesOneSocketWithItsCallsAndListeners()
{
    Server server;
    PeerRendezvous rendezvous(server.address());
    QVERIFY(eventually([&] { return rendezvous.state() == State::Connected; }));
    PeerListener *alice = rendezvous.listen(u"alice"_s);
    PeerListener *carol = rendezvous.listen();
    QVERIFY(alice && carol);
    alice->setAutoAccept(true);
    carol->setAutoAccept(true);
    QVERIFY(eventually([&] {
        return alice->state() == PeerListener::State::Listening
            && carol->state() == PeerListener::State::Listening;
    }));
    PeerConnection *toAlice = rendezvous.dial(u"alice"_s, {rendezvous.identity().id()});
    PeerConnection *toCarol = rendezvous.dial({}, {rendezvous.identity().id()});
    QVERIFY(toAlice && toCarol);
    QVERIFY(eventually([&] {
        return toAlice->state() == PeerConnection::State::Connected
            && toCarol->state() == PeerConnection::State::Connected;
    }));
    QVERIFY(toAlice->isIdentityVerified());
    QCOMPARE(carol->address().userName(), rendezvous.identity().id());
    QCOMPARE(server.figure("clients"), 1);
    QCOMPARE(server.figure("calls"), 2);
}

void PeerRendezvousTest::theNewestListenerOfANameGetsItsCalls()
{
    Server server;
    PeerRendezvous alice(server.address());
    QVERIFY(eventually([&] { return alice.state() == State::Connected; }));
    QPointer<PeerListener> older = alice.listen(u"alice"_s);
    older->setAutoAccept(true);
    QVERIFY(eventually([&] { return older->state() == PeerListener::State::Listening; }));
    PeerConnection standing(older->address());
    QVERIFY(eventually([&] { return standing.state() == PeerConnection::State::Connected; }));
    const QSignalSpy atOlder(older, &PeerListener::incomingConnection);

    PeerListener *newer = alice.listen(u"alice"_s);
    newer->setAutoAccept(true);
    const QSignalSpy atNewer(newer, &PeerListener::incomingConnection);
    QVERIFY(eventually([&] { return newer->state() == PeerListener::State::Listening; }));
    QVERIFY(eventually([&] { return older->state() == PeerListener::State::Closed; }));
    QCOMPARE(older->error(), Error::RendezvousRefused);
    QVERIFY(older->errorString().contains(u"alice"_s));
    PeerConnection call(newer->address());
    QVERIFY(eventually([&] { return call.state() >= PeerConnection::State::Connected; }));
    QCOMPARE(call.errorString(), QString());
    QCOMPARE(atNewer.count(), 1);
    QCOMPARE(atOlder.count(), 0);
    QCOMPARE(standing.state(), PeerConnection::State::Connected);

    // The name is not the older one's any more.
    delete older;
    PeerConnection another(newer->address());
    QVERIFY(eventually([&] { return another.state() >= PeerConnection::State::Connected; }));
    QCOMPARE(another.errorString(), QString());
    QCOMPARE(atNewer.count(), 2);
    QCOMPARE(newer->state(), PeerListener::State::Listening);
}

void PeerRendezvousTest::aNameMayBeListenedToAgainAtOnce()
{
    Server server;
    PeerRendezvous alice(server.address());
    QVERIFY(eventually([&] { return alice.state() == State::Connected; }));
    PeerRendezvous bob(server.address());
    QVERIFY(bob.watch(u"alice"_s));
    for (int round = 0; round < 20; ++round) {
        PeerListener *listener = alice.listen(u"alice"_s);
        QVERIFY(eventually([&] { return listener->state() != PeerListener::State::Idle; }));
        if (round % 2 == 0)
            QVERIFY(
                eventually([&] { return listener->state() == PeerListener::State::Listening; }));
        listener->close();
    }
    PeerListener *last = alice.listen(u"alice"_s);
    last->setAutoAccept(true);
    QVERIFY(eventually([&] { return last->state() == PeerListener::State::Listening; }));
    PeerConnection call(last->address());
    QVERIFY(eventually([&] { return call.state() >= PeerConnection::State::Connected; }));
    QCOMPARE(call.errorString(), QString());
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Online; }));
}

void PeerRendezvousTest::aHundredCallsShareOneSocket()
{
    constexpr int Calls = 100;
    Server server;
    PeerListener alice(QUrl(u"peer://alice@%1:%2?tls=off"_s.arg(server.server.url().host())
                                .arg(server.server.serverPort())));
    int ringing = 0;
    connect(&alice, &PeerListener::incomingConnection, this, [&] { ++ringing; });
    QVERIFY(eventually([&] { return alice.state() == PeerListener::State::Listening; }));
    const qint64 before = server.figure("sockets_opened_total");

    // No PeerRendezvous is needed for it.
    std::vector<std::unique_ptr<PeerConnection>> calls;
    for (int i = 0; i < Calls; ++i)
        calls.push_back(std::make_unique<PeerConnection>(alice.address()));
    QVERIFY(eventually([&] { return ringing == Calls; }));
    QCOMPARE(server.figure("calls"), Calls);
    QCOMPARE(server.figure("clients"), 2);
    // The tunnels are sockets too, of their own: the callee has accepted none of them.
    QVERIFY(server.figure("sockets_opened_total") - before <= 1 + Calls);
}

void PeerRendezvousTest::makesNoCallsUnlessItIsOpen()
{
    Server server;
    PeerRendezvous rendezvous;
    QTest::ignoreMessage(QtWarningMsg,
                         "PeerRendezvous::dial: there is no such address, or the "
                         "rendezvous is not open");
    QVERIFY(!rendezvous.dial(u"alice"_s));
    QTest::ignoreMessage(QtWarningMsg,
                         "PeerRendezvous::listen: the name is not valid, or the "
                         "rendezvous is not open");
    QVERIFY(!rendezvous.listen(u"alice"_s));
    rendezvous.setAddress(server.address());
    rendezvous.open();
    QTest::ignoreMessage(QtWarningMsg,
                         "PeerRendezvous::dial: there is no such address, or the "
                         "rendezvous is not open");
    QVERIFY(!rendezvous.dial(u"not a name"_s));
    QTest::ignoreMessage(QtWarningMsg,
                         "PeerRendezvous::dial: there is no such address, or the "
                         "rendezvous is not open");
    QVERIFY(!rendezvous.dial({}));
    // It need not be connected yet.
    PeerConnection *call = rendezvous.dial(u"nobody"_s);
    QVERIFY(call);
    QVERIFY(eventually([&] { return call->error() == Error::PeerOffline; }));
}

void PeerRendezvousTest::tellsWhoComesAndGoes()
{
    PeerRendezvousServer::Limits limits;
    limits.presenceDelay = std::chrono::milliseconds(50);
    Server server(limits);
    PeerRendezvous bob(server.address());
    const QSignalSpy online(&bob, &PeerRendezvous::peerOnline);
    const QSignalSpy offline(&bob, &PeerRendezvous::peerOffline);
    QVERIFY(bob.watch(u"alice"_s));
    QVERIFY(bob.watch(u"alice"_s));
    QCOMPARE(bob.watchedNames(), QStringList{u"alice"_s});
    QCOMPARE(bob.presence(u"alice"_s), Presence::Unknown);
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Offline; }));
    QCOMPARE(offline.count(), 1);

    auto alice = std::make_unique<PeerRendezvous>(server.address());
    QVERIFY(eventually([&] { return alice->state() == State::Connected; }));
    PeerListener *listener = alice->listen(u"alice"_s);
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Online; }));
    QCOMPARE(online.count(), 1);
    QCOMPARE(online.first().first().toString(), u"alice"_s);

    listener->close();
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Offline; }));
    QCOMPARE(offline.count(), 2);

    bob.unwatch(u"alice"_s);
    QCOMPARE(bob.presence(u"alice"_s), Presence::Unknown);
    QVERIFY(bob.watchedNames().isEmpty());
    QVERIFY(eventually([&] { return server.figure("watches") == 0; }));
}

void PeerRendezvousTest::tellsAfterARestartOfTheServerToo()
{
    const quint16 port = quietPort();
    auto server = std::make_unique<PeerRendezvousServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost, port));
    const QUrl address(u"peer://127.0.0.1:%1?tls=off"_s.arg(port));
    PeerRendezvous bob(address);
    QVERIFY(bob.watch(u"alice"_s));
    PeerRendezvous alice(address);
    QVERIFY(eventually([&] { return alice.state() == State::Connected; }));
    QVERIFY(alice.listen(u"alice"_s));
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Online; }));

    server = std::make_unique<PeerRendezvousServer>();
    QVERIFY(server->listen(QHostAddress::LocalHost, port));
    const QSignalSpy changes(&bob, &PeerRendezvous::presenceChanged);
    QVERIFY(eventually([&] {
        return changes.count() > 0 && bob.state() == State::Connected
            && bob.presence(u"alice"_s) == Presence::Online;
    }));
}

void PeerRendezvousTest::knowsNothingOfOthersWhileItIsAway()
{
    auto server = std::make_unique<Server>();
    PeerRendezvous bob(server->address());
    QVERIFY(bob.watch(u"alice"_s));
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Offline; }));
    const QSignalSpy offline(&bob, &PeerRendezvous::peerOffline);
    server.reset();
    QVERIFY(eventually([&] { return bob.state() == State::Interrupted; }));
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Unknown; }));
    QCOMPARE(offline.count(), 0);
    QCOMPARE(bob.watchedNames(), QStringList{u"alice"_s});
}

void PeerRendezvousTest::severalMayWatchTheSameName()
{
    Server server;
    const PeerIdentity identity = PeerIdentity::create();
    auto first = std::make_unique<PeerRendezvous>(server.address(), identity);
    QVERIFY(first->watch(u"alice"_s));
    QVERIFY(eventually([&] { return first->presence(u"alice"_s) == Presence::Offline; }));
    PeerRendezvous second(server.address(), identity);
    QVERIFY(second.watch(u"alice"_s));
    QVERIFY(eventually([&] { return second.presence(u"alice"_s) == Presence::Offline; }));
    QCOMPARE(server.figure("clients"), 1);
    first.reset();
    PeerRendezvous alice(server.address());
    QVERIFY(eventually([&] { return alice.state() == State::Connected; }));
    QVERIFY(alice.listen(u"alice"_s));
    QVERIFY(eventually([&] { return second.presence(u"alice"_s) == Presence::Online; }));
}

void PeerRendezvousTest::watchesAFewNames()
{
    PeerRendezvous rendezvous;
    for (int i = 0; i < PeerRendezvous::MaximumWatches; ++i)
        QVERIFY(rendezvous.watch(QString::number(i)));
    QVERIFY(!rendezvous.watch(u"more"_s));
    QVERIFY(rendezvous.watch(u"0"_s));
    rendezvous.unwatch(u"0"_s);
    QVERIFY(!rendezvous.watch(QString()));
    QVERIFY(!rendezvous.watch(u"not a name"_s));
    QVERIFY(rendezvous.watch(u"more"_s));
}

/// Others come and go at their will, as long as the application looks at none of it.
void PeerRendezvousTest::hearsTheLatestOfANameAloneAfterASleep()
{
    PeerRendezvousServer::Limits limits;
    limits.presenceDelay = std::chrono::milliseconds(1);
    Server server(limits);
    const PeerIdentity identity = PeerIdentity::create();
    QSemaphore asleep;
    QSemaphore awake;
    QList<Presence> heard;
    const std::unique_ptr<QThread> sleeper(QThread::create([&, at = server.address()] {
        PeerRendezvous bob(at, identity);
        bob.watch(u"alice"_s);
        if (!eventually([&] { return bob.presence(u"alice"_s) == Presence::Offline; }))
            return;
        connect(&bob, &PeerRendezvous::presenceChanged, &bob,
                [&](const QString &, Presence presence) { heard.append(presence); });
        asleep.release();
        awake.acquire();
        if (!eventually([&] { return bob.presence(u"alice"_s) == Presence::Online; }))
            return;
        QCoreApplication::processEvents();
    }));
    sleeper->start();
    bool isDone = eventually([&] { return asleep.tryAcquire(); });

    // The same socket tells both, and bob first, for he came first.
    PeerRendezvous carol(server.address(), identity);
    carol.watch(u"alice"_s);
    PeerRendezvous alice(server.address());
    const auto seesAlice = [&](Presence presence) {
        return eventually([&] { return carol.presence(u"alice"_s) == presence; });
    };
    isDone = isDone && seesAlice(Presence::Offline)
        && eventually([&] { return alice.state() == State::Connected; });
    for (int i = 0; isDone && i < 5; ++i) {
        PeerListener *listener = alice.listen(u"alice"_s);
        isDone = listener && seesAlice(Presence::Online);
        if (i < 4 && isDone) {
            listener->close();
            isDone = seesAlice(Presence::Offline);
        }
    }
    awake.release();
    QVERIFY(eventually([&] { return sleeper->isFinished(); }));
    QVERIFY(isDone);
    QCOMPARE(heard, QList<Presence>{Presence::Online});
}

void PeerRendezvousTest::isToldWhenTheServerAllowsNoMoreAndAsksAgain()
{
    PeerRendezvousServer::Limits limits;
    limits.watchesPerConnection = 1;
    Server server(limits);
    PeerRendezvous bob(server.address());
    QVERIFY(bob.watch(u"alice"_s));
    QVERIFY(eventually([&] { return bob.presence(u"alice"_s) == Presence::Offline; }));
    const QSignalSpy failures(&bob, &PeerRendezvous::watchFailed);
    QVERIFY(bob.watch(u"carol"_s));
    QVERIFY(eventually([&] { return failures.count() == 1; }));
    QCOMPARE(failures.first().first().toString(), u"carol"_s);
    QCOMPARE(bob.watchedNames(), (QStringList{u"alice"_s, u"carol"_s}));
    QCOMPARE(bob.presence(u"carol"_s), Presence::Unknown);

    bob.unwatch(u"alice"_s);
    QVERIFY(eventually([&] { return bob.presence(u"carol"_s) == Presence::Offline; }));
    QCOMPARE(failures.count(), 1);
}

void PeerRendezvousTest::asksAgainForWhatCameTooFast()
{
    PeerRendezvousServer::Limits limits;
    limits.watchRate = {1, 1};
    Server server(limits);
    PeerRendezvous bob(server.address());
    QVERIFY(bob.watch(u"alice"_s));
    QVERIFY(bob.watch(u"carol"_s));
    QVERIFY(eventually([&] {
        return bob.presence(u"alice"_s) == Presence::Offline
            && bob.presence(u"carol"_s) == Presence::Offline;
    }));
}

void PeerRendezvousTest::goesOnWithItsCallsWhenItIsClosed()
{
    Server server;
    PeerRendezvous rendezvous(server.address());
    QVERIFY(eventually([&] { return rendezvous.state() == State::Connected; }));
    PeerListener *listener = rendezvous.listen(u"alice"_s);
    listener->setAutoAccept(true);
    QVERIFY(eventually([&] { return listener->state() == PeerListener::State::Listening; }));
    rendezvous.close();
    PeerConnection call(listener->address());
    QVERIFY(eventually([&] { return call.state() == PeerConnection::State::Connected; }));
}

void PeerRendezvousTest::mayBeDeletedInItsSlots_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("stateChanged") << 0;
    QTest::newRow("connected") << 1;
    QTest::newRow("presenceChanged") << 2;
    QTest::newRow("hostChanged") << 3;
    QTest::newRow("errorOccurred") << 4;
    QTest::newRow("peerOffline") << 5;
    QTest::newRow("watchFailed") << 6;
}

void PeerRendezvousTest::mayBeDeletedInItsSlots()
{
    QFETCH(int, which);
    PeerRendezvousServer::Limits limits;
    if (which == 6)
        limits.watchesPerConnection = 1;
    Server server(limits);
    const QUrl address = which == 4 ? QUrl(u"peer://127.0.0.1:%1?tls=off"_s.arg(quietPort()))
                                    : server.address();
    QPointer<PeerRendezvous> rendezvous = new PeerRendezvous(address);
    rendezvous->watch(u"alice"_s);
    rendezvous->watch(u"carol"_s);
    const auto end = [rendezvous] { delete rendezvous.data(); };
    switch (which) {
    case 0:
        connect(rendezvous, &PeerRendezvous::stateChanged, this, end);
        break;
    case 1:
        connect(rendezvous, &PeerRendezvous::connected, this, end);
        break;
    case 2:
        connect(rendezvous, &PeerRendezvous::presenceChanged, this, end);
        break;
    case 3:
        connect(rendezvous, &PeerRendezvous::hostChanged, this, end);
        break;
    case 4:
        connect(rendezvous, &PeerRendezvous::errorOccurred, this, end);
        break;
    case 5:
        connect(rendezvous, &PeerRendezvous::peerOffline, this, end);
        break;
    case 6:
        connect(rendezvous, &PeerRendezvous::watchFailed, this, end);
        break;
    }
    QVERIFY(eventually([&] { return rendezvous.isNull(); }));
    // What was on its way to it does no harm.
    PeerRendezvous another(server.address());
    QVERIFY(eventually([&] { return another.state() == State::Connected; }));
}

QTEST_GUILESS_MAIN(PeerRendezvousTest)

#include "tst_peerrendezvous.moc"
