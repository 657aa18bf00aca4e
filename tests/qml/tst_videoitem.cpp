// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/qmlhouse.h"

#include <QtGui/qguiapplication.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideoframeformat.h>
#include <QtMultimedia/qvideosink.h>
#include <QtQuick/qquickitem.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace {

/// Luma of a picture of which the left quarter is white and the rest black.
QVideoFrame whiteAtTheLeft(QSize size)
{
    QVideoFrame frame(QVideoFrameFormat(size, QVideoFrameFormat::Format_YUV420P));
    if (!frame.map(QVideoFrame::WriteOnly))
        return {};
    for (int y = 0; y < size.height(); ++y) {
        uchar *line = frame.bits(0) + std::ptrdiff_t(y) * frame.bytesPerLine(0);
        std::fill_n(line, size.width(), uchar(16));
        std::fill_n(line, size.width() / 4, uchar(235));
    }
    for (int plane : {1, 2})
        std::fill_n(frame.bits(plane), frame.mappedBytes(plane), uchar(128));
    frame.unmap();
    return frame;
}

/// One colour all over.
QVideoFrame coloured(QSize size, uchar y, uchar u, uchar v)
{
    QVideoFrame frame(QVideoFrameFormat(size, QVideoFrameFormat::Format_YUV420P));
    if (!frame.map(QVideoFrame::WriteOnly))
        return {};
    std::fill_n(frame.bits(0), frame.mappedBytes(0), y);
    std::fill_n(frame.bits(1), frame.mappedBytes(1), u);
    std::fill_n(frame.bits(2), frame.mappedBytes(2), v);
    frame.unmap();
    return frame;
}

enum class Seen { White, Black, Blue, Other };

Seen seenAt(const QImage &picture, int x, int y)
{
    const QColor colour = picture.pixelColor(x, y);
    const auto is = [&](int red, int green, int blue) {
        return std::abs(colour.red() - red) < 24 && std::abs(colour.green() - green) < 24
            && std::abs(colour.blue() - blue) < 24;
    };
    if (is(255, 255, 255))
        return Seen::White;
    if (is(0, 0, 0))
        return Seen::Black;
    return is(0, 0, 255) ? Seen::Blue : Seen::Other;
}

} // namespace

class tst_VideoItem : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void drawsBySoftware();
    void placesThePicture_data();
    void placesThePicture();
    void showsTheLatestPicture();
    void tellsOfItsPicture();
    void showsNothingAfterTheLastPicture();
    void convertsNothingThatIsNotSeen();
    void keepsItsPictureInAnotherWindow();
    void readsThePictureOfTheStrip();
    void coloursAreRight_data();
    void coloursAreRight();

private:
    QQuickItem *item() const { return m_window->findChild<QQuickItem *>(u"video"_s); }
    QVideoSink *sink() const { return item()->property("videoSink").value<QVideoSink *>(); }

    std::unique_ptr<QmlHouse> m_house;
    std::unique_ptr<QObject> m_object;
    QQuickWindow *m_window = nullptr;
};

void tst_VideoItem::init()
{
    m_house = std::make_unique<QmlHouse>();
    m_object = m_house->make(uR"(
        import QtQuick
        import PeerConnection.Media

        Window {
            width: 320; height: 320; color: "blue"; visible: true
            RemoteVideo { objectName: "video"; anchors.fill: parent }
        }
    )"_s);
    QVERIFY2(m_object, qPrintable(m_house->warnings.join(u'\n')));
    m_window = qobject_cast<QQuickWindow *>(m_object.get());
    QVERIFY(m_window);
    QVERIFY(QTest::qWaitForWindowExposed(m_window));
}

void tst_VideoItem::cleanup()
{
    QCOMPARE(m_house->warnings, QStringList());
    m_object.reset();
    m_house.reset();
}

/// What these tests are about: this is the backend in which VideoOutput is blank. With a display
/// they are about the GPU's.
void tst_VideoItem::drawsBySoftware()
{
    if (QGuiApplication::platformName() != "offscreen"_L1)
        QSKIP("there is a display");
    QCOMPARE(m_window->rendererInterface()->graphicsApi(), QSGRendererInterface::Software);
}

void tst_VideoItem::placesThePicture_data()
{
    QTest::addColumn<QString>("settings");
    QTest::addColumn<QString>("row"); // white, black or blue in the middle of each eighth
    QTest::addColumn<QString>("column");
    // A picture of 640x320 in a window of 320x320.
    QTest::newRow("all of it") << u""_s << u"wwkkkkkk"_s << u"bbwwwwbb"_s;
    QTest::newRow("stretched") << u"fillMode = RemoteVideo.Stretch"_s << u"wwkkkkkk"_s
                               << u"wwwwwwww"_s;
    QTest::newRow("cropped") << u"fillMode = RemoteVideo.PreserveAspectCrop"_s << u"kkkkkkkk"_s
                             << u"kkkkkkkk"_s;
    QTest::newRow("mirrored") << u"mirror = true"_s << u"kkkkkkww"_s << u"bbkkkkbb"_s;
    QTest::newRow("mirrored and back")
        << u"mirror = true; mirror = false"_s << u"wwkkkkkk"_s << u"bbwwwwbb"_s;
}

void tst_VideoItem::placesThePicture()
{
    QFETCH(const QString, settings);
    QFETCH(const QString, row);
    QFETCH(const QString, column);
    sink()->setVideoFrame(whiteAtTheLeft({640, 320}));
    m_window->grabWindow(); // settings take effect on what is shown already
    m_house->evaluate(item(), settings);
    const QImage picture = m_window->grabWindow();
    const auto letter = [&](int x, int y) {
        switch (seenAt(picture, x, y)) {
        case Seen::White:
            return u'w';
        case Seen::Black:
            return u'k';
        case Seen::Blue:
            return u'b';
        case Seen::Other:
            return u'?';
        }
        return u'?';
    };
    QString seenRow;
    QString seenColumn;
    for (int i = 0; i < 8; ++i) {
        seenRow += letter(20 + 40 * i, 160);
        seenColumn += letter(20, 20 + 40 * i);
    }
    QCOMPARE(seenRow, row);
    QCOMPARE(seenColumn, column);
}

void tst_VideoItem::showsTheLatestPicture()
{
    sink()->setVideoFrame(coloured({64, 64}, 235, 128, 128));
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::White);
    sink()->setVideoFrame(coloured({64, 64}, 235, 128, 128));
    sink()->setVideoFrame(coloured({64, 64}, 16, 128, 128));
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::Black);
}

void tst_VideoItem::tellsOfItsPicture()
{
    const QSignalSpy pictures(item(), SIGNAL(hasPictureChanged()));
    const QSignalSpy sizes(item(), SIGNAL(sourceSizeChanged()));
    QCOMPARE(item()->property("hasPicture"), QVariant(false));
    QCOMPARE(item()->property("sourceSize").toSize(), QSize());
    for (int i = 0; i < 3; ++i)
        sink()->setVideoFrame(coloured({64, 48}, 16, 128, 128));
    QCOMPARE(item()->property("hasPicture"), QVariant(true));
    QCOMPARE(item()->property("sourceSize").toSize(), QSize(64, 48));
    QCOMPARE(item()->property("contentRect").toRectF(), QRectF(0, 40, 320, 240));
    sink()->setVideoFrame(QVideoFrame());
    QCOMPARE(item()->property("hasPicture"), QVariant(false));
    QCOMPARE(pictures.size(), 2);
    QCOMPARE(sizes.size(), 2);
}

void tst_VideoItem::showsNothingAfterTheLastPicture()
{
    sink()->setVideoFrame(coloured({64, 64}, 235, 128, 128));
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::White);
    sink()->setVideoFrame(QVideoFrame());
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::Blue);
}

void tst_VideoItem::convertsNothingThatIsNotSeen()
{
    QSignalSpy rendered(m_window, &QQuickWindow::afterRendering);
    item()->setVisible(false);
    m_window->grabWindow();
    rendered.clear();
    for (int i = 0; i < 100; ++i) {
        sink()->setVideoFrame(coloured({64, 64}, 235, 128, 128));
        QCoreApplication::processEvents();
    }
    QCOMPARE(rendered.size(), 0);
    item()->setVisible(true);
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::White);
}

void tst_VideoItem::keepsItsPictureInAnotherWindow()
{
    sink()->setVideoFrame(coloured({64, 64}, 235, 128, 128));
    m_window->grabWindow();
    const auto other = m_house->make(
        u"import QtQuick\nWindow { width: 100; height: 100; visible: true }"_s);
    auto *window = qobject_cast<QQuickWindow *>(other.get());
    QVERIFY(window);
    QQuickItem *moved = item();
    m_house->evaluate(moved, u"anchors.fill = undefined"_s);
    moved->setParentItem(window->contentItem());
    moved->setSize({100, 100});
    QCOMPARE(seenAt(window->grabWindow(), 50, 50), Seen::White);
    QCOMPARE(seenAt(m_window->grabWindow(), 160, 160), Seen::Blue);
    moved->setParentItem(m_window->contentItem());
    QCOMPARE(seenAt(m_window->grabWindow(), 50, 50), Seen::White);
}

void tst_VideoItem::readsThePictureOfTheStrip()
{
    using namespace peer::media;
    QVideoFrame frame(QVideoFrameFormat({640, 360}, QVideoFrameFormat::Format_YUV420P));
    QVERIFY(frame.map(QVideoFrame::WriteOnly));
    for (int plane : {0, 1, 2})
        std::fill_n(frame.bits(plane), frame.mappedBytes(plane), uchar(128));
    const StripContent written{0xabcd, 1234, 567890};
    QVERIFY(TestStrip::write({640,
                              360,
                              {frame.bits(0), frame.bytesPerLine(0)},
                              {frame.bits(1), frame.bytesPerLine(1)},
                              {frame.bits(2), frame.bytesPerLine(2)}},
                             written));
    frame.unmap();
    sink()->setVideoFrame(frame);
    m_window->resize(640, 360);
    QVERIFY(eventually([&] { return item()->size() == QSizeF(640, 360); }));
    QVERIFY(stripIn(m_window->grabWindow()) == written);
}

// ITU-R BT.601, video range: what cameras and the test picture are in.
void tst_VideoItem::coloursAreRight_data()
{
    QTest::addColumn<int>("y");
    QTest::addColumn<int>("u");
    QTest::addColumn<int>("v");
    QTest::addColumn<QColor>("colour");
    QTest::newRow("white") << 235 << 128 << 128 << QColor(255, 255, 255);
    QTest::newRow("black") << 16 << 128 << 128 << QColor(0, 0, 0);
    QTest::newRow("red") << 81 << 90 << 240 << QColor(255, 0, 0);
    QTest::newRow("green") << 145 << 54 << 34 << QColor(0, 255, 0);
    QTest::newRow("blue") << 41 << 240 << 110 << QColor(0, 0, 255);
    QTest::newRow("beyond white") << 255 << 128 << 128 << QColor(255, 255, 255);
}

void tst_VideoItem::coloursAreRight()
{
    QFETCH(const int, y);
    QFETCH(const int, u);
    QFETCH(const int, v);
    QFETCH(const QColor, colour);
    sink()->setVideoFrame(coloured({65, 63}, uchar(y), uchar(u), uchar(v)));
    const QColor seen = m_window->grabWindow().pixelColor(160, 160);
    const QString both = seen.name() + u" instead of "_s + colour.name();
    QVERIFY2(std::abs(seen.red() - colour.red()) <= 3, qPrintable(both));
    QVERIFY2(std::abs(seen.green() - colour.green()) <= 3, qPrintable(both));
    QVERIFY2(std::abs(seen.blue() - colour.blue()) <= 3, qPrintable(both));
}

QTEST_MAIN(tst_VideoItem)
#include "tst_videoitem.moc"
