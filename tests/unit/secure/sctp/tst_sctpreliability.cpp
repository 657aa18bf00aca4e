// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctptransfer.h"

#include "secure/sctp/chunks.h"

#include <QtTest/qtest.h>

#include <set>

using namespace std::chrono_literals;
using peer::Duration;
using peer::TimePoint;
using peer::sctp::ChunkType;
using peer::sctp::Reliability;
using peer::test::isWhole;
using peer::test::LossyLink;
using peer::test::numberOf;
using peer::test::SctpPair;
using peer::test::testPayload;
using peer::test::Transfer;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;

/// What arrives of messages that need not arrive, or not in order, over paths with faults.
class tst_SctpReliability : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unorderedMessagesOvertake();
    void unreliableMessagesAreNotRepeated();
    void largeAbandonedMessagesDoNotHoldTheirStreamUp_data();
    void largeAbandonedMessagesDoNotHoldTheirStreamUp();
    void lostForwardTsnIsRepeated();
    void messagesOutliveTheirLifetimeUnsent();
    void reliableMessagesAreNeverAbandoned();
    void canGoAtAnyMomentOfAnOutage_data();
    void canGoAtAnyMomentOfAnOutage();
};

void tst_SctpReliability::unorderedMessagesOvertake()
{
    SctpPair pair({10ms, 0ms, 0.05, 0, 1});
    QVERIFY(pair.connect());
    Transfer transfer{pair, pair.a(), 1000, 500, 1, {false, {}, {}}};
    QVERIFY(transfer.run(120s, [&] { return pair.b().messages.size() == 1000; }));
    std::set<std::uint32_t> numbers;
    std::uint32_t highest = 0;
    int overtaken = 0;
    for (const auto &message : pair.b().messages) {
        QVERIFY(isWhole(message, 500));
        numbers.insert(numberOf(message));
        overtaken += numberOf(message) < highest;
        highest = std::max(highest, numberOf(message));
    }
    QCOMPARE(numbers.size(), 1000U);
    QVERIFY(overtaken > 10);
}

void tst_SctpReliability::unreliableMessagesAreNotRepeated()
{
    for (const bool ordered : {true, false}) {
        SctpPair pair({10ms, 0ms, 0.1, 0, 1});
        QVERIFY(pair.connect());
        // 3000 octets are three packets: a message arrives whole or not at all.
        Reliability reliability{ordered, std::uint16_t(0), {}};
        for (std::uint32_t i = 0; i < 1000; ++i) {
            QCOMPARE(pair.a().send(0, testPayload(i, 3000), reliability), SendResult::Sent);
            pair.run(20ms);
        }
        QVERIFY(pair.run(10s, [&] { return pair.a().association->bufferedAmount() == 0; }));
        pair.run(1s);
        // 0.9^3 = 729 of 1000
        const std::size_t count = pair.b().messages.size();
        QVERIFY2(count > 650 && count < 800, qPrintable(QString::number(count)));
        std::set<std::uint32_t> numbers;
        std::uint32_t previous = 0;
        for (const auto &message : pair.b().messages) {
            QVERIFY(isWhole(message, 3000));
            QVERIFY(!ordered || numberOf(message) >= previous);
            previous = numberOf(message);
            numbers.insert(previous);
        }
        QCOMPARE(numbers.size(), count);
    }
}

void tst_SctpReliability::largeAbandonedMessagesDoNotHoldTheirStreamUp_data()
{
    QTest::addColumn<bool>("isOrdered");
    QTest::addColumn<bool>("isReading");

    QTest::newRow("ordered") << true << true;
    QTest::newRow("ordered, read late") << true << false;
    QTest::newRow("unordered") << false << true;
    QTest::newRow("unordered, read late") << false << false;
}

void tst_SctpReliability::largeAbandonedMessagesDoNotHoldTheirStreamUp()
{
    // Of 230 fragments each. usrsctp gives out the beginning of such a one before it knows that the
    // rest will not come; then it lacks an end, and the stream has no place for another.
    QFETCH(bool, isOrdered);
    QFETCH(bool, isReading);
    constexpr std::size_t size = 256 * 1024;
    SctpPair pair({10ms, 0ms, 0.005, 0, 1});
    QVERIFY(pair.connect());
    const Reliability reliability{isOrdered, std::uint16_t(0), {}};
    std::uint32_t sent = 0;
    const auto send = [&] {
        QCOMPARE(pair.a().send(0, testPayload(sent++, size), reliability), SendResult::Sent);
        pair.b().association->setReading(VirtualClock::now(), isReading);
        QVERIFY(pair.run(60s, [&] { return pair.a().association->bufferedAmount() == 0; }));
        pair.b().association->setReading(VirtualClock::now(), true);
        pair.b().drain();
        pair.run(100ms);
    };
    while (sent < 30)
        send();
    const std::size_t onLossyPath = pair.b().messages.size();
    QVERIFY2(onLossyPath > 2 && onLossyPath < 20, qPrintable(QString::number(onLossyPath)));
    pair.a().outgoing.setConditions({10ms});
    while (sent < 40)
        send();
    QCOMPARE(pair.b().messages.size(), onLossyPath + 10);
    std::set<std::uint32_t> numbers;
    for (const auto &message : pair.b().messages) {
        QVERIFY(isWhole(message, size));
        QVERIFY(numbers.insert(numberOf(message)).second);
    }
}

void tst_SctpReliability::lostForwardTsnIsRepeated()
{
    // A message of which the path takes a part only, and loses some of it. What its sender gives up
    // ends with a TSN that was never sent: usrsctp tells so, and does not make sure that the peer
    // hears it.
    LossyLink::Conditions conditions;
    conditions.delay = 50ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    int packets = 0;
    int forwards = 0;
    pair.a().isToDrop = [&](peer::ByteView packet) {
        const bool isForward = peer::sctp::ChunkType(packet[12]) == ChunkType::ForwardTsn;
        forwards += isForward;
        return ++packets == 5 || (isForward && forwards <= 2);
    };
    QCOMPARE(pair.a().send(0, testPayload(0, 100'000), {false, {}, 90ms}), SendResult::Sent);
    pair.run(1s);
    QVERIFY(forwards > 0);
    pair.a().association->resetStream(VirtualClock::now(), 0);
    pair.a().drain();
    QVERIFY(pair.run(20s, [&] { return !pair.a().outgoingResets.empty(); }));
    QCOMPARE(forwards, 3);
    QVERIFY(pair.b().messages.empty());
    pair.run(20s);
    QCOMPARE(forwards, 3);
}

void tst_SctpReliability::messagesOutliveTheirLifetimeUnsent()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    const Reliability shortLived{true, {}, 50ms};
    std::uint32_t next = 0;
    const auto sendFor = [&](Duration duration) {
        for (const TimePoint end = VirtualClock::now() + duration; VirtualClock::now() < end;) {
            pair.a().send(0, testPayload(next++, 1000), shortLived);
            pair.run(10ms);
        }
    };
    sendFor(500ms);
    pair.run(100ms);
    QCOMPARE(pair.b().messages.size(), next);
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    sendFor(2s);
    conditions.loss = 0;
    pair.a().outgoing.setConditions(conditions);
    const std::uint32_t firstAfter = next;
    sendFor(4s); // T3-rtx comes after 3 s at the latest
    pair.run(1s);
    QVERIFY(pair.a().association->bufferedAmount() == 0);
    const auto &messages = pair.b().messages;
    QCOMPARE(numberOf(messages.back()), next - 1);
    // What was sent into the outage came to nothing, but for what was sent last.
    const auto late = std::count_if(messages.begin(), messages.end(), [&](const auto &message) {
        return numberOf(message) >= 50 && numberOf(message) < firstAfter - 10;
    });
    QVERIFY2(late < 10, qPrintable(QString::number(late)));
    for (std::size_t i = 1; i < messages.size(); ++i)
        QVERIFY(numberOf(messages[i - 1]) < numberOf(messages[i]));
}

void tst_SctpReliability::reliableMessagesAreNeverAbandoned()
{
    // Inside, they are marked as if they could be.
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    Transfer transfer{pair, pair.a(), 100, 10000};
    transfer.run(60s, [] { return false; });
    conditions.loss = 0.3;
    pair.a().outgoing.setConditions(conditions);
    QVERIFY(transfer.run(300s, [&] { return pair.b().messages.size() == 100; }));
    for (std::uint32_t i = 0; i < 100; ++i)
        QCOMPARE(pair.b().messages[i].payload, testPayload(i, 10000));
}

void tst_SctpReliability::canGoAtAnyMomentOfAnOutage_data()
{
    QTest::addColumn<bool>("isAborted");

    QTest::newRow("destroyed") << false;
    QTest::newRow("aborted and destroyed") << true;
}

void tst_SctpReliability::canGoAtAnyMomentOfAnOutage()
{
    // usrsctp's last words, when its socket goes, come while everything waits that can wait:
    // messages with and without a lifetime, a reset, packets that were not fetched.
    QFETCH(bool, isAborted);
    constexpr Duration steps[] = {0ms, 10ms, 150ms, 500ms, 2s, 6s, 12s};
    for (const Duration outage : steps) {
        SctpPair pair({10ms, 0ms, 0, 0, 1});
        QVERIFY(pair.connect());
        auto &association = *pair.a().association;
        pair.a().send(5, testPayload(0, 100));
        pair.run(100ms);
        pair.a().isToDrop = [](peer::ByteView) { return true; };
        association.resetStream(VirtualClock::now(), 5);
        Transfer lasting{pair, pair.a(), 100'000, 1000, 4};
        lasting.run(0ms, [] { return false; });
        for (std::uint32_t i = 0; i < 100; ++i) {
            const Reliability shortLived{true, {}, 400ms * (i % 3)};
            const auto payload = testPayload(i, 3000);
            association.send(VirtualClock::now(), peer::sctp::StreamId(10 + i % 3),
                             peer::sctp::PayloadProtocol::Binary, shortLived, payload);
        }
        pair.run(outage);
        association.resetPath(VirtualClock::now());
        if (isAborted)
            association.abort(VirtualClock::now());
        pair.a().association.reset();
        VirtualClock::advance(10s);
        pair.b().association->advance(VirtualClock::now());
        pair.b().drain();
    }
}

QTEST_APPLESS_MAIN(tst_SctpReliability)

#include "tst_sctpreliability.moc"
