// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/transmitqueue.h"

#include <QtTest/qtest.h>

using namespace peer;

namespace {

Route numbered(std::uint16_t port)
{
    return {TransportId{1}, {}, {IpAddress::fromV4(0xC0000201), port}};
}

} // namespace

class tst_TransmitQueue : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesWhatItTookInOrder();
    void holdsAFewDatagrams();
    void takesNoDatagramThatIsTooLong();
};

void tst_TransmitQueue::givesWhatItTookInOrder()
{
    TransmitQueue queue(3);
    QVERIFY(queue.push(numbered(1), asBytes("first")));
    const MutableByteView room = queue.reserve();
    room[0] = 'x';
    queue.commit(numbered(2), 1);
    const Transmit first = queue.pop();
    QCOMPARE(first.route, numbered(1));
    QCOMPARE(asText(first.payload), std::string_view("first"));
    const Transmit second = queue.pop();
    QCOMPARE(second.route, numbered(2));
    QCOMPARE(asText(second.payload), std::string_view("x"));
    QVERIFY(queue.isEmpty());
}

void tst_TransmitQueue::holdsAFewDatagrams()
{
    constexpr std::uint16_t Capacity = 5;
    TransmitQueue queue(Capacity);
    for (std::uint16_t port = 1; port <= Capacity; ++port)
        QVERIFY(queue.push(numbered(port), asBytes("x")));
    QVERIFY(queue.isFull());
    QVERIFY(!queue.push(numbered(Capacity + 1), asBytes("x")));
    QVERIFY(queue.reserve().empty());
    QCOMPARE(queue.size(), std::size_t(Capacity));
    // Those that came first stay, and one that goes makes room.
    QCOMPARE(queue.pop().route, numbered(1));
    QVERIFY(queue.push(numbered(Capacity + 1), asBytes("x")));
    QVERIFY(!queue.push(numbered(Capacity + 2), asBytes("x")));
}

void tst_TransmitQueue::takesNoDatagramThatIsTooLong()
{
    TransmitQueue queue(2);
    QVERIFY(queue.push(numbered(1), Bytes(TransmitQueue::SlotSize)));
    QVERIFY(!queue.push(numbered(1), Bytes(TransmitQueue::SlotSize + 1)));
    QCOMPARE(queue.size(), std::size_t(1));
}

QTEST_APPLESS_MAIN(tst_TransmitQueue)
#include "tst_transmitqueue.moc"
