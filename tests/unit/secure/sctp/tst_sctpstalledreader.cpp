// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctptransfer.h"

#include "secure/sctp/crc32c.h"

#include <QtTest/qtest.h>

#include <malloc.h>

using namespace std::chrono_literals;
using peer::Bytes;
using peer::sctp::StreamId;
using peer::test::LossyLink;
using peer::test::numberOf;
using peer::test::SctpPair;
using peer::test::testPayload;
using peer::test::Transfer;
using peer::test::VirtualClock;
using SendResult = peer::sctp::Association::SendResult;

/// An application that does not read: the sender waits, memory is bounded, nothing is lost.
class tst_SctpStalledReader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void stalledReaderHoldsTheSenderBack_data();
    void stalledReaderHoldsTheSenderBack();
    void stalledReaderIsNotFloodedWithSmallMessages();
    void stalledReaderSeesResetAndEnd();
};

void tst_SctpStalledReader::stalledReaderHoldsTheSenderBack_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<double>("loss");

    QTest::newRow("large messages") << 50000 << 0.0;
    QTest::newRow("packets") << 1000 << 0.0;
    QTest::newRow("small messages") << 20 << 0.0;
    QTest::newRow("large messages, loss") << 50000 << 0.05;
}

void tst_SctpStalledReader::stalledReaderHoldsTheSenderBack()
{
    QFETCH(int, size);
    QFETCH(double, loss);
    peer::sctp::Config config;
    config.sendBuffer = config.receiveBuffer = 1 << 20;
    SctpPair pair({10ms, 0ms, loss, 0, 1}, config);
    QVERIFY(pair.connect());
    pair.b().association->setReading(VirtualClock::now(), false);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    Transfer transfer{pair, pair.a(), 1'000'000, std::size_t(size)};
    transfer.run(60s, [] { return false; });
    const std::uint32_t held = transfer.next;
    const std::size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    QVERIFY2(used < (16 << 20), qPrintable(QString::number(used)));
    // Five minutes in which nothing moves: the peer answers, so the association stands.
    transfer.run(300s, [] { return false; });
    QVERIFY(!pair.a().closed && !pair.b().closed);
    QVERIFY(pair.b().messages.empty());
    // … but for small messages, of which one in a round trip creeps through (held + 5 min / 20 ms).
    QVERIFY2(transfer.next <= held + 15000, qPrintable(QString::number(transfer.next)));

    transfer.total = transfer.next;
    pair.b().association->setReading(VirtualClock::now(), true);
    pair.b().drain();
    QVERIFY(transfer.run(120s, [&] { return pair.b().messages.size() == transfer.total; }));
    for (std::uint32_t i = 0; i < transfer.total; ++i)
        QCOMPARE(numberOf(pair.b().messages[i]), i);
}

void tst_SctpStalledReader::stalledReaderIsNotFloodedWithSmallMessages()
{
    // A peer that knows no receive window: sends its messages as packets of its own making.
    SctpPair pair;
    QVERIFY(pair.connect());
    Bytes packet;
    pair.a().tap = [&](peer::ByteView sent) { packet = peer::toBytes(sent); };
    const Bytes octet(1);
    QCOMPARE(pair.a().send(0, octet), SendResult::Sent);
    QVERIFY(pair.run(1s, [&] { return pair.b().messages.size() == 1; }));
    pair.b().association->setReading(VirtualClock::now(), false);

    // DATA of 20 octets with its padding, sixty to a packet
    const std::uint32_t firstTsn = peer::readUint32(packet.data() + 16);
    const std::uint16_t firstSequence = peer::readUint16(packet.data() + 22);
    const Bytes header(packet.begin(), packet.begin() + 12);
    const Bytes chunk(packet.begin() + 12, packet.begin() + 32);
    const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (std::uint32_t next = 1; next < 200'000;) {
        Bytes flood = header;
        for (int i = 0; i < 60; ++i, ++next) {
            flood.insert(flood.end(), chunk.begin(), chunk.end());
            std::uint8_t *last = flood.data() + flood.size() - chunk.size();
            peer::writeUint32(last + 4, firstTsn + next);
            peer::writeUint16(last + 10, static_cast<std::uint16_t>(firstSequence + next));
        }
        peer::sctp::sealPacket(flood);
        pair.b().association->receive(VirtualClock::now(), flood);
        while (pair.b().association->nextTransmit()) { }
    }
    const std::size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    QVERIFY2(used < (64 << 20), qPrintable(QString::number(used)));
    QVERIFY(pair.b().association->statistics().droppedPackets > 2000);
    pair.b().association->setReading(VirtualClock::now(), true);
    pair.b().drain();
    QVERIFY(pair.b().messages.size() > 10000);
    QVERIFY(pair.b().messages.size() <= 65537);
}

void tst_SctpStalledReader::stalledReaderSeesResetAndEnd()
{
    for (const bool isAborted : {false, true}) {
        LossyLink::Conditions conditions;
        conditions.delay = 10ms;
        SctpPair pair(conditions);
        QVERIFY(pair.connect());
        pair.b().association->setReading(VirtualClock::now(), false);
        for (std::uint32_t i = 0; i < 10; ++i)
            QCOMPARE(pair.a().send(0, testPayload(i, 10000)), SendResult::Sent);
        pair.a().association->resetStream(VirtualClock::now(), 0);
        pair.a().drain();
        pair.run(1s);
        QVERIFY(pair.b().messages.empty());
        QVERIFY(!pair.a().outgoingResets.empty());
        if (isAborted) {
            pair.a().association->abort(VirtualClock::now());
            pair.a().drain();
        } else {
            pair.b().association->setReading(VirtualClock::now(), true);
            pair.b().drain();
        }
        pair.run(100ms);
        QCOMPARE(pair.b().messages.size(), 10U);
        QCOMPARE(pair.b().incomingResets, (std::vector<StreamId>{0}));
        QCOMPARE(pair.b().closed.has_value(), isAborted);
    }
}

QTEST_APPLESS_MAIN(tst_SctpStalledReader)

#include "tst_sctpstalledreader.moc"
