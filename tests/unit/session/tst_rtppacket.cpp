// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "rtppackets.h"
#include "session/rtp/rtppacket.h"

#include <QtTest/qtest.h>

using namespace peer;
using peer::test::rtpPacket;

namespace {

Bytes fromHex(const QByteArray &hex)
{
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

QByteArray toText(ByteView octets)
{
    return QByteArray(reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size()));
}

} // namespace

class tst_RtpPacket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheFixedHeader();
    void passesOverContributingSourcesAndPadding();
    void findsExtensions_data();
    void findsExtensions();
    void refusesMalformedPackets_data();
    void refusesMalformedPackets();
    void tellsRtcpByItsSecondOctet();
};

void tst_RtpPacket::readsTheFixedHeader()
{
    const Bytes packet = fromHex("80ef1234deadbeefcafebabe0102030405");
    const auto header = rtp::parseHeader(packet);
    QVERIFY(header);
    QVERIFY(header->marker);
    QCOMPARE(header->payloadType, 0x6f);
    QCOMPARE(header->sequenceNumber, 0x1234);
    QCOMPARE(header->timestamp, 0xdeadbeef);
    QCOMPARE(header->ssrc, 0xcafebabe);
    QVERIFY(header->extensions.empty());
    QCOMPARE(toText(header->payload), QByteArray("\1\2\3\4\5"));
}

void tst_RtpPacket::passesOverContributingSourcesAndPadding()
{
    const Bytes packet = fromHex("a26f0001000000020000000311111111222222220102000003");
    const auto header = rtp::parseHeader(packet);
    QVERIFY(header);
    QCOMPARE(toText(header->payload), QByteArray("\1\2"));
}

void tst_RtpPacket::findsExtensions_data()
{
    QTest::addColumn<QByteArray>("profileAndData");
    QTest::addColumn<int>("id");
    QTest::addColumn<bool>("isFound");
    QTest::addColumn<QByteArray>("data");
    QTest::newRow("one octet, the first") << QByteArray("bede0002"
                                                        "3061"
                                                        "5162"
                                                        "63000000")
                                          << 3 << true << QByteArray("a");
    QTest::newRow("one octet, the second") << QByteArray("bede0002"
                                                         "3061"
                                                         "5162"
                                                         "63000000")
                                           << 5 << true << QByteArray("bc");
    QTest::newRow("one octet, behind padding") << QByteArray("bede0001"
                                                             "0000"
                                                             "3061")
                                               << 3 << true << QByteArray("a");
    QTest::newRow("one octet, not there") << QByteArray("bede0001"
                                                        "30610000")
                                          << 4 << false << QByteArray();
    QTest::newRow("id 15 ends them") << QByteArray("bede0002"
                                                   "f0613062"
                                                   "00000000")
                                     << 3 << false << QByteArray();
    QTest::newRow("two octets") << QByteArray("10000002"
                                              "03016110"
                                              "02626300")
                                << 16 << true << QByteArray("bc");
    QTest::newRow("two octets, without data") << QByteArray("10070001"
                                                            "03000000")
                                              << 3 << true << QByteArray();
    QTest::newRow("longer than what is there") << QByteArray("bede0001"
                                                             "3f616263")
                                               << 3 << false << QByteArray();
    QTest::newRow("two octets, cut") << QByteArray("10000001"
                                                   "00000003")
                                     << 3 << false << QByteArray();
    QTest::newRow("another profile") << QByteArray("abcd0001"
                                                   "30610000")
                                     << 3 << false << QByteArray();
    QTest::newRow("id 0 is padding") << QByteArray("bede0001"
                                                   "00000000")
                                     << 0 << false << QByteArray();
}

void tst_RtpPacket::findsExtensions()
{
    QFETCH(const QByteArray, profileAndData);
    QFETCH(const int, id);
    QFETCH(const bool, isFound);
    QFETCH(const QByteArray, data);
    const Bytes packet = fromHex("906f00010000000200000003" + profileAndData + "99");
    const auto header = rtp::parseHeader(packet);
    QVERIFY(header);
    QCOMPARE(toText(header->payload), QByteArray("\x99"));
    const auto extension = header->extension(std::uint16_t(id));
    QCOMPARE(extension.has_value(), isFound);
    if (isFound)
        QCOMPARE(toText(*extension), data);
}

void tst_RtpPacket::refusesMalformedPackets_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("cut header") << QByteArray("806f0001000000020000000");
    QTest::newRow("version 1") << QByteArray("406f00010000000200000003");
    QTest::newRow("contributing sources beyond the end") << QByteArray("816f00010000000200000003");
    QTest::newRow("cut extension header") << QByteArray("906f00010000000200000003bede");
    QTest::newRow("extension beyond the end") << QByteArray("906f00010000000200000003bede000100");
    QTest::newRow("no padding though it says so") << QByteArray("a06f00010000000200000003");
    QTest::newRow("padding of nothing") << QByteArray("a06f000100000002000000030100");
    QTest::newRow("padding beyond the payload") << QByteArray("a06f000100000002000000030103");
}

void tst_RtpPacket::refusesMalformedPackets()
{
    QFETCH(const QByteArray, packet);
    QVERIFY(!rtp::parseHeader(fromHex(packet)));
}

void tst_RtpPacket::tellsRtcpByItsSecondOctet()
{
    for (int second = 0; second < 256; ++second) {
        const Bytes packet{0x80, std::uint8_t(second)};
        QCOMPARE(rtp::isRtcp(packet), second >= 192 && second <= 223);
    }
    QVERIFY(!rtp::isRtcp(Bytes{0x80}));
}

QTEST_APPLESS_MAIN(tst_RtpPacket)

#include "tst_rtppacket.moc"
