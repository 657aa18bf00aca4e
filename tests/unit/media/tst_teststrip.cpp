// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/teststrip.h"
#include "pictures.h"

#include <QtTest/qtest.h>

#include <algorithm>

using namespace peer::media;
using peer::test::OwnedPicture;

namespace {

constexpr StripContent Sample = {0xbeef, 0x12345678, 0x9abcdef0};

/// Every pixel is the mean of the four that it covers, as a scaler would do.
OwnedPicture halved(const OwnedPicture &large)
{
    OwnedPicture small(large.view().width / 2, large.view().height / 2);
    for (int y = 0; y < small.view().height; ++y) {
        const std::uint8_t *upper = large.view().y.line(2 * y);
        const std::uint8_t *lower = large.view().y.line(2 * y + 1);
        for (int x = 0; x < small.view().width; ++x) {
            small.picture().y.line(y)[x] = std::uint8_t(
                (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) / 4);
        }
    }
    return small;
}

} // namespace

class tst_TestStrip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadBack_data();
    void isReadBack();
    void isReadFromAPictureOfHalfTheSize();
    void survivesNoise();
    void consecutiveFramesDifferInOneBlockOfTheirNumber();
    void isNotFoundWhereThereIsNone_data();
    void isNotFoundWhereThereIsNone();
    void aBlockThatHasFlippedIsNoticed();
    void refusesPicturesThatAreTooSmall_data();
    void refusesPicturesThatAreTooSmall();
    void staysWithinThePicture();
};

void tst_TestStrip::isReadBack_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::addColumn<quint16>("sender");
    QTest::addColumn<quint32>("frame");
    QTest::addColumn<quint32>("paintedAt");
    QTest::newRow("usual size") << 640 << 360 << quint16(7) << 1U << 33U;
    QTest::newRow("small") << 320 << 180 << quint16(7) << 1U << 33U;
    QTest::newRow("smallest") << 64 << 36 << quint16(0x5555) << 0xaaaaaaaaU << 0x55555555U;
    QTest::newRow("odd") << 641 << 363 << quint16(1) << 2U << 3U;
    QTest::newRow("high") << 360 << 640 << quint16(1) << 2U << 3U;
    QTest::newRow("zeros") << 640 << 360 << quint16(0) << 0U << 0U;
    QTest::newRow("ones") << 640 << 360 << quint16(0xffff) << 0xffffffffU << 0xffffffffU;
}

void tst_TestStrip::isReadBack()
{
    QFETCH(int, width);
    QFETCH(int, height);
    QFETCH(quint16, sender);
    QFETCH(quint32, frame);
    QFETCH(quint32, paintedAt);
    const OwnedPicture picture(width, height);
    const StripContent content = {sender, frame, paintedAt};
    QVERIFY(TestStrip::write(picture.picture(), content));
    QVERIFY(TestStrip::read(picture.view()) == content);
}

void tst_TestStrip::isReadFromAPictureOfHalfTheSize()
{
    const OwnedPicture picture(640, 360);
    QVERIFY(TestStrip::write(picture.picture(), Sample));
    QVERIFY(TestStrip::read(halved(picture).view()) == Sample);
    QVERIFY(TestStrip::read(halved(halved(picture)).view()) == Sample);
}

void tst_TestStrip::survivesNoise()
{
    const OwnedPicture picture(640, 360);
    QVERIFY(TestStrip::write(picture.picture(), Sample));
    std::uint32_t noise = 1;
    for (int y = 0; y < 360; ++y) {
        for (int x = 0; x < 640; ++x) {
            noise = noise * 1664525 + 1013904223;
            std::uint8_t &pixel = picture.picture().y.line(y)[x];
            pixel = std::uint8_t(std::clamp(pixel + int(noise >> 24) - 128, 0, 255));
        }
    }
    QVERIFY(TestStrip::read(picture.view()) == Sample);
}

void tst_TestStrip::consecutiveFramesDifferInOneBlockOfTheirNumber()
{
    for (std::uint32_t frame : {0U, 1U, 7U, 255U, 0x7fffffffU, 0xffffffffU}) {
        const OwnedPicture one(64, 36);
        const OwnedPicture other(64, 36);
        TestStrip::write(one.picture(), {1, frame, 0});
        TestStrip::write(other.picture(), {1, frame + 1, 0});
        const Rectangle area = TestStrip::area(64, 36);
        int different = 0;
        for (int x = 0; x < 64; x += 2) {
            const int y = area.y + area.height / 2;
            different += one.view().y.line(y)[x] != other.view().y.line(y)[x];
        }
        QCOMPARE(different, 1);
    }
}

void tst_TestStrip::isNotFoundWhereThereIsNone_data()
{
    QTest::addColumn<int>("luma");
    QTest::newRow("black") << int(Black);
    QTest::newRow("white") << int(White);
    QTest::newRow("grey") << 126;
}

void tst_TestStrip::isNotFoundWhereThereIsNone()
{
    QFETCH(int, luma);
    const OwnedPicture picture(640, 360);
    for (int y = 0; y < 360; ++y)
        std::fill_n(picture.picture().y.line(y), 640, std::uint8_t(luma));
    QVERIFY(!TestStrip::read(picture.view()));
}

void tst_TestStrip::aBlockThatHasFlippedIsNoticed()
{
    const Rectangle area = TestStrip::area(640, 360);
    for (int block = 0; block < TestStrip::Rows * TestStrip::Columns; ++block) {
        const OwnedPicture picture(640, 360);
        QVERIFY(TestStrip::write(picture.picture(), Sample));
        const int left = block % TestStrip::Columns * 20;
        const int top = area.y + block / TestStrip::Columns * 20;
        for (int y = top; y < top + 20; ++y) {
            for (int x = left; x < left + 20; ++x)
                picture.picture().y.line(y)[x] = std::uint8_t(251 - picture.view().y.line(y)[x]);
        }
        QVERIFY(!TestStrip::read(picture.view()));
    }
}

void tst_TestStrip::refusesPicturesThatAreTooSmall_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("nothing") << 0 << 0;
    QTest::newRow("narrow") << 63 << 36;
    QTest::newRow("low") << 64 << 35;
}

void tst_TestStrip::refusesPicturesThatAreTooSmall()
{
    QFETCH(int, width);
    QFETCH(int, height);
    const OwnedPicture picture(width, height);
    QVERIFY(!TestStrip::write(picture.picture(), Sample));
    QVERIFY(!TestStrip::read(picture.view()));
}

void tst_TestStrip::staysWithinThePicture()
{
    const OwnedPicture picture(641, 361);
    QVERIFY(TestStrip::write(picture.picture(), Sample));
    for (int y = 0; y < 361; ++y) {
        for (int x = 641; x < 641 + OwnedPicture::Slack; ++x)
            QCOMPARE(picture.view().y.line(y)[x], NoColour);
    }
}

QTEST_APPLESS_MAIN(tst_TestStrip)
#include "tst_teststrip.moc"
