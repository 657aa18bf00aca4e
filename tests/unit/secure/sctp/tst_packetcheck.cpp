// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "sctpchunks.h"
#include "secure/sctp/packetcheck.h"

#include <QtTest/qtest.h>

#include <vector>

using namespace peer::test;
using peer::Bytes;
using peer::sctp::ChunkType;
using peer::sctp::isAcceptable;

namespace {

const Bytes payload{1, 2, 3, 4, 5};
const Bytes cookie = sctpParameter(7, Bytes(200, 0xaa));
/// Supported extensions (RFC 5061 section 4.2.7): an odd number of octets, then padding.
const Bytes extensions = sctpParameter(0x8008, {130, 192, 64});
const Bytes forwardTsnSupported = sctpParameter(0xc000);
const Bytes heartbeatInfo = sctpParameter(1, Bytes(40, 0xbb));

/// With another length than it has.
Bytes withLength(Bytes chunkOrParameter, std::uint16_t length)
{
    peer::writeUint16(chunkOrParameter.data() + 2, length);
    return chunkOrParameter;
}

Bytes without(Bytes octets, std::size_t count)
{
    octets.resize(octets.size() - count);
    return octets;
}

Bytes data()
{
    return dataChunk(1, 0, 0, 3, payload);
}

Bytes reConfig(const Bytes &parameters)
{
    return sctpChunk(ChunkType::ReConfig, parameters);
}

/// One packet of each kind that a data channel's peer sends.
std::vector<Bytes> everydayPackets()
{
    return {
        sctpPacket({initChunk(ChunkType::Init, 1, join({extensions, forwardTsnSupported}))}),
        sctpPacket({initChunk(ChunkType::InitAck, 1, join({extensions, cookie}))}),
        sctpPacket({sctpChunk(ChunkType::CookieEcho, Bytes(100)), data(), data()}),
        sctpPacket({sackChunk(1, 1, 1, join({uint16(2), uint16(3), uint32(1)})), data()}),
        sctpPacket({sctpChunk(ChunkType::Heartbeat, heartbeatInfo)}),
        sctpPacket({reConfig(join({resetResponse(1), resetRequest(1, {1, 2, 3})})), sackChunk(1)}),
        sctpPacket({sctpChunk(ChunkType::ForwardTsn, join({uint32(9), uint16(1), uint16(2)}))}),
        sctpPacket({sctpChunk(ChunkType::Abort, sctpParameter(12, {'b', 'y', 'e'}))}),
    };
}

} // namespace

/// What may be given to usrsctp and what not.
class tst_PacketCheck : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesWhatPeersSend_data();
    void takesWhatPeersSend();
    void refusesWhatUsrsctpDoesNotSurvive_data();
    void refusesWhatUsrsctpDoesNotSurvive();
    void refusesPacketsThatAreCutOff();
    void lastPaddingMayBeMissing();
    void noOctetOfALengthIsTrusted();
    void refusesInitOnAnAssociationThatStands();
};

void tst_PacketCheck::takesWhatPeersSend_data()
{
    QTest::addColumn<Bytes>("packet");

    const auto row = [](const char *name, std::initializer_list<Bytes> chunks) {
        QTest::newRow(name) << sctpPacket(chunks);
    };
    row("DATA", {data()});
    row("DATA of one octet", {dataChunk(1, 0, 0, 3, {1})});
    row("many DATA", {data(), data(), data()});
    row("INIT without parameters", {initChunk(ChunkType::Init, 1)});
    row("INIT", {initChunk(ChunkType::Init, 1, join({extensions, forwardTsnSupported}))});
    row("INIT ACK", {initChunk(ChunkType::InitAck, 1, join({extensions, cookie}))});
    row("COOKIE ECHO with DATA", {sctpChunk(ChunkType::CookieEcho, Bytes(99)), data()});
    row("COOKIE ACK", {sctpChunk(ChunkType::CookieAck)});
    row("SACK", {sackChunk(1)});
    row("SACK with gaps and duplicates", {sackChunk(1, 2, 1, Bytes(12))});
    row("HEARTBEAT", {sctpChunk(ChunkType::Heartbeat, heartbeatInfo)});
    row("HEARTBEAT ACK", {sctpChunk(ChunkType::HeartbeatAck, heartbeatInfo)});
    row("ABORT without a cause", {sctpChunk(ChunkType::Abort)});
    row("ABORT with causes",
        {sctpChunk(ChunkType::Abort, join({sctpParameter(13, {'?'}), sctpParameter(12)}))});
    row("ERROR", {sctpChunk(ChunkType::Error, sctpParameter(1, uint32(7)))});
    row("SHUTDOWN", {sctpChunk(ChunkType::Shutdown, uint32(1))});
    row("SHUTDOWN ACK", {sctpChunk(ChunkType::ShutdownAck)});
    row("SHUTDOWN COMPLETE", {sctpChunk(ChunkType::ShutdownComplete, {}, 1)});
    row("RE-CONFIG request", {reConfig(resetRequest(1, {1}))});
    row("RE-CONFIG for all streams", {reConfig(resetRequest(1, {}))});
    row("RE-CONFIG response and request",
        {reConfig(join({resetResponse(1), resetRequest(1, {1, 2})}))});
    row("FORWARD TSN", {forwardTsnChunk(9)});
    row("FORWARD TSN with streams",
        {sctpChunk(ChunkType::ForwardTsn, join({uint32(9), Bytes(8)})), data()});
    row("PAD", {data(), sctpChunk(ChunkType::Pad, Bytes(7))});
    row("unknown chunk", {sctpChunk(ChunkType(0x3f), Bytes(3)), data()});
    row("unknown chunk that asks for nothing", {sctpChunk(ChunkType(0xbf)), data()});
    row("unknown parameter", {initChunk(ChunkType::InitAck, 1, sctpParameter(0xffff, {1}))});
}

void tst_PacketCheck::takesWhatPeersSend()
{
    QFETCH(Bytes, packet);
    QVERIFY(isAcceptable(packet, false));
    const auto type = ChunkType(packet[peer::sctp::CommonHeaderSize]);
    QCOMPARE(isAcceptable(packet, true), type != ChunkType::Init);
}

void tst_PacketCheck::refusesWhatUsrsctpDoesNotSurvive_data()
{
    QTest::addColumn<Bytes>("packet");

    const auto row = [](const char *name, std::initializer_list<Bytes> chunks) {
        QTest::newRow(name) << sctpPacket(chunks);
    };
    row("no chunk", {});
    row("chunk without a length", {withLength(data(), 0)});
    row("chunk shorter than its header", {data(), withLength(data(), 3)});
    row("chunk that reaches beyond the packet", {withLength(data(), 25)});
    row("half a chunk header behind the last", {data(), {0, 3}});
    row("DATA without data", {dataChunk(1, 0, 0, 3, {})});
    row("DATA shorter than its fields", {data(), withLength(data(), 15)});
    row("INIT shorter than its fields", {without(initChunk(ChunkType::Init, 1), 4)});
    // These keep usrsctp 0.9.5 busy for good.
    row("INIT with a parameter without a length",
        {initChunk(ChunkType::Init, 1, withLength(forwardTsnSupported, 0))});
    row("INIT with a parameter that is too short",
        {initChunk(ChunkType::Init, 1, join({withLength(forwardTsnSupported, 3), extensions}))});
    row("INIT ACK with a parameter without a length",
        {initChunk(ChunkType::InitAck, 1, join({withLength(extensions, 0), cookie}))});
    row("INIT with a parameter that reaches beyond it",
        {initChunk(ChunkType::Init, 1, withLength(cookie, 205)), data()});
    row("INIT with half a parameter header",
        {withLength(initChunk(ChunkType::Init, 1, uint32(0xc0000000)), 22)});
    row("SACK shorter than its fields", {withLength(sackChunk(1), 12), data()});
    row("SACK that lacks a gap", {sackChunk(1, 2, 0, Bytes(4))});
    row("SACK that lacks a duplicate", {sackChunk(1, 1, 0xffff, Bytes(4))});
    row("SACK with more than it says", {sackChunk(1, 0, 0, Bytes(4))});
    row("HEARTBEAT with information without a length",
        {sctpChunk(ChunkType::Heartbeat, withLength(heartbeatInfo, 0))});
    row("HEARTBEAT ACK with information beyond it",
        {sctpChunk(ChunkType::HeartbeatAck, withLength(heartbeatInfo, 48))});
    row("ABORT with a cause without a length",
        {sctpChunk(ChunkType::Abort, withLength(sctpParameter(12), 0))});
    row("ERROR with a cause beyond it",
        {sctpChunk(ChunkType::Error, withLength(sctpParameter(1, uint32(7)), 9)), data()});
    row("SHUTDOWN without a TSN", {sctpChunk(ChunkType::Shutdown)});
    row("SHUTDOWN with more than a TSN", {sctpChunk(ChunkType::Shutdown, Bytes(8))});
    row("RE-CONFIG with a parameter without a length",
        {reConfig(withLength(resetRequest(1, {1, 2}), 0))});
    row("RE-CONFIG with a second parameter beyond it",
        {reConfig(join({resetResponse(1), withLength(resetRequest(1, {1, 2}), 24)})), data()});
    row("FORWARD TSN without a TSN", {sctpChunk(ChunkType::ForwardTsn)});
    row("FORWARD TSN with half a stream",
        {withLength(sctpChunk(ChunkType::ForwardTsn, Bytes(8)), 10)});
    // Extensions that we do not offer
    row("ECN-Echo", {sctpChunk(ChunkType::EcnEcho, uint32(1))});
    row("CWR", {sctpChunk(ChunkType::Cwr, uint32(1))});
    row("AUTH", {sctpChunk(ChunkType::Authentication, Bytes(24))});
    row("NR-SACK", {sctpChunk(ChunkType::NrSack, Bytes(16))});
    row("I-DATA", {sctpChunk(ChunkType::IData, Bytes(20), 3)});
    row("I-FORWARD-TSN", {sctpChunk(ChunkType::IForwardTsn, uint32(9))});
    row("ASCONF", {sctpChunk(ChunkType::Asconf, Bytes(20))});
    row("ASCONF-ACK", {sctpChunk(ChunkType::AsconfAck, uint32(1))});
    row("PKTDROP behind DATA", {data(), sctpChunk(ChunkType::PacketDropped, Bytes(12))});
}

void tst_PacketCheck::refusesWhatUsrsctpDoesNotSurvive()
{
    QFETCH(Bytes, packet);
    QVERIFY(!isAcceptable(packet, false));
    QVERIFY(!isAcceptable(packet, true));
}

void tst_PacketCheck::refusesPacketsThatAreCutOff()
{
    for (const Bytes &packet : everydayPackets()) {
        QVERIFY(isAcceptable(packet, false));
        // Where a chunk ends, or its padding begins, it is whole.
        std::vector<bool> isWhole(packet.size());
        std::size_t at = peer::sctp::CommonHeaderSize;
        while (const std::size_t size = peer::sctp::chunkSize(packet, at)) {
            for (std::size_t end = at + size; end <= at + peer::sctp::padded(size); ++end) {
                if (end < packet.size())
                    isWhole[end] = true;
            }
            at += peer::sctp::padded(size);
        }
        for (std::size_t size = 0; size < packet.size(); ++size) {
            const Bytes part = without(packet, packet.size() - size);
            QCOMPARE(isAcceptable(part, false), bool(isWhole[size]));
        }
    }
}

void tst_PacketCheck::lastPaddingMayBeMissing()
{
    const Bytes packet = sctpPacket({data()}); // 5 octets, 3 of padding
    for (std::size_t count = 0; count <= 3; ++count)
        QVERIFY(isAcceptable(without(packet, count), true));
    QVERIFY(!isAcceptable(without(packet, 4), true));
    // In a list too, where its length does not count it.
    const Bytes unpadded = without(extensions, 1);
    QVERIFY(isAcceptable(sctpPacket({initChunk(ChunkType::Init, 1, unpadded)}), false));
    QVERIFY(
        !isAcceptable(sctpPacket({initChunk(ChunkType::Init, 1, without(unpadded, 1))}), false));
}

void tst_PacketCheck::noOctetOfALengthIsTrusted()
{
    // Whatever an octet is changed to, the judgement ends and reads nothing outside.
    for (const Bytes &packet : everydayPackets()) {
        for (std::size_t at = 0; at < packet.size(); ++at) {
            for (int value = 0; value < 256; ++value) {
                Bytes changed(packet);
                changed[at] = static_cast<std::uint8_t>(value);
                changed.shrink_to_fit();
                isAcceptable(changed, true);
            }
        }
    }
}

void tst_PacketCheck::refusesInitOnAnAssociationThatStands()
{
    const Bytes init = initChunk(ChunkType::Init, 1, extensions);
    QVERIFY(isAcceptable(sctpPacket({init}), false));
    QVERIFY(!isAcceptable(sctpPacket({init}), true));
    QVERIFY(!isAcceptable(sctpPacket({data(), init}), true));
    QVERIFY(isAcceptable(sctpPacket({initChunk(ChunkType::InitAck, 1, cookie)}), true));
}

QTEST_APPLESS_MAIN(tst_PacketCheck)

#include "tst_packetcheck.moc"
