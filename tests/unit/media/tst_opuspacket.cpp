// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/opuspacket.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

class tst_OpusPacket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isWellFormed_data();
    void isWellFormed();
};

void tst_OpusPacket::isWellFormed_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<int>("frames"); // octets behind it
    QTest::addColumn<bool>("expected");
    QTest::newRow("R1: nothing") << QByteArray() << 0 << false;
    QTest::newRow("one frame") << QByteArray("78") << 100 << true;
    QTest::newRow("one frame of nothing") << QByteArray("78") << 0 << true;
    QTest::newRow("R2: largest frame") << QByteArray("78") << 1275 << true;
    QTest::newRow("R2: too large a frame") << QByteArray("78") << 1276 << false;
    QTest::newRow("R2: two largest frames") << QByteArray("79") << 2550 << true;
    QTest::newRow("R2: two frames too large") << QByteArray("79") << 2552 << false;
    QTest::newRow("R3: two frames of one size") << QByteArray("79") << 6 << true;
    QTest::newRow("R3: two frames of nothing") << QByteArray("79") << 0 << true;
    QTest::newRow("R3: an octet is over") << QByteArray("79") << 7 << false;
    QTest::newRow("R4: two sizes") << QByteArray("7a 05") << 9 << true;
    QTest::newRow("R4: the second is empty") << QByteArray("7a 05") << 5 << true;
    QTest::newRow("R4: the first is too large") << QByteArray("7a 05") << 4 << false;
    QTest::newRow("R4: no size") << QByteArray("7a") << 0 << false;
    QTest::newRow("R4: half a size") << QByteArray("7a fc") << 0 << false;
    QTest::newRow("R4: a size of two octets") << QByteArray("7a fc01") << 256 << true;
    QTest::newRow("R4: too large by one") << QByteArray("7a fc01") << 255 << false;
    QTest::newRow("R4: largest size") << QByteArray("7a ffff") << 1275 << true;
    QTest::newRow("R2: the second is too large") << QByteArray("7a 00") << 1276 << false;
    QTest::newRow("R5: no count") << QByteArray("7b") << 0 << false;
    QTest::newRow("R5: no frames") << QByteArray("7b 00") << 0 << false;
    QTest::newRow("R5: 120 ms of 20 ms") << QByteArray("7b 06") << 12 << true;
    QTest::newRow("R5: 140 ms of 20 ms") << QByteArray("7b 07") << 14 << false;
    QTest::newRow("R5: 120 ms of 60 ms") << QByteArray("1b 02") << 2 << true;
    QTest::newRow("R5: 180 ms of 60 ms") << QByteArray("1b 03") << 3 << false;
    QTest::newRow("R5: 120 ms of 10 ms, hybrid") << QByteArray("63 0c") << 12 << true;
    QTest::newRow("R5: 130 ms of 10 ms, hybrid") << QByteArray("63 0d") << 13 << false;
    QTest::newRow("R5: 120 ms of 2.5 ms") << QByteArray("83 30") << 48 << true;
    QTest::newRow("R5: 122.5 ms of 2.5 ms") << QByteArray("83 31") << 49 << false;
    QTest::newRow("R6: three of one size") << QByteArray("7b 03") << 9 << true;
    QTest::newRow("R6: no multiple") << QByteArray("7b 03") << 10 << false;
    QTest::newRow("R6: padding") << QByteArray("7b 43 02") << 11 << true;
    QTest::newRow("R6: padding alone") << QByteArray("7b 43 02") << 2 << true;
    QTest::newRow("R6: more padding than there is") << QByteArray("7b 43 02") << 1 << false;
    QTest::newRow("R6: padding without its size") << QByteArray("7b 43") << 0 << false;
    QTest::newRow("R6: long padding") << QByteArray("7b 43 ff01") << 258 << true;
    QTest::newRow("R6: long padding that is not there") << QByteArray("7b 43 ff01") << 254 << false;
    QTest::newRow("R6: endless padding") << QByteArray("7b 43 ffff") << 0 << false;
    QTest::newRow("R7: two sizes and the rest") << QByteArray("7b 83 0203") << 9 << true;
    QTest::newRow("R7: the last is empty") << QByteArray("7b 83 0203") << 5 << true;
    QTest::newRow("R7: less than the sizes") << QByteArray("7b 83 0203") << 4 << false;
    QTest::newRow("R7: no sizes") << QByteArray("7b 83 02") << 0 << false;
    QTest::newRow("R7: padding besides") << QByteArray("7b c3 01 0203") << 6 << true;
    QTest::newRow("R7: padding that is a frame's") << QByteArray("7b c3 01 0203") << 5 << false;
    QTest::newRow("R7: sizes within the padding") << QByteArray("7b c3 02 0000") << 0 << false;
    QTest::newRow("R2: the last of many is too large") << QByteArray("7b 82 00") << 1276 << false;
    QTest::newRow("R5: a header of a file's")
        << QByteArray::fromRawData("OpusHead", 8).toHex() << 11 << false;
}

void tst_OpusPacket::isWellFormed()
{
    QFETCH(QByteArray, head);
    QFETCH(int, frames);
    QFETCH(bool, expected);
    const QByteArray octets = QByteArray::fromHex(head) + QByteArray(frames, '\x55');
    QCOMPARE(isOpusPacket(Bytes(octets.begin(), octets.end())), expected);
}

QTEST_APPLESS_MAIN(tst_OpusPacket)
#include "tst_opuspacket.moc"
