// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "meeting.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qscopeguard.h>
#include <QtCore/qsemaphore.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <malloc.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace Qt::StringLiterals;

using State = PeerConnection::State;
using Options = PeerChannel::Options;

namespace {

/// Messages that tell their number, of a size that fills buffers soon.
QByteArray numbered(int number, qsizetype size)
{
    QByteArray message(size, 'x');
    message.replace(0, 8, QByteArray::number(number).rightJustified(8, '0'));
    return message;
}

/// The channel of that label at the other side, once it is there.
PeerChannel *awaitChannel(const ConnectionLog &log, const QString &label)
{
    PeerChannel *found = nullptr;
    const bool isThere = eventually([&] {
        for (PeerChannel *channel : log.channels) {
            if (channel && channel->label() == label)
                found = channel;
        }
        return found != nullptr;
    });
    return isThere ? found : nullptr;
}

} // namespace

/// What flows between two peers that have found each other.
class PeerChannelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void carriesMessagesBothWays();
    void carriesWhatWasSentBeforeConnected();
    void carriesWhatTheCalleeSendsAtOnce();
    void deliversWhatWasSentBeforeClose_data();
    void deliversWhatWasSentBeforeClose();
    void dropsWhatWasSentInACallThatIsHungUpUnanswered();
    void abortsWithoutWaitingForAReader_data();
    void abortsWithoutWaitingForAReader();
    void deliversWhatWasSentOnAChannelClosedTooEarly_data();
    void deliversWhatWasSentOnAChannelClosedTooEarly();
    void opensChannelsWithOptions_data();
    void opensChannelsWithOptions();
    void opensAChannelBeforeConnected();
    void agreesOnANumberInAdvance();
    void closesFromEitherSide_data();
    void closesFromEitherSide();
    void refusesWhatIsFullAndTellsWhenThereIsRoom();
    void dropsTheOldestOfAnUnreliableChannel();
    void goesOnWhenAChannelIsDeletedUnread();
    void refusesWhatIsTooLarge();
    void refusesChannelsBeforeAnApplicationThatSleeps();
    void holdsMessagesWhilePaused();
    void losesNothingWhileTheApplicationIsBusy();

private:
    std::unique_ptr<Meeting> m_meeting;
};

void PeerChannelTest::init()
{
    m_meeting = std::make_unique<Meeting>();
    QVERIFY(m_meeting->listen());
}

void PeerChannelTest::cleanup()
{
    m_meeting.reset();
}

void PeerChannelTest::refusesChannelsBeforeAnApplicationThatSleeps()
{
    constexpr int Most = 1024;
    constexpr int AtOnce = 64;
    Meeting meeting;
    QVERIFY(meeting.listen());
    QSemaphore asleep;
    QSemaphore awake;
    int opened = 0;
    bool hearsOfOthers = false;
    const std::unique_ptr<QThread> sleeper(QThread::create([&, to = meeting.listener->address()] {
        PeerConnection caller(to);
        connect(&caller, &PeerConnection::channelOpened, &caller, [&] { ++opened; });
        if (!eventually([&] { return caller.state() == State::Connected; }))
            return;
        asleep.release();
        awake.acquire();
        if (!eventually([&] { return opened == Most; }))
            return;
        asleep.release();
        hearsOfOthers = eventually([&] { return opened == Most + 1; });
    }));
    sleeper->start();
    bool isDone = eventually([&] {
        return meeting.callee && meeting.callee->state() == State::Connected && asleep.tryAcquire();
    });
    const auto openSome = [&](int number, bool closesThem) {
        std::vector<std::unique_ptr<PeerChannel>> channels;
        for (int i = 0; i < number; ++i)
            channels.emplace_back(meeting.callee->openChannel(u"again"_s));
        const auto areAll = [&channels](PeerChannel::State state) {
            return std::all_of(channels.begin(), channels.end(),
                               [state](const auto &each) { return each->state() == state; });
        };
        if (closesThem) {
            if (!eventually([&] { return areAll(PeerChannel::State::Open); }))
                return false;
            for (const auto &channel : channels)
                channel->close();
        }
        return eventually([&] { return areAll(PeerChannel::State::Closed); });
    };
    for (int i = 0; isDone && i < Most; i += AtOnce)
        isDone = openSome(AtOnce, true);
    isDone = isDone && openSome(3, false);
    awake.release();
    const bool isAwake = isDone && eventually([&] { return asleep.tryAcquire(); });
    const std::unique_ptr<PeerChannel> last(isAwake ? meeting.callee->openChannel(u"last"_s)
                                                    : nullptr);
    sleeper->wait();
    QVERIFY(isDone && isAwake);
    QVERIFY(hearsOfOthers);
}

void PeerChannelTest::carriesMessagesBothWays()
{
    QVERIFY(m_meeting->connect());
    QVERIFY(m_meeting->caller->sendText(u"grüß dich \U0001F600"_s));
    QVERIFY(m_meeting->caller->sendMessage(QByteArray("\0\1\2", 3)));
    QVERIFY(m_meeting->caller->sendText(QString()));
    QVERIFY(m_meeting->caller->sendMessage({}));
    QVERIFY(m_meeting->callee->sendText(u"hello"_s));
    QVERIFY(eventually([&] {
        return m_meeting->calleeLog->messages.size() == 2 && m_meeting->calleeLog->texts.size() == 2
            && m_meeting->callerLog->texts.size() == 1;
    }));
    QCOMPARE(m_meeting->calleeLog->texts, (QStringList{u"grüß dich \U0001F600"_s, QString()}));
    const QList<QByteArray> expected{QByteArray("\0\1\2", 3), QByteArray()};
    QCOMPARE(m_meeting->calleeLog->messages, expected);
    QCOMPARE(m_meeting->callerLog->texts, QStringList{u"hello"_s});
    // The default channel is no news.
    QVERIFY(m_meeting->callerLog->channels.isEmpty());
    QVERIFY(m_meeting->calleeLog->channels.isEmpty());
    QCOMPARE(m_meeting->caller->channels().size(), 1);
    QCOMPARE(m_meeting->callee->defaultChannel()->state(), PeerChannel::State::Open);
}

void PeerChannelTest::carriesWhatWasSentBeforeConnected()
{
    m_meeting->onIncoming = [](PeerConnection *connection) {
        QVERIFY(connection->sendText(u"from the callee"_s));
    };
    m_meeting->dial();
    bool isSent = false;
    connect(m_meeting->caller.get(), &PeerConnection::stateChanged, this, [&](State state) {
        if (state == State::Dialing)
            isSent = m_meeting->caller->sendText(u"from the caller"_s);
    });
    QVERIFY(eventually([&] {
        return m_meeting->calleeLog && m_meeting->calleeLog->texts.size() == 1
            && m_meeting->callerLog->texts.size() == 1;
    }));
    QVERIFY(isSent);
    QCOMPARE(m_meeting->calleeLog->texts, QStringList{u"from the caller"_s});
    QCOMPARE(m_meeting->callerLog->texts, QStringList{u"from the callee"_s});
}

void PeerChannelTest::carriesWhatTheCalleeSendsAtOnce()
{
    m_meeting->onIncoming = [](PeerConnection *connection) {
        connect(connection, &PeerConnection::connected, connection, [connection] {
            for (int i = 0; i < 100; ++i)
                QVERIFY(connection->sendMessage(numbered(i, 100)));
        });
    };
    m_meeting->dial();
    QVERIFY(eventually([&] { return m_meeting->callerLog->messages.size() == 100; }));
    for (int i = 0; i < 100; ++i)
        QCOMPARE(m_meeting->callerLog->messages.at(i), numbered(i, 100));
    QVERIFY(eventually([&] { return m_meeting->callee->defaultChannel()->bufferedAmount() == 0; }));
}

void PeerChannelTest::deliversWhatWasSentBeforeClose_data()
{
    QTest::addColumn<bool>("byCaller");
    QTest::addColumn<bool>("isDeleted");
    QTest::addColumn<PeerConnection::State>("state");
    for (const auto state : {PeerConnection::State::Connecting, PeerConnection::State::Connected}) {
        const bool isUp = state == PeerConnection::State::Connected;
        const char *when = isUp ? "connected" : "connecting";
        QTest::addRow("caller closes when %s", when) << true << false << state;
        QTest::addRow("caller is deleted when %s", when) << true << true << state;
        QTest::addRow("callee closes when %s", when) << false << false << state;
        QTest::addRow("callee is deleted when %s", when) << false << true << state;
    }
}

void PeerChannelTest::deliversWhatWasSentBeforeClose()
{
    QFETCH(const bool, byCaller);
    QFETCH(const bool, isDeleted);
    QFETCH(const PeerConnection::State, state);
    const auto sendAndLeave = [&](PeerConnection *connection) {
        for (int i = 0; i < 40; ++i)
            QVERIFY(connection->sendMessage(numbered(i, 64 * 1024)));
        if (isDeleted) {
            connection->deleteLater();
            return;
        }
        connection->close();
        QVERIFY(!connection->sendMessage("too late"));
    };
    // Right in that state: at the callee the default channel is not there yet.
    const auto leaveInTime = [&](PeerConnection *connection) {
        connect(connection, &PeerConnection::stateChanged, connection,
                [&, connection](PeerConnection::State next) {
                    if (next != state)
                        return;
                    if (byCaller && isDeleted)
                        m_meeting->caller.release();
                    sendAndLeave(connection);
                });
    };
    if (!byCaller)
        m_meeting->onIncoming = leaveInTime;
    m_meeting->dial();
    if (byCaller)
        leaveInTime(m_meeting->caller.get());
    const auto &log = byCaller ? m_meeting->calleeLog : m_meeting->callerLog;
    QVERIFY(eventually([&] { return log && log->closed == 1; }));
    QVERIFY(log->errors.isEmpty());
    if (!isDeleted) {
        const auto &mine = byCaller ? m_meeting->callerLog : m_meeting->calleeLog;
        QVERIFY(eventually([&] { return mine->closed == 1; }));
        QVERIFY(mine->errors.isEmpty());
        QCOMPARE(mine->connected, state == PeerConnection::State::Connected ? 1 : 0);
        QVERIFY(mine->states.contains(PeerConnection::State::Closing));
    }
    QCOMPARE(log->messages.size(), 40);
    for (int i = 0; i < 40; ++i)
        QVERIFY(log->messages.at(i) == numbered(i, 64 * 1024));
}

void PeerChannelTest::dropsWhatWasSentInACallThatIsHungUpUnanswered()
{
    m_meeting->listener->setAutoAccept(false);
    m_meeting->dial();
    m_meeting->caller->open();
    QVERIFY(m_meeting->caller->sendText(u"are you there?"_s));
    QVERIFY(eventually([&] { return m_meeting->incoming == 1; }));
    m_meeting->caller->close();
    QVERIFY(eventually([&] { return m_meeting->callerLog->closed == 1; }));
    QVERIFY(m_meeting->callerLog->errors.isEmpty());
    QVERIFY(eventually([&] { return m_meeting->calleeLog->closed == 1; }));
    QCOMPARE(m_meeting->calleeLog->errors,
             QList<PeerConnection::Error>{PeerConnection::Error::Cancelled});
    QVERIFY(m_meeting->calleeLog->texts.isEmpty());
}

void PeerChannelTest::abortsWithoutWaitingForAReader_data()
{
    QTest::addColumn<bool>("isClosing");
    QTest::newRow("at once") << false;
    QTest::newRow("when it is closing already") << true;
}

void PeerChannelTest::abortsWithoutWaitingForAReader()
{
    QFETCH(const bool, isClosing);
    QVERIFY(m_meeting->connect());
    PeerConnection *caller = m_meeting->caller.get();
    PeerChannel *reader = m_meeting->callee->defaultChannel();
    connect(reader, &PeerChannel::messageReceived, reader,
            [reader] { reader->setReceivingPaused(true); });
    QVERIFY(eventually([&] {
        while (caller->sendMessage(QByteArray(100'000, 'x'))) { }
        return reader->isReceivingPaused();
    }));
    QVERIFY(caller->defaultChannel()->bufferedAmount() > 0);
    if (isClosing) {
        caller->close();
        QVERIFY(eventually([&] { return caller->state() == PeerConnection::State::Closing; }));
    }
    caller->abort();
    QVERIFY(!caller->sendText(u"too late"_s));
    QVERIFY(eventually([&] { return m_meeting->callerLog->closed == 1; }));
    QVERIFY(m_meeting->callerLog->errors.isEmpty());
    reader->disconnect(reader);
    reader->setReceivingPaused(false);
    QVERIFY(eventually([&] { return m_meeting->calleeLog->closed == 1; }));
    QVERIFY(m_meeting->calleeLog->errors.isEmpty());
    caller->abort();
    QCOMPARE(m_meeting->callerLog->closed, 1);
}

void PeerChannelTest::deliversWhatWasSentOnAChannelClosedTooEarly_data()
{
    QTest::addColumn<bool>("byCaller");
    QTest::newRow("by the caller, before it is connected") << true;
    QTest::newRow("by the callee, before the caller's default channel has come") << false;
}

void PeerChannelTest::deliversWhatWasSentOnAChannelClosedTooEarly()
{
    QFETCH(const bool, byCaller);
    const auto speakAndClose = [](PeerConnection *connection) {
        QVERIFY(connection->sendText(u"all I have to say"_s));
        connection->defaultChannel()->close();
    };
    if (!byCaller)
        m_meeting->onIncoming = speakAndClose;
    m_meeting->dial();
    if (byCaller) {
        m_meeting->caller->open();
        speakAndClose(m_meeting->caller.get());
    }
    const auto &log = byCaller ? m_meeting->calleeLog : m_meeting->callerLog;
    QVERIFY(eventually([&] { return log && log->texts.size() == 1; }));
    const auto isClosed = [](PeerConnection *connection) {
        const PeerChannel *channel = connection->defaultChannel();
        return !channel || channel->state() == PeerChannel::State::Closed;
    };
    QVERIFY(eventually(
        [&] { return isClosed(m_meeting->caller.get()) && isClosed(m_meeting->callee); }));
    QCOMPARE(m_meeting->caller->state(), PeerConnection::State::Connected);
}

void PeerChannelTest::opensChannelsWithOptions_data()
{
    QTest::addColumn<Options>("options");
    QTest::newRow("reliable") << Options{};
    QTest::newRow("unordered") << Options{u"chat"_s, false, {}, {}, {}};
    QTest::newRow("no retransmission") << Options{{}, true, quint16(0), {}, {}};
    QTest::newRow("unordered, some retransmissions") << Options{{}, false, quint16(3), {}, {}};
    QTest::newRow("lifetime") << Options{u"v2.bingo"_s, true, {}, quint16(1500), {}};
}

void PeerChannelTest::opensChannelsWithOptions()
{
    QFETCH(const Options, options);
    QVERIFY(m_meeting->connect());
    // From the callee's side too: the two must not take the same number.
    PeerChannel *mine = m_meeting->caller->openChannel(u"täst"_s, options);
    PeerChannel *theirs = m_meeting->callee->openChannel(u"other"_s, options);
    QVERIFY(mine && theirs);
    QCOMPARE(mine->state(), PeerChannel::State::Opening);
    PeerChannel *const mineThere = awaitChannel(*m_meeting->calleeLog, u"täst"_s);
    PeerChannel *const theirsHere = awaitChannel(*m_meeting->callerLog, u"other"_s);
    QVERIFY(mineThere && theirsHere);
    QVERIFY(eventually([&] { return mine->state() == PeerChannel::State::Open; }));
    for (const PeerChannel *channel : {mine, mineThere}) {
        QCOMPARE(channel->label(), u"täst"_s);
        QCOMPARE(channel->protocol(), options.protocol);
        QCOMPARE(channel->isOrdered(), options.ordered);
        QCOMPARE(channel->maxRetransmits(), options.maxRetransmits);
        QCOMPARE(channel->maxLifetime(), options.maxLifetime);
        QCOMPARE(channel->isReliable(), !options.maxRetransmits && !options.maxLifetime);
        QCOMPARE(channel->maxMessageSize(), PeerChannel::MaxMessageSize);
    }
    const QSignalSpy there(mineThere, &PeerChannel::textReceived);
    const QSignalSpy here(mine, &PeerChannel::messageReceived);
    QVERIFY(mine->sendText(u"ping"_s));
    QVERIFY(mineThere->sendMessage("pong"));
    QVERIFY(eventually([&] { return there.count() == 1 && here.count() == 1; }));
    QVERIFY(eventually([&] { return mine->bufferedAmount() == 0; }));
    QVERIFY(m_meeting->calleeLog->texts.isEmpty());
    QTest::ignoreMessage(
        QtWarningMsg,
        "PeerConnection::openChannel: maxRetransmits and maxLifetime exclude each other");
    QVERIFY(!m_meeting->caller->openChannel(u"both"_s, {{}, true, quint16(1), quint16(1), {}}));
}

void PeerChannelTest::opensAChannelBeforeConnected()
{
    m_meeting->dial();
    PeerChannel *early = m_meeting->caller->openChannel(u"early"_s);
    QVERIFY(early);
    QVERIFY(early->sendText(u"first"_s));
    // What the peer takes is not known yet.
    QVERIFY(early->sendText(QString(PeerChannel::MaxMessageSize, u'x')));
    QStringList received;
    m_meeting->onIncoming = [&](PeerConnection *connection) {
        connect(connection, &PeerConnection::channelOpened, connection, [&](PeerChannel *channel) {
            connect(channel, &PeerChannel::textReceived, channel,
                    [&](const QString &text) { received.append(text); });
        });
    };
    QVERIFY(eventually([&] { return received.size() == 2; }));
    QCOMPARE(received.first(), u"first"_s);
    QCOMPARE(received.last().size(), PeerChannel::MaxMessageSize);
    QCOMPARE(m_meeting->calleeLog->channels.size(), 1);
}

void PeerChannelTest::agreesOnANumberInAdvance()
{
    QVERIFY(m_meeting->connect());
    const Options options{{}, true, {}, {}, quint16(100)};
    PeerChannel *one = m_meeting->caller->openChannel(u"agreed"_s, options);
    PeerChannel *other = m_meeting->callee->openChannel(u"agreed"_s, options);
    const QSignalSpy received(other, &PeerChannel::textReceived);
    QVERIFY(one->sendText(u"without a word"_s));
    QVERIFY(eventually([&] { return received.count() == 1; }));
    QVERIFY(m_meeting->calleeLog->channels.isEmpty());
    // The number is taken.
    PeerChannel *twice = m_meeting->caller->openChannel(u"agreed"_s, options);
    QVERIFY(eventually([&] { return twice->state() == PeerChannel::State::Closed; }));
    QCOMPARE(one->state(), PeerChannel::State::Open);
}

void PeerChannelTest::closesFromEitherSide_data()
{
    QTest::addColumn<bool>("byOpener");
    QTest::addColumn<bool>("isDeleted");
    QTest::newRow("opener closes") << true << false;
    QTest::newRow("opener deletes") << true << true;
    QTest::newRow("other closes") << false << false;
    QTest::newRow("other deletes") << false << true;
}

void PeerChannelTest::closesFromEitherSide()
{
    QFETCH(const bool, byOpener);
    QFETCH(const bool, isDeleted);
    QVERIFY(m_meeting->connect());
    PeerChannel *mine = m_meeting->caller->openChannel(u"short"_s);
    PeerChannel *there = awaitChannel(*m_meeting->calleeLog, u"short"_s);
    QVERIFY(there);
    PeerChannel *closing = byOpener ? mine : there;
    PeerChannel *other = byOpener ? there : mine;
    QList<QByteArray> received;
    int closed = 0;
    connect(other, &PeerChannel::messageReceived, this, [&](const QByteArray &message) {
        QCOMPARE(closed, 0);
        received.append(message);
    });
    connect(other, &PeerChannel::closed, this, [&] { ++closed; });
    for (int i = 0; i < 20; ++i)
        QVERIFY(closing->sendMessage(numbered(i, 10'000)));
    const QSignalSpy closedHere(closing, &PeerChannel::closed);
    if (isDeleted) {
        delete closing;
    } else {
        closing->close();
        QCOMPARE(closing->state(), PeerChannel::State::Closing);
        QVERIFY(!closing->sendMessage("too late"));
    }
    QVERIFY(eventually([&] { return closed == 1; }));
    QCOMPARE(received.size(), 20);
    QVERIFY(!other->sendMessage("nobody there"));
    if (!isDeleted)
        QVERIFY(eventually([&] { return closedHere.count() == 1; }));
    QCOMPARE(m_meeting->callee->channels().size(), 1);
    QCOMPARE(m_meeting->caller->channels().size(), 1);
    // The connection stands, and its number can be used again.
    QVERIFY(m_meeting->caller->openChannel(u"next"_s)->sendText(u"x"_s));
    QVERIFY(awaitChannel(*m_meeting->calleeLog, u"next"_s));
}

void PeerChannelTest::refusesWhatIsFullAndTellsWhenThereIsRoom()
{
    QVERIFY(m_meeting->connect());
    PeerChannel *channel = m_meeting->caller->defaultChannel();
    channel->setBufferedAmountLowThreshold(1'000'000);
    m_meeting->callee->defaultChannel()->setReceivingPaused(true);
    const QSignalSpy low(channel, &PeerChannel::bufferedAmountLow);
    // The peer's buffers, the protocol's and ours fill up.
    int sent = 0;
    QVERIFY(eventually([&] {
        while (channel->sendMessage(numbered(sent, 100'000)))
            ++sent;
        return sent * 100'000 > PeerChannel::SendBufferSize + PeerChannel::ReceiveBufferSize
            && channel->bufferedAmount() > PeerChannel::SendBufferSize - 200'000;
    }));
    QVERIFY(!channel->sendMessage(QByteArray(100'000, 'x')));
    QVERIFY(channel->bufferedAmount() <= PeerChannel::SendBufferSize);
    QVERIFY(sent < 200);
    const auto lowBefore = low.count();
    m_meeting->callee->defaultChannel()->setReceivingPaused(false);
    QVERIFY(eventually([&] { return low.count() > lowBefore; }));
    QVERIFY(channel->bufferedAmount() <= 1'000'000);
    QVERIFY(eventually([&] { return m_meeting->calleeLog->messages.size() == sent; }));
    for (int i = 0; i < sent; ++i)
        QVERIFY(m_meeting->calleeLog->messages.at(i) == numbered(i, 100'000));
    QVERIFY(eventually([&] { return channel->bufferedAmount() == 0; }));
}

void PeerChannelTest::dropsTheOldestOfAnUnreliableChannel()
{
    QVERIFY(m_meeting->connect());
    PeerChannel *channel = m_meeting->caller->openChannel(u"live"_s,
                                                          {{}, false, quint16(100), {}, {}});
    PeerChannel *there = awaitChannel(*m_meeting->calleeLog, u"live"_s);
    QVERIFY(there);
    there->setReceivingPaused(true);
    // Far more than all buffers take; the application is refused only what it sends faster than
    // the network thread looks.
    constexpr int Count = 400;
    int sent = 0;
    qint64 most = 0;
    QVERIFY(eventually([&] {
        while (sent < Count && channel->sendMessage(numbered(sent, 100'000)))
            ++sent;
        most = std::max(most, channel->bufferedAmount());
        return sent == Count;
    }));
    // What waits is told, and bounded.
    QVERIFY(most > PeerChannel::SendBufferSize / 2);
    QVERIFY(most <= 2 * PeerChannel::SendBufferSize);
    QVERIFY(eventually([&] { return channel->bufferedAmount() <= PeerChannel::SendBufferSize; }));
    QByteArray last;
    int received = 0;
    connect(there, &PeerChannel::messageReceived, this, [&](const QByteArray &message) {
        last = message;
        ++received;
    });
    there->setReceivingPaused(false);
    QVERIFY(eventually([&] { return channel->bufferedAmount() == 0 && !last.isEmpty(); }));
    QVERIFY(eventually([&] { return last == numbered(Count - 1, 100'000); }));
    QVERIFY(received < Count);
}

void PeerChannelTest::goesOnWhenAChannelIsDeletedUnread()
{
    QVERIFY(m_meeting->connect());
    PeerChannel *channel = m_meeting->caller->openChannel(u"unread"_s);
    PeerChannel *there = awaitChannel(*m_meeting->calleeLog, u"unread"_s);
    QVERIFY(there);
    there->setReceivingPaused(true);
    int sent = 0;
    QVERIFY(eventually([&] {
        while (channel->sendMessage(numbered(sent, 100'000)))
            ++sent;
        return sent * 100'000 > PeerChannel::SendBufferSize + PeerChannel::ReceiveBufferSize;
    }));
    delete there;
    QVERIFY(m_meeting->caller->sendMessage("on another channel"));
    QVERIFY(eventually([&] { return m_meeting->calleeLog->messages.size() == 1; }));
}

void PeerChannelTest::refusesWhatIsTooLarge()
{
    QVERIFY(m_meeting->connect());
    const QByteArray largest(PeerChannel::MaxMessageSize, 'x');
    QVERIFY(!m_meeting->caller->sendMessage(largest + 'x'));
    QVERIFY(m_meeting->caller->sendMessage(largest));
    QVERIFY(eventually([&] { return m_meeting->calleeLog->messages.size() == 1; }));
    QVERIFY(m_meeting->calleeLog->messages.first() == largest);
}

void PeerChannelTest::holdsMessagesWhilePaused()
{
    QVERIFY(m_meeting->connect());
    PeerChannel *receiving = m_meeting->callee->defaultChannel();
    receiving->setReceivingPaused(true);
    QVERIFY(receiving->isReceivingPaused());
    for (int i = 0; i < 50; ++i)
        QVERIFY(m_meeting->caller->sendMessage(numbered(i, 1000)));
    QVERIFY(eventually([&] { return m_meeting->callee->statistics().messagesReceived == 50; }));
    QVERIFY(m_meeting->calleeLog->messages.isEmpty());
    // Pausing again in the middle holds the rest.
    connect(receiving, &PeerChannel::messageReceived, this, [&, receiving] {
        if (m_meeting->calleeLog->messages.size() == 10)
            receiving->setReceivingPaused(true);
    });
    receiving->setReceivingPaused(false);
    QVERIFY(m_meeting->calleeLog->messages.isEmpty());
    QVERIFY(eventually([&] { return m_meeting->calleeLog->messages.size() == 10; }));
    QVERIFY(receiving->isReceivingPaused());
    // Everything that came before the end is handed out before closed().
    m_meeting->caller->close();
    QVERIFY(eventually([&] { return m_meeting->callerLog->closed == 1; }));
    receiving->setReceivingPaused(false);
    QVERIFY(eventually([&] { return receiving->state() == PeerChannel::State::Closed; }));
    QCOMPARE(m_meeting->calleeLog->messages.size(), 50);
}

// A window that repaints for three seconds, while its peer, in another thread, sends.
void PeerChannelTest::losesNothingWhileTheApplicationIsBusy()
{
    constexpr int Count = 400;
    constexpr qsizetype Size = 100'000;
    QThread thread;
    QObject context;
    context.moveToThread(&thread);
    thread.start();
    PeerConnection *peer = nullptr;
    int sent = 0;
    const auto end = qScopeGuard([&] {
        QMetaObject::invokeMethod(
            &context, [&] { delete peer; }, Qt::BlockingQueuedConnection);
        thread.quit();
        thread.wait();
    });
    const auto send = [&] {
        while (sent < Count && peer->sendMessage(numbered(sent, Size)))
            ++sent;
    };
    QMetaObject::invokeMethod(
        &context,
        [&] {
            peer = new PeerConnection(m_meeting->listener->address());
            connect(peer, &PeerConnection::connected, peer, [&] {
                connect(peer->defaultChannel(), &PeerChannel::bufferedAmountLow, peer, send);
                peer->defaultChannel()->setBufferedAmountLowThreshold(1'000'000);
                send();
            });
        },
        Qt::BlockingQueuedConnection);
    QVERIFY(eventually([&] { return m_meeting->calleeLog && m_meeting->calleeLog->connected; }));
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    QElapsedTimer busy;
    busy.start();
    while (!busy.hasExpired(3000)) { }
    const std::size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    int sentMeanwhile = 0;
    QMetaObject::invokeMethod(
        &context, [&] { sentMeanwhile = sent; }, Qt::BlockingQueuedConnection);
    qInfo("%d of %d messages taken while busy, %lld octets more in use", sentMeanwhile, Count,
          qlonglong(after) - qlonglong(before));
    QVERIFY(sentMeanwhile < Count);
    // Both sides' buffers and what the two protocol stacks hold: 2 MiB and 4 MiB, which they need
    // twice, and the packets of a window.
    QVERIFY(qint64(after) - qint64(before)
            < 3 * (PeerChannel::SendBufferSize + PeerChannel::ReceiveBufferSize));
    QVERIFY(eventually([&] { return m_meeting->calleeLog->messages.size() == Count; }));
    for (int i = 0; i < Count; ++i)
        QVERIFY(m_meeting->calleeLog->messages.at(i) == numbered(i, Size));
    QVERIFY(m_meeting->calleeLog->errors.isEmpty());
}

QTEST_GUILESS_MAIN(PeerChannelTest)

#include "tst_peerchannel.moc"
