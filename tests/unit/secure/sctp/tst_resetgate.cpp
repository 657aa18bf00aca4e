// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/resetgate.h"

#include <QtTest/qtest.h>

using peer::Bytes;
using peer::sctp::ChunkType;
using peer::sctp::ResetGate;
using peer::sctp::Tsn;
using namespace peer::test;

namespace {

Bytes request(Tsn last)
{
    return sctpChunk(ChunkType::ReConfig, resetRequest(last, {1, 2}));
}

Bytes pass(ResetGate &gate, Bytes packet)
{
    return peer::toBytes(gate.pass(packet));
}

/// That has seen the handshake, and the peer's SACK.
ResetGate openGate(Tsn cumulative)
{
    ResetGate gate;
    gate.noteAnswer(sctpPacket({sackChunk(cumulative)}));
    return gate;
}

const Bytes someData = dataChunk(101, 1, 0, 3, {1, 2, 3, 4, 5});

} // namespace

/// When requests to reset streams may go on (RFC 6525), and what becomes of what is with them.
class tst_ResetGate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestWaitsForWhatWasSentBefore_data();
    void requestWaitsForWhatWasSentBefore();
    void knowsTheFirstTsnByTheHandshake_data();
    void knowsTheFirstTsnByTheHandshake();
    void restOfThePacketGoesOn_data();
    void restOfThePacketGoesOn();
    void repetitionTakesThePlaceOfTheFirst();
    void olderSackTakesNothingBack();
    void knowsNothingBeforeTheHandshake();
};

void tst_ResetGate::requestWaitsForWhatWasSentBefore_data()
{
    QTest::addColumn<quint32>("last");
    QTest::addColumn<quint32>("cumulative");
    QTest::addColumn<bool>("mustWait");

    QTest::newRow("all there") << 100U << 100U << false;
    QTest::newRow("more there") << 100U << 200U << false;
    QTest::newRow("one missing") << 101U << 100U << true;
    QTest::newRow("many missing") << 4000U << 100U << true;
    QTest::newRow("all there, behind the wrap") << 3U << 3U << false;
    QTest::newRow("sent before the wrap, more there") << 0xffffffffU << 3U << false;
    QTest::newRow("missing behind the wrap") << 3U << 0xfffffffeU << true;
}

void tst_ResetGate::requestWaitsForWhatWasSentBefore()
{
    QFETCH(quint32, last);
    QFETCH(quint32, cumulative);
    QFETCH(bool, mustWait);
    ResetGate gate = openGate(cumulative);
    const Bytes packet = sctpPacket({request(last)});
    QCOMPARE(pass(gate, packet), mustWait ? Bytes() : packet);
    QVERIFY(!gate.canRelease());
    gate.noteAnswer(sctpPacket({sackChunk(last - 1)}));
    QVERIFY(!gate.canRelease());
    gate.noteAnswer(sctpPacket({sackChunk(last)}));
    QCOMPARE(gate.canRelease(), mustWait);
    if (mustWait)
        QCOMPARE(gate.release(), packet);
    QVERIFY(!gate.canRelease());
}

void tst_ResetGate::knowsTheFirstTsnByTheHandshake_data()
{
    QTest::addColumn<quint8>("type");

    QTest::newRow("INIT") << quint8(ChunkType::Init);
    QTest::newRow("INIT ACK") << quint8(ChunkType::InitAck);
}

void tst_ResetGate::knowsTheFirstTsnByTheHandshake()
{
    QFETCH(quint8, type);
    ResetGate gate;
    const Bytes init = sctpPacket({initChunk(ChunkType(type), 100)});
    QCOMPARE(pass(gate, init), init);
    const Bytes withoutData = sctpPacket({request(99)});
    QCOMPARE(pass(gate, withoutData), withoutData);
    QCOMPARE(pass(gate, sctpPacket({request(100)})), Bytes());
    // A late one tells nothing that is newer than a SACK.
    gate.noteAnswer(sctpPacket({sackChunk(150)}));
    pass(gate, init);
    QCOMPARE(gate.arrived(), Tsn(150));
    QVERIFY(gate.canRelease());
}

void tst_ResetGate::restOfThePacketGoesOn_data()
{
    QTest::addColumn<Bytes>("packet");
    QTest::addColumn<Bytes>("rest");

    const Bytes sack = sackChunk(50);
    QTest::newRow("alone") << sctpPacket({request(200)}) << Bytes();
    QTest::newRow("first") << sctpPacket({request(200), sack, someData})
                           << sctpPacket({sack, someData});
    QTest::newRow("between") << sctpPacket({sack, request(200), someData})
                             << sctpPacket({sack, someData});
    QTest::newRow("last") << sctpPacket({sack, someData, request(200)})
                          << sctpPacket({sack, someData});
    const Bytes response = sctpChunk(ChunkType::ReConfig, resetResponse(1));
    QTest::newRow("with an answer in another chunk")
        << sctpPacket({response, request(200)}) << sctpPacket({response});
    const Bytes both = sctpChunk(ChunkType::ReConfig,
                                 join({resetResponse(1), resetRequest(200, {1})}));
    QTest::newRow("with an answer in its own chunk")
        << sctpPacket({both, sack}) << sctpPacket({sack});
    QTest::newRow("twice") << sctpPacket({request(200), sack, request(200)}) << sctpPacket({sack});
    // A list of one stream needs padding, which is not in the length, and may be missing at the
    // end.
    Bytes parameter = resetRequest(200, {1});
    parameter.resize(parameter.size() - 2);
    const Bytes padded = sctpChunk(ChunkType::ReConfig, parameter);
    QTest::newRow("with padding") << sctpPacket({padded, sack}) << sctpPacket({sack});
    Bytes unpadded = sctpPacket({sack, padded});
    unpadded.resize(unpadded.size() - 2);
    QTest::newRow("without padding") << unpadded << sctpPacket({sack});
}

void tst_ResetGate::restOfThePacketGoesOn()
{
    QFETCH(Bytes, packet);
    QFETCH(Bytes, rest);
    ResetGate gate = openGate(100);
    QCOMPARE(pass(gate, packet), rest);
    gate.noteAnswer(sctpPacket({sackChunk(200)}));
    QVERIFY(gate.canRelease());
    const Bytes released = gate.release();
    QCOMPARE(released.size() % 4, 0U);
    QCOMPARE(ChunkType(released[peer::sctp::CommonHeaderSize]), ChunkType::ReConfig);
    QCOMPARE(pass(gate, released), released);
}

void tst_ResetGate::repetitionTakesThePlaceOfTheFirst()
{
    ResetGate gate = openGate(100);
    for (int i = 0; i < 10; ++i)
        QCOMPARE(pass(gate, sctpPacket({request(200)})), Bytes());
    gate.noteAnswer(sctpPacket({someData, sackChunk(200)}));
    QVERIFY(gate.canRelease());
    QCOMPARE(gate.release(), sctpPacket({request(200)}));
    QVERIFY(!gate.canRelease());
}

void tst_ResetGate::olderSackTakesNothingBack()
{
    ResetGate gate = openGate(100);
    gate.noteAnswer(sctpPacket({sackChunk(90)}));
    QCOMPARE(gate.arrived(), Tsn(100));
}

void tst_ResetGate::knowsNothingBeforeTheHandshake()
{
    ResetGate gate;
    QVERIFY(!gate.arrived());
    const Bytes packet = sctpPacket({request(200)});
    QCOMPARE(pass(gate, packet), packet);
    for (std::size_t size = 0; size < packet.size(); ++size) {
        Bytes part(packet.begin(), packet.begin() + std::ptrdiff_t(size));
        gate.noteAnswer(part);
        gate.pass(part);
    }
    QVERIFY(!gate.canRelease());
}

QTEST_APPLESS_MAIN(tst_ResetGate)

#include "tst_resetgate.moc"
