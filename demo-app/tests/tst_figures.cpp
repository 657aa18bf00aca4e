// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "callsession.h"
#include "measurement.h"

#include <QtGui/qpainter.h>
#include <QtTest/qtest.h>

using namespace demo;
using namespace Qt::StringLiterals;

namespace {

/// A call of ten seconds that is just good enough.
Figures goodFigures()
{
    Figures figures;
    figures.seconds = 10;
    figures.firstPicture = 200;
    figures.expectedSender = 7;
    figures.before.testTones = 5;
    figures.media.testSender = 7;
    figures.media.frameSize = QSize(640, 360);
    figures.media.testFrames = 150;
    figures.media.testTones = 405;
    figures.isPictureShown = true;
    return figures;
}

QImage somePicture()
{
    QImage picture(640, 360, QImage::Format_RGB32);
    picture.fill(Qt::darkGreen);
    QPainter painter(&picture);
    painter.fillRect(100, 50, 300, 120, Qt::white);
    painter.fillRect(0, 300, 640, 60, Qt::black);
    return picture;
}

QImage windowWith(const QImage &picture, QSize size)
{
    QImage window(size, QImage::Format_RGB32);
    window.fill(Qt::black);
    const QSize shown = picture.size().scaled(size, Qt::KeepAspectRatio);
    QPainter painter(&window);
    painter.drawImage(
        QRect(QPoint((size.width() - shown.width()) / 2, (size.height() - shown.height()) / 2),
              shown),
        picture);
    return window;
}

} // namespace

class FiguresTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCallHasNoFaults() { QCOMPARE(goodFigures().faults(), QStringList()); }

    void whatIsNoCallIsTold_data()
    {
        QTest::addColumn<int>("spoil");
        QTest::newRow("no picture") << 0;
        QTest::newRow("of somebody else") << 1;
        QTest::newRow("too small") << 2;
        QTest::newRow("too few pictures") << 3;
        QTest::newRow("too little sound") << 4;
        QTest::newRow("not shown") << 5;
    }
    void whatIsNoCallIsTold()
    {
        QFETCH(const int, spoil);
        Figures figures = goodFigures();
        switch (spoil) {
        case 0:
            figures.firstPicture = -1;
            break;
        case 1:
            figures.media.testSender = 8;
            break;
        case 2:
            figures.media.frameSize = QSize(320, 180);
            break;
        case 3:
            figures.media.testFrames = 149;
            break;
        case 4:
            figures.media.testTones = 404;
            break;
        case 5:
            figures.isPictureShown = false;
            break;
        }
        QCOMPARE(figures.faults().size(), 1);
        QVERIFY(figures.toText().contains(figures.faults().first()));
    }

    void aFilmHasNeitherIdNorTone()
    {
        Figures figures = goodFigures();
        figures.isTest = false;
        figures.media = {};
        figures.before = {};
        figures.media.framesDecoded = 150;
        figures.media.soundsDecoded = 400;
        QCOMPARE(figures.faults(), QStringList());
        figures.media.framesDecoded = 149;
        QCOMPARE(figures.faults().size(), 1);
        figures.media.framesDecoded = 150;
        figures.media.soundsDecoded = 399;
        QCOMPARE(figures.faults().size(), 1);
        figures.media.soundsDecoded = 420;
        figures.media.soundsConcealed = 20;
        QCOMPARE(figures.faults(), QStringList());
        figures.media.soundsConcealed = 21;
        QCOMPARE(figures.faults().size(), 1);
        figures.media.soundsConcealed = 500; // more than there are, at the end
        QCOMPARE(figures.sounds(), 0u);
        figures.media.soundsDecoded = 0;
        QCOMPARE(figures.faults().size(), 1);
        figures.isSilent = true;
        QCOMPARE(figures.faults(), QStringList());
        figures.media.testSender = 7;
        figures.media.testFrames = 75; // until the film began
        QCOMPARE(figures.faults(), QStringList());
        figures.media.testFrames = 76; // in place of a broken one
        QCOMPARE(figures.faults().size(), 1);
    }

    void aShorterCallNeedsLess()
    {
        Figures figures = goodFigures();
        figures.seconds = 4;
        figures.media.testFrames = 60;
        figures.media.testTones = 165;
        QCOMPARE(figures.faults(), QStringList());
    }

    void aPictureIsFoundInAWindowOfAnyShape()
    {
        QVERIFY(showsPicture(windowWith(somePicture(), {640, 360}), somePicture()));
        QVERIFY(showsPicture(windowWith(somePicture(), {960, 640}), somePicture()));
        QVERIFY(showsPicture(windowWith(somePicture(), {480, 800}), somePicture()));
    }

    void aWindowWithoutThePictureIsNotTakenForIt()
    {
        QImage empty(960, 640, QImage::Format_RGB32);
        empty.fill(Qt::black);
        QVERIFY(!showsPicture(empty, somePicture()));
        QVERIFY(!showsPicture(windowWith(somePicture().mirrored(false, true), {960, 640}),
                              somePicture()));
        QVERIFY(!showsPicture({}, somePicture()));
        QVERIFY(!showsPicture(empty, {}));
    }

    void qualityFollowsLossDelayAndRate_data()
    {
        using Quality = CallSession::Quality;
        QTest::addColumn<double>("loss");
        QTest::addColumn<double>("roundTrip");
        QTest::addColumn<int>("bitrate");
        QTest::addColumn<Quality>("quality");
        QTest::newRow("all is well") << 0.0 << 20.0 << 2'000'000 << Quality::Good;
        QTest::newRow("some loss") << 0.05 << 20.0 << 2'000'000 << Quality::Fair;
        QTest::newRow("much loss") << 0.2 << 20.0 << 2'000'000 << Quality::Poor;
        QTest::newRow("far away") << 0.0 << 250.0 << 2'000'000 << Quality::Fair;
        QTest::newRow("by satellite") << 0.0 << 600.0 << 2'000'000 << Quality::Poor;
        QTest::newRow("a thin line") << 0.0 << 20.0 << 250'000 << Quality::Fair;
        QTest::newRow("a very thin line") << 0.0 << 20.0 << 100'000 << Quality::Poor;
    }
    void qualityFollowsLossDelayAndRate()
    {
        QFETCH(const double, loss);
        QFETCH(const double, roundTrip);
        QFETCH(const int, bitrate);
        QFETCH(const CallSession::Quality, quality);
        QCOMPARE(CallSession::qualityOf(loss, roundTrip, bitrate), quality);
    }

    void bothSidesOfACallHaveDifferentTones()
    {
        for (int i = 0; i < 100; ++i) {
            const int caller = CallSession::testIdOf(QString::number(i), true);
            const int callee = CallSession::testIdOf(QString::number(i * 7), false);
            QVERIFY(caller % 32 != callee % 32); // PeerMediaCall::testId chooses one of 32 tones
            QVERIFY(caller >= 0 && callee <= 0xffff);
        }
    }
};

QTEST_APPLESS_MAIN(FiguresTest)
#include "tst_figures.moc"
