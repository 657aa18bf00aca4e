// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"
#include "support/ports/quietport.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qfile.h>
#include <QtCore/qjsonarray.h>
#include <QtCore/qtemporarydir.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

using namespace Qt::StringLiterals;
using peer::test::quietPort;

using State = PeerConnection::State;
using Error = PeerConnection::Error;

/// Calls from both ends: how they come about, and how they do not.
class PeerConnectionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void dialsAtTheNextTurnOfTheEventLoop();
    void goesThroughItsStatesInOrder();
    void neverStartsWhenClosedBeforeTheNextTurn();
    void dialsInSteps();
    void tellsEachSideWhoTheOtherIs_data();
    void tellsEachSideWhoTheOtherIs();
    void refusesAddresses_data();
    void refusesAddresses();
    void reportsWhatBecameOfACall_data();
    void reportsWhatBecameOfACall();
    void isToldWhenTheCallerHangsUp_data();
    void isToldWhenTheCallerHangsUp();
    void isBusyBeyondTheMostConnections();
    void takesCallsOnlyOfAllowedIdentities_data();
    void takesCallsOnlyOfAllowedIdentities();
    void exchangesNothingWithSomebodyElse();
    void saysAtOnceThatThePeerIsOffline();
    void saysThatTheRendezvousIsOutOfReach();
    void endsCallsThatNobodyTakesFromAListenerThatIsGone_data();
    void endsCallsThatNobodyTakesFromAListenerThatIsGone();
    void goesOnWhenTheListenerCloses();
    void fillsTheStatistics();
    void reportsWhatWasTried();
    void keepsAnIdentityInAFile();
    void refusesAFileThatHoldsNoIdentity_data();
    void refusesAFileThatHoldsNoIdentity();

private:
    QString m_allowedId;
};

void PeerConnectionTest::dialsAtTheNextTurnOfTheEventLoop()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.dial();
    QCOMPARE(meeting.caller->state(), State::Idle);
    QVERIFY(meeting.callerLog->states.isEmpty());
    QVERIFY(eventually([&] { return meeting.caller->state() == State::Connected; }));
    QCOMPARE(meeting.callerLog->states.first(), State::Dialing);
    QVERIFY(meeting.callerLog->errors.isEmpty());
}

void PeerConnectionTest::goesThroughItsStatesInOrder()
{
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    State first = State::Idle;
    meeting.onIncoming = [&](PeerConnection *connection) { first = connection->state(); };
    meeting.dial();
    QVERIFY(eventually([&] { return meeting.caller->state() == State::Ringing; }));
    QVERIFY(eventually([&] { return meeting.incoming == 1; }));
    QCOMPARE(first, State::Ringing);
    meeting.callee->accept();
    QVERIFY(
        eventually([&] { return meeting.callerLog->connected && meeting.calleeLog->connected; }));
    meeting.caller->close();
    QVERIFY(eventually([&] { return meeting.callerLog->closed && meeting.calleeLog->closed; }));
    const QList<State> ofCaller{State::Dialing,   State::Ringing, State::Connecting,
                                State::Connected, State::Closing, State::Closed};
    QCOMPARE(meeting.callerLog->states, ofCaller);
    const QList<State> ofCallee{State::Connecting, State::Connected, State::Closed};
    QCOMPARE(meeting.calleeLog->states, ofCallee);
    QCOMPARE(meeting.callerLog->connected, 1);
    QCOMPARE(meeting.callerLog->closed, 1);
    QCOMPARE(meeting.calleeLog->closed, 1);
    QVERIFY(meeting.callerLog->errors.isEmpty());
    QVERIFY(meeting.calleeLog->errors.isEmpty());
    QVERIFY(meeting.callerLog->pathChanges >= 1);
    QCOMPARE(meeting.caller->path().kind, PeerPath::Kind::Direct);
    QCOMPARE(meeting.caller->path().protocol, PeerPath::Protocol::Udp);
    QVERIFY(!meeting.caller->path().remote.isEmpty());
}

void PeerConnectionTest::neverStartsWhenClosedBeforeTheNextTurn()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.dial();
    meeting.caller->close();
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QCOMPARE(meeting.callerLog->states, QList<State>{State::Closed});
    QVERIFY(!meeting.caller->sendText(u"too late"_s));
    QTest::ignoreMessage(QtWarningMsg, "PeerConnection::openChannel: the connection is closed");
    QVERIFY(!meeting.caller->openChannel(u"too late"_s));
    // Another call gets through, so the first would have by now.
    QVERIFY(meeting.connect());
    QCOMPARE(meeting.incoming, 1);
}

void PeerConnectionTest::dialsInSteps()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerConnection connection;
    const QSignalSpy destinations(&connection, &PeerConnection::destinationChanged);
    const QSignalSpy states(&connection, &PeerConnection::stateChanged);
    connection.setDestination(meeting.listener->address());
    QCOMPARE(destinations.count(), 1);
    QVERIFY(!connection.sendText(u"nobody there"_s));
    connection.open();
    connection.open();
    QVERIFY(states.isEmpty());
    QVERIFY(eventually([&] { return connection.state() == State::Connected; }));
    connection.setDestination(QUrl(u"peer://other@localhost"_s));
    QCOMPARE(connection.destination(), meeting.listener->address());
    QCOMPARE(meeting.incoming, 1);
}

void PeerConnectionTest::tellsEachSideWhoTheOtherIs_data()
{
    QTest::addColumn<bool>("callerShowsIdentity");
    QTest::addColumn<bool>("addressHasId");
    QTest::newRow("both") << true << true;
    QTest::newRow("callee only") << false << true;
    QTest::newRow("caller only") << true << false;
    QTest::newRow("neither") << false << false;
}

void PeerConnectionTest::tellsEachSideWhoTheOtherIs()
{
    QFETCH(const bool, callerShowsIdentity);
    QFETCH(const bool, addressHasId);
    Meeting meeting;
    QVERIFY(meeting.listen());
    PeerAddress address = PeerAddress::fromUrl(meeting.listener->address());
    QCOMPARE(address.ids(), QStringList{meeting.listener->identity().id()});
    QVERIFY(address.setService(u"chess"_s));
    if (!addressHasId)
        QVERIFY(address.setIds({}));
    const PeerIdentity identity = PeerIdentity::create();
    meeting.dial(address.toUrl());
    if (callerShowsIdentity)
        meeting.caller->setIdentity(identity);
    QVERIFY(eventually([&] { return meeting.callerLog->connected && meeting.calleeLog; }));
    QCOMPARE(meeting.caller->peerName(), address.name());
    QCOMPARE(meeting.caller->peerId(), meeting.listener->identity().id());
    QCOMPARE(meeting.caller->isIdentityVerified(), addressHasId);
    QCOMPARE(meeting.callee->service(), u"chess"_s);
    QCOMPARE(meeting.callee->peerId(), callerShowsIdentity ? identity.id() : QString());
    QCOMPARE(meeting.callee->isIdentityVerified(), callerShowsIdentity);
}

void PeerConnectionTest::refusesAddresses_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<PeerConnection::Error>("error");
    QTest::newRow("empty") << QString() << Error::BadAddress;
    QTest::newRow("other scheme") << u"https://alice@localhost"_s << Error::BadAddress;
    QTest::newRow("unknown parameter")
        << u"peer://alice@localhost?colour=red"_s << Error::BadAddress;
    QTest::newRow("port 0") << u"peer://alice@localhost:0"_s << Error::BadAddress;
    QTest::newRow("nobody") << u"peer://localhost"_s << Error::BadAddress;
    QTest::newRow("plain to elsewhere") << u"peer://alice@192.0.2.1?tls=off"_s << Error::BadAddress;
}

void PeerConnectionTest::refusesAddresses()
{
    QFETCH(const QString, url);
    QFETCH(const PeerConnection::Error, error);
    PeerConnection connection{QUrl(url)};
    const ConnectionLog log(&connection);
    QCOMPARE(connection.state(), State::Idle);
    QCOMPARE(connection.error(), Error::None);
    QVERIFY(eventually([&] { return log.closed == 1; }));
    QCOMPARE(log.errors, QList<Error>{error});
    QCOMPARE(connection.error(), error);
    QVERIFY(!connection.errorString().isEmpty());
    QCOMPARE(log.states, QList<State>{State::Closed});

    if (url == u"peer://localhost"_s)
        return; // a listener is then named by its id
    PeerListener listener{QUrl(url)};
    QList<PeerConnection::Error> errors;
    connect(&listener, &PeerListener::errorOccurred, this,
            [&](PeerConnection::Error which) { errors.append(which); });
    QCOMPARE(listener.state(), PeerListener::State::Idle);
    QVERIFY(eventually([&] { return listener.state() == PeerListener::State::Closed; }));
    QCOMPARE(errors, QList<Error>{error});
    QVERIFY(!listener.errorString().isEmpty());
}

void PeerConnectionTest::reportsWhatBecameOfACall_data()
{
    using Action = std::function<void(PeerConnection *)>;
    QTest::addColumn<Action>("action");
    QTest::addColumn<PeerConnection::Error>("error");
    QTest::newRow("rejected") << Action([](PeerConnection *call) { call->reject(); })
                              << Error::PeerRejected;
    QTest::newRow("busy") << Action([](PeerConnection *call) {
        call->reject(PeerConnection::RejectReason::Busy);
    }) << Error::PeerBusy;
    QTest::newRow("deleted") << Action([](PeerConnection *call) { delete call; })
                             << Error::PeerRejected;
    QTest::newRow("closed") << Action([](PeerConnection *call) { call->close(); })
                            << Error::PeerRejected;
}

void PeerConnectionTest::reportsWhatBecameOfACall()
{
    QFETCH(const std::function<void(PeerConnection *)>, action);
    QFETCH(const PeerConnection::Error, error);
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.onIncoming = action;
    meeting.dial();
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QCOMPARE(meeting.callerLog->errors, QList<Error>{error});
    QVERIFY(!meeting.caller->errorString().isEmpty());
    QCOMPARE(meeting.callerLog->connected, 0);
    if (!meeting.callee)
        return;
    QVERIFY(eventually([&] { return meeting.calleeLog->closed == 1; }));
    QVERIFY(meeting.calleeLog->errors.isEmpty());
}

void PeerConnectionTest::isToldWhenTheCallerHangsUp_data()
{
    QTest::addColumn<bool>("isDeleted");
    QTest::newRow("by close()") << false;
    QTest::newRow("by deletion") << true;
}

void PeerConnectionTest::isToldWhenTheCallerHangsUp()
{
    QFETCH(const bool, isDeleted);
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    meeting.dial();
    QVERIFY(eventually([&] { return meeting.incoming == 1; }));
    if (isDeleted)
        meeting.caller.reset();
    else
        meeting.caller->close();
    QVERIFY(eventually([&] { return meeting.calleeLog->closed == 1; }));
    QCOMPARE(meeting.calleeLog->errors, QList<Error>{Error::Cancelled});
    if (isDeleted)
        return;
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QVERIFY(meeting.callerLog->errors.isEmpty());
}

void PeerConnectionTest::isBusyBeyondTheMostConnections()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.listener->setMaxConnections(1);
    QVERIFY(meeting.connect());
    PeerConnection second(meeting.listener->address());
    const ConnectionLog log(&second);
    QVERIFY(eventually([&] { return log.closed == 1; }));
    QCOMPARE(log.errors, QList<Error>{Error::PeerBusy});
    meeting.caller->close();
    QVERIFY(eventually([&] { return meeting.calleeLog->closed == 1; }));
    // The place is free again, at the latest after the last packets of the first call.
    QVERIFY(eventually([&] {
        PeerConnection third(meeting.listener->address());
        const ConnectionLog thirdLog(&third);
        return QTest::qWaitFor([&] { return thirdLog.closed || thirdLog.connected; })
            && thirdLog.connected;
    }));
}

void PeerConnectionTest::takesCallsOnlyOfAllowedIdentities_data()
{
    QTest::addColumn<PeerIdentity>("identity");
    QTest::addColumn<bool>("isTaken");
    const PeerIdentity allowed = PeerIdentity::create();
    QTest::newRow("allowed") << allowed << true;
    QTest::newRow("somebody else") << PeerIdentity::create() << false;
    QTest::newRow("nobody in particular") << PeerIdentity() << false;
    m_allowedId = allowed.id();
}

void PeerConnectionTest::takesCallsOnlyOfAllowedIdentities()
{
    QFETCH(const PeerIdentity, identity);
    QFETCH(const bool, isTaken);
    Meeting meeting;
    meeting.allowedIds = {m_allowedId};
    QVERIFY(meeting.listen());
    meeting.dial();
    meeting.caller->setIdentity(identity);
    QVERIFY(eventually([&] { return meeting.callerLog->connected || meeting.callerLog->closed; }));
    QCOMPARE(meeting.callerLog->connected, isTaken ? 1 : 0);
    QCOMPARE(meeting.incoming, isTaken ? 1 : 0);
    if (!isTaken)
        QCOMPARE(meeting.callerLog->errors.size(), 1);
}

// The right name, another key: as if the rendezvous had put somebody in between.
void PeerConnectionTest::exchangesNothingWithSomebodyElse()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.onIncoming = [](PeerConnection *connection) {
        connection->sendText(u"from the impostor"_s);
    };
    PeerAddress address = PeerAddress::fromUrl(meeting.listener->address());
    QVERIFY(address.setIds({PeerIdentity::create().id()}));
    meeting.dial(address.toUrl());
    bool isSent = false;
    connect(meeting.caller.get(), &PeerConnection::stateChanged, this, [&](State state) {
        if (state == State::Dialing)
            isSent = meeting.caller->sendText(u"a secret"_s);
    });
    QVERIFY(eventually([&] { return meeting.callerLog->closed == 1; }));
    QVERIFY(isSent);
    QCOMPARE(meeting.callerLog->errors, QList<Error>{Error::IdentityMismatch});
    QVERIFY(!meeting.callerLog->states.contains(State::Connecting));
    QVERIFY(eventually([&] { return !meeting.callee || meeting.calleeLog->closed; }));
    QVERIFY(meeting.callerLog->texts.isEmpty());
    if (meeting.calleeLog) {
        QVERIFY(meeting.calleeLog->texts.isEmpty());
        QCOMPARE(meeting.calleeLog->connected, 0);
    }
}

void PeerConnectionTest::saysAtOnceThatThePeerIsOffline()
{
    const Meeting meeting;
    PeerConnection connection(meeting.newName());
    const ConnectionLog log(&connection);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(eventually([&] { return log.closed == 1; }));
    QCOMPARE(log.errors, QList<Error>{Error::PeerOffline});
    qInfo("offline after %lld ms", timer.elapsed());
}

void PeerConnectionTest::saysThatTheRendezvousIsOutOfReach()
{
    const QUrl url(u"peer://alice@127.0.0.1:%1?tls=off"_s.arg(quietPort()));
    // The second call finds the connection of the first one waiting for better times.
    for (int call = 0; call < 2; ++call) {
        PeerConnection connection(url);
        const ConnectionLog log(&connection);
        QVERIFY(eventually([&] { return log.closed == 1; }));
        QCOMPARE(log.errors, QList<Error>{Error::RendezvousUnreachable});
    }
    PeerListener listener(url);
    QVERIFY(eventually([&] { return listener.state() == PeerListener::State::Closed; }));
    QCOMPARE(listener.error(), Error::RendezvousUnreachable);
}

void PeerConnectionTest::endsCallsThatNobodyTakesFromAListenerThatIsGone_data()
{
    QTest::addColumn<bool>("isDeleted");
    QTest::newRow("closed") << false;
    QTest::newRow("deleted") << true;
}

void PeerConnectionTest::endsCallsThatNobodyTakesFromAListenerThatIsGone()
{
    QFETCH(const bool, isDeleted);
    Meeting meeting;
    QVERIFY(meeting.listen(false));
    std::vector<std::unique_ptr<PeerConnection>> callers;
    int refused = 0;
    for (int i = 0; i < 8; ++i) {
        callers.push_back(std::make_unique<PeerConnection>(meeting.listener->address()));
        connect(callers.back().get(), &PeerConnection::closed, this, [&] { ++refused; });
    }
    meeting.onIncoming = [&](PeerConnection *call) {
        if (isDeleted)
            meeting.listener.release()->deleteLater();
        else
            meeting.listener->close();
        call->reject();
        meeting.onIncoming = {};
    };
    QVERIFY(eventually([&] { return meeting.incoming > 0; }));
    QVERIFY(eventually([&] { return refused == 8; }));
}

void PeerConnectionTest::goesOnWhenTheListenerCloses()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    QVERIFY(meeting.connect());
    meeting.listener->close();
    QCOMPARE(meeting.listener->state(), PeerListener::State::Closed);
    PeerConnection late(meeting.listener->address());
    const ConnectionLog lateLog(&late);
    QVERIFY(eventually([&] { return lateLog.closed == 1; }));
    QCOMPARE(lateLog.errors, QList<Error>{Error::PeerOffline});

    QVERIFY(meeting.caller->sendText(u"still there?"_s));
    QVERIFY(eventually([&] { return meeting.calleeLog->texts.size() == 1; }));
    meeting.callee->setParent(nullptr);
    const std::unique_ptr<PeerConnection> owner(meeting.callee);
    meeting.listener.reset();
    QVERIFY(owner->sendText(u"yes"_s));
    QVERIFY(eventually([&] { return meeting.callerLog->texts.size() == 1; }));
    owner->close();
    QVERIFY(eventually([&] { return meeting.callerLog->closed && meeting.calleeLog->closed; }));
    QVERIFY(meeting.callerLog->errors.isEmpty());
}

void PeerConnectionTest::fillsTheStatistics()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    QVERIFY(meeting.connect());
    for (int i = 0; i < 10; ++i)
        QVERIFY(meeting.caller->sendMessage(QByteArray(1000, 'x')));
    QVERIFY(eventually([&] { return meeting.calleeLog->messages.size() == 10; }));
    QVERIFY(eventually([&] { return meeting.callee->statistics().messagesReceived == 10; }));
    const PeerStatistics received = meeting.callee->statistics();
    QVERIFY(received.bytesReceived > 10'000);
    QVERIFY(received.packetsReceived > 10);
    QVERIFY(received.bytesSent > 0);
    QVERIFY(eventually([&] { return meeting.caller->statistics().messagesSent == 10; }));
    const PeerStatistics sent = meeting.caller->statistics();
    QVERIFY(sent.bytesSent > 10'000);
    QVERIFY(sent.packetsSent > 10);
    QCOMPARE(sent.path.kind, PeerPath::Kind::Direct);
    QVERIFY(sent.roundTripTime > 0);
}

void PeerConnectionTest::reportsWhatWasTried()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    meeting.dial();
    QVERIFY(meeting.caller->report().isEmpty());
    QVERIFY(
        eventually([&] { return meeting.caller->state() == PeerConnection::State::Connected; }));
    const PeerReport report = meeting.caller->report();
    const QJsonObject json = report.toJson();
    QCOMPARE(json[u"state"_s].toString(), u"connected"_s);
    QCOMPARE(json[u"inUse"_s][u"kind"_s].toString(), u"direct"_s);
    QCOMPARE(json[u"inUse"_s][u"local"_s].toString(), meeting.caller->path().local);
    QVERIFY(!json[u"tried"_s].toArray().isEmpty());
    QVERIFY(json[u"notBetter"_s].toArray().isEmpty());
    const QJsonArray history = json[u"history"_s].toArray();
    QCOMPARE(history.first()[u"text"_s].toString(), u"calling"_s);
    QCOMPARE(history.last()[u"text"_s].toString(), u"connected"_s);
    QVERIFY(report.toString().contains(u"In use: direct"_s));
}

void PeerConnectionTest::keepsAnIdentityInAFile()
{
    const QTemporaryDir directory;
    const QString file = directory.filePath(u"identity.pem"_s);
    QString error;
    const PeerIdentity made = PeerIdentity::loadOrCreate(file, &error);
    QVERIFY2(!made.isNull(), qPrintable(error));
    QCOMPARE(made.id().size(), 52);
    QCOMPARE(PeerIdentity::load(file), made);
    QCOMPARE(PeerIdentity::loadOrCreate(file), made);
    // Another one in its place, in a file that others could read.
    constexpr auto owner = QFileDevice::ReadOwner | QFileDevice::WriteOwner;
    QVERIFY(QFile::setPermissions(file, owner | QFileDevice::ReadGroup | QFileDevice::ReadOther));
    const PeerIdentity other = PeerIdentity::create();
    QVERIFY(other != made);
    QVERIFY2(other.save(file, &error), qPrintable(error));
    QCOMPARE(PeerIdentity::load(file), other);
    const QFileDevice::Permissions all = owner | QFileDevice::ReadGroup | QFileDevice::ReadOther
        | QFileDevice::WriteGroup | QFileDevice::WriteOther | QFileDevice::ExeOwner
        | QFileDevice::ExeGroup | QFileDevice::ExeOther;
    QCOMPARE(QFile::permissions(file) & all, owner);
    QVERIFY(!PeerIdentity().save(file, &error));
    QVERIFY(!error.isEmpty());
    QVERIFY(!other.save(directory.filePath(u"missing/identity.pem"_s), &error));
}

void PeerConnectionTest::refusesAFileThatHoldsNoIdentity_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("noise") << QByteArray(1000, '\x7f');
    QTest::newRow("no key within")
        << QByteArray("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    QTest::newRow("large") << QByteArray(1'000'000, 'A');
}

void PeerConnectionTest::refusesAFileThatHoldsNoIdentity()
{
    QFETCH(const QByteArray, content);
    const QTemporaryDir directory;
    const QString name = directory.filePath(u"identity.pem"_s);
    QString error;
    QVERIFY(PeerIdentity::load(name, &error).isNull());
    QVERIFY(error.contains(name));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
    file.close();
    error.clear();
    QVERIFY(PeerIdentity::load(name, &error).isNull());
    QVERIFY(error.contains(name));
    QVERIFY(PeerIdentity::loadOrCreate(name, &error).isNull());
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), content);
}

QTEST_GUILESS_MAIN(PeerConnectionTest)

#include "tst_peerconnection.moc"
