// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/base/datagramframer.h"

#include <QtTest/qtest.h>

using namespace peer;

namespace {

Bytes fromHex(const QByteArray &digits)
{
    const QByteArray octets = QByteArray::fromHex(digits);
    return {octets.begin(), octets.end()};
}

QByteArrayList datagrams(DatagramFramer &framer)
{
    QByteArrayList all;
    while (const auto datagram = framer.next())
        all << QByteArray(reinterpret_cast<const char *>(datagram->data()),
                          qsizetype(datagram->size()))
                   .toHex();
    return all;
}

} // namespace

class tst_DatagramFramer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamIsCutIntoDatagrams_data();
    void streamIsCutIntoDatagrams();
    void datagramsMayComeOctetByOctet();
    void tooLongAFrameBreaksTheStream_data();
    void tooLongAFrameBreaksTheStream();
    void longestDatagramIsTaken();
    void whatIsWrittenIsRead_data();
    void whatIsWrittenIsRead();
};

void tst_DatagramFramer::streamIsCutIntoDatagrams_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QByteArrayList>("expected");

    QTest::newRow("nothing") << QByteArray() << QByteArrayList();
    QTest::newRow("half a length") << QByteArray("00") << QByteArrayList();
    QTest::newRow("a length alone") << QByteArray("0004") << QByteArrayList();
    QTest::newRow("part of a datagram") << QByteArray("0004616263") << QByteArrayList();
    QTest::newRow("one datagram") << QByteArray("000461626364") << QByteArrayList{"61626364"};
    QTest::newRow("one octet") << QByteArray("000161") << QByteArrayList{"61"};
    QTest::newRow("two and a part of a third")
        << QByteArray("0001610002626300046465") << QByteArrayList{"61", "6263"};
    QTest::newRow("an empty frame alone") << QByteArray("0000") << QByteArrayList();
    QTest::newRow("empty frames between")
        << QByteArray("00000001610000000000016200") << QByteArrayList{"61", "62"};
}

void tst_DatagramFramer::streamIsCutIntoDatagrams()
{
    QFETCH(QByteArray, stream);
    QFETCH(QByteArrayList, expected);
    DatagramFramer framer;
    framer.push(fromHex(stream));
    QCOMPARE(datagrams(framer), expected);
    QVERIFY(!framer.isBroken());
}

void tst_DatagramFramer::datagramsMayComeOctetByOctet()
{
    DatagramFramer framer;
    QByteArrayList all;
    for (const std::uint8_t octet : fromHex("00036162630000000164")) {
        framer.push({&octet, 1});
        all << datagrams(framer);
    }
    QCOMPARE(all, (QByteArrayList{"616263", "64"}));
}

void tst_DatagramFramer::tooLongAFrameBreaksTheStream_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::newRow("one octet more than the bound") << QByteArray("0801");
    QTest::newRow("the longest of RFC 4571") << QByteArray("ffff");
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\n").toHex();
    QTest::newRow("TLS") << QByteArray("160301");
    QTest::newRow("TURN without framing, ChannelData") << QByteArray("40000004");
}

void tst_DatagramFramer::tooLongAFrameBreaksTheStream()
{
    QFETCH(QByteArray, stream);
    DatagramFramer framer;
    framer.push(fromHex("000161" + stream));
    QCOMPARE(datagrams(framer), QByteArrayList{"61"});
    QVERIFY(framer.isBroken());
    framer.push(fromHex("000162"));
    QVERIFY(!framer.next());
}

void tst_DatagramFramer::longestDatagramIsTaken()
{
    Bytes stream(DatagramFramer::HeaderSize + DatagramFramer::MaxDatagram, 7);
    writeUint16(stream.data(), DatagramFramer::MaxDatagram);
    DatagramFramer framer;
    framer.push(stream);
    const auto taken = framer.next();
    QVERIFY(taken);
    QCOMPARE(taken->size(), DatagramFramer::MaxDatagram);
}

void tst_DatagramFramer::whatIsWrittenIsRead_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {1, 255, 256, 1200, 2048})
        QTest::addRow("%d", size) << size;
}

void tst_DatagramFramer::whatIsWrittenIsRead()
{
    QFETCH(int, size);
    const Bytes datagram(static_cast<std::size_t>(size), 0x5A);
    DatagramFramer framer;
    for (int times = 0; times < 2; ++times) {
        framer.push(DatagramFramer::header(datagram.size()));
        framer.push(datagram);
    }
    for (int times = 0; times < 2; ++times) {
        const auto read = framer.next();
        QVERIFY(read);
        QVERIFY(toBytes(*read) == datagram);
    }
    QVERIFY(!framer.next());
}

QTEST_APPLESS_MAIN(tst_DatagramFramer)
#include "tst_datagramframer.moc"
