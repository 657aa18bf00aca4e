// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_THEME_H
#define DEMO_THEME_H

#include <QtCore/qlist.h>
#include <QtCore/qobject.h>
#include <QtGui/qcolor.h>
#include <QtGui/qfont.h>
#include <QtGui/qpalette.h>
#include <QtQml/qqmlregistration.h>

namespace demo {

/// Colours and sizes of all pages. They follow the system's palette, light, dark or of high
/// contrast, and each text keeps the contrast of WCAG 2.1 to what it stands on. During a call it is
/// always dark around the pictures.
class Theme : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(bool dark READ isDark NOTIFY changed FINAL)
    Q_PROPERTY(QColor window READ window NOTIFY changed FINAL)
    Q_PROPERTY(QColor card READ card NOTIFY changed FINAL)
    Q_PROPERTY(QColor text READ text NOTIFY changed FINAL)
    Q_PROPERTY(QColor faint READ faint NOTIFY changed FINAL)
    Q_PROPERTY(QColor border READ border NOTIFY changed FINAL)
    Q_PROPERTY(QColor accent READ accent NOTIFY changed FINAL)
    Q_PROPERTY(QColor onAccent READ onAccent NOTIFY changed FINAL)
    Q_PROPERTY(QColor danger READ danger NOTIFY changed FINAL)
    Q_PROPERTY(QColor onDanger READ onDanger NOTIFY changed FINAL)
    Q_PROPERTY(QColor stage READ stage CONSTANT FINAL)
    Q_PROPERTY(QColor stageCard READ stageCard CONSTANT FINAL)
    Q_PROPERTY(QColor stageText READ stageText CONSTANT FINAL)
    Q_PROPERTY(QColor stageFaint READ stageFaint CONSTANT FINAL)
    Q_PROPERTY(QColor stageGood READ stageGood CONSTANT FINAL)
    Q_PROPERTY(QColor stageFair READ stageFair CONSTANT FINAL)
    Q_PROPERTY(QColor stagePoor READ stagePoor CONSTANT FINAL)
    Q_PROPERTY(double fontSize READ fontSize NOTIFY changed FINAL)
    Q_PROPERTY(double unit READ unit NOTIFY changed FINAL)

public:
    /// A foreground on a background, and the contrast that it needs: 4.5 for text, 3 for what is
    /// drawn (WCAG 2.1, 1.4.3 and 1.4.11).
    struct Pair
    {
        const char *name;
        QColor foreground;
        QColor background;
        double least;
    };

    explicit Theme(QObject *parent = nullptr);

    /// What the colours are made of.
    void setPalette(const QPalette &palette);

    bool isDark() const;
    QColor window() const { return m_palette.color(QPalette::Window); }
    QColor card() const;
    QColor text() const;
    QColor faint() const;
    QColor border() const;
    QColor accent() const;
    QColor onAccent() const;
    QColor danger() const;
    QColor onDanger() const;
    QColor stage() const { return QColor(0x10, 0x13, 0x18); }
    QColor stageCard() const { return QColor(0x1d, 0x22, 0x2b); }
    QColor stageText() const { return QColor(0xf4, 0xf6, 0xf8); }
    QColor stageFaint() const { return QColor(0xb4, 0xbc, 0xc8); }
    QColor stageGood() const { return QColor(0x5f, 0xd3, 0x8d); }
    QColor stageFair() const { return QColor(0xff, 0xc8, 0x57); }
    QColor stagePoor() const { return QColor(0xff, 0x8a, 0x80); }
    /// Points, of plain text.
    double fontSize() const;
    /// Pixels: half a line of plain text, of which all distances are made.
    double unit() const;

    QList<Pair> pairs() const;

    /// WCAG 2.1's ratio, from 1 to 21.
    static double contrast(const QColor &left, const QColor &right);
    /// A colour made lighter or darker until it has that contrast to the background.
    static QColor legible(const QColor &wanted, const QColor &background, double least);
    static QPalette lightPalette();
    static QPalette darkPalette();

    bool eventFilter(QObject *watched, QEvent *event) override;

Q_SIGNALS:
    void changed();

private:
    QPalette m_palette;
};

} // namespace demo

#endif // DEMO_THEME_H
