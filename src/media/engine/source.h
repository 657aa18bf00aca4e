// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_SOURCE_H
#define PEER_MEDIA_ENGINE_SOURCE_H

#include "media/engine/fault.h"
#include "media/engine/gstpointer.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace peer::media {

/// The size and rate of pictures from all sources.
inline constexpr int PictureWidth = 640;
inline constexpr int PictureHeight = 360;
inline constexpr int PictureRate = 30;

/// What a source gives, in threads of GStreamer's. To keep a sample, take a reference.
struct SourceTaker
{
    std::function<void(GstSample *)> video; ///< I420, PictureWidth by PictureHeight
    std::function<void(GstSample *)> audio; ///< S16LE, 48 kHz, stereo
    /// The source has failed, and gives nothing any more.
    std::function<void(const Fault &)> fault;
};

/// Where pictures or sound come from, at the pace at which they are to be sent: a pipeline of its
/// own, so that whatever happens to a device or file, the call goes on.
///
/// Belongs to one thread, none of GStreamer's. stop(), or the destructor, ends its threads; nothing
/// is called back afterwards.
class Source
{
public:
    /// what: whose faults they are, to begin a sentence with. description: in gst-launch's
    /// language, with appsinks named "video" or "audio" or both.
    Source(std::string what, const std::string &description, SourceTaker taker);
    /// The same with an element for a source, whose pad is led to the one that the description
    /// leaves open; without a description it is all there is. Null: there is none, and start()
    /// fails.
    Source(std::string what, GstPointer<GstElement> head, const std::string &description,
           SourceTaker taker);
    virtual ~Source();
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;

    /// A failure comes as a fault, perhaps before this returns.
    virtual void start();
    virtual void stop();

protected:
    GstElement *pipeline() const { return m_pipeline.get(); }
    /// A bin of what the description says, its samples led to the taker; null if it cannot be
    /// built.
    GstPointer<GstElement> makeOutput(const std::string &description) const;
    /// In a thread of GStreamer's.
    virtual void onMessage(GstMessage *message);
    /// What it means that the stream is wrong.
    virtual FaultKind kindOfStreamError() const { return FaultKind::Unusable; }
    /// What start() says if there is no pipeline, though GStreamer is there.
    virtual Fault faultOfMissing() const;
    void fail(const Fault &fault);
    const std::string &what() const { return m_what; }

private:
    void makePipeline();
    static GstBusSyncReply onBus(GstBus *bus, GstMessage *message, gpointer self);

    const std::string m_what;
    const SourceTaker m_taker;
    GstPointer<GstElement> m_pipeline;
    bool m_isRunning = false;
    /// One fault is told, whatever follows from it.
    std::atomic<bool> m_hasFailed = false;
};

/// What an appsink must be told so that a source's pictures or sound fit.
std::string videoOutput(bool isPaced);
std::string audioOutput(bool isPaced);

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_SOURCE_H
