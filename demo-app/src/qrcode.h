// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef DEMO_QRCODE_H
#define DEMO_QRCODE_H

#include <QtCore/qbitarray.h>
#include <QtCore/qstring.h>
#include <QtQml/qqmlregistration.h>
#include <QtQuick/qquickpainteditem.h>

namespace demo {

/// A text as a square of dark and light modules (ISO/IEC 18004), without the margin.
struct QrCode
{
    int side = 0;   ///< modules; 0 if the text is empty or too long
    QBitArray dark; ///< row by row

    static QrCode of(const QString &text);
    bool isDark(int column, int row) const { return dark.at(row * side + column); }
};

/// Shows a text as a QR code, dark on light whatever the colours around it are, for many cameras
/// read no other; with the margin of four modules that readers ask for.
class QrItem : public QQuickPaintedItem
{
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QString text READ text WRITE setText NOTIFY textChanged FINAL)

public:
    explicit QrItem(QQuickItem *parent = nullptr);

    QString text() const { return m_text; }
    void setText(const QString &text);

    void paint(QPainter *painter) override;

Q_SIGNALS:
    void textChanged();

private:
    QString m_text;
    QrCode m_code;
};

} // namespace demo

#endif // DEMO_QRCODE_H
