// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "core/turn/channeldata.h"
#include "core/turn/streamframer.h"

#include <QtTest/QTest>

using namespace peer;
using namespace peer::turn;

namespace {

Bytes fromHex(const char *digits)
{
    const QByteArray octets = QByteArray::fromHex(digits);
    return {octets.begin(), octets.end()};
}

QByteArrayList messages(StreamFramer &framer)
{
    QByteArrayList all;
    while (const auto message = framer.next())
        all << QByteArray(reinterpret_cast<const char *>(message->data()),
                          qsizetype(message->size()))
                   .toHex();
    return all;
}

constexpr char Stun[] = "000100042112a442000102030405060708090a0b80220000";

} // namespace

class tst_StreamFramer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamIsCutIntoMessages_data();
    void streamIsCutIntoMessages();
    void messagesMayComeOctetByOctet();
    void whatIsNoMessageBreaksTheStream_data();
    void whatIsNoMessageBreaksTheStream();
    void longestMessageIsTaken();
    void paddingIsForChannelDataAlone();
    void channelDataIsReadAsItWasWritten();
    void brokenChannelDataIsRefused_data();
    void brokenChannelDataIsRefused();
};

void tst_StreamFramer::streamIsCutIntoMessages_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QByteArrayList>("expected");
    const QByteArray stun = Stun;
    QTest::newRow("nothing") << QByteArray() << QByteArrayList();
    QTest::newRow("one STUN message") << stun << QByteArrayList{stun};
    QTest::newRow("part of a header") << QByteArray("000100") << QByteArrayList();
    QTest::newRow("part of a message") << stun.chopped(2) << QByteArrayList();
    QTest::newRow("ChannelData without padding")
        << QByteArray("4000000461626364") << QByteArrayList{"4000000461626364"};
    QTest::newRow("ChannelData with padding")
        << QByteArray("4000000561626364650000004fff000141000000")
        << QByteArrayList{"400000056162636465", "4fff000141"};
    QTest::newRow("padding that is not zero") << QByteArray("4000000141ffffff4000000142") + "ffffff"
                                              << QByteArrayList{"4000000141", "4000000142"};
    QTest::newRow("padding that has not come yet")
        << QByteArray("40000001410000") << QByteArrayList();
    QTest::newRow("empty ChannelData") << QByteArray("40010000") << QByteArrayList{"40010000"};
    QTest::newRow("both kinds") << stun + "4000000461626364" + stun
                                << QByteArrayList{stun, "4000000461626364", stun};
}

void tst_StreamFramer::streamIsCutIntoMessages()
{
    QFETCH(QByteArray, stream);
    QFETCH(QByteArrayList, expected);
    StreamFramer framer;
    framer.push(fromHex(stream.constData()));
    QCOMPARE(messages(framer), expected);
    QVERIFY(!framer.isBroken());
}

void tst_StreamFramer::messagesMayComeOctetByOctet()
{
    StreamFramer framer;
    QByteArrayList all;
    const Bytes octets = fromHex((QByteArray(Stun) + "400000024142ffff" + Stun).constData());
    for (const std::uint8_t octet : octets) {
        framer.push({&octet, 1});
        all << messages(framer);
    }
    QCOMPARE(all, (QByteArrayList{Stun, "400000024142", Stun}));
}

void tst_StreamFramer::whatIsNoMessageBreaksTheStream_data()
{
    QTest::addColumn<QByteArray>("stream");
    QTest::newRow("HTTP") << QByteArray("HTTP/1.1 400 Bad Request\r\n").toHex();
    QTest::newRow("TLS") << QByteArray("16030100");
    QTest::newRow("a channel of RFC 5766 alone") << QByteArray("5000000461626364");
    QTest::newRow("RTP") << QByteArray("80600001");
    QTest::newRow("STUN of 64 KiB") << QByteArray("0001fffc");
    QTest::newRow("ChannelData of 64 KiB") << QByteArray("4000ffff");
    QTest::newRow("ChannelData one octet too long") << QByteArray("400007fd");
}

void tst_StreamFramer::whatIsNoMessageBreaksTheStream()
{
    QFETCH(QByteArray, stream);
    StreamFramer framer;
    framer.push(fromHex((QByteArray(Stun) + stream).constData()));
    QCOMPARE(messages(framer), QByteArrayList{Stun});
    QVERIFY(framer.isBroken());
    framer.push(fromHex(Stun));
    QVERIFY(!framer.next());
}

void tst_StreamFramer::longestMessageIsTaken()
{
    Bytes message(StreamFramer::MaxMessage);
    message[0] = 0x40;
    writeUint16(&message[2], StreamFramer::MaxMessage - 4);
    StreamFramer framer;
    framer.push(message);
    const auto taken = framer.next();
    QVERIFY(taken);
    QCOMPARE(taken->size(), message.size());
}

void tst_StreamFramer::paddingIsForChannelDataAlone()
{
    QCOMPARE(StreamFramer::padding(0x40, 4), std::size_t(0));
    QCOMPARE(StreamFramer::padding(0x40, 5), std::size_t(3));
    QCOMPARE(StreamFramer::padding(0x4F, 7), std::size_t(1));
    QCOMPARE(StreamFramer::padding(0x00, 21), std::size_t(0));
}

void tst_StreamFramer::channelDataIsReadAsItWasWritten()
{
    std::array<std::uint8_t, 16> room{};
    const ByteView message = writeChannelData(room, 0x4ABC, asBytes("hello"));
    QCOMPARE(message.size(), std::size_t(9));
    const auto read = ChannelData::parse(message);
    QVERIFY(read);
    QCOMPARE(read->channel, ChannelNumber(0x4ABC));
    QCOMPARE(asText(read->payload), std::string_view("hello"));
    QVERIFY(writeChannelData(MutableByteView(room).first(8), 0x4000, asBytes("hello")).empty());
}

void tst_StreamFramer::brokenChannelDataIsRefused_data()
{
    QTest::addColumn<QByteArray>("octets");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("half a header") << QByteArray("4000");
    QTest::newRow("shorter than it says") << QByteArray("40000005") + "41424344";
    QTest::newRow("another first octet") << QByteArray("3fff0000");
    QTest::newRow("another first octet above") << QByteArray("50000000");
}

void tst_StreamFramer::brokenChannelDataIsRefused()
{
    QFETCH(QByteArray, octets);
    QVERIFY(!ChannelData::parse(fromHex(octets.constData())));
}

QTEST_APPLESS_MAIN(tst_StreamFramer)
#include "tst_streamframer.moc"
