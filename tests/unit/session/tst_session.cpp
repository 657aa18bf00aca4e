// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "session/packetkind.h"
#include "support/sessionpair/sessionpair.h"
#include "support/virtualclock/virtualclock.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <numeric>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using peer::Bytes;
using peer::ByteView;
using peer::ChannelId;
using peer::ChannelOptions;
using peer::ChannelSendResult;
using peer::MessageKind;
using peer::SessionError;
using peer::SessionState;
using peer::Signal;
using peer::test::SessionPair;

namespace {

Bytes pattern(std::size_t size, std::uint8_t start)
{
    Bytes octets(size);
    std::iota(octets.begin(), octets.end(), start);
    return octets;
}

ChannelId openChannel(SessionPair &pair, SessionPair::End &end, ChannelOptions options)
{
    const ChannelId id = end.session->openChannel(pair.now(), options);
    pair.drain();
    return id;
}

bool isStun(ByteView datagram)
{
    return peer::packetKind(datagram) == peer::PacketKind::Stun;
}

bool connectPair(SessionPair &pair)
{
    pair.dial();
    return pair.runUntil([&] { return pair.caller.isConnected() && pair.callee.isConnected(); },
                         30s);
}

/// Sends count messages of size in a reliable channel, as fast as its buffer takes them.
bool transfer(SessionPair &pair, SessionPair::End &from, SessionPair::End &to, ChannelId channel,
              int count, std::size_t size, peer::Duration limit)
{
    int sent = 0;
    const std::size_t before = to.messages.size();
    return pair.runUntil(
        [&] {
            while (sent < count
                   && from.session->send(pair.now(), channel, MessageKind::Binary,
                                         pattern(size, std::uint8_t(sent)))
                       == ChannelSendResult::Queued)
                ++sent;
            pair.drain();
            return to.messages.size() - before == std::size_t(count);
        },
        limit);
}

} // namespace

class tst_Session : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void connectsAndExchangesMessages();
    void theFirstMessageTakesNoMoreTripsThanItMust();
    void manyChannelsOpenedBeforeTheCallAllOpen();
    void aChannelClosedBeforeTheCallStandsIsClosedAtBothEnds();
    void ringsUntilAccepted();
    void carriesTextBinaryAndEmptyMessages();
    void carriesTheLargestMessageAndRefusesALargerOne();
    void deliversEverythingInOrder_data();
    void deliversEverythingInOrder();
    void opensChannelsFromBothSides();
    void closesAChannelOnBothSides();
    void negotiatedChannelsNeedNoMessage();
    void boundsTheSendBufferAndReportsWhatLeavesIt();
    void boundsAStalledReaderAndLosesNothing();
    void closingDeliversWhatWasSent();
    void closingDeliversToAStalledReader();
    void closingTellsOfWhatIsNotTaken_data();
    void closingTellsOfWhatIsNotTaken();
    void closingWhileConnectingDeliversWhatWasSent_data();
    void closingWhileConnectingDeliversWhatWasSent();
    void closingWhileConnectingWithNothingToSayEndsAtOnce();
    void closingWhileConnectingFailsWithoutAPath();
    void closingBeforeTheAnswerDropsWhatWasSent();
    void closingForAReasonWaitsForNothing_data();
    void closingForAReasonWaitsForNothing();
    void aChannelClosedBeforeTheLinkStandsDeliversWhatWasSent();
    void repeatsTheByeUntilItIsHeardAndRests();
    void restsAfterTheEndThoughNobodyHears();
    void rejectedBusyAndCancelledAreDistinct_data();
    void rejectedBusyAndCancelledAreDistinct();
    void refusesAChangedFingerprint();
    void refusesACallerWhoIsNotExpected_data();
    void refusesACallerWhoIsNotExpected();
    void detectsAnotherCertificateBehindTheSignedOne();
    void noticesADeadPeer();
    void failsWithoutAPath_data();
    void failsWithoutAPath();
    void failsOnAPathThatCarriesNoHandshake();
    void givesAPathThatIsFoundLateTimeForTheHandshake();
    void survivesSignalsLostDoubledAndReordered_data();
    void survivesSignalsLostDoubledAndReordered();
    void ignoresDatagramsFromStrangers();
};

void tst_Session::connectsAndExchangesMessages()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "chat"});
    QVERIFY(channel != ChannelId::None);
    QCOMPARE(pair.caller.session->send(pair.now(), channel, MessageKind::Text,
                                       peer::asBytes("before the call")),
             ChannelSendResult::Queued);
    pair.dial();
    QVERIFY(pair.runUntil([&] { return !pair.callee.messages.empty(); }, 30s));
    QCOMPARE(peer::asText(pair.callee.messages[0].payload), "before the call");
    QCOMPARE(pair.callee.opened.size(), std::size_t(1));
    QVERIFY(pair.callee.opened[0].byPeer);
    QCOMPARE(pair.callee.opened[0].options.label, std::string("chat"));
    QVERIFY(!pair.caller.paths.empty());
    QVERIFY(pair.caller.session->peerIdentity().isVerified);
    QCOMPARE(pair.callee.session->peerIdentity().id, SessionPair::defaults().caller.identity->id());

    // And back on the channel that the peer opened.
    QCOMPARE(pair.callee.session->send(pair.now(), pair.callee.opened[0].channel, MessageKind::Text,
                                       peer::asBytes("hello")),
             ChannelSendResult::Queued);
    pair.drain();
    QVERIFY(pair.runUntil([&] { return !pair.caller.messages.empty(); }, 1s));
    QCOMPARE(peer::asText(pair.caller.messages[0].payload), "hello");
}

void tst_Session::theFirstMessageTakesNoMoreTripsThanItMust()
{
    SessionPair::Options options = SessionPair::defaults();
    options.link.delay = 10ms;
    options.signalDelay = 10ms;
    SessionPair pair(options);
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "chat"});
    QCOMPARE(
        pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("first")),
        ChannelSendResult::Queued);
    const peer::TimePoint start = pair.now();
    pair.dial();
    QVERIFY(pair.runUntil([&] { return !pair.callee.messages.empty(); }, 30s));
    // Trips one way: the offer; a check and its answer; DTLS has four flights, and an INIT goes
    // with the last of them; INIT ACK; COOKIE ECHO with the channel and the message.
    QVERIFY2(pair.now() - start <= 9 * 10ms + 8ms,
             qPrintable(QString::number((pair.now() - start) / 1us)));
}

void tst_Session::manyChannelsOpenedBeforeTheCallAllOpen()
{
    SessionPair pair(SessionPair::defaults());
    constexpr int count = 40; // more than streams that are used before their number is known
    std::vector<ChannelId> channels;
    for (int i = 0; i < count; ++i) {
        ChannelOptions options{.label = std::to_string(i)};
        if (i % 3 == 0)
            options.maxRetransmits = 9;
        channels.push_back(openChannel(pair, pair.caller, options));
        QCOMPARE(pair.caller.session->send(pair.now(), channels.back(), MessageKind::Binary,
                                           pattern(300, std::uint8_t(i))),
                 ChannelSendResult::Queued);
    }
    QVERIFY(connectPair(pair));
    QVERIFY(pair.runUntil([&] { return pair.callee.messages.size() == count; }, 30s));
    QCOMPARE(pair.callee.opened.size(), std::size_t(count));
    QCOMPARE(pair.caller.opened.size(), std::size_t(count));
    QCOMPARE(pair.caller.drainedMessages, std::size_t(count));
    for (int i = 0; i < count; ++i) {
        const auto &message = pair.callee.messages[std::size_t(i)];
        const auto opened = std::find_if(
            pair.callee.opened.begin(), pair.callee.opened.end(),
            [&](const auto &each) { return each.channel == message.channel; });
        QVERIFY(opened != pair.callee.opened.end());
        QCOMPARE(message.payload, pattern(300, std::uint8_t(std::stoi(opened->options.label))));
    }
}

void tst_Session::closingForAReasonWaitsForNothing_data()
{
    QTest::addColumn<SessionState>("state");
    QTest::newRow("connecting") << SessionState::Connecting;
    QTest::newRow("connected") << SessionState::Connected;
    QTest::newRow("closing") << SessionState::Closing;
}

void tst_Session::closingForAReasonWaitsForNothing()
{
    QFETCH(SessionState, state);
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "much"});
    pair.dial();
    const SessionState before = state == SessionState::Closing ? SessionState::Connected : state;
    QVERIFY(pair.runUntil([&] { return pair.caller.session->state() == before; }, 5s));
    while (pair.caller.session->send(pair.now(), channel, MessageKind::Binary, pattern(65536, 0))
           == ChannelSendResult::Queued) { }
    if (state == SessionState::Closing)
        pair.caller.session->close(pair.now());
    QCOMPARE(pair.caller.session->state(), state);
    pair.caller.session->close(pair.now(), Signal::Reason::Cancelled);
    QVERIFY(pair.caller.isClosed());
    QVERIFY(!pair.caller.failure);
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 5s));
    QVERIFY(!pair.callee.failure || pair.callee.failure->error == SessionError::Cancelled);
}

void tst_Session::aChannelClosedBeforeTheCallStandsIsClosedAtBothEnds()
{
    SessionPair::Options options = SessionPair::defaults();
    options.link.delay = 10ms;
    SessionPair pair(options);
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "short"});
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("all"));
    pair.dial();
    // The message is on its way, and the caller does not know that the call stands.
    QVERIFY(pair.runUntil([&] { return !pair.callee.messages.empty(); }, 30s));
    QVERIFY(!pair.caller.isConnected());
    QVERIFY(pair.caller.opened.empty());
    pair.caller.session->closeChannel(pair.now(), channel);
    pair.drain();
    QVERIFY(pair.runUntil(
        [&] { return pair.caller.closed.size() == 1 && pair.callee.closed.size() == 1; }, 30s));
    QCOMPARE(pair.caller.closed[0], channel);
    QVERIFY(pair.caller.isConnected());
}

void tst_Session::ringsUntilAccepted()
{
    SessionPair::Options options = SessionPair::defaults();
    options.isAutoAccept = false;
    SessionPair pair(options);
    pair.dial();
    QVERIFY(
        pair.runUntil([&] { return pair.caller.session->state() == SessionState::Ringing; }, 1s));
    pair.runFor(20s);
    QCOMPARE(pair.caller.session->state(), SessionState::Ringing);
    for (const Signal &signal : pair.callee.signalsSent)
        QCOMPARE(signal.type, Signal::Type::Ack); // no answer, and no candidate that tells where
    pair.callee.session->accept(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isConnected(); }, 5s));
}

void tst_Session::carriesTextBinaryAndEmptyMessages()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "all kinds"});
    const auto now = pair.now();
    for (const MessageKind kind : {MessageKind::Text, MessageKind::Binary}) {
        pair.caller.session->send(now, channel, kind, {});
        pair.caller.session->send(now, channel, kind, peer::asBytes("x"));
    }
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.callee.messages.size() == 4; }, 30s));
    QCOMPARE(pair.callee.messages[0].kind, MessageKind::Text);
    QCOMPARE(pair.callee.messages[0].payload.size(), std::size_t(0));
    QCOMPARE(pair.callee.messages[1].payload.size(), std::size_t(1));
    QCOMPARE(pair.callee.messages[2].kind, MessageKind::Binary);
    QCOMPARE(pair.callee.messages[2].payload.size(), std::size_t(0));
    QCOMPARE(pair.callee.messages[3].kind, MessageKind::Binary);
}

void tst_Session::carriesTheLargestMessageAndRefusesALargerOne()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "large"});
    QVERIFY(connectPair(pair));
    const Bytes largest = pattern(256 * 1024, 7);
    QCOMPARE(pair.caller.session->send(pair.now(), channel, MessageKind::Binary, largest),
             ChannelSendResult::Queued);
    const Bytes tooLarge(256 * 1024 + 1);
    QCOMPARE(pair.caller.session->send(pair.now(), channel, MessageKind::Binary, tooLarge),
             ChannelSendResult::TooLarge);
    pair.drain();
    QVERIFY(pair.runUntil([&] { return pair.callee.messages.size() == 1; }, 30s));
    QVERIFY(pair.callee.messages[0].payload == largest);
}

void tst_Session::deliversEverythingInOrder_data()
{
    QTest::addColumn<int>("delay");
    QTest::addColumn<int>("jitter");
    QTest::addColumn<double>("loss");
    QTest::newRow("clean") << 1 << 0 << 0.0;
    QTest::newRow("10 ms, 2 % lost, reordered") << 10 << 5 << 0.02;
    QTest::newRow("50 ms, 5 % lost") << 50 << 0 << 0.05;
    QTest::newRow("30 ms, 20 % lost, reordered") << 30 << 30 << 0.2;
}

void tst_Session::deliversEverythingInOrder()
{
    QFETCH(int, delay);
    QFETCH(int, jitter);
    QFETCH(double, loss);
    SessionPair::Options options = SessionPair::defaults();
    options.link.delay = std::chrono::milliseconds(delay);
    options.link.jitter = std::chrono::milliseconds(jitter);
    options.link.loss = loss;
    options.link.duplication = loss / 2;
    SessionPair pair(options);
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "file"});
    QVERIFY(connectPair(pair));
    constexpr int Count = 40;
    constexpr std::size_t Size = 10000;
    QVERIFY(transfer(pair, pair.caller, pair.callee, channel, Count, Size, 120s));
    for (int index = 0; index < Count; ++index)
        QVERIFY(pair.callee.messages[std::size_t(index)].payload
                == pattern(Size, std::uint8_t(index)));
}

void tst_Session::opensChannelsFromBothSides()
{
    SessionPair pair(SessionPair::defaults());
    QVERIFY(connectPair(pair));
    for (int index = 0; index < 20; ++index) {
        openChannel(pair, pair.caller, {.label = "caller", .ordered = false});
        openChannel(pair, pair.callee, {.label = "callee", .protocol = "p"});
    }
    QVERIFY(pair.runUntil(
        [&] { return pair.caller.opened.size() == 40 && pair.callee.opened.size() == 40; }, 5s));
    int fromCaller = 0;
    for (const auto &opened : pair.callee.opened) {
        if (!opened.byPeer)
            continue;
        ++fromCaller;
        QCOMPARE(opened.options.label, std::string("caller"));
        QVERIFY(!opened.options.ordered);
    }
    QCOMPARE(fromCaller, 20);
}

void tst_Session::closesAChannelOnBothSides()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "short"});
    QVERIFY(connectPair(pair));
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("last words"));
    pair.caller.session->closeChannel(pair.now(), channel);
    pair.drain();
    QCOMPARE(pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("x")),
             ChannelSendResult::NotOpen);
    QVERIFY(pair.runUntil(
        [&] { return pair.caller.closed.size() == 1 && pair.callee.closed.size() == 1; }, 5s));
    QCOMPARE(pair.callee.messages.size(), std::size_t(1));
    QVERIFY(pair.caller.isConnected());
    // Its number is free again.
    for (int index = 0; index < 5; ++index) {
        const ChannelId next = openChannel(pair, pair.caller, {.label = "next"});
        QVERIFY(transfer(pair, pair.caller, pair.callee, next, 1, 100, 5s));
        const std::size_t closed = pair.callee.closed.size();
        pair.caller.session->closeChannel(pair.now(), next);
        pair.drain();
        QVERIFY(pair.runUntil([&] { return pair.callee.closed.size() == closed + 1; }, 5s));
    }
}

void tst_Session::negotiatedChannelsNeedNoMessage()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelOptions options{.label = "agreed", .negotiatedId = 100};
    const ChannelId mine = openChannel(pair, pair.caller, options);
    const ChannelId theirs = openChannel(pair, pair.callee, options);
    QCOMPARE(openChannel(pair, pair.caller, options), ChannelId::None); // the number is taken
    QVERIFY(connectPair(pair));
    pair.caller.session->send(pair.now(), mine, MessageKind::Text, peer::asBytes("a"));
    pair.callee.session->send(pair.now(), theirs, MessageKind::Text, peer::asBytes("b"));
    pair.drain();
    QVERIFY(pair.runUntil(
        [&] { return pair.caller.messages.size() == 1 && pair.callee.messages.size() == 1; }, 5s));
    QCOMPARE(pair.caller.messages[0].channel, mine);
    QCOMPARE(pair.callee.messages[0].channel, theirs);
    for (const auto &opened : pair.callee.opened)
        QVERIFY(!opened.byPeer);
}

void tst_Session::boundsTheSendBufferAndReportsWhatLeavesIt()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "much"});
    QVERIFY(connectPair(pair));
    std::size_t sent = 0;
    while (pair.caller.session->send(pair.now(), channel, MessageKind::Binary, pattern(65536, 0))
           == ChannelSendResult::Queued)
        ++sent;
    const std::size_t queued = pair.caller.session->bufferedMessages(channel);
    QVERIFY(pair.caller.session->bufferedAmount(channel) <= std::size_t(4 * 1024 * 1024));
    QVERIFY(pair.caller.session->bufferedAmount(channel) > std::size_t(3 * 1024 * 1024));
    pair.drain();
    QVERIFY(pair.runUntil([&] { return pair.callee.messages.size() == sent; }, 60s));
    QCOMPARE(pair.caller.session->bufferedAmount(channel), std::size_t(0));
    QCOMPARE(pair.caller.drainedMessages, queued);
    QCOMPARE(pair.caller.drainedOctets, queued * 65536);
}

void tst_Session::boundsAStalledReaderAndLosesNothing()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "slow reader"});
    QVERIFY(connectPair(pair));
    pair.callee.isStalled = true;
    constexpr int Count = 1000; // 16 MiB
    constexpr std::size_t Size = 16384;
    QVERIFY(!transfer(pair, pair.caller, pair.callee, channel, Count, Size, 30s));
    std::size_t kept = 0;
    for (const auto &message : pair.callee.messages)
        kept += message.payload.size();
    // The channel's read buffer, and what the association had read when it was told to stop.
    QVERIFY2(kept <= std::size_t(5 * 1024 * 1024 + 256 * 1024), qPrintable(QString::number(kept)));
    QVERIFY(kept >= std::size_t(4 * 1024 * 1024 - Size));
    QVERIFY(pair.caller.isConnected());
    QVERIFY(pair.callee.isConnected());

    pair.callee.isStalled = false;
    pair.takeAll(pair.callee);
    // What send() took before the stall, in order and complete.
    const std::size_t buffered = pair.caller.session->bufferedAmount(channel);
    QVERIFY(buffered > 0);
    QVERIFY(pair.runUntil([&] { return pair.caller.session->bufferedAmount(channel) == 0; }, 60s));
    pair.runFor(2s);
    for (std::size_t index = 0; index < pair.callee.messages.size(); ++index)
        QVERIFY(pair.callee.messages[index].payload == pattern(Size, std::uint8_t(index)));
    QCOMPARE(pair.caller.session->statistics().messagesSent,
             std::uint64_t(pair.callee.messages.size()));
}

void tst_Session::closingDeliversWhatWasSent()
{
    SessionPair::Options options = SessionPair::defaults();
    options.link.loss = 0.05;
    options.link.delay = 50ms;
    SessionPair pair(options);
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "goodbye"});
    QVERIFY(connectPair(pair));
    for (int index = 0; index < 50; ++index)
        QCOMPARE(pair.caller.session->send(pair.now(), channel, MessageKind::Binary,
                                           pattern(50000, std::uint8_t(index))),
                 ChannelSendResult::Queued);
    pair.caller.session->close(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 120s));
    QCOMPARE(pair.callee.messages.size(), std::size_t(50));
    QVERIFY(!pair.caller.failure);
    QVERIFY2(!pair.callee.failure, pair.callee.failure ? pair.callee.failure->text.c_str() : "");
}

void tst_Session::closingDeliversToAStalledReader()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "goodbye"});
    QVERIFY(connectPair(pair));
    pair.callee.isStalled = true;
    // More than the reader's buffer, so that some is still in the association when all is
    // acknowledged and the caller leaves.
    constexpr std::size_t Count = 74;
    for (std::size_t index = 0; index < Count; ++index) {
        QVERIFY(pair.runUntil(
            [&] {
                return pair.caller.session->send(pair.now(), channel, MessageKind::Binary,
                                                 pattern(65536, std::uint8_t(index)))
                    == ChannelSendResult::Queued;
            },
            10s));
        pair.drain();
    }
    pair.caller.session->close(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 60s));
    pair.runFor(1s);
    pair.callee.isStalled = false;
    pair.takeAll(pair.callee);
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 60s));
    QCOMPARE(pair.callee.messages.size(), Count);
}

void tst_Session::closingTellsOfWhatIsNotTaken_data()
{
    QTest::addColumn<bool>("isPathDead");
    QTest::newRow("on a path that is dead") << true;
    QTest::newRow("by a reader that takes nothing") << false;
}

void tst_Session::closingTellsOfWhatIsNotTaken()
{
    QFETCH(bool, isPathDead);
    SessionPair pair(SessionPair::defaults());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "goodbye"});
    QVERIFY(connectPair(pair));
    if (isPathDead)
        pair.letsPass = [](bool, ByteView) { return false; };
    pair.callee.isStalled = true;
    while (pair.caller.session->send(pair.now(), channel, MessageKind::Binary, pattern(65536, 1))
           == ChannelSendResult::Queued)
        pair.runFor(10ms);
    pair.caller.session->close(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 600s));
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::PathLost);
    QVERIFY2(pair.caller.failure->text.find("sent last for 20 s") != std::string::npos,
             pair.caller.failure->text.c_str());
}

void tst_Session::closingWhileConnectingDeliversWhatWasSent_data()
{
    QTest::addColumn<bool>("byCaller");
    QTest::addColumn<int>("count");
    QTest::addColumn<int>("size");
    QTest::addColumn<std::chrono::milliseconds>("time");
    for (const bool byCaller : {true, false}) {
        const char *who = byCaller ? "caller" : "callee";
        QTest::addRow("%s, an empty message", who) << byCaller << 1 << 0 << 0ms;
        QTest::addRow("%s, more than is on its way at a time", who)
            << byCaller << 100 << 16384 << 0ms;
        for (auto time = 0ms; time <= 150ms; time += 10ms)
            QTest::addRow("%s, one message, after %d ms", who, int(time.count()))
                << byCaller << 1 << 5 << time;
    }
}

void tst_Session::closingWhileConnectingDeliversWhatWasSent()
{
    QFETCH(bool, byCaller);
    QFETCH(int, count);
    QFETCH(int, size);
    QFETCH(std::chrono::milliseconds, time);
    SessionPair pair(SessionPair::defaults());
    SessionPair::End &from = byCaller ? pair.caller : pair.callee;
    SessionPair::End &to = byCaller ? pair.callee : pair.caller;
    const ChannelId channel = openChannel(pair, from, {.label = "goodbye"});
    pair.dial();
    QVERIFY(pair.runUntil([&] { return from.session->state() == SessionState::Connecting; }, 5s));
    for (int index = 0; index < count; ++index)
        QCOMPARE(from.session->send(pair.now(), channel, MessageKind::Binary,
                                    pattern(std::size_t(size), std::uint8_t(index))),
                 ChannelSendResult::Queued);
    pair.runFor(time);
    const bool wasConnected = from.isConnected();
    from.session->close(pair.now());
    QVERIFY(from.session->state() == SessionState::Closing || wasConnected);
    QVERIFY(pair.runUntil([&] { return from.isClosed() && to.isClosed(); }, 20s));
    QVERIFY(!from.failure);
    QVERIFY(!to.failure);
    QCOMPARE(to.messages.size(), std::size_t(count));
    QCOMPARE(std::count(from.states.begin(), from.states.end(), SessionState::Connected) > 0,
             wasConnected);
}

void tst_Session::closingWhileConnectingWithNothingToSayEndsAtOnce()
{
    SessionPair pair(SessionPair::defaults());
    openChannel(pair, pair.caller, {.label = "unused"});
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.session->state() == SessionState::Connecting; },
                          5s));
    pair.caller.session->close(pair.now());
    QVERIFY(pair.caller.isClosed());
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 5s));
    QVERIFY(pair.callee.failure);
    QCOMPARE(pair.callee.failure->error, SessionError::Cancelled);
}

void tst_Session::closingWhileConnectingFailsWithoutAPath()
{
    SessionPair pair(SessionPair::defaults());
    pair.letsPass = [](bool, ByteView) { return false; };
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "goodbye"});
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("lost"));
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.session->state() == SessionState::Connecting; },
                          5s));
    pair.caller.session->close(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 60s));
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::NoPath);
}

void tst_Session::closingBeforeTheAnswerDropsWhatWasSent()
{
    SessionPair::Options options = SessionPair::defaults();
    options.isAutoAccept = false;
    SessionPair pair(options);
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "goodbye"});
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("unheard"));
    pair.dial();
    QVERIFY(
        pair.runUntil([&] { return pair.caller.session->state() == SessionState::Ringing; }, 5s));
    pair.caller.session->close(pair.now(), Signal::Reason::Cancelled);
    QVERIFY(pair.caller.isClosed());
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 5s));
    QVERIFY(pair.callee.failure);
    QCOMPARE(pair.callee.failure->error, SessionError::Cancelled);
    QVERIFY(pair.callee.messages.empty());
}

void tst_Session::aChannelClosedBeforeTheLinkStandsDeliversWhatWasSent()
{
    SessionPair pair(SessionPair::defaults());
    const ChannelId spoken = openChannel(pair, pair.caller, {.label = "goodbye"});
    const ChannelId silent = openChannel(pair, pair.caller, {.label = "unused"});
    pair.caller.session->send(pair.now(), spoken, MessageKind::Text, peer::asBytes("goodbye"));
    pair.caller.session->closeChannel(pair.now(), spoken);
    pair.caller.session->closeChannel(pair.now(), silent);
    QVERIFY(connectPair(pair));
    QVERIFY(pair.runUntil([&] { return pair.callee.closed.size() == 1; }, 5s));
    QCOMPARE(pair.callee.opened.size(), std::size_t(1));
    QCOMPARE(pair.callee.messages.size(), std::size_t(1));
    QVERIFY(pair.runUntil([&] { return pair.caller.closed.size() == 2; }, 5s));
}

void tst_Session::repeatsTheByeUntilItIsHeardAndRests()
{
    SessionPair pair(SessionPair::defaults());
    QVERIFY(connectPair(pair));
    // The carrier loses the first three, the path all that the caller sends from now on.
    int byes = 0;
    pair.carrier = [&](bool fromCaller, Signal signal) -> std::optional<Signal> {
        const bool isLost = fromCaller && signal.type == Signal::Type::Bye && ++byes <= 3;
        return isLost ? std::nullopt : std::optional(std::move(signal));
    };
    pair.letsPass = [](bool fromCaller, ByteView) { return !fromCaller; };
    pair.caller.session->close(pair.now());
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 11s));
    QVERIFY2(!pair.callee.failure, pair.callee.failure ? pair.callee.failure->text.c_str() : "");
    pair.runFor(15s);
    QCOMPARE(byes, 4);
    QCOMPARE(pair.caller.session->nextDeadline(), peer::Never);
    QCOMPARE(pair.callee.session->nextDeadline(), peer::Never);
}

void tst_Session::restsAfterTheEndThoughNobodyHears()
{
    SessionPair pair(SessionPair::defaults());
    QVERIFY(connectPair(pair));
    pair.carrier = [](bool, const Signal &) { return std::nullopt; };
    int datagrams = 0;
    pair.letsPass = [&](bool fromCaller, ByteView) {
        datagrams += fromCaller ? 1 : 0;
        return false;
    };
    pair.caller.session->close(pair.now());
    pair.drain();
    QVERIFY(pair.caller.isClosed());
    const int farewell = datagrams;
    pair.runFor(30s);
    QCOMPARE(datagrams, farewell);
    QCOMPARE(pair.caller.session->nextDeadline(), peer::Never);
    // The peer finds out by itself.
    pair.runFor(45s);
    QVERIFY(pair.callee.failure);
    QCOMPARE(pair.callee.failure->error, SessionError::PathLost);
}

void tst_Session::rejectedBusyAndCancelledAreDistinct_data()
{
    QTest::addColumn<Signal::Reason>("reason");
    QTest::addColumn<SessionError>("error");
    QTest::newRow("rejected") << Signal::Reason::Rejected << SessionError::Rejected;
    QTest::newRow("busy") << Signal::Reason::Busy << SessionError::Busy;
    QTest::newRow("unanswered") << Signal::Reason::Unanswered << SessionError::Unanswered;
    QTest::newRow("cancelled") << Signal::Reason::Cancelled << SessionError::Cancelled;
    QTest::newRow("failed") << Signal::Reason::Failed << SessionError::PeerFailed;
}

void tst_Session::rejectedBusyAndCancelledAreDistinct()
{
    QFETCH(Signal::Reason, reason);
    QFETCH(SessionError, error);
    SessionPair::Options options = SessionPair::defaults();
    options.isAutoAccept = false;
    SessionPair pair(options);
    pair.dial();
    QVERIFY(
        pair.runUntil([&] { return pair.caller.session->state() == SessionState::Ringing; }, 1s));
    const bool byCaller = reason == Signal::Reason::Cancelled;
    SessionPair::End &leaver = byCaller ? pair.caller : pair.callee;
    SessionPair::End &other = byCaller ? pair.callee : pair.caller;
    leaver.session->close(pair.now(), reason, "because");
    pair.drain();
    QVERIFY(leaver.isClosed());
    QVERIFY(pair.runUntil([&] { return other.isClosed(); }, 5s));
    QVERIFY(other.failure);
    QCOMPARE(other.failure->error, error);
    QCOMPARE(other.failure->text, std::string("because"));
    QVERIFY(!leaver.failure);
}

void tst_Session::refusesAChangedFingerprint()
{
    SessionPair pair(SessionPair::defaults());
    pair.carrier = [](bool fromCaller, Signal signal) {
        if (!fromCaller && signal.type == Signal::Type::Answer) {
            const auto at = signal.sdp.find("a=fingerprint:sha-256 ") + 22;
            signal.sdp[at] = signal.sdp[at] == 'A' ? 'B' : 'A';
        }
        return std::optional(signal);
    };
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "secret"});
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("secret"));
    int datagrams = 0;
    pair.letsPass = [&](bool fromCaller, ByteView) {
        datagrams += fromCaller ? 1 : 0;
        return true;
    };
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 5s));
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::IdentityMismatch);
    QVERIFY(pair.callee.messages.empty());
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 5s)); // it is told
}

void tst_Session::refusesACallerWhoIsNotExpected_data()
{
    QTest::addColumn<bool>("isSigned");
    QTest::addColumn<SessionError>("error");
    QTest::newRow("anonymous") << false << SessionError::IdentityMissing;
    QTest::newRow("somebody else") << true << SessionError::IdentityMismatch;
}

void tst_Session::refusesACallerWhoIsNotExpected()
{
    QFETCH(bool, isSigned);
    QFETCH(SessionError, error);
    SessionPair::Options options = SessionPair::defaults();
    options.callee.expectedPeerIds = {options.callee.identity->id()};
    if (!isSigned)
        options.caller.identity.reset();
    SessionPair pair(options);
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 5s));
    QVERIFY(pair.callee.failure);
    QCOMPARE(pair.callee.failure->error, error);
    // The caller learns that it was refused, not that something broke.
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::Rejected);
}

void tst_Session::detectsAnotherCertificateBehindTheSignedOne()
{
    // The descriptions are not touched, but what answers in their place has another certificate.
    SessionPair::Options options = SessionPair::defaults();
    options.caller.expectedPeerIds.clear();
    options.caller.identity.reset();
    options.callee.identity.reset();
    SessionPair pair(options);
    pair.carrier = [](bool, Signal signal) {
        const auto at = signal.sdp.find("a=fingerprint:sha-256 ");
        if (at != std::string::npos)
            signal.sdp[at + 22] = signal.sdp[at + 22] == 'A' ? 'B' : 'A';
        return std::optional(signal);
    };
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "secret"});
    pair.caller.session->send(pair.now(), channel, MessageKind::Text, peer::asBytes("secret"));
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 35s));
    const bool isNoticed = (pair.caller.failure
                            && pair.caller.failure->error == SessionError::FingerprintMismatch)
        || (pair.callee.failure && pair.callee.failure->error == SessionError::FingerprintMismatch);
    QVERIFY(isNoticed);
    // And the one that has not noticed it is told that it was refused.
    for (const auto *peer : {&pair.caller, &pair.callee})
        QVERIFY(peer->failure->error == SessionError::FingerprintMismatch
                || peer->failure->error == SessionError::Rejected);
    QVERIFY(pair.callee.messages.empty());
}

void tst_Session::noticesADeadPeer()
{
    SessionPair pair(SessionPair::defaults());
    QVERIFY(connectPair(pair));
    pair.runFor(60s); // an idle connection lives
    QVERIFY(pair.caller.isConnected());
    QVERIFY(pair.callee.isConnected());
    pair.letsPass = [](bool fromCaller, ByteView) { return fromCaller; };
    pair.carrier = [](bool, Signal) { return std::optional<Signal>(); };
    pair.caller.session->notePeerGone(pair.now(), true);
    const auto died = pair.now();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 30s));
    QVERIFY(pair.now() - died <= 15s);
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::PathLost);
}

void tst_Session::failsWithoutAPath_data()
{
    QTest::addColumn<peer::PathPolicy>("paths");
    QTest::newRow("all") << peer::PathPolicy::All;
    QTest::newRow("direct") << peer::PathPolicy::Direct;
}

void tst_Session::failsWithoutAPath()
{
    QFETCH(peer::PathPolicy, paths);
    SessionPair::Options options = SessionPair::defaults();
    options.caller.paths = paths;
    SessionPair pair(options);
    pair.letsPass = [](bool, ByteView) { return false; };
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed(); }, 60s));
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::NoPath);
    const std::string &text = pair.caller.failure->text;
    QVERIFY2(text.find("no network path") != std::string::npos, text.c_str());
    QCOMPARE(text.find("paths=direct") != std::string::npos, paths == peer::PathPolicy::Direct);
    QVERIFY(pair.runUntil([&] { return pair.callee.isClosed(); }, 60s));
}

void tst_Session::failsOnAPathThatCarriesNoHandshake()
{
    SessionPair pair(SessionPair::defaults());
    pair.letsPass = [](bool, ByteView datagram) { return isStun(datagram); };
    pair.dial();
    QVERIFY(pair.runUntil([&] { return pair.caller.isClosed() && pair.callee.isClosed(); }, 40s));
    // Whoever waits longest tells the other.
    QVERIFY(!pair.callee.paths.empty());
    QVERIFY(pair.callee.failure);
    QCOMPARE(pair.callee.failure->error, SessionError::HandshakeFailed);
    QVERIFY(pair.caller.failure);
    QCOMPARE(pair.caller.failure->error, SessionError::PeerFailed);
}

void tst_Session::givesAPathThatIsFoundLateTimeForTheHandshake()
{
    SessionPair pair(SessionPair::defaults());
    const peer::TimePoint pathOpens = pair.now() + 20s;
    const peer::TimePoint handshakePasses = pathOpens
        + 15s; // connectTimeout after the answer is over
    pair.letsPass = [&](bool, ByteView datagram) {
        return pair.now() >= (isStun(datagram) ? pathOpens : handshakePasses);
    };
    pair.dial();
    QVERIFY(
        pair.runUntil([&] { return pair.caller.isConnected() && pair.callee.isConnected(); }, 60s));
    QVERIFY(!pair.caller.failure);
    QVERIFY(!pair.callee.failure);
}

void tst_Session::survivesSignalsLostDoubledAndReordered_data()
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 20; ++seed)
        QTest::addRow("seed %d", seed) << seed;
}

void tst_Session::survivesSignalsLostDoubledAndReordered()
{
    QFETCH(int, seed);
    SessionPair::Options options = SessionPair::defaults();
    options.seed = std::uint64_t(seed);
    options.link.seed = std::uint64_t(seed);
    SessionPair pair(options);
    std::mt19937 random{quint32(seed)};
    Signal held[2];
    pair.carrier = [&](bool fromCaller, Signal signal) -> std::optional<Signal> {
        if (random() % 3 == 0)
            return std::nullopt;
        if (random() % 3 == 0)
            std::swap(held[fromCaller], signal); // an older one instead
        return signal;
    };
    QVERIFY(connectPair(pair));
}

void tst_Session::ignoresDatagramsFromStrangers()
{
    SessionPair pair(SessionPair::defaults());
    QVERIFY(connectPair(pair));
    std::mt19937 random{1};
    const peer::Route stranger{peer::TransportId{1},
                               {peer::IpAddress::fromV4(0xC0000201), 5000},
                               {peer::IpAddress::fromV4(0xCB007101), 666}};
    for (int index = 0; index < 2000; ++index) {
        Bytes garbage(random() % 200);
        for (std::uint8_t &octet : garbage)
            octet = std::uint8_t(random());
        if (!garbage.empty() && index % 2 == 0)
            garbage[0] = std::uint8_t(index % 4 == 0 ? 22 : 0);
        pair.caller.session->receive(pair.now(), {stranger, garbage});
        while (const auto transmit = pair.caller.session->nextTransmit())
            QVERIFY(transmit->route.remote != stranger.remote);
    }
    QVERIFY(pair.caller.isConnected());
    const ChannelId channel = openChannel(pair, pair.caller, {.label = "still here"});
    QVERIFY(transfer(pair, pair.caller, pair.callee, channel, 3, 1000, 5s));
}

QTEST_APPLESS_MAIN(tst_Session)

#include "tst_session.moc"
