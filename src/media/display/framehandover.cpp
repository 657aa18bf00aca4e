// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#include "media/display/framehandover.h"

#include "media/engine/videopicture.h"

#include <QtCore/qmetaobject.h>
#include <QtMultimedia/qvideoframeformat.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace peer::media {

struct FrameHandover::Entrance::Shared
{
    std::mutex mutex;                  ///< for all of it
    FrameHandover *handover = nullptr; ///< null when that has gone
    GstPointer<GstSample> waiting;
    std::uint64_t offered = 0;
};

namespace {

void copyPlane(QVideoFrame &frame, int index, const BasicPlane<std::uint8_t> &plane, int width,
               int height)
{
    const auto stride = frame.bytesPerLine(index);
    const auto length = std::size_t(std::min(width, stride));
    for (int y = 0; y < height; ++y)
        std::memcpy(frame.bits(index) + std::ptrdiff_t{y} * stride, plane.line(y), length);
}

} // namespace

FrameHandover::FrameHandover(QObject *parent)
    : QObject(parent)
{
    m_entrance.m_shared = std::make_shared<Entrance::Shared>();
    m_entrance.m_shared->handover = this;
}

FrameHandover::~FrameHandover()
{
    const std::lock_guard lock(m_entrance.m_shared->mutex);
    m_entrance.m_shared->handover = nullptr;
    m_entrance.m_shared->waiting.reset();
}

void FrameHandover::clear()
{
    {
        const std::lock_guard lock(m_entrance.m_shared->mutex);
        m_entrance.m_shared->waiting.reset();
    }
    if (m_sink)
        m_sink->setVideoFrame(QVideoFrame());
}

FrameHandover::Statistics FrameHandover::statistics() const
{
    const std::lock_guard lock(m_entrance.m_shared->mutex);
    return {m_entrance.m_shared->offered, m_shown};
}

void FrameHandover::Entrance::offer(GstSample *sample) const
{
    GstPointer<GstSample> former(gst_sample_ref(sample));
    const std::lock_guard lock(m_shared->mutex);
    if (!m_shared->handover)
        return;
    ++m_shared->offered;
    m_shared->waiting.swap(former);
    if (!former) // otherwise a call is on its way already
        QMetaObject::invokeMethod(m_shared->handover, &FrameHandover::deliver,
                                  Qt::QueuedConnection);
}

void FrameHandover::deliver()
{
    GstPointer<GstSample> sample;
    {
        const std::lock_guard lock(m_entrance.m_shared->mutex);
        sample = std::move(m_entrance.m_shared->waiting);
    }
    if (!sample || !m_sink)
        return;
    const QVideoFrame frame = toVideoFrame(sample.get());
    if (!frame.isValid())
        return;
    ++m_shown;
    if (m_observer)
        m_observer(sample.get());
    m_sink->setVideoFrame(frame);
}

QVideoFrame toVideoFrame(GstSample *sample)
{
    const MappedPicture mapped(sample);
    if (!mapped.isMapped())
        return {};
    const Picture picture = mapped.picture();
    QVideoFrame frame(
        QVideoFrameFormat(QSize(picture.width, picture.height), QVideoFrameFormat::Format_YUV420P));
    if (!frame.map(QVideoFrame::WriteOnly))
        return {};
    copyPlane(frame, 0, picture.y, picture.width, picture.height);
    // Of odd heights QVideoFrame rounds down: its planes have no room for the last line of chroma.
    copyPlane(frame, 1, picture.u, picture.chromaWidth(), picture.height / 2);
    copyPlane(frame, 2, picture.v, picture.chromaWidth(), picture.height / 2);
    frame.unmap();
    return frame;
}

} // namespace peer::media
