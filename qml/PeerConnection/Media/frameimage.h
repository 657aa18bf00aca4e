// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_QML_FRAMEIMAGE_H
#define PEER_QML_FRAMEIMAGE_H

#include <QtGui/qimage.h>

class QVideoFrame;

namespace peer::qml {

/// The picture of a frame in RGB32; null if the frame cannot be read.
///
/// I420 (ITU-R BT.601, video range), as a PeerMediaCall gives it, is converted here, at 0.7 ms for
/// 640x360: QVideoFrame::toImage() of Qt 6.4 makes a context of the GPU's in the calling thread,
/// draws in it and waits for the result, or, where there is no GPU, gives a warning. What else
/// there is goes by it.
QImage toImage(const QVideoFrame &frame);

} // namespace peer::qml

#endif // PEER_QML_FRAMEIMAGE_H
