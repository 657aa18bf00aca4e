// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "secure/sctp/crc32c.h"

#include <QtTest/qtest.h>

#include <algorithm>
#include <numeric>

using namespace Qt::StringLiterals;
using peer::Bytes;
using peer::ByteView;

class tst_Crc32c : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasThePublishedValues_data();
    void hasThePublishedValues();
    void bothWaysAgree();
    void seesEveryFlippedBit();
    void refusesShortPackets();
};

void tst_Crc32c::hasThePublishedValues_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::addColumn<quint32>("checksum");

    // RFC 3720 section B.4, whose octets are in the order of the wire
    QByteArray ascending(32, 0);
    std::iota(ascending.begin(), ascending.end(), 0);
    QByteArray descending = ascending;
    std::reverse(descending.begin(), descending.end());
    QTest::newRow("32 zeros") << QByteArray(32, 0) << 0x8a9136aaU;
    QTest::newRow("32 times ff") << QByteArray(32, '\xff') << 0x62a8ab43U;
    QTest::newRow("ascending") << ascending << 0x46dd794eU;
    QTest::newRow("descending") << descending << 0x113fdb5cU;
    QTest::newRow("nine digits") << "123456789"_ba << 0xe3069283U;
    QTest::newRow("nothing") << ""_ba << 0U;
}

void tst_Crc32c::hasThePublishedValues()
{
    QFETCH(QByteArray, octets);
    QFETCH(quint32, checksum);
    const Bytes bytes(octets.begin(), octets.end());
    QCOMPARE(peer::sctp::crc32c(bytes), checksum);
    QCOMPARE(peer::sctp::crc32cByTable(bytes), checksum);
}

void tst_Crc32c::bothWaysAgree()
{
    Bytes octets(300);
    std::uint32_t value = 1;
    for (std::uint8_t &octet : octets)
        octet = static_cast<std::uint8_t>((value = value * 1664525 + 1013904223) >> 24);
    for (std::size_t start = 0; start < 9; ++start) {
        for (std::size_t size = 0; start + size <= octets.size(); ++size) {
            const ByteView part = ByteView(octets).subspan(start, size);
            QCOMPARE(peer::sctp::crc32c(part), peer::sctp::crc32cByTable(part));
        }
    }
}

void tst_Crc32c::seesEveryFlippedBit()
{
    Bytes packet(41);
    std::iota(packet.begin(), packet.end(), std::uint8_t(3));
    peer::sctp::sealPacket(packet);
    QVERIFY(peer::sctp::isIntact(packet));
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
        packet[bit / 8] ^= std::uint8_t(1 << bit % 8);
        QVERIFY(!peer::sctp::isIntact(packet));
        packet[bit / 8] ^= std::uint8_t(1 << bit % 8);
    }
}

void tst_Crc32c::refusesShortPackets()
{
    for (std::size_t size = 0; size < 20; ++size) {
        Bytes packet(size);
        if (size >= 12)
            peer::sctp::sealPacket(packet);
        QCOMPARE(peer::sctp::isIntact(packet), size >= 16);
    }
}

QTEST_APPLESS_MAIN(tst_Crc32c)

#include "tst_crc32c.moc"
