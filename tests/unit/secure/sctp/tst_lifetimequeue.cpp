// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/lifetimequeue.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using peer::Bytes;
using peer::Never;
using peer::TimePoint;
using peer::sctp::LifetimeQueue;
using peer::sctp::PayloadProtocol;

namespace {

constexpr TimePoint Start{std::chrono::hours(1)};

LifetimeQueue::Held message(std::uint8_t number, TimePoint deadline)
{
    return {PayloadProtocol::Binary, {}, deadline, Bytes(10, number)};
}

} // namespace

class tst_LifetimeQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void messagesWaitForTheOneBefore();
    void expiredMessagesAreDropped();
    void reliableMessagesWaitBehindTheOthers();
    void abandonedMessageBlocksForAWhileOnly();
    void streamsDoNotWaitForEachOther();
    void allCanBeTaken();
};

void tst_LifetimeQueue::messagesWaitForTheOneBefore()
{
    LifetimeQueue queue;
    QVERIFY(!queue.mustWait(1, Start));
    queue.noteHandedOver(1, Start + 50ms);
    QVERIFY(queue.mustWait(1, Start));
    queue.hold(1, message(1, Start + 60ms));
    queue.hold(1, message(2, Start + 70ms));
    QCOMPARE(queue.count(), 2U);
    QCOMPARE(queue.octets(), 20U);
    QVERIFY(!queue.takeReady(Start));
    queue.noteSentOut(1);
    const auto first = queue.takeReady(Start + 1ms);
    QVERIFY(first);
    QCOMPARE(first->stream, 1);
    QCOMPARE(first->message.payload[0], std::uint8_t(1));
    QVERIFY(!queue.takeReady(Start + 1ms)); // the first is in usrsctp
    queue.noteSentOut(1);
    QVERIFY(queue.takeReady(Start + 2ms));
    QVERIFY(queue.isEmpty());
    QVERIFY(queue.mustWait(1, Start + 2ms));
    queue.noteSentOut(1);
    QVERIFY(!queue.mustWait(1, Start + 2ms));
}

void tst_LifetimeQueue::expiredMessagesAreDropped()
{
    LifetimeQueue queue;
    queue.noteHandedOver(1, Start + 50ms);
    queue.hold(1, message(1, Start + 50ms));
    queue.hold(1, message(2, Start + 150ms));
    QVERIFY(!queue.takeReady(Start + 50ms));
    QCOMPARE(queue.count(), 1U);
    queue.noteSentOut(1);
    QVERIFY(!queue.takeReady(Start + 150ms));
    QVERIFY(queue.isEmpty());
    QCOMPARE(queue.octets(), 0U);
}

void tst_LifetimeQueue::reliableMessagesWaitBehindTheOthers()
{
    LifetimeQueue queue;
    queue.noteHandedOver(1, Start + 50ms);
    queue.hold(1, message(1, Never));
    queue.hold(1, message(2, Never));
    QVERIFY(!queue.takeReady(Start));
    queue.noteSentOut(1);
    QVERIFY(queue.takeReady(Start + 24h));
    QVERIFY(queue.takeReady(Start + 24h)); // a reliable one is not waited for
}

void tst_LifetimeQueue::abandonedMessageBlocksForAWhileOnly()
{
    LifetimeQueue queue;
    queue.noteHandedOver(1, Start + 50ms);
    queue.hold(1, message(1, Start + 1h));
    QVERIFY(!queue.takeReady(Start + 3s));
    QVERIFY(queue.takeReady(Start + 3s + 50ms));
}

void tst_LifetimeQueue::streamsDoNotWaitForEachOther()
{
    LifetimeQueue queue;
    queue.noteHandedOver(1, Start + 50ms);
    queue.noteHandedOver(2, Start + 50ms);
    queue.hold(1, message(1, Start + 1s));
    queue.hold(2, message(2, Start + 1s));
    queue.noteSentOut(2);
    const auto ready = queue.takeReady(Start);
    QVERIFY(ready);
    QCOMPARE(ready->stream, 2);
    QVERIFY(!queue.takeReady(Start));
    queue.noteSentOut(3); // of which nobody has heard
}

void tst_LifetimeQueue::allCanBeTaken()
{
    LifetimeQueue queue;
    queue.noteHandedOver(1, Start + 50ms);
    queue.hold(1, message(1, Start + 1s));
    queue.hold(1, message(2, Never));
    queue.hold(2, message(3, Never));
    QCOMPARE(queue.takeAll(1).size(), 2U);
    QCOMPARE(queue.takeAll(1).size(), 0U);
    QCOMPARE(queue.count(), 1U);
    QCOMPARE(queue.octets(), 10U);
    QVERIFY(!queue.mustWait(1, Start));
}

QTEST_APPLESS_MAIN(tst_LifetimeQueue)

#include "tst_lifetimequeue.moc"
