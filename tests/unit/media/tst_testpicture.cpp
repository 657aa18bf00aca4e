// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/pattern/glyphs.h"
#include "media/pattern/testpicture.h"
#include "pictures.h"

#include <QtTest/qtest.h>

#include <set>

using namespace peer::media;
using peer::test::OwnedPicture;

class tst_TestPicture : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesTheStrip_data();
    void carriesTheStrip();
    void showsNameAndClock();
    void movesFromFrameToFrame();
    void sendersHaveColoursOfTheirOwn();
    void everyCharacterOfANameHasAGlyphOfItsOwn();
    void writesNothingOutsideThePicture();
};

void tst_TestPicture::carriesTheStrip_data()
{
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("usual size") << 640 << 360;
    QTest::newRow("small") << 320 << 180;
    QTest::newRow("large") << 1280 << 720;
    QTest::newRow("odd") << 101 << 77;
}

void tst_TestPicture::carriesTheStrip()
{
    QFETCH(int, width);
    QFETCH(int, height);
    const OwnedPicture picture(width, height);
    TestPicture(3, "alice").paint(picture.picture(), 1000, 33333, "12:34:56");
    QVERIFY(TestStrip::read(picture.view()) == (StripContent{3, 1000, 33333}));
}

void tst_TestPicture::showsNameAndClock()
{
    const OwnedPicture one(640, 360);
    const OwnedPicture other(640, 360);
    const OwnedPicture later(640, 360);
    TestPicture(3, "alice").paint(one.picture(), 1, 1, "12:34:56");
    TestPicture(3, "bob").paint(other.picture(), 1, 1, "12:34:56");
    TestPicture(3, "alice").paint(later.picture(), 1, 1, "12:34:57");
    QVERIFY(one.octets() != other.octets());
    QVERIFY(one.octets() != later.octets());
}

void tst_TestPicture::movesFromFrameToFrame()
{
    // Of pictures that are alike but for the strip, encoders make nothing.
    std::set<std::vector<std::uint8_t>> upperHalves;
    for (std::uint32_t frame = 0; frame < 60; ++frame) {
        const OwnedPicture picture(640, 360);
        TestPicture(3, "alice").paint(picture.picture(), frame, 0, "");
        upperHalves.insert({picture.octets().begin(), picture.octets().begin() + 250 * 643});
    }
    QCOMPARE(upperHalves.size(), 60U);
}

void tst_TestPicture::sendersHaveColoursOfTheirOwn()
{
    std::set<std::pair<int, int>> colours;
    for (std::uint16_t sender = 0; sender < 8; ++sender) {
        const OwnedPicture picture(64, 36);
        TestPicture(sender, "").paint(picture.picture(), 0, 0, "");
        colours.insert({picture.view().u.data[0], picture.view().v.data[0]});
    }
    QCOMPARE(colours.size(), 8U);
}

void tst_TestPicture::everyCharacterOfANameHasAGlyphOfItsOwn()
{
    const std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~: \x01";
    std::set<std::array<std::uint8_t, GlyphHeight>> glyphs;
    for (const char character : characters)
        glyphs.insert(glyph(character));
    QCOMPARE(glyphs.size(), characters.size());
    QVERIFY(glyph('q') == glyph('Q'));
}

void tst_TestPicture::writesNothingOutsideThePicture()
{
    const OwnedPicture picture(90, 50);
    TestPicture(3, std::string(100, 'w')).paint(picture.picture(), 59, 0, "clock clock clock");
    for (int y = 0; y < 50; ++y) {
        for (int x = 90; x < 90 + OwnedPicture::Slack; ++x)
            QCOMPARE(picture.view().y.line(y)[x], NoColour);
    }
    const OwnedPicture empty(0, 0);
    TestPicture(3, "alice").paint(empty.picture(), 1, 1, "12:34:56");
}

QTEST_APPLESS_MAIN(tst_TestPicture)
#include "tst_testpicture.moc"
