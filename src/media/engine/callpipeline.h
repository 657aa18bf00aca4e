// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLPIPELINE_H
#define PEER_MEDIA_ENGINE_CALLPIPELINE_H

#include "media/congestion/jitterlatency.h"
#include "media/engine/callregistry.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace peer::media {

/// The media of one call: a pipeline with one rtpbin, in which each track is a session.
///
/// It belongs to one thread, in which everything is called that a type does not call open to any;
/// it must not be one of GStreamer's. stop(), or the destructor, ends all threads of GStreamer's
/// that it has; nothing is called back afterwards. If an element hangs, whoever ends it waits for
/// MaxEnding; what hangs is left alone then, with all that it uses, and still calls nobody.
class CallPipeline
{
public:
    using Callbacks = CallRegistry::Callbacks;

    /// cname: who we are in RTCP (RFC 7022).
    CallPipeline(const std::string &cname, Callbacks callbacks);
    ~CallPipeline();
    CallPipeline(const CallPipeline &) = delete;
    CallPipeline &operator=(const CallPipeline &) = delete;

    /// What is in the way, or nothing.
    std::optional<Fault> start();
    void stop();

    /// Null if GStreamer could not build it, or if it does not run.
    std::shared_ptr<CallTrack> addTrack(TrackSetup setup);
    /// The track is stopped thereby.
    void removeTrack(const std::shared_ptr<CallTrack> &track);

    /// The peer's sound is played by this device from now on; null: by none. probe: the name of an
    /// echo probe in front of it, or empty. failed: as of Loudspeaker. False, and none, if
    /// GStreamer cannot build it.
    bool setSpeaker(GstPointer<GstElement> device, const std::string &probe,
                    std::function<void(const Fault &)> failed);
    void removeSpeaker();

    /// Lets what plays agree anew on how late it is to play.
    void updateLatency();
    /// Of the way to the peer and back, to be told now and then: how long jitter buffers wait
    /// follows that and how late sound comes.
    void setRoundTripTime(std::chrono::milliseconds roundTripTime);
    /// What rate control knows, and what it may spend.
    CallTransport &transport() { return *m_transport; }

private:
    static GstBusSyncReply onMessage(GstBus *bus, GstMessage *message, gpointer registry);

    void countSenders();
    GstClockTime soundLatency() const;

    const std::shared_ptr<CallRegistry> m_registry;
    const std::shared_ptr<CallTransport> m_transport = std::make_shared<CallTransport>();
    GstPointer<GstElement> m_pipeline;
    GstElement *m_rtpbin = nullptr; ///< the pipeline's
    const std::shared_ptr<SoundOutlet> m_outlet = std::make_shared<SoundOutlet>();
    JitterLatency m_latency;
    bool m_isRunning = false;
    unsigned m_sessions = 0; ///< that there have been
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLPIPELINE_H
