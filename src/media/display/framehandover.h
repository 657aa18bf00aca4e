// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_DISPLAY_FRAMEHANDOVER_H
#define PEER_MEDIA_DISPLAY_FRAMEHANDOVER_H

#include "media/engine/gstpointer.h"

#include <QtCore/qobject.h>
#include <QtCore/qpointer.h>
#include <QtMultimedia/qvideoframe.h>
#include <QtMultimedia/qvideosink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace peer::media {

/// Leads pictures from GStreamer's threads to a QVideoSink, which lives in the thread of this
/// object. Only the latest waits: a thread that stalls holds back nobody, and costs one picture's
/// memory. A picture's octets are copied once, when it is shown: Qt 6.4 has no public way to lend
/// it somebody else's.
class FrameHandover : public QObject
{
    Q_OBJECT

public:
    struct Statistics
    {
        std::uint64_t offered = 0;
        std::uint64_t shown = 0; ///< the others gave way to later ones, or there was no sink
    };

    explicit FrameHandover(QObject *parent = nullptr);
    ~FrameHandover() override;

    /// Null: pictures go nowhere. The sink may be deleted at any time.
    void setSink(QVideoSink *sink) { m_sink = sink; }
    QVideoSink *sink() const { return m_sink; }
    /// Called with each picture that is given to the sink next, in the thread of this object, which
    /// must not be deleted meanwhile.
    void setObserver(std::function<void(GstSample *)> observer)
    {
        m_observer = std::move(observer);
    }
    /// Nothing is shown any more until the next picture: the last one goes, too.
    void clear();

    Statistics statistics() const;

    /// To be called in any thread, before and after the destruction of this object alike. Copies
    /// share one destination.
    class Entrance
    {
    public:
        void offer(GstSample *sample) const;

    private:
        friend class FrameHandover;
        struct Shared;
        std::shared_ptr<Shared> m_shared;
    };
    Entrance entrance() const { return m_entrance; }

private:
    void deliver();

    QPointer<QVideoSink> m_sink;
    Entrance m_entrance;
    std::function<void(GstSample *)> m_observer;
    std::uint64_t m_shown = 0;
};

/// The picture of a sample, copied; invalid if it is not I420.
QVideoFrame toVideoFrame(GstSample *sample);

} // namespace peer::media

#endif // PEER_MEDIA_DISPLAY_FRAMEHANDOVER_H
