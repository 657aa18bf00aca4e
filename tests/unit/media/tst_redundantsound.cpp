// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/congestion/redundantsound.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

namespace {

constexpr std::uint8_t Opus = 111;
constexpr std::uint8_t Red = 63;
constexpr std::uint32_t Step = 960;

Bytes sound(std::uint16_t number, std::size_t size = 2, std::uint32_t step = Step)
{
    Bytes packet(12 + size, static_cast<std::uint8_t>(number));
    packet[0] = 0x80;
    packet[1] = Opus;
    writeUint16(&packet[2], number);
    writeUint32(&packet[4], number * step);
    writeUint32(&packet[8], 7);
    return packet;
}

/// The packet after those before it, or nothing if it leaves as it is.
Bytes after(int before, int copies, std::size_t size = 2, std::uint32_t step = Step)
{
    RedundantSound redundancy(Red);
    Bytes result;
    for (int number = 1; number <= before; ++number)
        redundancy.repeat(sound(std::uint16_t(number), size, step), copies, result);
    const bool isRepeated = redundancy.repeat(sound(std::uint16_t(before + 1), size, step), copies,
                                              result);
    return isRepeated ? result : Bytes();
}

Bytes hex(const char *text)
{
    const QByteArray octets = QByteArray::fromHex(text);
    return Bytes(octets.begin(), octets.end());
}

} // namespace

class tst_RedundantSound : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thereIsNothingToRepeatAtFirst();
    void aCopyIsOfTheSecondPacketBefore();
    void theSecondCopyIsOfTheFourth();
    void whatIsForgottenIsNotRepeated();
    void theMarkerStays();
    void whatCannotBeWrittenIsNotRepeated_data();
    void whatCannotBeWrittenIsNotRepeated();
    void whatIsNoPlainPacketLeavesAsItIs();
};

void tst_RedundantSound::thereIsNothingToRepeatAtFirst()
{
    QVERIFY(after(0, 2).empty());
    QVERIFY(after(1, 2).empty());
    QVERIFY(after(10, 0).empty());
}

void tst_RedundantSound::aCopyIsOfTheSecondPacketBefore()
{
    // 1920 ticks ago, of two octets.
    const Bytes expected = hex("803f0003"
                               "00000b40"
                               "00000007"
                               "ef1e0002"
                               "6f"
                               "0101"
                               "0303");
    QCOMPARE(after(2, 1), expected);
    QCOMPARE(after(2, 2), expected); // there is no fourth yet
}

void tst_RedundantSound::theSecondCopyIsOfTheFourth()
{
    QCOMPARE(after(4, 2),
             hex("803f0005"
                 "000012c0"
                 "00000007"
                 "ef3c0002"
                 "ef1e0002"
                 "6f"
                 "0101"
                 "0303"
                 "0505"));
    QCOMPARE(after(9, 2).size(), after(4, 2).size());
}

void tst_RedundantSound::whatIsForgottenIsNotRepeated()
{
    RedundantSound redundancy(Red);
    Bytes result;
    for (std::uint16_t number = 1; number < 6; ++number)
        redundancy.repeat(sound(number), 2, result);
    redundancy.forget();
    QVERIFY(!redundancy.repeat(sound(6), 2, result));
    QVERIFY(!redundancy.repeat(sound(7), 2, result));
    QVERIFY(redundancy.repeat(sound(8), 2, result));
    QCOMPARE(result.size(), 12 + 4 + 1 + 2 + 2U);
}

void tst_RedundantSound::theMarkerStays()
{
    RedundantSound redundancy(Red);
    Bytes result;
    redundancy.repeat(sound(1), 1, result);
    redundancy.repeat(sound(2), 1, result);
    Bytes packet = sound(3);
    packet[1] |= 0x80;
    QVERIFY(redundancy.repeat(packet, 1, result));
    QCOMPARE(result[1], 0x80 | Red);
    QCOMPARE(result[16], Opus);
}

void tst_RedundantSound::whatCannotBeWrittenIsNotRepeated_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<quint32>("step");
    QTest::addColumn<int>("copies"); // that there are
    QTest::newRow("fits") << 300 << Step << 2;
    QTest::newRow("no room for both") << 400 << Step << 1;
    QTest::newRow("no room") << 600 << Step << 0;
    QTest::newRow("longer than ten bits tell") << 1024 << Step << 0;
    QTest::newRow("as long ago as can be said") << 2 << 4095U << 2;
    QTest::newRow("longer ago") << 2 << 4096U << 1;
    QTest::newRow("long ago") << 2 << 8192U << 0;
    QTest::newRow("at the same time") << 2 << 0U << 0;
    QTest::newRow("from the future") << 2 << 0xffffff00U << 0;
}

void tst_RedundantSound::whatCannotBeWrittenIsNotRepeated()
{
    QFETCH(int, size);
    QFETCH(quint32, step);
    QFETCH(int, copies);
    const Bytes packet = after(6, 2, std::size_t(size), step);
    QCOMPARE(packet.size(), copies == 0 ? 0U : std::size_t(13 + size + copies * (4 + size)));
}

void tst_RedundantSound::whatIsNoPlainPacketLeavesAsItIs()
{
    RedundantSound redundancy(Red);
    Bytes result;
    for (std::uint16_t number = 1; number < 6; ++number)
        redundancy.repeat(sound(number), 2, result);
    Bytes extended = sound(6);
    extended[0] |= 0x10;
    QVERIFY(!redundancy.repeat(extended, 2, result));
    QVERIFY(!redundancy.repeat(sound(6, 0), 2, result));
    QVERIFY(!redundancy.repeat(ByteView(sound(6)).first(5), 2, result));
    QVERIFY(!redundancy.repeat({}, 2, result));
}

QTEST_APPLESS_MAIN(tst_RedundantSound)

#include "tst_redundantsound.moc"
