// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "arm.h"
#include "meeting.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qeventloop.h>
#include <QtTest/qtest.h>

#include <array>
#include <utility>
#include <vector>

using namespace Qt::StringLiterals;

using State = PeerConnection::State;

Q_DECLARE_METATYPE(Arm<PeerConnection>)
Q_DECLARE_METATYPE(Arm<PeerChannel>)
Q_DECLARE_METATYPE(Arm<PeerListener>)

/// Objects that go, and event loops that run, in slots of the very signals that they are in.
class PeerLifetimesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void deletesACallerInItsSignals_data();
    void deletesACallerInItsSignals();
    void deletesACalleeInItsSignals_data();
    void deletesACalleeInItsSignals();
    void deletesInSignalsOfAChannel_data();
    void deletesInSignalsOfAChannel();
    void deletesAListenerInItsSignals_data();
    void deletesAListenerInItsSignals();
    void deletesAChannelThatIsAnnounced();
    void keepsTheOrderAcrossNestedEventLoops();
    void deletesAConnectionInANestedEventLoop();
    void takesCallsInNestedEventLoops();
    void endsCallsWithTheirListener();
    void deletesEverythingInTheMiddle();

private:
    /// Both sides say something in all ways as soon as they can, then the caller closes.
    void converse(PeerConnection *connection, bool isCaller);
    /// Another call gets through: nothing was broken.
    void verifyThatCallsWork();

    std::unique_ptr<Meeting> m_meeting;
};

void PeerLifetimesTest::init()
{
    m_meeting = std::make_unique<Meeting>();
}

void PeerLifetimesTest::cleanup()
{
    m_meeting.reset();
}

void PeerLifetimesTest::converse(PeerConnection *connection, bool isCaller)
{
    connect(connection, &PeerConnection::connected, connection, [connection] {
        connection->sendText(u"text"_s);
        connection->sendMessage("message");
        connection->openChannel(u"extra"_s)->sendText(u"text"_s);
    });
    if (isCaller)
        connect(connection, &PeerConnection::channelOpened, connection,
                [connection] { connection->close(); });
}

void PeerLifetimesTest::verifyThatCallsWork()
{
    Meeting meeting;
    QVERIFY(meeting.listen());
    QVERIFY(meeting.connect());
    QVERIFY(meeting.caller->sendText(u"all is well"_s));
    QVERIFY(eventually([&] { return meeting.calleeLog->texts.size() == 1; }));
}

void PeerLifetimesTest::deletesACallerInItsSignals_data()
{
    QTest::addColumn<Arm<PeerConnection>>("arm");
    QTest::addColumn<bool>("isRejected");
    using C = PeerConnection;
    QTest::newRow("dialing") << byState<C>(State::Dialing) << false;
    QTest::newRow("ringing") << byState<C>(State::Ringing) << false;
    QTest::newRow("connecting") << byState<C>(State::Connecting) << false;
    QTest::newRow("state connected") << byState<C>(State::Connected) << false;
    QTest::newRow("closing") << byState<C>(State::Closing) << false;
    QTest::newRow("state closed") << byState<C>(State::Closed) << false;
    QTest::newRow("destinationChanged") << by<C>(&C::destinationChanged) << false;
    QTest::newRow("peerChanged") << by<C>(&C::peerChanged) << false;
    QTest::newRow("pathChanged") << by<C>(&C::pathChanged) << false;
    QTest::newRow("connected") << by<C>(&C::connected) << false;
    QTest::newRow("textReceived") << by<C>(&C::textReceived) << false;
    QTest::newRow("messageReceived") << by<C>(&C::messageReceived) << false;
    QTest::newRow("channelOpened") << by<C>(&C::channelOpened) << false;
    QTest::newRow("closed") << by<C>(&C::closed) << false;
    QTest::newRow("errorOccurred") << by<C>(&C::errorOccurred) << true;
    QTest::newRow("closed by a fault") << by<C>(&C::closed) << true;
}

void PeerLifetimesTest::deletesACallerInItsSignals()
{
    QFETCH(const Arm<PeerConnection>, arm);
    QFETCH(const bool, isRejected);
    QVERIFY(m_meeting->listen(false));
    auto *caller = new PeerConnection;
    const QPointer<PeerConnection> guard(caller);
    m_meeting->onIncoming = [&](PeerConnection *callee) {
        converse(callee, false);
        if (isRejected)
            callee->reject();
        else // once the caller rings
            connect(caller, &PeerConnection::stateChanged, callee, [callee](State state) {
                if (state == State::Ringing)
                    callee->accept();
            });
    };
    converse(caller, true);
    arm(caller, [caller] { delete caller; });
    caller->setDestination(m_meeting->listener->address());
    if (guard)
        caller->open();
    QVERIFY(eventually([&] { return !guard; }));
    QVERIFY(eventually([&] { return !m_meeting->callee || m_meeting->calleeLog->closed; }));
    verifyThatCallsWork();
}

void PeerLifetimesTest::deletesACalleeInItsSignals_data()
{
    QTest::addColumn<Arm<PeerConnection>>("arm");
    QTest::addColumn<bool>("isCancelled");
    using C = PeerConnection;
    QTest::newRow("connecting") << byState<C>(State::Connecting) << false;
    QTest::newRow("state connected") << byState<C>(State::Connected) << false;
    QTest::newRow("state closed") << byState<C>(State::Closed) << false;
    QTest::newRow("pathChanged") << by<C>(&C::pathChanged) << false;
    QTest::newRow("connected") << by<C>(&C::connected) << false;
    QTest::newRow("textReceived") << by<C>(&C::textReceived) << false;
    QTest::newRow("messageReceived") << by<C>(&C::messageReceived) << false;
    QTest::newRow("channelOpened") << by<C>(&C::channelOpened) << false;
    QTest::newRow("closed") << by<C>(&C::closed) << false;
    QTest::newRow("errorOccurred") << by<C>(&C::errorOccurred) << true;
    QTest::newRow("closed by a fault") << by<C>(&C::closed) << true;
}

void PeerLifetimesTest::deletesACalleeInItsSignals()
{
    QFETCH(const Arm<PeerConnection>, arm);
    QFETCH(const bool, isCancelled);
    QVERIFY(m_meeting->listen(false));
    m_meeting->onIncoming = [&](PeerConnection *callee) {
        converse(callee, false);
        arm(callee, [callee] { delete callee; });
        if (isCancelled)
            m_meeting->caller->close();
        else
            callee->accept();
    };
    m_meeting->dial();
    converse(m_meeting->caller.get(), true);
    QVERIFY(eventually([&] { return m_meeting->incoming == 1 && !m_meeting->callee; }));
    QVERIFY(eventually([&] { return m_meeting->callerLog->closed == 1; }));
    verifyThatCallsWork();
}

void PeerLifetimesTest::deletesInSignalsOfAChannel_data()
{
    QTest::addColumn<Arm<PeerChannel>>("arm");
    QTest::addColumn<bool>("withConnection");
    using C = PeerChannel;
    const QList<std::pair<const char *, Arm<C>>> arms{
        {"state open", byState<C>(C::State::Open)},
        {"closing", byState<C>(C::State::Closing)},
        {"state closed", byState<C>(C::State::Closed)},
        {"opened", by<C>(&C::opened)},
        {"messageReceived", by<C>(&C::messageReceived)},
        {"textReceived", by<C>(&C::textReceived)},
        {"bufferedAmountLow", by<C>(&C::bufferedAmountLow)},
        {"closed", by<C>(&C::closed)},
    };
    for (const auto &[name, arm] : arms) {
        QTest::addRow("%s, the channel", name) << arm << false;
        QTest::addRow("%s, its connection", name) << arm << true;
    }
}

void PeerLifetimesTest::deletesInSignalsOfAChannel()
{
    QFETCH(const Arm<PeerChannel>, arm);
    QFETCH(const bool, withConnection);
    QVERIFY(m_meeting->listen());
    m_meeting->onIncoming = [](PeerConnection *callee) {
        connect(callee, &PeerConnection::channelOpened, callee, [](PeerChannel *channel) {
            connect(channel, &PeerChannel::textReceived, channel, &PeerChannel::sendText);
            connect(channel, &PeerChannel::messageReceived, channel, &PeerChannel::sendMessage);
        });
    };
    m_meeting->dial();
    PeerConnection *caller = m_meeting->caller.get();
    const QPointer<PeerChannel> channel = caller->openChannel(u"extra"_s);
    arm(channel, [&] {
        if (withConnection)
            m_meeting->caller.reset();
        else
            delete channel;
    });
    QVERIFY(channel->sendText(u"text"_s));
    QVERIFY(channel->sendMessage(QByteArray(200'000, 'x')));
    connect(channel, &PeerChannel::messageReceived, channel, &PeerChannel::close);
    QVERIFY(eventually([&] { return !channel; }));
    QCOMPARE(!m_meeting->caller, withConnection);
    if (!withConnection) {
        QVERIFY(eventually([&] { return m_meeting->callerLog->connected == 1; }));
        QVERIFY(m_meeting->caller->sendText(u"on the default channel"_s));
        QVERIFY(eventually(
            [&] { return m_meeting->calleeLog && m_meeting->calleeLog->texts.size() == 1; }));
        QCOMPARE(caller->channels().size(), 1);
        return;
    }
    verifyThatCallsWork();
}

void PeerLifetimesTest::deletesAListenerInItsSignals_data()
{
    QTest::addColumn<Arm<PeerListener>>("arm");
    using L = PeerListener;
    QTest::newRow("listenAddressChanged") << by<L>(&L::listenAddressChanged);
    QTest::newRow("autoAcceptChanged") << by<L>(&L::autoAcceptChanged);
    QTest::newRow("maxConnectionsChanged") << by<L>(&L::maxConnectionsChanged);
    QTest::newRow("addressChanged") << by<L>(&L::addressChanged);
    QTest::newRow("registering") << byState<L>(L::State::Registering);
    QTest::newRow("state listening") << byState<L>(L::State::Listening);
    QTest::newRow("listening") << by<L>(&L::listening);
    QTest::newRow("incomingConnection") << by<L>(&L::incomingConnection);
    QTest::newRow("interrupted") << byState<L>(L::State::Interrupted);
    QTest::newRow("closed") << byState<L>(L::State::Closed);
}

void PeerLifetimesTest::deletesAListenerInItsSignals()
{
    QFETCH(const Arm<PeerListener>, arm);
    auto *made = new PeerListener;
    const QPointer<PeerListener> listener(made);
    arm(made, [made] { delete made; });
    std::vector<std::unique_ptr<PeerConnection>> callers;
    connect(made, &PeerListener::listening, this, [&, made] {
        for (int i = 0; i < 3; ++i)
            callers.push_back(std::make_unique<PeerConnection>(made->address()));
    });
    int incoming = 0;
    connect(made, &PeerListener::incomingConnection, this, [&] {
        if (++incoming == 3)
            m_meeting->server->close();
    });
    connect(made, &PeerListener::stateChanged, made, [made](PeerListener::State state) {
        if (state == PeerListener::State::Interrupted)
            made->close();
    });
    const std::array<std::function<void()>, 4> steps{
        [&] { listener->setAutoAccept(true); }, [&] { listener->setMaxConnections(3); },
        [&] { listener->setListenAddress(m_meeting->newName()); }, [&] { listener->listen(); }};
    for (const auto &step : steps) {
        if (listener)
            step();
    }
    QVERIFY(eventually([&] { return !listener; }));
    verifyThatCallsWork();
}

void PeerLifetimesTest::deletesAChannelThatIsAnnounced()
{
    QVERIFY(m_meeting->listen());
    m_meeting->onIncoming = [](PeerConnection *callee) {
        connect(callee, &PeerConnection::channelOpened, callee,
                [](PeerChannel *channel) { delete channel; });
    };
    m_meeting->dial();
    PeerChannel *channel = m_meeting->caller->openChannel(u"unwanted"_s);
    // Much more than the buffers hold: nobody reads it, and it stops nothing.
    for (int i = 0; i < 15; ++i)
        QVERIFY(channel->sendMessage(QByteArray(250'000, 'x')));
    QVERIFY(eventually([&] { return channel->state() == PeerChannel::State::Closed; }));
    QVERIFY(m_meeting->caller->sendText(u"go on"_s));
    QVERIFY(eventually(
        [&] { return m_meeting->calleeLog && m_meeting->calleeLog->texts.size() == 1; }));
}

void PeerLifetimesTest::keepsTheOrderAcrossNestedEventLoops()
{
    QVERIFY(m_meeting->listen());
    QVERIFY(m_meeting->connect());
    constexpr qsizetype Count = 1000;
    const QStringList &texts = m_meeting->callerLog->texts;
    int depth = 0;
    connect(m_meeting->caller.get(), &PeerConnection::textReceived, this, [&] {
        if (texts.size() % 100 != 50 || depth == 5)
            return;
        ++depth;
        const qsizetype goal = qMin(texts.size() + 200, Count);
        QVERIFY(eventually([&] { return texts.size() >= goal; }));
        --depth;
    });
    for (int i = 0; i < Count; ++i)
        QVERIFY(m_meeting->callee->sendText(QString::number(i)));
    QVERIFY(eventually([&] { return texts.size() == Count && depth == 0; }));
    for (int i = 0; i < Count; ++i)
        QCOMPARE(texts.at(i), QString::number(i));
}

void PeerLifetimesTest::deletesAConnectionInANestedEventLoop()
{
    QVERIFY(m_meeting->listen());
    QVERIFY(m_meeting->connect());
    QEventLoop loop;
    int received = 0;
    bool hasReturned = false;
    connect(m_meeting->caller.get(), &PeerConnection::textReceived, this, [&] {
        ++received;
        if (received == 10) {
            loop.exec();
            hasReturned = true;
        } else if (received == 20) {
            m_meeting->caller.reset();
            loop.quit();
        }
    });
    for (int i = 0; i < 40; ++i)
        QVERIFY(m_meeting->callee->sendText(QString::number(i)));
    QVERIFY(eventually([&] { return hasReturned; }));
    QCOMPARE(received, 20);
    QVERIFY(eventually([&] { return m_meeting->calleeLog->closed == 1; }));
}

void PeerLifetimesTest::takesCallsInNestedEventLoops()
{
    QVERIFY(m_meeting->listen());
    bool wasNested = false;
    int taken = 0;
    m_meeting->onIncoming = [&](PeerConnection *) {
        if (!std::exchange(wasNested, true))
            QVERIFY(eventually([&] { return m_meeting->incoming == 3; }));
        ++taken;
    };
    std::array<std::unique_ptr<PeerConnection>, 3> callers;
    int connected = 0;
    for (auto &caller : callers) {
        caller = std::make_unique<PeerConnection>(m_meeting->listener->address());
        connect(caller.get(), &PeerConnection::connected, this, [&] { ++connected; });
    }
    QVERIFY(eventually([&] { return connected == 3 && taken == 3; }));
}

void PeerLifetimesTest::endsCallsWithTheirListener()
{
    QVERIFY(m_meeting->listen());
    QVERIFY(m_meeting->connect());
    m_meeting->listener.reset();
    QVERIFY(!m_meeting->callee);
    QVERIFY(eventually([&] { return m_meeting->callerLog->closed == 1; }));
    QVERIFY(m_meeting->callerLog->errors.isEmpty());
}

void PeerLifetimesTest::deletesEverythingInTheMiddle()
{
    for (int round = 0; round < 10; ++round) {
        Meeting meeting;
        QVERIFY(meeting.listen());
        meeting.dial();
        PeerChannel *channel = meeting.caller->openChannel(u"bulk"_s);
        QVERIFY(channel->sendMessage(QByteArray(200'000, 'x')));
        // A little further each time.
        for (int turn = 0; turn < 5 * round && !meeting.callerLog->connected; ++turn)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    }
    verifyThatCallsWork();
}

QTEST_GUILESS_MAIN(PeerLifetimesTest)

#include "tst_peerlifetimes.moc"
