// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "shell/udpsendqueue.h"

#include <QtTest/qtest.h>

#include <vector>

using namespace Qt::StringLiterals;
using namespace peer;

namespace {

Route routeTo(std::uint16_t port)
{
    const IpAddress loopback = IpAddress::fromV4(0x7f000001);
    return {TransportId{1}, {loopback, 1}, {loopback, port}};
}

Bytes numbered(std::size_t number, std::size_t size)
{
    Bytes payload(size, static_cast<std::uint8_t>(number * 7));
    writeUint32(payload.data(), static_cast<std::uint32_t>(number));
    return payload;
}

} // namespace

class tst_UdpSendQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsNeighboursTogether_data();
    void putsNeighboursTogether();
    void putsNothingTogetherUnlessAsked();
    void isBounded();
    void whatIsHalfConsumedKeepsItsOctets();
    void queuesDoNotShareWhatWaits();
};

void tst_UdpSendQueue::putsNeighboursTogether_data()
{
    // "1200x3" three datagrams of 1200 octets, "b" to another route, "s" of another sender.
    QTest::addColumn<QByteArray>("pushed");
    // "2x1200=2400": two segments of 1200 (the last may be shorter), 2400 octets in all.
    QTest::addColumn<QByteArray>("messages");

    const auto row = [](const char *name, const QByteArray &pushed, const QByteArray &messages) {
        QTest::newRow(name) << pushed << messages;
    };
    row("equal ones", "1200x3", "3x1200=3600");
    row("the last one may be shorter", "1200x2 7x1", "3x1200=2407");
    row("nothing after a shorter one", "1200x2 7x2", "3x1200=2407 1x7=7");
    row("nothing longer", "7x1 1200x1", "1x7=7 1x1200=1200");
    row("another route between", "10x1 10x1b 10x1", "1x10=10 1x10=10 1x10=10");
    row("another sender", "10x1 10x1s", "1x10=10 1x10=10");
    row("64 segments", "10x65", "64x10=640 1x10=10");
    row("one IP packet", "2000x33", "32x2000=64000 1x2000=2000");
    row("empty ones stay alone", "0x2 5x1 0x1", "1x0=0 1x0=0 1x5=5 1x0=0");
}

void tst_UdpSendQueue::putsNeighboursTogether()
{
    QFETCH(QByteArray, pushed);
    QFETCH(QByteArray, messages);
    UdpSendQueue queue;
    queue.setCoalescing(true);
    for (QByteArray word : pushed.split(' ')) {
        const Route route = routeTo(word.endsWith('b') ? 3 : 2);
        const SenderId sender{word.endsWith('s') ? 1u : 0u};
        if (word.endsWith('b') || word.endsWith('s'))
            word.chop(1);
        const QList<QByteArray> parts = word.split('x');
        for (int times = 0; times < parts[1].toInt(); ++times)
            queue.push(route, sender, Bytes(parts[0].toUInt()));
    }
    QByteArray text;
    for (const UdpSendQueue::Message &message : queue.messages())
        text += QByteArray::number(qsizetype(message.segments)) + 'x'
            + QByteArray::number(qsizetype(message.segmentSize)) + '='
            + QByteArray::number(qsizetype(message.size)) + ' ';
    QCOMPARE(text.trimmed(), messages);
    queue.consume(queue.messages().size());
    QVERIFY(queue.isEmpty());
}

void tst_UdpSendQueue::putsNothingTogetherUnlessAsked()
{
    UdpSendQueue queue;
    for (int times = 0; times < 3; ++times)
        queue.push(routeTo(2), SenderId::None, Bytes(10));
    QCOMPARE(queue.messages().size(), std::size_t(3));
}

void tst_UdpSendQueue::isBounded()
{
    UdpSendQueue queue;
    queue.setCoalescing(true);
    QVERIFY(!queue.hasRoom(UdpSendQueue::MaxOctets + 1));
    std::size_t octets = 0;
    while (queue.hasRoom(1000)) {
        queue.push(routeTo(2), SenderId::None, Bytes(1000));
        octets += 1000;
    }
    QCOMPARE(octets, UdpSendQueue::MaxOctets / 1000 * 1000);
    queue.consume(queue.messages().size());
    std::size_t messages = 0;
    for (; queue.hasRoom(0); ++messages)
        queue.push(routeTo(2), SenderId::None, {});
    QCOMPARE(messages, UdpSendQueue::MaxMessages);
}

void tst_UdpSendQueue::whatIsHalfConsumedKeepsItsOctets()
{
    UdpSendQueue queue;
    queue.setCoalescing(true);
    const std::size_t first = UdpSendQueue::MaxOctets / 1000;
    for (std::size_t at = 0; at < first; ++at)
        queue.push(routeTo(2), SenderId::None, numbered(at, 1000));
    queue.consume(1);
    queue.consumeSegments(3);
    const std::size_t gone = UdpSendQueue::MaxSegments + 3;
    // What comes now closes the gap.
    std::size_t number = first;
    while (queue.hasRoom(1000))
        queue.push(routeTo(2), SenderId::None, numbered(number++, 1000));
    QVERIFY(number > first + 50);

    std::size_t at = gone;
    for (const UdpSendQueue::Message &message : queue.messages()) {
        ByteView octets = queue.octets(message);
        for (std::size_t segment = 0; segment < message.segments; ++segment, ++at) {
            QVERIFY(toBytes(octets.first(1000)) == numbered(at, 1000));
            octets = octets.subspan(1000);
        }
    }
    QCOMPARE(at, number);
}

void tst_UdpSendQueue::queuesDoNotShareWhatWaits()
{
    UdpSendQueue waiting;
    for (std::size_t round = 0; round < 3; ++round) {
        UdpSendQueue passing;
        passing.push(routeTo(2), SenderId::None, numbered(100, 1000));
        waiting.push(routeTo(2), SenderId::None, numbered(round, 1000));
        passing.consume(1);
        QVERIFY(passing.isEmpty());
        QVERIFY(passing.messages().empty());
        passing.push(routeTo(2), SenderId::None, numbered(101, 1000));
    }
    QCOMPARE(waiting.messages().size(), std::size_t(3));
    for (std::size_t round = 0; round < 3; ++round)
        QVERIFY(toBytes(waiting.octets(waiting.messages()[round])) == numbered(round, 1000));
}

QTEST_APPLESS_MAIN(tst_UdpSendQueue)

#include "tst_udpsendqueue.moc"
