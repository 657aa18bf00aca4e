// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "theme.h"

#include <QtCore/qcoreevent.h>
#include <QtGui/qfontmetrics.h>
#include <QtGui/qguiapplication.h>

#include <algorithm>
#include <cmath>

namespace demo {

namespace {

constexpr double TextContrast = 4.5;
constexpr double DrawnContrast = 3;
/// The one colour of ours: a blue that stands on light as on dark.
constexpr QColor Accent(0x2f, 0x6f, 0xed);
constexpr QColor Danger(0xd6, 0x2f, 0x3f);

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

QColor mix(const QColor &left, const QColor &right, double share)
{
    const auto between = [share](float from, float to) {
        return float(from + (to - from) * share);
    };
    return QColor::fromRgbF(between(left.redF(), right.redF()),
                            between(left.greenF(), right.greenF()),
                            between(left.blueF(), right.blueF()));
}

} // namespace

Theme::Theme(QObject *parent)
    : QObject(parent)
    , m_palette(QGuiApplication::palette())
{
    qApp->installEventFilter(this);
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange)
        setPalette(QGuiApplication::palette());
    else if (watched == qApp && event->type() == QEvent::ApplicationFontChange)
        Q_EMIT changed();
    return false;
}

void Theme::setPalette(const QPalette &palette)
{
    m_palette = palette;
    Q_EMIT changed();
}

double Theme::contrast(const QColor &left, const QColor &right)
{
    const auto [darker, lighter] = std::minmax({luminance(left), luminance(right)});
    return (lighter + 0.05) / (darker + 0.05);
}

QColor Theme::legible(const QColor &wanted, const QColor &background, double least)
{
    // Black or white, whichever has more, always has 4.5 to anything.
    const QColor end = contrast(Qt::white, background) > contrast(Qt::black, background)
        ? QColor(Qt::white)
        : QColor(Qt::black);
    constexpr int Steps = 50;
    for (int step = 0; step < Steps; ++step) {
        const QColor color = mix(wanted, end, double(step) / Steps);
        if (contrast(color, background) >= least)
            return color;
    }
    return end;
}

bool Theme::isDark() const
{
    return luminance(window()) < 0.18;
}

QColor Theme::card() const
{
    return m_palette.color(QPalette::Base);
}

QColor Theme::text() const
{
    // On cards as well.
    return legible(legible(m_palette.color(QPalette::WindowText), window(), TextContrast), card(),
                   TextContrast);
}

QColor Theme::faint() const
{
    const QColor wanted = mix(text(), window(), 0.35);
    return legible(legible(wanted, window(), TextContrast), card(), TextContrast);
}

QColor Theme::border() const
{
    return legible(legible(mix(text(), window(), 0.6), window(), DrawnContrast), card(),
                   DrawnContrast);
}

QColor Theme::accent() const
{
    // Links and rings are drawn with it too.
    return legible(legible(Accent, window(), TextContrast), card(), TextContrast);
}

QColor Theme::onAccent() const
{
    return legible(window(), accent(), TextContrast);
}

QColor Theme::danger() const
{
    return legible(legible(Danger, window(), TextContrast), card(), TextContrast);
}

QColor Theme::onDanger() const
{
    return legible(window(), danger(), TextContrast);
}

double Theme::fontSize() const
{
    const double points = QGuiApplication::font().pointSizeF();
    constexpr double Usual = 10;
    return points > 0 ? points : Usual;
}

double Theme::unit() const
{
    return std::round(QFontMetricsF(QGuiApplication::font()).height() / 2);
}

QList<Theme::Pair> Theme::pairs() const
{
    return {
        {"text on the window", text(), window(), TextContrast},
        {"text on a card", text(), card(), TextContrast},
        {"faint text on the window", faint(), window(), TextContrast},
        {"faint text on a card", faint(), card(), TextContrast},
        {"a border on the window", border(), window(), DrawnContrast},
        {"a border on a card", border(), card(), DrawnContrast},
        {"the accent on the window", accent(), window(), TextContrast},
        {"the accent on a card", accent(), card(), TextContrast},
        {"text on the accent", onAccent(), accent(), TextContrast},
        {"danger on the window", danger(), window(), TextContrast},
        {"danger on a card", danger(), card(), TextContrast},
        {"text on danger", onDanger(), danger(), TextContrast},
        {"text on the stage", stageText(), stage(), TextContrast},
        {"text on a card of the stage", stageText(), stageCard(), TextContrast},
        {"faint text on the stage", stageFaint(), stage(), TextContrast},
        {"faint text on a card of the stage", stageFaint(), stageCard(), TextContrast},
        {"good on a card of the stage", stageGood(), stageCard(), TextContrast},
        {"fair on a card of the stage", stageFair(), stageCard(), TextContrast},
        {"poor on a card of the stage", stagePoor(), stageCard(), TextContrast},
    };
}

QPalette Theme::lightPalette()
{
    QPalette palette(QColor(0xe9, 0xec, 0xf1), QColor(0xf4, 0xf6, 0xf9));
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::WindowText, QColor(0x16, 0x1a, 0x20));
    palette.setColor(QPalette::Text, QColor(0x16, 0x1a, 0x20));
    return palette;
}

QPalette Theme::darkPalette()
{
    QPalette palette(QColor(0x2a, 0x31, 0x3d), QColor(0x14, 0x18, 0x1f));
    palette.setColor(QPalette::Base, QColor(0x1e, 0x24, 0x2e));
    palette.setColor(QPalette::WindowText, QColor(0xf0, 0xf3, 0xf6));
    palette.setColor(QPalette::Text, QColor(0xf0, 0xf3, 0xf6));
    return palette;
}

} // namespace demo
