// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/crc32c.h"
#include "support/sctppair/sctppair.h"

#include <QtTest/qtest.h>

using namespace std::chrono_literals;
using namespace peer::test;
using peer::Bytes;
using peer::sctp::ChunkType;
using peer::sctp::StreamId;
using peer::sctp::Tsn;
using SendResult = peer::sctp::Association::SendResult;

/// How streams are closed and used again (RFC 6525). What else goes on meanwhile is in
/// tst_sctpmixture.
class tst_SctpStreamReset : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resetsStreamsBothWays();
    void resetsManyStreamsAtOnce();
    void resetsAllStreamsTogether();
    void earlyRequestIsCarriedOutBehindItsData();
    void requestDoesNotOvertakeDataOfOtherStreams();
};

void tst_SctpStreamReset::resetsStreamsBothWays()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().send(3, testPayload(0, 5000)), SendResult::Sent);
    pair.a().association->resetStream(VirtualClock::now(), 3);
    pair.a().association->resetStream(VirtualClock::now(), 4);
    QCOMPARE(pair.a().send(3, testPayload(1, 10)), SendResult::Failed);
    pair.a().drain();
    QVERIFY(pair.run(5s, [&] { return pair.a().outgoingResets.size() == 2; }));
    QCOMPARE(pair.b().messages.size(), 1U); // before the reset
    auto resets = pair.b().incomingResets;  // in any order
    std::sort(resets.begin(), resets.end());
    QCOMPARE(resets, (std::vector<StreamId>{3, 4}));
    pair.b().association->resetStream(VirtualClock::now(), 3);
    pair.b().drain();
    QVERIFY(pair.run(5s, [&] { return !pair.b().outgoingResets.empty(); }));
    QCOMPARE(pair.a().incomingResets, (std::vector<StreamId>{3}));
    // and the number is there again
    QCOMPARE(pair.a().send(3, testPayload(2, 10)), SendResult::Sent);
    QCOMPARE(pair.b().send(3, testPayload(3, 10)), SendResult::Sent);
    QVERIFY(
        pair.run(5s, [&] { return pair.b().messages.size() == 2 && !pair.a().messages.empty(); }));
}

void tst_SctpStreamReset::resetsManyStreamsAtOnce()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    conditions.loss = 0.05;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    for (StreamId stream = 0; stream < 1024; ++stream) {
        QCOMPARE(pair.a().send(stream, testPayload(stream, 10)), SendResult::Sent);
        pair.a().association->resetStream(VirtualClock::now(), stream);
        pair.b().association->resetStream(VirtualClock::now(), stream);
        pair.a().drain();
        pair.b().drain();
    }
    pair.run(120s, [&] {
        return pair.a().outgoingResets.size() == 1024 && pair.b().outgoingResets.size() == 1024;
    });
    QCOMPARE(pair.a().outgoingResets.size(), 1024U);
    QCOMPARE(pair.b().outgoingResets.size(), 1024U);
    QCOMPARE(pair.a().incomingResets.size(), 1024U);
    QCOMPARE(pair.b().incomingResets.size(), 1024U);
    QCOMPARE(pair.b().messages.size(), 1024U);
}

void tst_SctpStreamReset::resetsAllStreamsTogether()
{
    // One request for all of them names none (RFC 6525 section 4.1). With two streams, which both
    // sides learn from handshakes that are changed on their way.
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    for (auto &end : pair.ends) {
        end->isToDrop = [&link = end->outgoing](peer::ByteView packet) {
            const auto type = ChunkType(packet[12]);
            if (type != ChunkType::Init && type != ChunkType::InitAck)
                return false;
            Bytes changed = peer::toBytes(packet);
            peer::writeUint16(&changed[24], 2); // outbound streams
            peer::writeUint16(&changed[26], 2); // inbound streams
            peer::sctp::sealPacket(changed);
            link.send(VirtualClock::now(), changed);
            return true;
        };
    }
    QVERIFY(pair.connect());
    QCOMPARE(pair.a().connected->outgoingStreams, 2);
    QCOMPARE(pair.b().connected->outgoingStreams, 2);
    // Lost at first, then acknowledged together.
    conditions.loss = 1;
    pair.a().outgoing.setConditions(conditions);
    for (StreamId stream = 0; stream < 2; ++stream) {
        QCOMPARE(pair.a().send(stream, testPayload(stream, 10)), SendResult::Sent);
        pair.a().association->resetStream(VirtualClock::now(), stream);
        pair.a().drain();
    }
    conditions.loss = 0;
    pair.a().outgoing.setConditions(conditions);
    pair.run(5s);
    QCOMPARE(pair.b().messages.size(), 2U);
    QCOMPARE(pair.b().incomingResets, (std::vector<StreamId>{0, 1}));
    QCOMPARE(pair.a().outgoingResets, (std::vector<StreamId>{0, 1}));
    QCOMPARE(pair.a().send(1, testPayload(0, 10)), SendResult::Sent);
}

void tst_SctpStreamReset::earlyRequestIsCarriedOutBehindItsData()
{
    // As another peer may send it: before what it counts from has arrived. The last of that closes
    // a gap, and nothing comes behind it.
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    Bytes first;
    int packets = 0;
    pair.a().isToDrop = [&](peer::ByteView packet) {
        if (ChunkType(packet[12]) != ChunkType::Data)
            return false;
        if (first.empty())
            first = peer::toBytes(packet);
        return packets++ == 1;
    };
    for (std::uint32_t i = 0; i < 4; ++i)
        QCOMPARE(pair.a().send(1, testPayload(i, 10), {i % 2 == 0, {}, {}}), SendResult::Sent);
    const Tsn firstTsn = peer::readUint32(&first[16]);
    Bytes request = sctpPacket(
        {sctpChunk(ChunkType::ReConfig,
                   sctpParameter(13,
                                 join({uint32(firstTsn), uint32(firstTsn), uint32(firstTsn + 2),
                                       uint16(2), uint16(3)})))});
    std::copy(first.begin(), first.begin() + 8, request.begin());
    peer::sctp::sealPacket(request);
    pair.b().association->receive(VirtualClock::now(), request);
    pair.run(15ms);
    QVERIFY(pair.b().incomingResets.empty());
    QCOMPARE(pair.b().messages.size(), 3U);
    pair.run(2s);
    QCOMPARE(pair.b().incomingResets, (std::vector<StreamId>{2, 3}));
    QCOMPARE(pair.b().messages.size(), 4U);
    QVERIFY(!pair.b().closed);
}

void tst_SctpStreamReset::requestDoesNotOvertakeDataOfOtherStreams()
{
    LossyLink::Conditions conditions;
    conditions.delay = 10ms;
    SctpPair pair(conditions);
    QVERIFY(pair.connect());
    int packets = 0;
    std::optional<Tsn> last;
    Tsn arrived = 0;
    pair.b().tap = [&](peer::ByteView packet) {
        if (ChunkType(packet[12]) == ChunkType::Sack)
            arrived = peer::readUint32(&packet[16]);
    };
    pair.a().tap = [&](peer::ByteView packet) {
        if (ChunkType(packet[12]) == ChunkType::ReConfig)
            last = peer::readUint32(&packet[28]);
    };
    pair.a().isToDrop = [&](peer::ByteView packet) {
        return ChunkType(packet[12]) == ChunkType::Data && packets++ == 3;
    };
    QCOMPARE(pair.a().send(0, testPayload(0, 10)), SendResult::Sent);
    pair.a().association->resetStream(VirtualClock::now(), 0);
    QCOMPARE(pair.a().send(1, testPayload(1, 10000)), SendResult::Sent);
    QVERIFY(pair.run(5s, [&] { return last.has_value(); }));
    QVERIFY(!peer::sctp::isAfter(*last, arrived));
    QVERIFY(pair.run(5s, [&] { return !pair.a().outgoingResets.empty(); }));
    QCOMPARE(pair.b().messages.size(), 2U);
}

QTEST_APPLESS_MAIN(tst_SctpStreamReset)

#include "tst_sctpstreamreset.moc"
