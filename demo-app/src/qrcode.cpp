// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qrcode.h"

#include <QtGui/qpainter.h>

#include <qrencode.h>

#include <algorithm>
#include <memory>

namespace demo {

namespace {
constexpr int Margin = 4; // modules: ISO/IEC 18004 section 6.3.8
}

QrCode QrCode::of(const QString &text)
{
    QrCode result;
    const QByteArray octets = text.toUtf8();
    if (octets.isEmpty() || octets.contains('\0'))
        return result;
    // M survives a scratched or reflecting screen; a long address still fits.
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(octets.constData(), 0, QR_ECLEVEL_M), &QRcode_free);
    if (!code)
        return result;
    result.side = code->width;
    result.dark.resize(qsizetype(result.side) * result.side);
    for (qsizetype i = 0; i < result.dark.size(); ++i)
        result.dark.setBit(i, code->data[i] & 1);
    return result;
}

QrItem::QrItem(QQuickItem *parent)
    : QQuickPaintedItem(parent)
{
    setAntialiasing(false);
}

void QrItem::setText(const QString &text)
{
    if (m_text == text)
        return;
    m_text = text;
    m_code = QrCode::of(text);
    update();
    Q_EMIT textChanged();
}

void QrItem::paint(QPainter *painter)
{
    const int extent = int(std::min(width(), height()));
    const int modules = m_code.side + 2 * Margin;
    // Whole pixels a module, or it blurs.
    const int scale = extent / modules;
    if (m_code.side == 0 || scale == 0)
        return;
    const int origin = (extent - scale * modules) / 2 + scale * Margin;
    painter->fillRect(0, 0, extent, extent, Qt::white);
    for (int row = 0; row < m_code.side; ++row) {
        for (int column = 0; column < m_code.side; ++column) {
            if (m_code.isDark(column, row)) {
                painter->fillRect(origin + column * scale, origin + row * scale, scale, scale,
                                  Qt::black);
            }
        }
    }
}

} // namespace demo
