// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_VIDEOITEM_H
#define PEER_QML_VIDEOITEM_H

#include <QtGui/qimage.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideosink.h>
#include <QtQml/qqml.h>
#include <QtQuick/qquickitem.h>

namespace peer::qml {

/// Shows the pictures of its QVideoSink, in every backend of Qt Quick's: VideoOutput of Qt
/// Multimedia shows nothing in the software backend, with no warning, and that one is all there is
/// without a GPU.
///
/// Only the latest picture is kept, and it is converted only when the window is about to render:
/// those that came in between cost nothing, nor do any while the item or its window is hidden. A
/// picture is a texture in RGB, of 0.9 MB for 640x360. Thirty of these a second, conversion and
/// drawing together, took 3 % of a core in the software backend, 7 % in a window of 1280x720, and
/// 10 % in OpenGL where that had no GPU either.
class VideoItem : public QQuickItem
{
    Q_OBJECT
    Q_PROPERTY(QVideoSink *videoSink READ videoSink CONSTANT FINAL)
    Q_PROPERTY(FillMode fillMode READ fillMode WRITE setFillMode NOTIFY fillModeChanged FINAL)
    Q_PROPERTY(bool mirror READ isMirrored WRITE setMirrored NOTIFY mirrorChanged FINAL)
    Q_PROPERTY(bool hasPicture READ hasPicture NOTIFY hasPictureChanged FINAL)
    Q_PROPERTY(QSize sourceSize READ sourceSize NOTIFY sourceSizeChanged FINAL)
    Q_PROPERTY(QRectF contentRect READ contentRect NOTIFY contentRectChanged FINAL)
    QML_ANONYMOUS

public:
    enum FillMode {
        Stretch,            ///< to the size of the item
        PreserveAspectFit,  ///< all of the picture, at its own ratio
        PreserveAspectCrop, ///< all of the item, the picture at its own ratio
    };
    Q_ENUM(FillMode)

    explicit VideoItem(QQuickItem *parent = nullptr);
    ~VideoItem() override;

    /// Where pictures come from: in the thread of this item.
    QVideoSink *videoSink() const { return m_sink; }
    FillMode fillMode() const { return m_fillMode; }
    void setFillMode(FillMode mode);
    /// Left and right changed, as in a looking-glass.
    bool isMirrored() const { return m_isMirrored; }
    void setMirrored(bool mirrored);
    bool hasPicture() const { return m_hasPicture; }
    /// Of the picture; empty without one.
    QSize sourceSize() const { return m_sourceSize; }
    /// Where in the item the picture is; of a cropped one more than the item.
    QRectF contentRect() const;

Q_SIGNALS:
    void fillModeChanged();
    void mirrorChanged();
    void hasPictureChanged();
    void sourceSizeChanged();
    void contentRectChanged();

protected:
    void updatePolish() override;
    void itemChange(ItemChange change, const ItemChangeData &data) override;
    QSGNode *updatePaintNode(QSGNode *former, UpdatePaintNodeData *data) override;
    void geometryChange(const QRectF &now, const QRectF &before) override;

private:
    void take(const QVideoFrame &frame);
    void show();

    QVideoSink *m_sink;
    QVideoFrame m_frame; ///< the latest
    QImage m_image;      ///< what is shown
    QSize m_sourceSize;
    FillMode m_fillMode = PreserveAspectFit;
    bool m_isMirrored = false;
    bool m_hasPicture = false;
    bool m_isConverted = true; ///< m_image is m_frame
    bool m_isUploaded = true;  ///< the scene graph has m_image
};

} // namespace peer::qml

#endif // PEER_QML_VIDEOITEM_H
