// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/videoitem.h"

#include <QtCore/qpointer.h>
#include <QtQuick/qquickwindow.h>
#include <QtQuick/qsgimagenode.h>
#include <QtQuick/qsgtexture.h>

#include <memory>
#include <utility>

namespace peer::qml {

VideoItem::VideoItem(QQuickItem *parent)
    : QQuickItem(parent)
    , m_sink(new QVideoSink(this))
{
    setFlag(ItemHasContents);
    connect(m_sink, &QVideoSink::videoFrameChanged, this, &VideoItem::take);
}

VideoItem::~VideoItem() = default;

void VideoItem::setFillMode(FillMode mode)
{
    if (std::exchange(m_fillMode, mode) == mode)
        return;
    update();
    Q_EMIT fillModeChanged();
    Q_EMIT contentRectChanged();
}

void VideoItem::setMirrored(bool mirrored)
{
    if (std::exchange(m_isMirrored, mirrored) == mirrored)
        return;
    update();
    Q_EMIT mirrorChanged();
}

QRectF VideoItem::contentRect() const
{
    const QRectF whole(0, 0, width(), height());
    if (m_sourceSize.isEmpty() || m_fillMode == Stretch)
        return whole;
    const auto mode = m_fillMode == PreserveAspectFit ? Qt::KeepAspectRatio
                                                      : Qt::KeepAspectRatioByExpanding;
    QRectF content({}, QSizeF(m_sourceSize).scaled(whole.size(), mode));
    content.moveCenter(whole.center());
    return content;
}

void VideoItem::take(const QVideoFrame &frame)
{
    m_frame = frame;
    m_isNew = true;
    update();
    const QSize size = frame.isValid() ? frame.size() : QSize();
    const bool hasChanged = std::exchange(m_sourceSize, size) != size;
    const QPointer<VideoItem> guard(this);
    if (hasChanged) {
        Q_EMIT sourceSizeChanged();
        if (guard)
            Q_EMIT contentRectChanged();
    }
    if (guard && std::exchange(m_hasPicture, m_frame.isValid()) != m_frame.isValid())
        Q_EMIT hasPictureChanged();
}

void VideoItem::geometryChange(const QRectF &now, const QRectF &before)
{
    QQuickItem::geometryChange(now, before);
    if (now.size() == before.size())
        return;
    update();
    Q_EMIT contentRectChanged();
}

// In the thread that renders, while this item's own waits.
QSGNode *VideoItem::updatePaintNode(QSGNode *former, UpdatePaintNodeData *)
{
    std::unique_ptr<QSGImageNode> node(static_cast<QSGImageNode *>(former));
    const QRectF visible = contentRect() & QRectF(0, 0, width(), height());
    if (!m_frame.isValid() || visible.isEmpty())
        return nullptr;
    if (!node || m_isNew) {
        const QImage image = m_frame.toImage().convertToFormat(QImage::Format_RGB32);
        std::unique_ptr<QSGTexture> texture(
            image.isNull()
                ? nullptr
                : window()->createTextureFromImage(image, QQuickWindow::TextureIsOpaque));
        if (!texture)
            return nullptr;
        if (!node) {
            node.reset(window()->createImageNode());
            node->setOwnsTexture(true);
            node->setFiltering(QSGTexture::Linear);
        }
        node->setTexture(texture.release());
        m_isNew = false;
    }
    // What of the picture is seen.
    const QRectF content = contentRect();
    const QSizeF scale(m_sourceSize.width() / content.width(),
                       m_sourceSize.height() / content.height());
    node->setSourceRect(QRectF((visible.x() - content.x()) * scale.width(),
                               (visible.y() - content.y()) * scale.height(),
                               visible.width() * scale.width(), visible.height() * scale.height()));
    node->setRect(visible);
    node->setTextureCoordinatesTransform(m_isMirrored ? QSGImageNode::MirrorHorizontally
                                                      : QSGImageNode::NoTransform);
    return node.release();
}

} // namespace peer::qml
