// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/rtpextensions.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

namespace {

Bytes fromHex(const QByteArray &hex)
{
    const QByteArray octets = QByteArray::fromHex(hex);
    return {octets.begin(), octets.end()};
}

QByteArray toHex(ByteView octets)
{
    return QByteArray(reinterpret_cast<const char *>(octets.data()), qsizetype(octets.size()))
        .toHex();
}

} // namespace

class tst_RtpExtensions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void areAdded_data();
    void areAdded();
    void theSequenceNumberIsReadBack_data();
    void theSequenceNumberIsReadBack();
    void malformedPacketsAreRefused_data();
    void malformedPacketsAreRefused();
    void aPacketIsGlancedAt();
    void contributorsAreTakenOut_data();
    void contributorsAreTakenOut();
};

void tst_RtpExtensions::areAdded_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<int>("midId");
    QTest::addColumn<QByteArray>("mid");
    QTest::addColumn<int>("transportId");
    QTest::addColumn<QByteArray>("result");
    const QByteArray fixed = "60000100000002000000030a0b";
    QTest::newRow("both") << "80" + fixed << 1 << QByteArray("0") << 3
                          << "90" + fixed.chopped(4)
            + "bede0002"
              "1030"
              "311234"
              "000000"
              "0a0b";
    QTest::newRow("transport alone") << "80" + fixed << 0 << QByteArray("0") << 3
                                     << "90" + fixed.chopped(4)
            + "bede0001"
              "31123400"
              "0a0b";
    QTest::newRow("MID alone") << "80" + fixed << 14 << QByteArray("vid") << 0
                               << "90" + fixed.chopped(4)
            + "bede0001"
              "e2766964"
              "0a0b";
    QTest::newRow("none") << "80" + fixed << 0 << QByteArray() << 0 << "80" + fixed;
    QTest::newRow("id that has no one-byte form")
        << "80" + fixed << 15 << QByteArray("0") << 0 << "80" + fixed;
    QTest::newRow("MID that is too long")
        << "80" + fixed << 1 << QByteArray(17, 'a') << 0 << "80" + fixed;
    QTest::newRow("contributing source") << "81" + fixed.chopped(4)
            + "00000004"
              "0a0b" << 0 << QByteArray() << 3
                                         << "91" + fixed.chopped(4)
            + "00000004"
              "bede0001"
              "31123400"
              "0a0b";
    QTest::newRow("behind others") << "90" + fixed.chopped(4)
            + "bede0001"
              "50ff0000"
              "0a0b" << 0 << QByteArray()
                                   << 3
                                   << "90" + fixed.chopped(4)
            + "bede0002"
              "50ff0000"
              "31123400"
              "0a0b";
}

void tst_RtpExtensions::areAdded()
{
    QFETCH(QByteArray, packet);
    QFETCH(int, midId);
    QFETCH(QByteArray, mid);
    QFETCH(int, transportId);
    QFETCH(QByteArray, result);
    RtpExtensions extensions;
    if (midId)
        extensions.midId = std::uint8_t(midId);
    extensions.mid = {mid.constData(), std::size_t(mid.size())};
    if (transportId)
        extensions.transportId = std::uint8_t(transportId);
    extensions.transportSequence = 0x1234;
    Bytes written;
    QVERIFY(addExtensions(fromHex(packet), extensions, written));
    QCOMPARE(toHex(written), result);
}

void tst_RtpExtensions::theSequenceNumberIsReadBack_data()
{
    QTest::addColumn<QByteArray>("extensions");
    QTest::addColumn<int>("sequence");
    QTest::newRow("alone") << QByteArray("bede0001"
                                         "31123400")
                           << 0x1234;
    QTest::newRow("behind padding and another") << QByteArray("bede0002"
                                                              "00001030"
                                                              "31123400")
                                                << 0x1234;
    QTest::newRow("not there") << QByteArray("bede0001"
                                             "41123400")
                               << -1;
    QTest::newRow("of another length") << QByteArray("bede0001"
                                                     "32123456")
                                       << -1;
    QTest::newRow("cut off") << QByteArray("bede0001"
                                           "00003112")
                             << -1;
    QTest::newRow("behind the end of the list") << QByteArray("bede0002"
                                                              "f0003112"
                                                              "34000000")
                                                << -1;
    QTest::newRow("two-byte form") << QByteArray("10000001"
                                                 "03021234")
                                   << -1;
}

void tst_RtpExtensions::theSequenceNumberIsReadBack()
{
    QFETCH(QByteArray, extensions);
    QFETCH(int, sequence);
    const auto read = transportSequenceOf(fromHex("9060"
                                                  "0001"
                                                  "00000002"
                                                  "00000003"
                                                  + extensions + "0a"),
                                          3);
    QCOMPARE(read ? int(*read) : -1, sequence);
}

void tst_RtpExtensions::malformedPacketsAreRefused_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("short") << QByteArray("8060000100000002000000");
    QTest::newRow("version 1") << QByteArray("406000010000000200000003");
    QTest::newRow("lacks a contributing source") << QByteArray("816000010000000200000003");
    QTest::newRow("lacks the extension") << QByteArray("906000010000000200000003bede");
    QTest::newRow("extension is cut") << QByteArray("906000010000000200000003bede000131");
}

void tst_RtpExtensions::malformedPacketsAreRefused()
{
    QFETCH(QByteArray, packet);
    Bytes written;
    QVERIFY(!glanceAtRtp(fromHex(packet)));
    QVERIFY(!addExtensions(fromHex(packet), {}, written));
    QVERIFY(!transportSequenceOf(fromHex(packet), 3));
}

void tst_RtpExtensions::aPacketIsGlancedAt()
{
    const auto glance = glanceAtRtp(fromHex("80e0"
                                            "1234"
                                            "00000002"
                                            "56789abc"
                                            "0a"));
    QVERIFY(glance);
    QCOMPARE(glance->payloadType, 96);
    QCOMPARE(glance->sequenceNumber, 0x1234);
    QCOMPARE(glance->ssrc, 0x56789abcU);
}

void tst_RtpExtensions::contributorsAreTakenOut_data()
{
    QTest::addColumn<QByteArray>("packet");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("none") << QByteArray("80601234000000020000000701ff")
                          << QByteArray("80601234000000020000000701ff");
    QTest::newRow("two") << QByteArray("826012340000000200000007aaaaaaaabbbbbbbb01ff")
                         << QByteArray("80601234000000020000000701ff");
    QTest::newRow("one, and extensions and padding")
        << QByteArray("b16012340000000200000007aaaaaaaabede0001300001000101ff01")
        << QByteArray("b06012340000000200000007bede0001300001000101ff01");
    QTest::newRow("fewer than it says")
        << QByteArray("826012340000000200000007aaaaaaaa") << QByteArray();
}

void tst_RtpExtensions::contributorsAreTakenOut()
{
    QFETCH(QByteArray, packet);
    QFETCH(QByteArray, expected);
    QCOMPARE(toHex(withoutContributors(fromHex(packet))), expected);
}

QTEST_APPLESS_MAIN(tst_RtpExtensions)
#include "tst_rtpextensions.moc"
