// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "theme.h"

#include <QtTest/qtest.h>

using namespace demo;

class ThemeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void contrastIsWhatTheStandardSays()
    {
        QCOMPARE(Theme::contrast(Qt::black, Qt::white), 21.0);
        QCOMPARE(Theme::contrast(Qt::red, Qt::red), 1.0);
        // WCAG's own example of the border: #767676 on white has 4.54.
        QVERIFY(std::abs(Theme::contrast(QColor(0x76, 0x76, 0x76), Qt::white) - 4.54) < 0.01);
    }

    void everythingCanBeReadInEveryPalette_data()
    {
        QTest::addColumn<QPalette>("palette");
        QTest::newRow("light") << Theme::lightPalette();
        QTest::newRow("dark") << Theme::darkPalette();
        QTest::newRow("the system's without a theme") << QPalette();
        QTest::newRow("white on black") << of(Qt::white, Qt::black, Qt::black);
        QTest::newRow("black on white") << of(Qt::black, Qt::white, Qt::white);
        QTest::newRow("yellow on black") << of(Qt::yellow, Qt::black, Qt::black);
        QTest::newRow("grey on grey") << of(Qt::gray, Qt::darkGray, Qt::darkGray);
        QTest::newRow("our accent everywhere")
            << of(QColor(0x2f, 0x6f, 0xed), QColor(0x2f, 0x6f, 0xed), QColor(0x2f, 0x6f, 0xed));
        QTest::newRow("text as faint as its ground")
            << of(QColor(0xee, 0xee, 0xee), Qt::white, QColor(0xfa, 0xfa, 0xfa));
    }
    void everythingCanBeReadInEveryPalette()
    {
        QFETCH(const QPalette, palette);
        Theme theme;
        theme.setPalette(palette);
        for (const Theme::Pair &pair : theme.pairs()) {
            const double contrast = Theme::contrast(pair.foreground, pair.background);
            QVERIFY2(contrast >= pair.least - 0.01,
                     qPrintable(
                         QStringLiteral("%1: %2").arg(QLatin1StringView(pair.name)).arg(contrast)));
        }
    }

    void coloursFollowThePalette()
    {
        Theme theme;
        theme.setPalette(Theme::lightPalette());
        QVERIFY(!theme.isDark());
        theme.setPalette(Theme::darkPalette());
        QVERIFY(theme.isDark());
    }

private:
    static QPalette of(const QColor &text, const QColor &window, const QColor &base)
    {
        QPalette palette(window, window);
        palette.setColor(QPalette::WindowText, text);
        palette.setColor(QPalette::Base, base);
        return palette;
    }
};

QTEST_MAIN(ThemeTest)
#include "tst_theme.moc"
