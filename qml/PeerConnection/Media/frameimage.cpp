// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "qml/PeerConnection/Media/frameimage.h"

#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideoframeformat.h>

#include <algorithm>

namespace peer::qml {

namespace {

uint toOctet(int fixed)
{
    return uint(std::clamp(fixed >> 8, 0, 255));
}

// ITU-R BT.601 for video range, in 1/256: R = 1.164 (Y - 16) + 1.596 (V - 128), and so on. Two
// pixels beside each other have one chroma.
void convertLine(const uchar *y, const uchar *u, const uchar *v, QRgb *to, int width)
{
    for (int x = 0; x < width; x += 2) {
        const int blue = u[x / 2] - 128;
        const int red = v[x / 2] - 128;
        const int addedRed = 409 * red + 128;
        const int addedGreen = -100 * blue - 208 * red + 128;
        const int addedBlue = 516 * blue + 128;
        for (int i = x; i < std::min(x + 2, width); ++i) {
            const int grey = 298 * (y[i] - 16);
            to[i] = 0xff000000 | toOctet(grey + addedRed) << 16 | toOctet(grey + addedGreen) << 8
                | toOctet(grey + addedBlue);
        }
    }
}

bool isOurs(const QVideoFrame &frame)
{
    const QVideoFrameFormat format = frame.surfaceFormat();
    const auto space = format.colorSpace();
    return frame.pixelFormat() == QVideoFrameFormat::Format_YUV420P
        && (space == QVideoFrameFormat::ColorSpace_Undefined
            || space == QVideoFrameFormat::ColorSpace_BT601)
        && frame.rotationAngle() == QVideoFrame::Rotation0 && !frame.mirrored()
        && format.scanLineDirection() == QVideoFrameFormat::TopToBottom;
}

} // namespace

QImage toImage(const QVideoFrame &frame)
{
    if (!isOurs(frame))
        return frame.toImage().convertToFormat(QImage::Format_RGB32);
    QVideoFrame source = frame; // the same octets: a frame is shared
    if (!source.map(QVideoFrame::ReadOnly))
        return {};
    QImage image(source.size(), QImage::Format_RGB32);
    // QVideoFrame rounds the chroma of odd heights down.
    const int lastChroma = std::max(source.height() / 2 - 1, 0);
    for (int y = 0; !image.isNull() && y < image.height(); ++y) {
        const int chroma = std::min(y / 2, lastChroma);
        const auto line = [&source](int plane, int number) {
            return source.bits(plane) + std::ptrdiff_t(number) * source.bytesPerLine(plane);
        };
        convertLine(line(0, y), line(1, chroma), line(2, chroma),
                    reinterpret_cast<QRgb *>(image.scanLine(y)), image.width());
    }
    source.unmap();
    return image;
}

} // namespace peer::qml
