// SPDX-FileCopyrightText: The PeerConnection authors
// SPDX-License-Identifier: MIT

#ifndef PEER_MEDIA_ENGINE_CALLTRACK_H
#define PEER_MEDIA_ENGINE_CALLTRACK_H

#include "media/engine/receivechain.h"
#include "media/engine/sendchain.h"
#include "media/engine/sentnumbers.h"
#include "media/engine/takergate.h"
#include "media/engine/trackgate.h"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace peer::media {

struct TrackSetup
{
    TrackConfig config;
    std::shared_ptr<RtpLink> link;
    ReceiveTaker taker;
    /// The call's, which sees to it.
    std::shared_ptr<SoundOutlet> outlet;
    /// Of those who have sent from this SSRC before.
    std::shared_ptr<SentNumbers> numbers = std::make_shared<SentNumbers>();
};

/// One session of a call's rtpbin and what is around it:
///
///     SendChain → rtpbin → appsink → TrackGate → RtpLink
///     TrackGate → appsrc → rtpbin → ReceiveChain, one for each source of the peer's
///
/// At most MaxStreams sources of the peer's are decoded; further ones go nowhere.
class CallTrack
{
public:
    static constexpr std::size_t MaxStreams = 2;

    /// The pipeline with its rtpbin outlives it.
    CallTrack(GstElement *pipeline, GstElement *rtpbin, unsigned session, TrackSetup setup,
              std::shared_ptr<CallTransport> transport);
    ~CallTrack();
    CallTrack(const CallTrack &) = delete;
    CallTrack &operator=(const CallTrack &) = delete;

    // In the thread that owns the pipeline.
    /// False if GStreamer could not build it.
    bool start();
    /// Takes nothing from the peer any more, and gives nothing to the takers; one that is at work is
    /// waited for.
    void close();
    /// Ends what is going on in threads of GStreamer's, for which it waits. Any one thread.
    void stop();

    // Any thread.
    std::size_t decodedStreams() const;
    /// How late sound is until it comes to the outlet; zero while there is none.
    GstClockTime soundLatency() const;
    const TrackConfig &config() const { return m_setup.config; }
    SendChain &sending() { return m_sending; }
    const std::shared_ptr<TrackGate> &gate() const { return m_gate; }

    // What rtpbin asks, in threads of GStreamer's.
    GstPointer<GstCaps> capsOf(unsigned payloadType) const;
    /// What repeats packets of ours that the peer asks for, and what puts those of the peer's into
    /// their places. Null if there is nothing to repeat. Whoever puts it into a bin owns it.
    GstElement *makeRepeater() const;
    GstElement *makeRestorer() const;
    void addStream(GstPad *pad);
    void removeStream(GstPad *pad);

private:
    /// Where a source of the peer's leads to.
    struct Stream
    {
        GstPointer<GstElement> bin;
        bool isDecoded = false; ///< or it ends there
    };

    bool connectInputs();
    bool connectOutputs();
    GstPointer<GstPad> request(const char *pattern);
    GstPointer<GstElement> addSink(GstPad *from, void (TrackGate::*leave)(GstBuffer *));
    GstPointer<GstElement> addSource(const char *caps, GstPad *to);
    void setUpSession();

    GstElement *const m_pipeline;
    GstElement *const m_rtpbin;
    const unsigned m_session;
    const std::shared_ptr<TakerGate> m_takerGate = std::make_shared<TakerGate>();
    const TrackSetup m_setup;
    const std::shared_ptr<CallTransport> m_transport;
    SendChain m_sending;
    std::shared_ptr<TrackGate> m_gate;
    GstPointer<GstElement> m_rtpIn;
    GstPointer<GstElement> m_rtcpIn;
    GstPointer<GstElement> m_rtpOut;
    GstPointer<GstElement> m_rtcpOut;
    std::vector<GstPointer<GstPad>> m_requested; ///< of rtpbin, to be given back
    bool m_isStarted = false;

    mutable std::mutex m_mutex;           ///< for what follows
    std::map<GstPad *, Stream> m_streams; ///< by rtpbin's pad
    bool m_isStopping = false;
};

} // namespace peer::media

#endif // PEER_MEDIA_ENGINE_CALLTRACK_H
