// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/engine/receivechain.h"
#include "media/engine/vp8header.h"

#include <QtTest/qtest.h>

using namespace peer;
using namespace peer::media;

class tst_Vp8Header : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsTheSizeOfAKeyFrame_data();
    void tellsTheSizeOfAKeyFrame();
};

void tst_Vp8Header::tellsTheSizeOfAKeyFrame_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<bool>("isDecoded");
    QTest::newRow("usual") << QByteArray("500000 9d012a 8002 6801") << 640 << 360 << true;
    QTest::newRow("scaling bits do not count")
        << QByteArray("500000 9d012a 8042 6881") << 640 << 360 << true;
    QTest::newRow("largest") << QByteArray("500000 9d012a ff3f ff3f") << 16383 << 16383 << false;
    QTest::newRow("too wide") << QByteArray("500000 9d012a 8107 3804") << 1921 << 1080 << false;
    QTest::newRow("no key frame") << QByteArray("510000 9d012a ff3f ff3f") << 0 << 0 << true;
    QTest::newRow("no start code") << QByteArray("500000 9d012b ff3f ff3f") << 0 << 0 << true;
    QTest::newRow("cut") << QByteArray("500000 9d012a ff3f ff") << 0 << 0 << true;
    QTest::newRow("empty") << QByteArray() << 0 << 0 << true;
}

void tst_Vp8Header::tellsTheSizeOfAKeyFrame()
{
    QFETCH(QByteArray, frame);
    QFETCH(int, width);
    QFETCH(int, height);
    QFETCH(bool, isDecoded);
    const QByteArray octets = QByteArray::fromHex(frame);
    const Bytes bytes(octets.begin(), octets.end());
    const auto size = vp8KeyFrameSize(bytes);
    QCOMPARE(size ? size->width : 0, width);
    QCOMPARE(size ? size->height : 0, height);
    QCOMPARE(!size || ReceiveChain::takes(*size), isDecoded);
}

QTEST_APPLESS_MAIN(tst_Vp8Header)
#include "tst_vp8header.moc"
