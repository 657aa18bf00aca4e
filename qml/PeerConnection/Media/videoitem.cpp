// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/videoitem.h"

#include "qml/PeerConnection/Media/frameimage.h"

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
    m_isConverted = false;
    show();
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

void VideoItem::itemChange(ItemChange change, const ItemChangeData &data)
{
    QQuickItem::itemChange(change, data);
    if (change == ItemVisibleHasChanged && data.boolValue && !m_isConverted)
        show();
}

// Both now: an update() from within updatePolish() would render once more.
void VideoItem::show()
{
    polish();
    update();
}

// Once for each picture of the window, not of the sink.
void VideoItem::updatePolish()
{
    if (m_isConverted || !isVisible())
        return;
    m_image = m_frame.isValid() ? toImage(m_frame) : QImage();
    m_isConverted = true;
    m_isUploaded = false;
}

// In the thread that renders, while this item's own waits.
QSGNode *VideoItem::updatePaintNode(QSGNode *former, UpdatePaintNodeData *)
{
    std::unique_ptr<QSGImageNode> node(static_cast<QSGImageNode *>(former));
    const QRectF visible = contentRect() & QRectF(0, 0, width(), height());
    if (m_image.isNull() || visible.isEmpty())
        return nullptr;
    if (!node || !m_isUploaded) {
        std::unique_ptr<QSGTexture> texture(
            window()->createTextureFromImage(m_image, QQuickWindow::TextureIsOpaque));
        if (!texture)
            return nullptr;
        if (!node) {
            node.reset(window()->createImageNode());
            node->setOwnsTexture(true);
            node->setFiltering(QSGTexture::Linear);
        }
        node->setTexture(texture.release());
        m_isUploaded = true;
    }
    // What of the picture is seen.
    const QRectF content = contentRect();
    const QSizeF scale(m_image.width() / content.width(), m_image.height() / content.height());
    node->setSourceRect(QRectF((visible.x() - content.x()) * scale.width(),
                               (visible.y() - content.y()) * scale.height(),
                               visible.width() * scale.width(), visible.height() * scale.height()));
    node->setRect(visible);
    const auto transform = m_isMirrored ? QSGImageNode::MirrorHorizontally
                                        : QSGImageNode::NoTransform;
    if (node->textureCoordinatesTransform() != transform) {
        node->setTextureCoordinatesTransform(transform);
        node->markDirty(QSGNode::DirtyGeometry); // which Qt 6.4 forgets to say
    }
    return node.release();
}

} // namespace peer::qml
